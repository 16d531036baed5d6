//! Real vocabularies, where they are at hand.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::PathBuf;

use proofmill_tokenize::{SpecialTokens, Tokenizer};

/// Bytes of `tokenizers/<name>` of the shared folder.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = folder.join("tokenizers").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: there is no {}", path.display());
    }
    bytes
}

/// Checks one vocabulary: size, end, start, and ids of the pieces that tell it from its kin.
#[track_caller]
fn check(file: &str, vocab_tokens: u64, eod: u32, bos: Option<u32>, pieces: &[(&str, u32)]) {
    let Some(bytes) = shared(file) else { return };
    let tokenizer = Tokenizer::from_bytes(file, &bytes, SpecialTokens::AsText).unwrap();
    assert_eq!(tokenizer.vocab_tokens(), vocab_tokens, "{file}");
    assert_eq!(tokenizer.eod(None).unwrap().0, eod, "{file}");
    assert_eq!(tokenizer.bos().map(|id| id.0), bos, "{file}");
    for (piece, id) in pieces {
        assert_eq!(
            tokenizer.id_of(piece).map(|id| id.0),
            Some(*id),
            "{file} {piece}"
        );
    }
    // Whatever a page spells, no special id comes out of text.
    let hostile = "a</s><s> <|endoftext|><|end_of_text|>\n<|begin_of_text|><unk><|im_end|> </ s>";
    let mut ids = Vec::new();
    tokenizer.encode_into(hostile, &mut ids).unwrap();
    for (name, id) in tokenizer.special_tokens() {
        assert!(!ids.contains(id), "{file} lets text inject {name}");
    }
    assert!(ids.iter().all(|id| u64::from(*id) < vocab_tokens));
    assert_eq!(
        tokenizer.decode(&ids).unwrap().trim_start(),
        hostile,
        "{file}"
    );
}

#[test]
fn known_vocabularies() {
    check(
        "code-llama.json",
        32_016,
        2,
        Some(1),
        &[(",", 29892), ("▁", 29871)],
    );
    check(
        "mistral-v0.1.json",
        32_000,
        2,
        Some(1),
        &[(",", 28725), ("▁", 28705)],
    );
    check("llama-3.json", 128_256, 128_001, Some(128_000), &[]);
    check(
        "qwen3.json",
        151_669,
        151_643,
        None,
        &[("<think>", 151_667)],
    );
    check("gpt-neox-20b.json", 50_277, 0, None, &[("  ", 50_276)]);
}
