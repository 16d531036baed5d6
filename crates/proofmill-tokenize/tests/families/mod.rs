//! A small vocabulary of our own for each kind that the fast engine takes.

mod steps;

use serde_json::{Value, json};
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::{AddedToken, PreTokenizerWrapper, Tokenizer};

const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const DEEPSEEK: [&str; 3] = [
    r"\p{N}{1,3}",
    "[一-龥\u{3040}-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
];

/// Names and files.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let mut files = with_places();
    let stepwise = steps::all(&trained_bytes(), &trained_chars(), &odd_tokens());
    files.extend(stepwise.into_iter().map(written));
    files
}

/// Those whose texts can be cut.
pub(crate) fn with_places() -> Vec<(&'static str, Vec<u8>)> {
    with_rules().into_iter().map(written).collect()
}

fn written((name, file): (&'static str, Value)) -> (&'static str, Vec<u8>) {
    (name, serde_json::to_vec(&file).expect("a file is JSON"))
}

/// Those that run by rules of our own from end to end.
#[expect(clippy::too_many_lines, reason = "a table")]
fn with_rules() -> Vec<(&'static str, Value)> {
    let bytes = trained_bytes();
    let chars = trained_chars();
    let split = |pattern: &str| json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
    let matches = |pattern: &str| json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": true});
    let level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
    let gpt2 = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
    let sequence = |steps: Vec<Value>| json!({"type": "Sequence", "pretokenizers": steps});
    let nfc = json!({"type": "NFC"});
    let replace = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
    let prepend = json!({"type": "Prepend", "prepend": "▁"});
    let llama = json!({"type": "Sequence", "normalizers": [prepend, replace]});
    let metaspace = |scheme: &str, split: bool| json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split});
    let null = Value::Null;
    let level_of = |pattern: &str| sequence(vec![split(pattern), level.clone()]);
    let with = |base: &Value, normalizer: &Value, words: Value| {
        let mut file = base.clone();
        file["normalizer"] = normalizer.clone();
        file["pre_tokenizer"] = words;
        file
    };
    let deepseek: Vec<Value> = DEEPSEEK
        .iter()
        .map(|pattern| split(pattern))
        .chain([level.clone()])
        .collect();
    let mut files = vec![
        ("gpt2", with(&bytes, &null, gpt2.clone())),
        (
            "gpt2-space-first",
            with(
                &bytes,
                &null,
                json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}),
            ),
        ),
        ("neox", with(&bytes, &nfc, gpt2.clone())),
        (
            "digits",
            with(
                &bytes,
                &null,
                sequence(vec![
                    json!({"type": "Digits", "individual_digits": true}),
                    gpt2.clone(),
                ]),
            ),
        ),
        (
            "digit-runs",
            with(
                &bytes,
                &null,
                sequence(vec![
                    json!({"type": "Digits", "individual_digits": false}),
                    gpt2,
                ]),
            ),
        ),
        (
            "cl100k",
            with(
                &bytes,
                &null,
                sequence(vec![matches(CL100K), level.clone()]),
            ),
        ),
        ("llama-3", with(&bytes, &null, level_of(CL100K))),
        ("qwen", with(&bytes, &nfc, level_of(QWEN))),
        ("o200k", with(&bytes, &null, level_of(O200K))),
        ("tekken", with(&bytes, &null, level_of(TEKKEN))),
        ("deepseek", with(&bytes, &null, sequence(deepseek))),
        ("llama-2", with(&chars, &llama, null.clone())),
        (
            "gemma",
            with(
                &chars,
                &replace,
                json!({"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}),
            ),
        ),
        (
            "nfc-llama",
            with(
                &chars,
                &json!({"type": "Sequence", "normalizers": [{"type": "NFC"}, replace, prepend]}),
                null.clone(),
            ),
        ),
        ("spaces-as-they-are", with(&chars, &null, null.clone())),
        (
            "metaspace-first",
            with(&chars, &null, metaspace("first", false)),
        ),
        (
            "metaspace-always",
            with(&chars, &nfc, metaspace("always", true)),
        ),
        (
            "metaspace-never",
            with(&chars, &null, metaspace("never", false)),
        ),
    ];
    // Tokens that no merge makes, but that count for whole words.
    let mut whole = files[6].1.clone();
    whole["model"]["ignore_merges"] = json!(true);
    for (index, word) in [
        "Ġlemma",
        "qzx",
        "theoremtheoremtheorem",
        "==========",
        "Ċ",
        "Ã©ab",
        "ĠÐ½Ð°Ð¿ÑĢÐ¸Ð¼ÐµÑĢ",
    ]
    .into_iter()
    .enumerate()
    {
        whole["model"]["vocab"][word] = json!(90_000 + index);
    }
    files.push(("whole-words", whole));
    for (name, fuse) in [("unknown", false), ("fused-unknown", true)] {
        let mut file = with(&chars, &llama, null.clone());
        file["model"]["byte_fallback"] = json!(false);
        file["model"]["fuse_unk"] = json!(fuse);
        files.push((name, file));
    }
    for (name, base) in [
        ("added-to-bytes", 7),
        ("added-to-chars", 11),
        ("added-to-metaspace", 15),
    ] {
        let mut file = files[base].1.clone();
        file["added_tokens"]
            .as_array_mut()
            .expect("there are some")
            .extend(odd_tokens());
        files.push((name, file));
    }
    // A token for the tab instead of one for its byte, as Gemma has it.
    let mut tab = files[12].1.clone();
    let vocab = tab["model"]["vocab"].as_object_mut().expect("it is a map");
    let id = vocab.remove("<0x09>").expect("it is there");
    vocab.insert("\t".to_owned(), id);
    files.push(("gemma-tab", tab));
    files
}

/// Added tokens with every flag, overlapping each other.
fn odd_tokens() -> Vec<Value> {
    let token = |index: usize, content: &str, flags: &str| {
        let has = |flag: char| flags.contains(flag);
        json!({
            "id": 95_000 + index, "content": content, "single_word": has('w'), "lstrip": has('l'),
            "rstrip": has('r'), "normalized": has('n'), "special": has('s'),
        })
    };
    [
        ("<mask>", "ls"),
        ("<sep>", "rs"),
        ("lemma", "w"),
        ("Proof.", "lrw"),
        ("<|", ""),
        ("<|im_start|>", "s"),
        ("im_start", ""),
        ("the", "wn"),
        (" of", "n"),
        ("é", "n"),
        ("e\u{301}x", "n"),
        ("<think>", "n"),
        ("\n\n", ""),
        ("  ", "r"),
        ("   ", "n"),
        ("</s", "sn"),
        ("▁▁", ""),
        ("123", "lw"),
        ("aa", ""),
        ("aaa", "s"),
        ("aaaa", "n"),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (content, flags))| token(index, content, flags))
    .collect()
}

fn corpus() -> Vec<String> {
    let mut lines: Vec<String> = (0..300)
        .map(|n| {
            format!(
                "theorem add_comm_{n} : a + b = b + a := by simp -- the proof of lemma {}\n\
                 Let $x_{n} \\in \\mathbb{{R}}$ be so that  don't we'll $\\alpha^{{{n}}} > 0$.\n\n\
                 \t    return HTTPServer(x={n}, y='größer') ===== ---- 数学定理 证明 aaaa abab Привет {}",
                n * 7919,
                n % 13
            )
        })
        .collect();
    lines.extend([
        "aaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        "é e\u{301} ".repeat(9),
    ]);
    lines
}

fn special() -> Vec<AddedToken> {
    ["<unk>", "<s>", "</s>", "<|endoftext|>"]
        .map(|name| AddedToken::from(name, true))
        .to_vec()
}

fn train(words: impl Into<PreTokenizerWrapper>, trainer: BpeTrainer) -> Value {
    let mut tokenizer = Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(words));
    let mut trainer = tokenizers::models::TrainerWrapper::BpeTrainer(trainer);
    tokenizer
        .train(&mut trainer, corpus().into_iter())
        .expect("a corpus of our own trains");
    let json = tokenizer.to_string(false).expect("a tokenizer is JSON");
    serde_json::from_str(&json).expect("JSON is JSON")
}

fn trained_bytes() -> Value {
    let trainer = BpeTrainer::builder()
        .vocab_size(900)
        .show_progress(false)
        .special_tokens(special())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    train(ByteLevel::new(false, true, true), trainer)
}

/// Characters with byte fallback; merges reach over spaces, as Gemma's do.
fn trained_chars() -> Value {
    let bytes = (0..=255_u8).map(|byte| AddedToken::from(format!("<0x{byte:02X}>"), true));
    let trainer = BpeTrainer::builder()
        .vocab_size(900)
        .show_progress(false)
        .special_tokens(special().into_iter().chain(bytes).collect())
        .limit_alphabet(75)
        .initial_alphabet(['▁', ' '].into_iter().collect())
        .build();
    let mut file = train(Metaspace::new('▁', PrependScheme::Always, false), trainer);
    let added = file["added_tokens"].as_array_mut().expect("there are some");
    added.truncate(special().len()); // the byte tokens stay in the vocabulary
    file["model"]["byte_fallback"] = json!(true);
    file["model"]["unk_token"] = json!("<unk>");
    file["model"]["fuse_unk"] = json!(true);
    file
}
