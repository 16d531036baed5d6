//! Odd `tokenizer.json` files: each runs on the fast engine with the ids of the reference, runs on
//! the reference with a reason, or is refused; none of them panics.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod families;
mod soup;

use std::collections::HashMap;
use std::panic::catch_unwind;

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use soup::Soup;

const TABLE: &str = include_str!("variations/table.jsonl");

/// Made-up texts for each file and each way to take special tokens.
const N_TEXTS: usize = 60;

/// A line of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    from: String,
    #[serde(default)]
    turn: Option<String>,
    #[serde(default)]
    take: Vec<String>,
    #[serde(default)]
    set: Map<String, Value>,
    engine: Engine,
    #[serde(default)]
    says: String,
    #[serde(default = "n_texts")]
    n_texts: usize,
}

fn n_texts() -> usize {
    N_TEXTS
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Engine {
    Fast,
    Steps,
    Reference,
    None,
}

/// Three letters, and a mark that nothing merges with.
fn small() -> Value {
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ]},
        "pre_tokenizer": null, "post_processor": null, "decoder": null,
        "model": {
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": false,
            "vocab": {"<unk>": 0, "a": 1, "b": 2, "c": 3, "▁": 4, "ab": 5, "bc": 6, "abc": 7},
            "merges": [["a", "b"], ["b", "c"], ["ab", "c"]],
        },
    })
}

impl Row {
    fn file(&self, files: &HashMap<&str, Value>) -> Value {
        let mut file = files[self.from.as_str()].clone();
        if let Some(turn) = &self.turn {
            turned(&mut file, turn);
        }
        for pointer in &self.take {
            let (parent, key) = parent(&mut file, pointer);
            let taken = parent.as_object_mut().unwrap().remove(&key);
            assert!(taken.is_some(), "{}: there is no {pointer}", self.name);
        }
        for (pointer, value) in &self.set {
            match parent(&mut file, pointer) {
                (Value::Array(list), key) if key == "-" => list.push(value.clone()),
                (Value::Array(list), key) => list[key.parse::<usize>().unwrap()] = value.clone(),
                (parent, key) => parent[key] = value.clone(),
            }
        }
        file
    }
}

/// What holds the value at a JSON pointer, and the key there.
fn parent<'v>(file: &'v mut Value, pointer: &str) -> (&'v mut Value, String) {
    let (path, key) = pointer.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(path);
    let parent = parent.unwrap_or_else(|| panic!("there is no {path}"));
    (parent, key.replace("~1", "/"))
}

fn turned(file: &mut Value, turn: &str) {
    let as_line = |merge: &Value| {
        let [left, right] = [0, 1].map(|part| merge[part].as_str().unwrap());
        json!(format!("{left} {right}"))
    };
    let merges = file["model"]["merges"].as_array_mut().unwrap();
    match turn {
        "no-merges" => merges.clear(),
        "merges-backwards" => merges.reverse(),
        "merges-twice" => merges.extend(merges.clone().into_iter().rev()),
        "merges-as-lines" => *merges = merges.iter().map(as_line).collect(),
        "merges-as-lines-with-a-header" => {
            let header = json!("#version: 0.2");
            *merges = [header]
                .into_iter()
                .chain(merges.iter().map(as_line))
                .collect();
        }
        "half-the-merges-as-lines" => {
            let half = merges.split_off(merges.len() / 2);
            merges.extend(half.iter().map(as_line));
        }
        "ids-apart" | "ids-backwards" => {
            let vocab = file["model"]["vocab"].as_object_mut().unwrap();
            for id in vocab.values_mut() {
                let old = id.as_u64().unwrap();
                *id = json!(if turn == "ids-apart" {
                    3 * old + 5
                } else {
                    9_999 - old
                });
            }
        }
        "added-tokens-twice" => {
            let added = file["added_tokens"].as_array_mut().unwrap();
            added.extend(added.clone());
        }
        "added-tokens-that-compose" => {
            let token = |content: &str| {
                json!({
                    "id": 7000, "content": content, "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": true, "special": false,
                })
            };
            let added = file["added_tokens"].as_array_mut().unwrap();
            added.extend(["<é>", "<e\u{301}>"].map(token));
        }
        other => panic!("no turn is called {other}"),
    }
}

/// What both engines say, or that the reference gives up, which it also does by a panic.
fn by_reference(tokenizer: &tokenizers::Tokenizer, text: &str) -> Option<Vec<u32>> {
    let encoding = catch_unwind(|| tokenizer.encode_fast(text, false));
    Some(encoding.ok()?.ok()?.get_ids().to_vec())
}

/// Compares the ids of both engines; gives who encodes and the reason.
fn compare(row: &Row, file: &[u8], special: SpecialTokens) -> (Engine, String) {
    let name = &row.name;
    let ours = match Tokenizer::from_bytes("odd.json", file, special) {
        Ok(ours) => ours.with_cache_words(64),
        Err(error) => return (Engine::None, error.to_string()),
    };
    let mut reference = tokenizers::Tokenizer::from_bytes(file).unwrap();
    reference.with_truncation(None).unwrap();
    reference.with_padding(None);
    reference.set_encode_special_tokens(special == SpecialTokens::AsText);
    let added = reference.get_added_tokens_decoder().into_values();
    let mut added: Vec<String> = added.map(|token| token.content).collect();
    added.sort();
    let mut soup = Soup::new(31, &added).with_vocabulary(&reference);
    let mut texts: Vec<String> = (0..row.n_texts).map(|_| soup.text()).collect();
    if ours.fallback_reason().is_some() {
        // Long enough to be cut, if it can be.
        let mut long = String::new();
        while long.len() < 70_000 {
            long.push_str(&soup.text());
            long.push_str("a.\nb");
        }
        texts.push(long);
    }
    let both = |text: &str| {
        let mut ids = Vec::new();
        let found = ours.encode_into(text, &mut ids).is_ok();
        (found.then_some(ids), by_reference(&reference, text))
    };
    let differs = |text: &str| {
        let (ours, reference) = both(text);
        ours != reference
    };
    if let Some(text) = texts.iter().find(|text| differs(text)) {
        let text = smallest(text, differs);
        let (ours, reference) = both(&text);
        panic!("{name} {special:?}: {text:?}\nours      {ours:?}\nreference {reference:?}");
    }
    let (engine, words) = match (ours.fallback_reason(), ours.slow_parts()) {
        (Some(reason), _) => (Engine::Reference, reason),
        (None, Some(parts)) => (Engine::Steps, parts),
        (None, None) => (Engine::Fast, ""),
    };
    (engine, words.to_owned())
}

/// What is left of a text when nothing more can be left out of it.
fn smallest(text: &str, differs: impl Fn(&str) -> bool) -> String {
    let mut text: Vec<char> = text.chars().collect();
    let mut n_chars = text.len().next_power_of_two();
    while n_chars > 0 {
        let mut from = 0;
        while from < text.len() {
            let mut less = text.clone();
            less.drain(from..text.len().min(from + n_chars));
            if differs(&less.iter().collect::<String>()) {
                text = less;
            } else {
                from += n_chars;
            }
        }
        n_chars /= 2;
    }
    text.into_iter().collect()
}

#[test]
fn odd_files_run_with_equal_ids_or_say_why_not() {
    let mut files: HashMap<&str, Value> = families::all()
        .into_iter()
        .map(|(name, file)| (name, serde_json::from_slice(&file).unwrap()))
        .collect();
    files.insert("small", small());
    let mut wrong = Vec::new();
    for line in TABLE.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let row: Row = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let file = serde_json::to_vec(&row.file(&files)).unwrap();
        for special in [SpecialTokens::AsText, SpecialTokens::Parse] {
            let (engine, words) = compare(&row, &file, special);
            if engine != row.engine || !words.contains(&row.says) {
                wrong.push(format!("{} {special:?}: {engine:?} {words}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
