//! Every code point, and every short text over one character of each kind, in both engines.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![expect(clippy::print_stderr, reason = "long tests say what they have done")]

mod families;

use std::path::PathBuf;

use proofmill_tokenize::{SpecialTokens, Tokenizer};

/// What stands before a code point: nothing, a letter, a digit, a space, an apostrophe.
const BEFORE: [&str; 5] = ["", "a", "1", " ", "'"];

/// One character of each kind that some rule tells apart.
const KINDS: [&str; 20] = [
    "a", "S", "t", "ſ", "é", "\u{301}", "中", "ア", "가", "1", "Ⅷ", " ", "\t", "\n", "\u{a0}", "'",
    "/", "▁", "\u{1}", "😀",
];

/// One tokenizer in both engines.
struct Both {
    name: String,
    ours: Tokenizer,
    reference: tokenizers::Tokenizer,
    ids: Vec<u32>,
    n_texts: u64,
}

impl Both {
    fn new(name: &str, file: &[u8]) -> Self {
        let ours = Tokenizer::from_bytes(name, file, SpecialTokens::AsText).unwrap();
        assert_eq!(ours.fallback_reason(), None, "{name}");
        let mut reference = tokenizers::Tokenizer::from_bytes(file).unwrap();
        reference.set_encode_special_tokens(true);
        Self {
            name: name.to_owned(),
            ours,
            reference,
            ids: Vec::new(),
            n_texts: 0,
        }
    }

    #[track_caller]
    fn check(&mut self, text: &str) {
        self.ids.clear();
        self.ours.encode_into(text, &mut self.ids).unwrap();
        let expected = self.reference.encode_fast(text, false).unwrap();
        let name = &self.name;
        assert_eq!(self.ids, expected.get_ids(), "{name}: {text:?}");
        self.n_texts += 1;
    }

    fn code_points(&mut self, codes: impl Iterator<Item = u32>) {
        let mut text = String::new();
        for c in codes.filter_map(char::from_u32) {
            for before in BEFORE {
                text.clear();
                text.push_str(before);
                text.push(c);
                self.check(&text);
            }
        }
    }

    /// All texts of 1 to `n_chars` characters of [`KINDS`].
    fn short_texts(&mut self, n_chars: u32) {
        for n_chars in 1..=n_chars {
            for index in 0..KINDS.len().pow(n_chars) {
                let of = |place| KINDS[index / KINDS.len().pow(place) % KINDS.len()];
                let text: String = (0..n_chars).map(of).collect();
                self.check(&text);
            }
        }
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        eprintln!("{}: {} texts", self.name, self.n_texts);
    }
}

fn real() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let folder = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let names = [
        "code-llama.json",
        "mistral-v0.1.json",
        "llama-3.json",
        "qwen3.json",
        "gpt-neox-20b.json",
    ];
    names.into_iter().filter_map(move |name| {
        let file = std::fs::read(folder.join("tokenizers").join(name)).ok();
        if file.is_none() {
            eprintln!("SKIPPED: there is no {name} in {}", folder.display());
        }
        Some((name, file?))
    })
}

#[test]
fn some_of_every_family() {
    for (name, file) in families::all() {
        let mut both = Both::new(name, &file);
        both.code_points((0..0x300).chain((0x300..=0x10_ffff).step_by(3001)));
        both.short_texts(2);
    }
}

#[test]
#[ignore = "5.5 million texts for each real vocabulary; run it after a change of a table or a scanner"]
fn all_code_points_of_real_vocabularies() {
    for (name, file) in real() {
        Both::new(name, &file).code_points(0..=0x10_ffff);
    }
}

#[test]
#[ignore = "168,420 texts for each vocabulary; run it after a change of a scanner"]
fn all_texts_of_four_kinds() {
    for (name, file) in families::all().into_iter().chain(real()) {
        Both::new(name, &file).short_texts(4);
    }
}
