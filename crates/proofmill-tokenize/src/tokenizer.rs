//! One tokenizer: the seam between the line and whichever engine does the work.

use std::fmt::Write as _;
use std::sync::OnceLock;

use proofmill_types::TokenId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::bpe::window;
use crate::config::Config;
use crate::error::{TokenizeError, short};
use crate::family::Family;
use crate::fast::{self, Fast, Start, Stop};
use crate::hf::{self, Failure};
use crate::import::{Format, import};
use crate::names;

/// Ids that shards can store: Megatron's widest id type is a signed 32-bit number.
const MAX_VOCAB_TOKENS: u64 = 1 << 31;
/// Bytes of a vocabulary file at most: ten times the largest published one. The reference takes up
/// to forty times as much memory to read one.
pub const MAX_FILE_BYTES: usize = 256 << 20;
/// Bytes of text without a place to cut it, at most: a guard against texts that are one line.
pub const MAX_UNCUT_BYTES: usize = hf::MAX_PIECE_BYTES;
const _: () = assert!(window::MAX_WINDOW_BYTES == MAX_UNCUT_BYTES);
/// Names listed in a message at most.
const MAX_LISTED: usize = 12;

/// What text that spells a special token becomes.
///
/// Added tokens that are not special (runs of spaces, tags) match in either mode, as in the
/// reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpecialTokens {
    /// Ordinary text: a page cannot inject the end or the start of a document.
    #[default]
    AsText,
    /// The special token, as Hugging Face does by default.
    Parse,
}

impl SpecialTokens {
    /// Stable name in manifests and descriptions: `as-text` or `parse`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AsText => "as-text",
            Self::Parse => "parse",
        }
    }
}

/// A vocabulary with its rules, ready to encode; shared freely between threads.
pub struct Tokenizer {
    name: String,
    sha256: String,
    engine: Engine,
    reference: OnceLock<Result<hf::Engine, String>>, // filled at once if `engine` is the reference
    json: Box<[u8]>,
    format: Format,
    family: Option<Family>,
    special_mode: SpecialTokens,
    vocab_tokens: u64,
    special: Vec<(String, u32)>,
}

enum Engine {
    Fast(Box<Fast>),
    /// With the reason why it is not the fast one.
    Reference(String),
}

impl Tokenizer {
    /// Reads a vocabulary file of any [`Format`]; `name` is for messages.
    ///
    /// A rank file must be a published one; give others with
    /// [`Tokenizer::from_bytes_of_family`]. A file whose every setting is known is encoded by the fast engine, any other one by the
    /// reference; [`Tokenizer::engine`] says which. Cutting and padding that the file asks for
    /// are switched off.
    ///
    /// # Errors
    /// [`TokenizeError::Parse`] for damaged files; [`TokenizeError::Import`] for files of another
    /// format that no `tokenizer.json` can stand for; [`TokenizeError::Unfit`] for files whose ids
    /// are random, too large, or missing.
    pub fn from_bytes(
        name: &str,
        bytes: &[u8],
        special: SpecialTokens,
    ) -> Result<Self, TokenizeError> {
        Self::from_bytes_of_family(name, bytes, None, special)
    }

    /// [`Tokenizer::from_bytes`] for rank files, which do not say how they split words: with
    /// `None` the hash of the file decides.
    ///
    /// # Errors
    /// As [`Tokenizer::from_bytes`], and [`TokenizeError::Unfit`] for an unknown rank file without
    /// family, or another file with one.
    pub fn from_bytes_of_family(
        name: &str,
        bytes: &[u8],
        family: Option<Family>,
        special: SpecialTokens,
    ) -> Result<Self, TokenizeError> {
        if bytes.len() > MAX_FILE_BYTES {
            let n_bytes = bytes.len();
            return Err(TokenizeError::Unfit {
                name: name.to_owned(),
                what: format!("it has {n_bytes} bytes, {MAX_FILE_BYTES} are possible"),
            });
        }
        let sha256 = sha256_hex(bytes);
        let imported = import(name, bytes, &sha256, family)?;
        let json = imported.json.as_ref();
        let fast = Config::read(json).and_then(|config| Fast::new(config, special));
        let reference = OnceLock::new();
        let (engine, vocabulary) = match fast {
            Ok(fast) => {
                let vocabulary = fast.vocabulary();
                (Engine::Fast(Box::new(fast)), vocabulary)
            }
            Err(reason) => {
                let engine = load_reference(name, json, special)?;
                let vocabulary = engine.vocabulary();
                let _ = reference.set(Ok(engine));
                (Engine::Reference(short(reason)), vocabulary)
            }
        };
        if vocabulary.n_tokens > MAX_VOCAB_TOKENS {
            let what = format!(
                "its highest id is {}, shards store ids below {MAX_VOCAB_TOKENS}; the file is \
                 probably damaged, fetch it again",
                vocabulary.n_tokens - 1
            );
            return Err(TokenizeError::Unfit {
                name: name.to_owned(),
                what,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            sha256,
            engine,
            reference,
            json: json.into(),
            format: imported.format,
            family: imported.family,
            special_mode: special,
            vocab_tokens: vocabulary.n_tokens,
            special: vocabulary.special,
        })
    }

    /// The same tokenizer whose caches hold `n_words` short words per thread instead of four times
    /// as many as its vocabulary has, between 2^18 and 2^20. The number is rounded up to a power of
    /// two and changes no id.
    ///
    /// A short word takes 32 bytes, longer ones and lists of ids together about 15 bytes for each
    /// of `n_words`: 8 to 32 MiB for each thread at the start and 12 to 47 MiB in the end.
    #[must_use]
    pub fn with_cache_words(mut self, n_words: usize) -> Self {
        if let Engine::Fast(fast) = &mut self.engine {
            fast.resize_cache(n_words);
        }
        self
    }

    /// Appends the ids of `text` to `out`; no special token is added. On an error `out` is
    /// unchanged.
    ///
    /// # Errors
    /// [`TokenizeError::TooLong`] if more than [`MAX_UNCUT_BYTES`] lie between two places where
    /// the text can be cut, which real vocabularies of the fast engine never need;
    /// [`TokenizeError::Encode`] if the file's own rules fail on this text.
    pub fn encode_into(&self, text: &str, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        self.encode_part(text, false, out)
    }

    /// Appends the ids of the rest of a text, from a place of [`Tokenizer::next_cut`] on.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_into`].
    pub fn encode_rest_into(&self, rest: &str, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        self.encode_part(rest, true, out)
    }

    pub(crate) fn encode_part(
        &self,
        text: &str,
        is_rest: bool,
        out: &mut Vec<u32>,
    ) -> Result<(), TokenizeError> {
        let start = if is_rest {
            Start::Continued
        } else {
            Start::Document
        };
        match &self.engine {
            Engine::Fast(fast) => match fast.encode_into(text, start, out) {
                Ok(()) => Ok(()),
                Err(Stop::TooLong(n_bytes)) => Err(self.failed(Failure::TooLong(n_bytes), text)),
                // Tokenizers that stop so have no places, so this is the whole text.
                Err(Stop::Reference) => self.encode_by_reference(text, out),
            },
            // No place to cut a text is given for these.
            Engine::Reference(_) => self.encode_by_reference(text, out),
        }
    }

    /// The first place in `text` at byte `from` or behind it, but inside the text, where it can be
    /// cut: the ids of the whole are those of `text[..place]` and then those of `text[place..]` by
    /// [`Tokenizer::encode_rest_into`]. `None` if there is none, and always for tokenizers that
    /// run on the reference or have [`Tokenizer::slow_parts`].
    ///
    /// The two characters around a place decide, so a place stays one whatever comes before and
    /// behind.
    #[must_use]
    pub fn next_cut(&self, text: &str, from: usize) -> Option<usize> {
        match &self.engine {
            Engine::Fast(fast) => fast.next_cut(text, from),
            Engine::Reference(_) => None,
        }
    }

    /// [`Tokenizer::encode_into`] by the reference, whichever engine the tokenizer has.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_into`]; texts must have a place to cut them every
    /// [`MAX_UNCUT_BYTES`], which is asked for more often here.
    pub fn encode_by_reference(&self, text: &str, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        self.reference()?
            .encode_into(text, out)
            .map_err(|failure| self.failed(failure, text))
    }

    fn failed(&self, failure: Failure, text: &str) -> TokenizeError {
        match failure {
            Failure::TooLong(n_bytes) => TokenizeError::TooLong {
                name: self.name.clone(),
                n_bytes,
                limit: MAX_UNCUT_BYTES,
            },
            Failure::Engine(what) => TokenizeError::Encode {
                name: self.name.clone(),
                n_bytes: text.len(),
                what,
            },
        }
    }

    /// The reference engine, which is loaded when it is first asked for.
    fn reference(&self) -> Result<&hf::Engine, TokenizeError> {
        let load = || hf::Engine::from_bytes(&self.json, self.special_mode);
        self.reference
            .get_or_init(load)
            .as_ref()
            .map_err(|what| TokenizeError::Parse {
                name: self.name.clone(),
                what: what.clone(),
                advice: advice(&self.json),
            })
    }

    /// The text of `ids`, special tokens spelled out, by the reference.
    ///
    /// Byte-level vocabularies give back the encoded text; others may lose a leading space.
    ///
    /// # Errors
    /// [`TokenizeError::Encode`].
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        self.reference()?
            .decode(ids)
            .map_err(|what| TokenizeError::Encode {
                name: self.name.clone(),
                n_bytes: 4 * ids.len(),
                what,
            })
    }

    /// Name given when it was read.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Highest id + 1, added tokens included: ids are below it.
    #[must_use]
    pub fn vocab_tokens(&self) -> u64 {
        self.vocab_tokens
    }

    /// The id of the entry spelled `token`.
    #[must_use]
    pub fn id_of(&self, token: &str) -> Option<TokenId> {
        let id = match &self.engine {
            Engine::Fast(fast) => fast.id_of(token),
            Engine::Reference(_) => self.reference().ok()?.id_of(token),
        };
        id.map(TokenId)
    }

    /// The entry with this id.
    #[must_use]
    pub fn token_of(&self, id: TokenId) -> Option<String> {
        match &self.engine {
            Engine::Fast(fast) => fast.token_of(id.0).map(str::to_owned),
            Engine::Reference(_) => self.reference().ok()?.token_of(id.0),
        }
    }

    /// All special tokens with their ids, in id order.
    #[must_use]
    pub fn special_tokens(&self) -> &[(String, u32)] {
        &self.special
    }

    /// The id that ends each document: the entry spelled `name`, or with `None` the special
    /// token that known tokenizers use (`<|endoftext|>`, `<|end_of_text|>`, `</s>`, `<eos>`, ...).
    ///
    /// # Errors
    /// [`TokenizeError::NoToken`] with what the vocabulary has instead.
    pub fn eod(&self, name: Option<&str>) -> Result<TokenId, TokenizeError> {
        let found = match name {
            Some(name) => self.id_of(name),
            None => self.first_special(&names::EOD),
        };
        found.ok_or_else(|| {
            let listed: Vec<_> = self
                .special
                .iter()
                .take(MAX_LISTED)
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let listed = if listed.is_empty() {
                "it has no special tokens at all".to_owned()
            } else {
                format!("its special tokens begin with {}", listed.join(", "))
            };
            let what = match name {
                Some(name) => format!("token `{name}`; {listed}"),
                None => format!("known end-of-document token; name it in the manifest: {listed}"),
            };
            TokenizeError::NoToken {
                name: self.name.clone(),
                what,
            }
        })
    }

    /// The id that starts a document, for tokenizers that have one.
    #[must_use]
    pub fn bos(&self) -> Option<TokenId> {
        self.first_special(&names::BOS)
    }

    /// SHA-256 of the file's bytes, as 64 hexadecimal digits: its public identity.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What the file is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// For a rank file, the family that it was read as.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.family
    }

    /// The `tokenizer.json` with the same ids: the file itself, or what it was rewritten as.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Name and version of the engine that decides the ids.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match &self.engine {
            Engine::Fast(_) => fast::ENGINE,
            Engine::Reference(_) => hf::ENGINE,
        }
    }

    /// Why the engine is the reference and not the fast one; `None` if it is the fast one.
    #[must_use]
    pub fn fallback_reason(&self) -> Option<&str> {
        match &self.engine {
            Engine::Fast(_) => None,
            Engine::Reference(reason) => Some(reason),
        }
    }

    /// What the fast engine does not do by rules of its own, and so does slower; a text of such a
    /// tokenizer has no places to cut it. `None` if there is nothing, or if the engine is the
    /// reference.
    #[must_use]
    pub fn slow_parts(&self) -> Option<&'static str> {
        match &self.engine {
            Engine::Fast(fast) => fast.slow_parts(),
            Engine::Reference(_) => None,
        }
    }

    /// Name and version of the reference, whose ids every engine gives.
    #[must_use]
    pub fn reference_engine() -> &'static str {
        hf::ENGINE
    }

    /// Version of the Unicode tables of that engine.
    #[must_use]
    pub fn unicode_version(&self) -> &'static str {
        hf::UNICODE_VERSION
    }

    fn first_special(&self, names: &[&str]) -> Option<TokenId> {
        let find = |name: &&str| self.special.iter().find(|(other, _)| other == name);
        names.iter().find_map(find).map(|(_, id)| TokenId(*id))
    }
}

fn load_reference(
    name: &str,
    json: &[u8],
    special: SpecialTokens,
) -> Result<hf::Engine, TokenizeError> {
    let engine = hf::Engine::from_bytes(json, special).map_err(|what| TokenizeError::Parse {
        name: name.to_owned(),
        what: short(what),
        advice: advice(json),
    })?;
    let unfit = |what: String| TokenizeError::Unfit {
        name: name.to_owned(),
        what: short(what),
    };
    if let Some(what) = engine.unfitness() {
        return Err(unfit(what));
    }
    if engine.n_model_tokens() == 0 {
        return Err(unfit(
            "its vocabulary is empty; fetch the file again".to_owned(),
        ));
    }
    Ok(engine)
}

fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
    }
    hex
}

/// What to do about a file that cannot be read, by the look of its first bytes.
fn advice(json: &[u8]) -> &'static str {
    let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
    if json.starts_with(b"version https://git-lfs") {
        "this is a Git LFS pointer: fetch the file itself with `git lfs pull`"
    } else if json.starts_with(&[0x1f, 0x8b]) || json.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        "the file is compressed: unpack it first"
    } else if first == Some(&b'<') {
        "this is a web page, not the file: fetch it again"
    } else if first == Some(&b'{') {
        "it must be a Hugging Face `tokenizer.json`; if it is one, it is damaged: fetch it again"
    } else {
        "it must be a Hugging Face `tokenizer.json`, a SentencePiece model, a rank file (`.tiktoken`) \
         or a `tekken.json`"
    }
}
