//! The fast engine against the reference, on made-up texts.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod families;
mod soup;

use std::path::PathBuf;

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use soup::Soup;

/// Texts for each real vocabulary and each way to take special tokens; `PROOFMILL_FUZZ_TEXTS`
/// asks for another number.
const REAL_TEXTS: usize = 2_000;
/// Texts for each vocabulary of our own.
const OWN_TEXTS: usize = 1_700;

const REAL: [&str; 5] = [
    "code-llama.json",
    "mistral-v0.1.json",
    "llama-3.json",
    "qwen3.json",
    "gpt-neox-20b.json",
];

fn n_texts(standard: usize) -> usize {
    let asked = std::env::var("PROOFMILL_FUZZ_TEXTS").ok();
    asked.map_or(standard, |number| number.parse().unwrap())
}

/// Compares both engines on `n_texts` texts from `seed`, with caches of several sizes.
#[track_caller]
fn compare(name: &str, file: &[u8], special: SpecialTokens, n_texts: usize, seed: u64) {
    let load = |n_words| {
        let tokenizer = Tokenizer::from_bytes(name, file, special).unwrap();
        assert_eq!(tokenizer.fallback_reason(), None, "{name}");
        tokenizer.with_cache_words(n_words)
    };
    let ours = [2, 1 << 16].map(load);
    let mut reference = tokenizers::Tokenizer::from_bytes(file).unwrap();
    reference.set_encode_special_tokens(special == SpecialTokens::AsText);
    let added = reference.get_added_tokens_decoder();
    let mut added: Vec<String> = added.into_values().map(|token| token.content).collect();
    added.sort();
    let mut soup = Soup::new(seed, &added).with_vocabulary(&reference);
    let mut ids = Vec::new();
    for _ in 0..n_texts {
        let text = soup.text();
        let expected = reference.encode_fast(text.as_str(), false).unwrap();
        for ours in &ours {
            ids.clear();
            ours.encode_into(&text, &mut ids).unwrap();
            assert!(
                ids == expected.get_ids(),
                "{name} {special:?}: {text:?}\nours      {ids:?}\nreference {:?}",
                expected.get_ids()
            );
        }
    }
}

#[test]
fn real_vocabularies() {
    let folder = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    for name in REAL {
        let path = folder.join("tokenizers").join(name);
        let Ok(file) = std::fs::read(&path) else {
            eprintln!("SKIPPED: there is no {}", path.display());
            continue;
        };
        compare(name, &file, SpecialTokens::AsText, n_texts(REAL_TEXTS), 1);
        compare(name, &file, SpecialTokens::Parse, n_texts(REAL_TEXTS), 2);
    }
}

#[test]
fn every_family() {
    for (name, file) in families::all() {
        compare(name, &file, SpecialTokens::AsText, n_texts(OWN_TEXTS), 3);
        compare(name, &file, SpecialTokens::Parse, n_texts(OWN_TEXTS), 4);
    }
}

#[test]
fn long_words() {
    let words = [
        "a".repeat(100_000),
        "=".repeat(70_000),
        " ".repeat(70_000),
        "ab".repeat(50_000),
        "9".repeat(30_000),
        "\\".repeat(30_000),
        "theorem".repeat(9_000),
        "数学定理".repeat(5_000),
        "\u{301}".repeat(20_000),
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo".repeat(2_000),
        {
            let mut soup = Soup::new(9, &[]);
            (0..60_000)
                .map(|_| char::from(b"abcdet"[soup.below(6)]))
                .collect()
        },
    ];
    for (name, file) in families::all() {
        if name.starts_with("added-") {
            continue; // the reference takes memory quadratic in the added tokens that it finds
        }
        let ours = Tokenizer::from_bytes(name, &file, SpecialTokens::AsText).unwrap();
        let mut reference = tokenizers::Tokenizer::from_bytes(&file).unwrap();
        reference.set_encode_special_tokens(true);
        for word in &words {
            let mut ids = Vec::new();
            ours.encode_into(word, &mut ids).unwrap();
            let expected = reference.encode_fast(word.as_str(), false).unwrap();
            let start: String = word.chars().take(20).collect();
            assert!(ids == expected.get_ids(), "{name}: {start:?}...");
        }
    }
}
