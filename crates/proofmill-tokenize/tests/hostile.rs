//! Files that are made to break readers: each is refused or taken, in bounded time and memory.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod families;

use proofmill_tokenize::{Family, SpecialTokens, Tokenizer};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Bytes of each large file here; `PROOFMILL_HOSTILE_BYTES` asks for another number.
const N_BYTES: usize = 2 << 20;

fn n_bytes() -> usize {
    let asked = std::env::var("PROOFMILL_HOSTILE_BYTES").ok();
    asked.map_or(N_BYTES, |number| number.parse().unwrap())
}

/// Reads a file as whatever it may be; what loads must encode and decode, or say why not.
fn take(bytes: &[u8]) -> bool {
    let mut loads = false;
    for family in [None, Some(Family::Gpt2), Some(Family::Tekken)] {
        let name = "hostile";
        let tokenizer = Tokenizer::from_bytes_of_family(name, bytes, family, SpecialTokens::Parse);
        match tokenizer {
            Err(error) => assert!(error.to_string().len() < 10_000, "a message is no file"),
            Ok(tokenizer) => {
                loads = true;
                let mut ids = Vec::new();
                let text = "theorem $x$ 12 <|endoftext|> größer\n\n \u{301}数学";
                if tokenizer.encode_into(text, &mut ids).is_ok() {
                    assert!(
                        ids.iter()
                            .all(|id| u64::from(*id) < tokenizer.vocab_tokens())
                    );
                    drop(tokenizer.decode(&ids));
                }
            }
        }
    }
    loads
}

/// A small file of characters, with `part` at the place of one of its parts.
fn with(pointer: &str, part: &str) -> Vec<u8> {
    let mut file = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "decoder": null, "truncation": null, "padding": null,
        "model": {"type": "BPE", "unk_token": "u", "vocab": {"u": 0, "a": 1, "aa": 2}, "merges": [["a", "a"]]},
    });
    *file.pointer_mut(pointer).unwrap() = Value::String("@".to_owned());
    file.to_string().replacen("\"@\"", part, 1).into_bytes()
}

const PARTS: [&str; 11] = [
    "/version",
    "/added_tokens",
    "/normalizer",
    "/pre_tokenizer",
    "/post_processor",
    "/decoder",
    "/truncation",
    "/model",
    "/model/vocab",
    "/model/vocab/aa",
    "/model/merges",
];

#[test]
fn deep_files_are_refused() {
    let n_bytes = n_bytes();
    for (open, close) in [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{\"type\":\"Sequence\",\"normalizers\":[", "]}"),
        ("{\"type\":\"Sequence\",\"pretokenizers\":[", "]}"),
        ("{\"type\":\"Sequence\",\"processors\":[", "]}"),
    ] {
        for depth in [100, 127, 128, 129, n_bytes / (open.len() + close.len())] {
            let deep = [open.repeat(depth), close.repeat(depth)].concat();
            take(deep.as_bytes());
            take(open.repeat(depth).as_bytes());
            for part in PARTS {
                take(&with(part, &deep));
            }
        }
    }
}

#[test]
fn long_files_are_read_or_refused() {
    let n_bytes = n_bytes();
    let list = |element: &str| format!("[{}0]", element.repeat(n_bytes / element.len()));
    for part in [
        list("0,"),
        list("\"a\","),
        list("[\"a\",\"a\"],"),
        list("{},"),
        format!("\"{}\"", "a".repeat(n_bytes)),
        format!("\"{}\"", "\\u0000".repeat(n_bytes / 6)),
        format!("{}1", " ".repeat(n_bytes)),
        "9".repeat(n_bytes),
        format!("{{{}\"a\":1}}", "\"a\":1,".repeat(n_bytes / 6)),
        format!("{{\"{}\":1,\"u\":0}}", "a".repeat(n_bytes)),
    ] {
        take(part.as_bytes());
        for place in PARTS {
            take(&with(place, &part));
        }
    }
    take(&with(
        "/model/merges",
        &format!("[{}[\"a\",\"a\"]]", "[\"a\",\"a\"],".repeat(n_bytes / 10)),
    ));
}

#[test]
fn numbers_that_are_none_are_refused() {
    for number in [
        "NaN",
        "-NaN",
        "Infinity",
        "1e999",
        "-1e999",
        "-0",
        "-1",
        "0.5",
        "1e3",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "99999999999999999999999999",
        "0x10",
        "01",
        "1.",
        "+1",
    ] {
        let loads = take(&with("/model/vocab/aa", number));
        assert!(!loads, "{number}");
        take(&with("/version", number));
    }
}

#[test]
fn too_long_files_are_refused() {
    let file = vec![b' '; proofmill_tokenize::MAX_FILE_BYTES + 1];
    let error = Tokenizer::from_bytes("long", &file, SpecialTokens::AsText).err();
    assert!(error.unwrap().to_string().contains("bytes"));
}

/// A small file of each format.
fn seeds() -> Vec<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = (0..=255_u8).map(|byte| vec![byte]).collect();
    let tokens = bytes.into_iter().chain([b"th".to_vec(), b"the".to_vec()]);
    let base64: Vec<String> = tokens.map(|token| base64(&token)).collect();
    let lines = base64
        .iter()
        .enumerate()
        .map(|(rank, token)| format!("{token} {rank}\n"));
    let vocab = base64.iter().enumerate();
    let vocab = vocab.map(|(rank, token)| json!({"rank": rank, "token_bytes": token}));
    let tekken = json!({
        "config": {
            "pattern": r"\p{N}| ?[^\s\p{N}]+|\s+", "default_vocab_size": 261,
            "default_num_special_tokens": 3,
        },
        "vocab": vocab.collect::<Vec<_>>(),
    });
    let piece = |text: &str, score: f32, kind: u8| {
        let mut piece = vec![0x0a, u8::try_from(text.len()).unwrap()];
        piece.extend(text.bytes());
        piece.push(0x15);
        piece.extend(score.to_le_bytes());
        piece.extend([0x18, kind]);
        [vec![0x0a, u8::try_from(piece.len()).unwrap()], piece].concat()
    };
    let model = [
        piece("<unk>", 0.0, 2),
        piece("<s>", 0.0, 3),
        piece("▁", -4.0, 1),
        piece("t", -5.0, 1),
        piece("h", -6.0, 1),
        piece("th", -1.0, 1),
        piece("▁th", -2.0, 1),
        vec![0x12, 2, 0x18, 2],          // BPE
        vec![0x1a, 4, 0x18, 1, 0x20, 0], // a mark first, spaces kept
    ];
    let (_, family) = families::all().swap_remove(0);
    vec![
        lines.collect::<String>().into_bytes(),
        tekken.to_string().into_bytes(),
        model.concat(),
        family,
    ]
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut three = [0; 3];
    three[..bytes.len()].copy_from_slice(bytes);
    let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
    let six = |place: usize| char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]);
    let letters: String = (0..=bytes.len()).map(six).collect();
    letters + &"=".repeat(3 - bytes.len())
}

#[test]
fn the_seeds_are_files() {
    for seed in seeds() {
        assert!(take(&seed), "{}", String::from_utf8_lossy(&seed));
    }
}

#[derive(Clone, Debug)]
enum Change {
    Put(u8),
    Insert(Vec<u8>),
    Cut(u16),
    Repeat(u8),
}

/// What may be put into a file.
const WORDS: [&str; 12] = [
    "0",
    "-1",
    "4294967295",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\\ud800",
    "\u{feff}",
    "\n",
    "=",
    " ",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => any::<u8>().prop_map(Change::Put),
        2 => prop::sample::select(WORDS.as_slice()).prop_map(|word| Change::Insert(word.into())),
        1 => prop::collection::vec(any::<u8>(), 1..6).prop_map(Change::Insert),
        2 => any::<u16>().prop_map(Change::Cut),
        1 => any::<u8>().prop_map(Change::Repeat),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn changed_files_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..6),
    ) {
        thread_local!(static SEEDS: Vec<Vec<u8>> = seeds());
        for mut bytes in SEEDS.with(Clone::clone) {
            for (index, change) in &changes {
                let at = index.index(bytes.len().max(1)).min(bytes.len());
                match change {
                    Change::Put(byte) => bytes.splice(at..(at + 1).min(bytes.len()), [*byte]).for_each(drop),
                    Change::Insert(more) => bytes.splice(at..at, more.iter().copied()).for_each(drop),
                    Change::Cut(n) => bytes.drain(at..(at + usize::from(*n)).min(bytes.len())).for_each(drop),
                    Change::Repeat(n) => {
                        let part = bytes[at..(at + usize::from(*n)).min(bytes.len())].to_vec();
                        bytes.splice(at..at, part).for_each(drop);
                    }
                }
            }
            take(&bytes);
        }
    }
}
