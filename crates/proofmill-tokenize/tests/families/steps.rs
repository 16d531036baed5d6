//! Files whose words are split step by step, or whose normalizer the reference runs.

use serde_json::{Value, json};

/// Names and files, made of a vocabulary of bytes and one of characters.
pub(super) fn all(
    bytes: &Value,
    chars: &Value,
    odd_tokens: &[Value],
) -> Vec<(&'static str, Value)> {
    let mut files = Vec::new();
    let mut add = |name, base: &Value, normalizer: Value, words: Value| {
        let mut file = base.clone();
        file["normalizer"] = normalizer;
        file["pre_tokenizer"] = words;
        files.push((name, file));
    };
    for (name, steps) in of_bytes() {
        add(name, bytes, Value::Null, sequence(&steps));
    }
    for (name, steps) in of_chars() {
        add(name, chars, Value::Null, sequence(&steps));
    }
    for (name, normalizer) in normalizers() {
        add(name, bytes, normalizer.clone(), level(true));
    }
    let marks = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
    let first = json!({"type": "Prepend", "prepend": "▁"});
    let steps = |steps: &[&Value]| json!({"type": "Sequence", "normalizers": steps});
    let digits = json!({"type": "Digits", "individual_digits": true});
    add("marks-then-digits", chars, steps(&[&first, &marks]), digits);
    let kc = json!({"type": "NFKC"});
    add(
        "kc-then-marks",
        chars,
        steps(&[&kc, &first, &marks]),
        Value::Null,
    );
    let twice = metaspace("always", true);
    add("marks-twice", chars, steps(&[&marks, &first]), twice);
    for (name, from) in [
        ("added-to-steps", "deepseek-coder"),
        ("added-to-kc", "claude"),
        ("added-to-lower", "lower"),
        ("added-to-words", "first-mark"),
    ] {
        let (_, base) = files
            .iter()
            .find(|(name, _)| *name == from)
            .expect("it is there");
        let mut file = base.clone();
        let added = file["added_tokens"].as_array_mut().expect("there are some");
        added.extend(odd_tokens.iter().cloned());
        files.push((name, file));
    }
    let (_, base) = files
        .iter()
        .find(|(name, _)| *name == "words")
        .expect("it is there");
    let mut file = base.clone();
    file["model"]["byte_fallback"] = json!(false);
    files.push(("fused-unknown-in-words", file));
    files
}

fn of_bytes() -> Vec<(&'static str, Vec<Value>)> {
    let digits = |individual: bool| json!({"type": "Digits", "individual_digits": individual});
    let punctuation = |behavior: &str| json!({"type": "Punctuation", "behavior": behavior});
    let white = || json!({"type": "WhitespaceSplit"});
    vec![
        (
            "deepseek-coder",
            vec![
                split("[\\r\\n]", "Isolated", false),
                split(r"\s?\p{L}+", "Isolated", false),
                split(r"\s?\p{P}+", "Isolated", false),
                split("[一-龥ࠀ-一가-퟿]+", "Isolated", false),
                digits(true),
                level(false),
            ],
        ),
        (
            "falcon",
            vec![
                punctuation("Contiguous"),
                level(true),
                digits(false),
                split("[0-9][0-9][0-9]", "Isolated", false),
            ],
        ),
        (
            "bloom",
            vec![
                split(r" ?[^(\s|[.,!?…。，、।۔،])]+", "Isolated", false),
                level(false),
            ],
        ),
        (
            "digits-from-the-right",
            vec![
                split(r"(?=(\d{3})+(?!\d))", "Isolated", false),
                split(r"(?<=\p{L})\b|\s*", "Isolated", true),
                level(true),
            ],
        ),
        (
            "possessive",
            vec![
                split(
                    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,2}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
                    "Removed",
                    true,
                ),
                level(false),
            ],
        ),
        ("space-before-each", vec![digits(false), spaced_level()]),
        (
            "merged-before",
            vec![
                punctuation("MergedWithPrevious"),
                split(r"\n+", "MergedWithPrevious", true),
                level(false),
            ],
        ),
        (
            "merged-behind",
            vec![
                punctuation("MergedWithNext"),
                split(r"\s", "MergedWithNext", false),
                level(false),
            ],
        ),
        ("gone", vec![white(), punctuation("Removed"), level(true)]),
        ("nested", vec![sequence(&[digits(true), level(true)])]),
        ("not-split", vec![level(false)]),
        ("spelled-twice", vec![level(true), level(true)]),
    ]
}

fn of_chars() -> Vec<(&'static str, Vec<Value>)> {
    let bert = || json!({"type": "BertPreTokenizer"});
    vec![
        ("words", vec![json!({"type": "Whitespace"})]),
        ("bert-words", vec![bert(), metaspace("always", false)]),
        (
            "first-mark",
            vec![
                split(r"\d+", "Contiguous", true),
                metaspace("first", true),
                json!({"type": "Digits", "individual_digits": true}),
            ],
        ),
        (
            "text-as-pattern",
            vec![
                json!({"type": "Split", "pattern": {"String": "a+"}, "behavior": "Isolated", "invert": false}),
            ],
        ),
    ]
}

fn normalizers() -> Vec<(&'static str, Value)> {
    let steps = |steps: &[Value]| json!({"type": "Sequence", "normalizers": steps});
    let replaced = json!({"type": "Replace", "pattern": {"Regex": r"\s{2,}"}, "content": " "});
    let lower = json!({"type": "Lowercase"});
    let strip = json!({"type": "Strip", "strip_left": true, "strip_right": true});
    let nfd = json!({"type": "NFD"});
    vec![
        ("claude", json!({"type": "NFKC"})),
        ("lower", steps(&[nfd.clone(), lower.clone()])),
        ("strip-lower", steps(&[nfd.clone(), lower, strip])),
        (
            "without-accents",
            steps(&[nfd, json!({"type": "StripAccents"})]),
        ),
        ("one-space", steps(&[replaced, json!({"type": "NFC"})])),
    ]
}

fn split(pattern: &str, behavior: &str, invert: bool) -> Value {
    json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert})
}

fn sequence(steps: &[Value]) -> Value {
    json!({"type": "Sequence", "pretokenizers": steps})
}

fn level(use_regex: bool) -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex})
}

fn spaced_level() -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true})
}

fn metaspace(scheme: &str, split: bool) -> Value {
    json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split})
}
