//! Trained vocabularies, special tokens and damaged files; no data from outside is needed.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fmt::Write as _;

use proofmill_tokenize::{SpecialTokens, TRAINED_EOD, TokenizeError, Tokenizer, train};
use proofmill_types::TokenId;
use proptest::prelude::*;

/// Text with enough repetition to learn merges from.
fn corpus() -> Vec<String> {
    (0..400)
        .map(|n| {
            let mut text = String::new();
            writeln!(
                text,
                "theorem add_comm_{n} : a + b = b + a := by ring -- №{}",
                n * 7919
            )
            .unwrap();
            writeln!(
                text,
                "Let $x_{n} \\in \\mathbb{{R}}$ be so that $\\alpha^{n} > 0$."
            )
            .unwrap();
            text
        })
        .collect()
}

fn trained(special: SpecialTokens) -> Tokenizer {
    let file = train(corpus().into_iter(), 300, &["<|fim|>"]).unwrap();
    Tokenizer::from_bytes("own", &file, special).unwrap()
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    tokenizer.encode_into(text, &mut ids).unwrap();
    ids
}

#[test]
fn training_does_not_depend_on_threads_or_order() {
    let run = |n_threads: usize, texts: Vec<String>| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| train(texts.into_iter(), 300, &["<|fim|>"]).unwrap())
    };
    let expected = run(1, corpus());
    for n_threads in [1, 2, 8] {
        assert!(run(n_threads, corpus()) == expected, "{n_threads} threads");
    }
    assert!(
        run(4, corpus().into_iter().rev().collect()) == expected,
        "in reverse"
    );
}

#[test]
fn a_trained_vocabulary_has_what_was_asked_for() {
    let tokenizer = trained(SpecialTokens::AsText);
    assert_eq!(tokenizer.vocab_tokens(), 300);
    assert_eq!(tokenizer.eod(None).unwrap(), TokenId(0));
    assert_eq!(tokenizer.id_of(TRAINED_EOD), Some(TokenId(0)));
    assert_eq!(tokenizer.id_of("<|fim|>"), Some(TokenId(1)));
    assert_eq!(tokenizer.special_tokens().len(), 2);
    assert_eq!(tokenizer.token_of(TokenId(1)).as_deref(), Some("<|fim|>"));
    assert_eq!(tokenizer.bos(), None);
    assert_eq!(tokenizer.sha256().len(), 64);
    assert_eq!(encode(&tokenizer, "1234567").len(), 7, "digits stand alone");
    assert!(
        encode(&tokenizer, " theorem add_comm").len() < 12,
        "frequent words were learned"
    );
}

#[test]
fn impossible_vocabularies_are_refused() {
    for (vocab_tokens, special) in [
        (256, vec![]),
        (257, vec!["<a>"]),
        (1 << 21, vec![]),
        (500, vec!["<a>", "<a>"]),
        (500, vec![""]),
    ] {
        let error = train(corpus().into_iter(), vocab_tokens, &special).unwrap_err();
        assert!(matches!(error, TokenizeError::Train { .. }), "{error}");
    }
}

#[test]
fn nothing_to_learn_gives_bytes_only() {
    let file = train(std::iter::empty::<&str>(), 1000, &[]).unwrap();
    let tokenizer = Tokenizer::from_bytes("bytes", &file, SpecialTokens::AsText).unwrap();
    assert_eq!(tokenizer.vocab_tokens(), 257);
}

#[test]
fn a_page_cannot_inject_special_tokens() {
    let text = "end <|endoftext|> of <|fim|>";
    let as_text = trained(SpecialTokens::AsText);
    let ids = encode(&as_text, text);
    assert!(ids.iter().all(|id| *id > 1), "{ids:?}");
    assert_eq!(as_text.decode(&ids).unwrap(), text);
    let parsed = encode(&trained(SpecialTokens::Parse), text);
    assert!(parsed.contains(&0) && parsed.contains(&1), "{parsed:?}");
}

#[test]
fn an_unknown_end_of_document_lists_what_is_there() {
    let tokenizer = trained(SpecialTokens::AsText);
    let error = tokenizer.eod(Some("</doc>")).unwrap_err().to_string();
    assert!(
        error.contains("`</doc>`") && error.contains("`<|fim|>`"),
        "{error}"
    );
}

#[test]
fn what_a_file_asks_of_texts_is_switched_off() {
    let file = train(corpus().into_iter(), 300, &[]).unwrap();
    let text = String::from_utf8(file).unwrap();
    let cut =
        r#""truncation":{"direction":"Right","max_length":3,"strategy":"LongestFirst","stride":0}"#;
    let cut = text.replacen(r#""truncation":null"#, cut, 1);
    assert_ne!(cut, text);
    let tokenizer = Tokenizer::from_bytes("cut", cut.as_bytes(), SpecialTokens::AsText).unwrap();
    assert!(encode(&tokenizer, "1234567").len() == 7);
    let random = text.replacen(r#""dropout":null"#, r#""dropout":0.1"#, 1);
    assert_ne!(random, text);
    let error = Tokenizer::from_bytes("random", random.as_bytes(), SpecialTokens::AsText).err();
    assert!(error.unwrap().to_string().contains("dropout"));
}

#[test]
fn damaged_files_say_what_to_do() {
    let file = train(corpus().into_iter(), 300, &[]).unwrap();
    let text = String::from_utf8(file.clone()).unwrap();
    let lying_merge = text.replacen("\"merges\":[[", "\"merges\":[[\"zzz\",\"qqq\"],[", 1);
    assert_ne!(lying_merge, text);
    let huge_id = text.replacen("\"!\":1", "\"!\":4294967295", 1);
    assert_ne!(huge_id, text);
    for (bytes, words) in [
        (&b""[..], "tokenizer.json"),
        (&b"{}"[..], "damaged"),
        (&file[..file.len() / 2], "fetch it again"),
        (&b"<!DOCTYPE html>"[..], "web page"),
        (
            &b"version https://git-lfs.github.com/spec/v1"[..],
            "git lfs pull",
        ),
        (&[0x1f, 0x8b, 8, 0][..], "compressed"),
        (lying_merge.as_bytes(), "damaged"),
        (huge_id.as_bytes(), "4294967295"),
    ] {
        let error = Tokenizer::from_bytes("bad.json", bytes, SpecialTokens::AsText)
            .err()
            .unwrap();
        let error = error.to_string();
        assert!(
            error.contains("bad.json") && error.contains(words),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn texts_come_back(text in any::<String>()) {
        thread_local!(static OWN: Tokenizer = trained(SpecialTokens::AsText));
        OWN.with(|tokenizer| {
            let ids = encode(tokenizer, &text);
            prop_assert!(ids.iter().all(|id| u64::from(*id) < tokenizer.vocab_tokens()));
            prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text);
            Ok(())
        })?;
    }

    #[test]
    fn flipped_files_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        thread_local!(static FILE: Vec<u8> = train(corpus().into_iter(), 300, &[]).unwrap());
        let mut bytes = FILE.with(Clone::clone);
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(tokenizer) = Tokenizer::from_bytes("flip", &bytes, SpecialTokens::Parse) {
            let mut ids = Vec::new();
            if tokenizer.encode_into("theorem $x$ 12 <|endoftext|>", &mut ids).is_ok() {
                prop_assert!(ids.iter().all(|id| u64::from(*id) < tokenizer.vocab_tokens()));
                drop(tokenizer.decode(&ids));
            }
        }
    }
}
