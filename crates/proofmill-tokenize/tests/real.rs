//! Real vocabularies, where they are at hand.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::PathBuf;

use proofmill_tokenize::{SpecialTokens, TokenizeError, Tokenizer};

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

/// Much of whatever the corpus holds, with everything that makes cutting hard.
fn long_text() -> String {
    let mut text = String::new();
    let fragments = [
        "theorem foo : 1 + 1 = 2 := by\n  norm_num\n\n\n",
        "Let $x \\in \\mathbb{R}$.\nThen\n\\[ e^{i\\pi} = -1 \\]\n",
        "x\r\ny\r\n \nz \n\tq\n",
        "don't\nWe'll 'S\n're\n",
        "e\u{301}\n\u{301}a\nb\u{2167}\nIV\n",
        "数学。\n证明\n🙂\na\u{a0}\nb\u{85}\nc\n",
        "</s>\na<s>\n<|endoftext|>\nb<|im_end|>\n<think>\nc</think>\n",
        "      indented\n\n  a\nb;\nc}\nd$\ne%%%%\nf0\ng12345\nh",
        "▁a\n▁\nb<0x0A>\nc\n",
    ];
    for round in 0..3500 {
        // A walk that meets every pair of fragments.
        text.push_str(fragments[round * round / 7 % fragments.len()]);
        text.push_str(fragments[round % fragments.len()]);
    }
    assert!(text.len() > 140_000);
    text
}

#[test]
fn the_reference_gives_the_same_ids_in_pieces() {
    let text = long_text();
    for file in [
        "code-llama.json",
        "mistral-v0.1.json",
        "llama-3.json",
        "qwen3.json",
        "gpt-neox-20b.json",
    ] {
        let Some(bytes) = shared(file) else { return };
        // Different starts move every cut.
        for (special, start) in [(SpecialTokens::AsText, 0), (SpecialTokens::Parse, 4_099)] {
            let ours = Tokenizer::from_bytes(file, &bytes, special).unwrap();
            let mut reference = tokenizers::Tokenizer::from_bytes(&bytes).unwrap();
            reference.set_encode_special_tokens(special == SpecialTokens::AsText);
            let start = (start..text.len())
                .find(|at| text.is_char_boundary(*at))
                .unwrap();
            let mut ids = Vec::new();
            ours.encode_by_reference(&text[start..], &mut ids).unwrap();
            let expected = reference.encode_fast(&text[start..], false).unwrap();
            assert!(ids == expected.get_ids(), "{file} {special:?} from {start}");
        }
    }
}

#[test]
fn texts_that_the_reference_cannot_cut_have_a_limit() {
    let Some(bytes) = shared("gpt-neox-20b.json") else {
        return;
    };
    let tokenizer = Tokenizer::from_bytes("neox", &bytes, SpecialTokens::AsText).unwrap();
    let mut ids = vec![7];
    let text = format!("{}\n{}", "a b\n".repeat(30_000), "=".repeat(17 << 20));
    let error = tokenizer.encode_by_reference(&text, &mut ids).unwrap_err();
    assert!(matches!(error, TokenizeError::TooLong { .. }), "{error}");
    assert_eq!(ids, [7], "nothing is left of the pieces before");
}
