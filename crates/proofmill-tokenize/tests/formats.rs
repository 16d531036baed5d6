//! Vocabularies of other formats give the ids of their `tokenizer.json` twins.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod families;
mod soup;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use proofmill_tokenize::{Family, Format, SpecialTokens, TokenizeError, Tokenizer};
use serde_json::{Value, json};
use soup::Soup;

const N_TEXTS: usize = 3_000;

/// A family of our own, as JSON.
fn family(name: &str) -> Value {
    let all = families::all();
    let (_, file) = all.iter().find(|(other, _)| *other == name).unwrap();
    serde_json::from_slice(file).unwrap()
}

/// A real tokenizer, where it is at hand.
fn real(name: &str) -> Option<Value> {
    let folder = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = std::fs::read(folder.join("tokenizers").join(name)).ok()?;
    Some(serde_json::from_slice(&file).unwrap())
}

fn vocabulary(file: &Value) -> Vec<(String, u32)> {
    let entries = file["model"]["vocab"].as_object().unwrap().iter();
    let id = |id: &Value| u32::try_from(id.as_u64().unwrap()).unwrap();
    let mut entries: Vec<_> = entries.map(|(token, n)| (token.clone(), id(n))).collect();
    entries.sort_by_key(|(_, id)| *id);
    entries
}

/// What merges make, best first.
fn made(file: &Value) -> Vec<String> {
    let merges = file["model"]["merges"].as_array().unwrap().iter();
    let spelled = |merge: &Value| match merge {
        Value::String(line) => line.replace(' ', ""),
        parts => [parts[0].as_str().unwrap(), parts[1].as_str().unwrap()].concat(),
    };
    merges.map(spelled).collect()
}

fn bytes_of(token: &str) -> Option<Vec<u8>> {
    let visible = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..);
    let hidden: Vec<u8> = (0..=255).filter(|byte| !visible(byte)).collect();
    let chars = token.chars().map(|c| match u32::from(c) {
        code @ 0..=255 => u8::try_from(code).ok(),
        code => hidden.get(code as usize - 0x100).copied(),
    });
    chars.collect()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place) & 63) as usize;
            let is_filled = place > group.len();
            text.push(if is_filled {
                '='
            } else {
                char::from(ALPHABET[six])
            });
        }
    }
    text
}

/// Tokens that are bytes, without special ones, and their ids.
fn ranks(file: &Value) -> Vec<(Vec<u8>, u32)> {
    let special = file["added_tokens"].as_array().unwrap();
    let is_special = |token: &str| special.iter().any(|added| added["content"] == token);
    let tokens = vocabulary(file).into_iter();
    let tokens = tokens.filter(|(token, _)| !is_special(token));
    tokens
        .map(|(token, id)| (bytes_of(&token).unwrap(), id))
        .collect()
}

fn rank_file(tokens: &[(Vec<u8>, u32)]) -> Vec<u8> {
    let mut text = String::new();
    for (token, id) in tokens {
        writeln!(text, "{} {id}", base64(token)).unwrap();
    }
    text.into_bytes()
}

/// Protocol buffers, as far as models need them.
fn field(number: u64, kind: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = varint(number << 3 | kind);
    if kind == 2 {
        bytes.extend(varint(payload.len() as u64));
    }
    bytes.extend(payload);
    bytes
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// A piece: text, score, kind.
type Piece = (String, f32, u64);

struct Model {
    pieces: Vec<Piece>,
    kind: u64,
    byte_fallback: bool,
    mark_first: bool,
    removes_spaces: bool,
    map: &'static [u8],
}

impl Model {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (text, score, kind) in &self.pieces {
            let piece = [
                field(1, 2, text.as_bytes()),
                field(2, 5, &score.to_le_bytes()),
                field(3, 0, &varint(*kind)),
            ];
            bytes.extend(field(1, 2, &piece.concat()));
        }
        let training = [
            field(3, 0, &varint(self.kind)),
            field(35, 0, &varint(u64::from(self.byte_fallback))),
        ];
        bytes.extend(field(2, 2, &training.concat()));
        let normalizer = [
            field(1, 2, b"identity"),
            field(2, 2, self.map),
            field(3, 0, &varint(u64::from(self.mark_first))),
            field(4, 0, &varint(u64::from(self.removes_spaces))),
        ];
        bytes.extend(field(3, 2, &normalizer.concat()));
        bytes
    }
}

/// The model of a vocabulary of characters.
fn model(file: &Value) -> Model {
    let made = made(file);
    let mut score_of = HashMap::new();
    for (rank, token) in (0_u16..).zip({
        let mut seen = std::collections::HashSet::new();
        made.iter()
            .filter(move |token| seen.insert(token.as_str()))
            .collect::<Vec<_>>()
    }) {
        score_of.insert(token.as_str(), -f32::from(rank));
    }
    let added = file["added_tokens"].as_array().unwrap();
    let unknown = file["model"]["unk_token"].as_str().unwrap();
    let piece = |(token, _): (String, u32)| {
        let is_byte = token.len() == 6 && token.starts_with("<0x");
        let kind = match token.as_str() {
            token if token == unknown => 2,
            token if added.iter().any(|added| added["content"] == token) => 3,
            _ if is_byte => 6,
            _ => 1,
        };
        let score = score_of.get(token.as_str()).copied().unwrap_or(-1e6);
        (token, score, kind)
    };
    Model {
        pieces: vocabulary(file).into_iter().map(piece).collect(),
        kind: 2,
        byte_fallback: file["model"]["byte_fallback"] == true,
        mark_first: true,
        removes_spaces: false,
        map: b"",
    }
}

/// Compares a file with its twin, and both engines on it.
#[track_caller]
fn check(name: &str, bytes: &[u8], family: Option<Family>, format: Format, twin: &Value) {
    let load = |bytes: &[u8], family| {
        Tokenizer::from_bytes_of_family(name, bytes, family, SpecialTokens::AsText).unwrap()
    };
    let (ours, twin) = (
        load(bytes, family),
        load(&serde_json::to_vec(twin).unwrap(), None),
    );
    assert_eq!(ours.format(), format, "{name}");
    assert_eq!(ours.fallback_reason(), None, "{name}");
    let reference = tokenizers::Tokenizer::from_bytes(ours.json()).unwrap();
    let mut soup = Soup::new(11, &[]).with_vocabulary(&reference);
    for _ in 0..N_TEXTS {
        let text = soup.text();
        let (mut ids, mut expected) = (Vec::new(), Vec::new());
        ours.encode_into(&text, &mut ids).unwrap();
        twin.encode_into(&text, &mut expected).unwrap();
        assert!(
            ids == expected,
            "{name}: {text:?}\nours {ids:?}\ntwin {expected:?}"
        );
        assert_eq!(ours.compare(&text, &ids).unwrap(), None, "{name}: {text:?}");
    }
    assert_eq!(
        load(ours.json(), None).json(),
        ours.json(),
        "a rewritten file is a file"
    );
}

#[test]
fn rank_files() {
    for (name, as_family) in [
        ("gpt2", Family::Gpt2),
        ("llama-3", Family::Cl100kBase),
        ("llama-3", Family::Llama3),
        ("qwen", Family::Qwen),
        ("o200k", Family::O200kBase),
        ("tekken", Family::Tekken),
        ("digits", Family::Digits),
    ] {
        let twin = family(name);
        let file = rank_file(&ranks(&twin));
        check(name, &file, Some(as_family), Format::Tiktoken, &twin);
    }
    let Some(twin) = real("llama-3.json") else {
        return;
    };
    let file = rank_file(&ranks(&twin));
    check("llama-3.json", &file, None, Format::Tiktoken, &twin);
}

#[test]
fn tekken_files() {
    let mut twin = family("tekken");
    let tokens = ranks(&twin);
    let n_special = 40;
    let vocab: Vec<Value> = (0_u32..)
        .zip(&tokens)
        .map(|(rank, (token, _))| json!({"rank": rank, "token_bytes": base64(token), "token_str": null}))
        .collect();
    let pattern = twin["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"].clone();
    let file = json!({
        "config": {
            "pattern": pattern, "num_vocab_tokens": tokens.len(), "version": "v3",
            "default_vocab_size": tokens.len() + n_special, "default_num_special_tokens": n_special,
        },
        "vocab": vocab, "version": 1, "type": "Tekken",
    });
    // The twin with the ids of the file.
    let old = vocabulary(&twin);
    let in_order: Vec<u32> = tokens.iter().map(|(_, id)| *id).collect();
    let vocab = twin["model"]["vocab"].as_object_mut().unwrap();
    for (token, id) in &old {
        match in_order.binary_search(id) {
            Ok(rank) => vocab[token] = json!(rank + n_special),
            Err(_) => vocab[token] = json!(*id + 1_000_000),
        }
    }
    twin["added_tokens"] = json!([]);
    let bytes = serde_json::to_vec(&file).unwrap();
    let tokenizer = Tokenizer::from_bytes("tekken.json", &bytes, SpecialTokens::Parse).unwrap();
    assert_eq!(tokenizer.eod(None).unwrap().0, 2);
    assert_eq!(tokenizer.bos().unwrap().0, 1);
    assert_eq!(tokenizer.id_of("<SPECIAL_39>").unwrap().0, 39);
    twin["model"]["vocab"]
        .as_object_mut()
        .unwrap()
        .retain(|_, id| id.as_u64() < Some(1_000_000));
    check("tekken.json", &bytes, None, Format::Tekken, &twin);
}

#[test]
fn sentencepiece_models() {
    for name in ["llama-2", "fused-unknown"] {
        let twin = family(name);
        check(
            name,
            &model(&twin).to_bytes(),
            None,
            Format::SentencePiece,
            &twin,
        );
    }
    let twin = family("gemma");
    let without_mark = Model {
        mark_first: false,
        ..model(&twin)
    };
    check(
        "gemma",
        &without_mark.to_bytes(),
        None,
        Format::SentencePiece,
        &twin,
    );
    let Some(twin) = real("code-llama.json") else {
        return;
    };
    check(
        "code-llama.json",
        &model(&twin).to_bytes(),
        None,
        Format::SentencePiece,
        &twin,
    );
}

fn piece(text: &str, score: f32, kind: u64) -> Piece {
    (text.to_owned(), score, kind)
}

/// `<unk>`, the mark, `a` and `b`, and then `more`.
fn small(more: &[Piece]) -> Model {
    let mut pieces = vec![
        piece("<unk>", 0.0, 2),
        piece("▁", -9.0, 1),
        piece("a", -9.0, 1),
        piece("b", -9.0, 1),
    ];
    pieces.extend_from_slice(more);
    Model {
        pieces,
        kind: 2,
        byte_fallback: false,
        mark_first: true,
        removes_spaces: false,
        map: b"",
    }
}

fn encode(model: &Model, text: &str) -> Vec<u32> {
    let tokenizer =
        Tokenizer::from_bytes("small.model", &model.to_bytes(), SpecialTokens::AsText).unwrap();
    let mut ids = Vec::new();
    tokenizer.encode_into(text, &mut ids).unwrap();
    assert_eq!(tokenizer.compare(text, &ids).unwrap(), None);
    ids
}

#[test]
fn settings_of_sentencepiece() {
    let plain = small(&[piece("ab", -1.0, 1)]);
    assert_eq!(encode(&plain, " ab  xx"), [1, 1, 4, 1, 1, 0]);
    let trims = Model {
        removes_spaces: true,
        ..small(&[piece("ab", -1.0, 1)])
    };
    assert_eq!(encode(&trims, "  ab   b \u{2581}"), [1, 4, 1, 3]);
    assert_eq!(encode(&trims, "   "), [0_u32; 0]);
    let defined = small(&[
        piece("ab", -1.0, 1),
        piece("<x>", 0.0, 4),
        piece("\n", 0.0, 4),
    ]);
    assert_eq!(encode(&defined, "ab\nab"), [1, 4, 6, 4]);
    let without_mark = Model {
        mark_first: false,
        ..small(&[piece("▁a", -1.0, 1), piece("▁▁", 0.0, 4)])
    };
    assert_eq!(encode(&without_mark, "a   a"), [2, 5, 4]);
    // Of equal scores the leftmost counts, which a list can say only of runs.
    let runs = small(&[
        piece("aa", -2.0, 1),
        piece("aaaa", -2.0, 1),
        piece("aaa", -2.0, 1),
    ]);
    assert_eq!(encode(&runs, "aaaaaa"), [1, 5, 4]);
}

#[test]
fn what_no_file_can_stand_for_is_refused() {
    let ab = || small(&[piece("ab", -1.0, 1)]);
    for (model, words) in [
        (Model { kind: 1, ..ab() }, "Unigram"),
        (Model { kind: 3, ..ab() }, "only BPE"),
        (
            Model {
                map: b"map",
                ..ab()
            },
            "maps characters",
        ),
        (
            Model {
                byte_fallback: true,
                ..ab()
            },
            "`<0x00>`",
        ),
        (
            small(&[piece("ab", -1.0, 1), piece("ba", -1.0, 1)]),
            "same score",
        ),
        (small(&[piece("ab", f32::NAN, 1)]), "no score"),
        (small(&[piece("ab", -1.0, 5)]), "no normal piece"),
        (small(&[piece("a", -1.0, 1)]), "twice"),
        (small(&[piece("", -1.0, 1)]), "0 characters"),
        (small(&[piece("<u>", 0.0, 2)]), "several"),
        (small(&[piece("cd", -1.0, 1)]), "what is no piece"),
    ] {
        let error = Tokenizer::from_bytes("no.model", &model.to_bytes(), SpecialTokens::AsText)
            .err()
            .unwrap();
        assert!(matches!(error, TokenizeError::Import { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error} without {words}");
    }
    let ranks = rank_file(&ranks(&family("gpt2")));
    let of = |bytes: &[u8], family| {
        Tokenizer::from_bytes_of_family("r", bytes, family, SpecialTokens::AsText)
            .err()
            .unwrap()
            .to_string()
    };
    assert!(
        of(&ranks, None).contains("cl100k_base"),
        "the families are listed"
    );
    let junk = [&ranks[..], b"QUJD\n"].concat();
    assert!(of(&junk, Some(Family::Gpt2)).contains("is no token in base64"));
    let rest = ranks.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    assert!(of(&ranks[rest..], Some(Family::Gpt2)).contains("the byte 0x"));
    assert!(of(b"{}", Some(Family::Gpt2)).contains("for rank files"));
    let twice = [&ranks[..], &ranks[..]].concat();
    assert!(of(&twice, Some(Family::Gpt2)).contains("two of its tokens"));
}

#[test]
fn cut_files_are_errors() {
    let whole = small(&[piece("ab", -1.0, 1)]).to_bytes();
    for n_bytes in 0..whole.len() {
        // Whatever is left, it is read or refused.
        let _ = Tokenizer::from_bytes("cut.model", &whole[..n_bytes], SpecialTokens::AsText);
    }
}
