//! The reference engine: everything that touches the `tokenizers` crate, behind plain types.
//!
//! The crate reports most trouble as errors but panics in places on damaged files, so calls go
//! through [`guard`]. It keeps a cache per thread; ids do not depend on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rustc_hash::FxHashSet;
use tokenizers::{
    Encoding, Model as _, ModelWrapper, NormalizedString, Normalizer as _, NormalizerWrapper,
};

use crate::pieces::Cuts;
use crate::tokenizer::SpecialTokens;

/// Name and version of the engine.
pub(crate) const ENGINE: &str = "tokenizers 0.23.2";
/// Version of the Unicode tables by which letters and numbers are told apart (Oniguruma 6.9.10).
pub(crate) const UNICODE_VERSION: &str = "16.0";

/// Bytes that go through the engine at once at most; it needs about 150 times as much memory.
pub(crate) const MAX_PIECE_BYTES: usize = 16 << 20;

/// A loaded tokenizer.
pub(crate) struct Engine {
    whole: tokenizers::Tokenizer,
    cuts: Cuts,
}

/// Why a text has no ids.
pub(crate) enum Failure {
    /// This many bytes would have to go through the engine at once.
    TooLong(usize),
    /// What the engine says.
    Engine(String),
}

/// A normalizer that has no twin of our own.
pub(crate) struct Normalizer {
    whole: NormalizerWrapper,
    /// It brings texts to a Unicode normal form and does nothing else.
    only_composes: bool,
}

impl Normalizer {
    /// The normalizer that a file has as `json`.
    pub(crate) fn new(json: &str) -> Result<Self, String> {
        guard(|| {
            let whole = serde_json::from_str(json)
                .map_err(|error| format!("its normalizer is not known: {error}"))?;
            let only_composes = only_composes(&whole);
            Ok(Self {
                whole,
                only_composes,
            })
        })
    }

    /// Bytes of the start of `text` that are normalized for themselves: what follows is not
    /// joined with them. All of it if nothing is known of the normalizer.
    ///
    /// For Unicode normal forms a part ends before the last ASCII character before another one, as
    /// nothing is composed over its front; then comes all up to the next one.
    fn part_bytes(&self, text: &str) -> usize {
        if !self.only_composes {
            return text.len();
        }
        let is_ascii = |byte: &u8| byte.is_ascii();
        let bytes = text.as_bytes();
        let n_ascii = bytes.iter().position(|byte| !byte.is_ascii());
        match n_ascii {
            None => text.len(),
            Some(0 | 1) => {
                let from = n_ascii.unwrap_or(0);
                let n_others = bytes[from..].iter().position(is_ascii);
                n_others.map_or(text.len(), |n_others| from + n_others)
            }
            Some(n_ascii) => n_ascii - 1,
        }
    }

    /// `text` as the normalizer leaves it.
    ///
    /// # Errors
    /// If the reference breaks down; or if more than [`MAX_PIECE_BYTES`] would have to be
    /// normalized at once.
    pub(crate) fn normalized(&self, text: &str) -> Result<String, String> {
        let mut all = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let (part, later) = rest.split_at(self.part_bytes(rest));
            if self.only_composes && part.is_ascii() {
                all.push_str(part);
            } else if part.len() > MAX_PIECE_BYTES {
                return Err("the text is too long to be normalized at once".to_owned());
            } else {
                all.push_str(&guard(|| Ok(self.normalized_part(part)))?);
            }
            rest = later;
        }
        Ok(all)
    }

    fn normalized_part(&self, part: &str) -> String {
        let mut normalized = NormalizedString::from(part);
        // The reference goes on with what it has, too.
        let _ = self.whole.normalize(&mut normalized);
        normalized.get().to_owned()
    }
}

fn only_composes(normalizer: &NormalizerWrapper) -> bool {
    match normalizer {
        NormalizerWrapper::NFC(_)
        | NormalizerWrapper::NFD(_)
        | NormalizerWrapper::NFKC(_)
        | NormalizerWrapper::NFKD(_) => true,
        NormalizerWrapper::Sequence(steps) => steps.as_ref().iter().all(only_composes),
        _ => false,
    }
}

/// What a vocabulary holds beyond ids.
pub(crate) struct Vocabulary {
    /// Highest id + 1.
    pub(crate) n_tokens: u64,
    /// Special tokens with their ids, in id order.
    pub(crate) special: Vec<(String, u32)>,
}

impl Engine {
    pub(crate) fn from_bytes(json: &[u8], special: SpecialTokens) -> Result<Self, String> {
        guard(|| {
            let mut inner =
                tokenizers::Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
            // A file may ask to cut or fill texts; a corpus wants neither.
            inner
                .with_truncation(None)
                .map_err(|error| error.to_string())?;
            inner.with_padding(None);
            inner.set_encode_special_tokens(special == SpecialTokens::AsText);
            let cuts = Cuts::of(&inner, special);
            Ok(Self { whole: inner, cuts })
        })
    }

    /// Why no ids can be had that are the same again and again, if so.
    pub(crate) fn unfitness(&self) -> Option<String> {
        match self.whole.get_model() {
            ModelWrapper::BPE(model) if model.dropout.is_some_and(|share| share > 0.0) => {
                let what = "its model drops merges at random (`dropout`); set `dropout` to null";
                Some(what.to_owned())
            }
            _ => guard(|| self.check_added()).err(),
        }
    }

    /// Refuses added tokens that normalize to nothing, which are found without end, and those that
    /// normalize to the same, of which one is taken by the order of a hash map.
    fn check_added(&self) -> Result<(), String> {
        let added = self.whole.get_added_tokens_decoder().into_values();
        let mut contents: Vec<String> = added
            .filter(|token| token.normalized)
            .map(|token| token.content)
            .collect();
        contents.sort_unstable(); // the message depends on the file alone
        let mut spellings = FxHashSet::default();
        for content in contents {
            let mut spelling = NormalizedString::from(content.as_str());
            if let Some(normalizer) = self.whole.get_normalizer() {
                let done = normalizer.normalize(&mut spelling);
                done.map_err(|error| error.to_string())?;
            }
            let spelling = spelling.get().to_owned();
            let what = if spelling.is_empty() {
                "nothing"
            } else if spellings.insert(spelling) {
                continue;
            } else {
                "the same as another one"
            };
            return Err(format!(
                "its added token `{content}` is {what} once it is normalized; take it out"
            ));
        }
        Ok(())
    }

    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let highest = self.whole.get_vocab(true).values().copied().max();
        let mut special: Vec<_> = self
            .whole
            .get_added_tokens_decoder()
            .into_iter()
            .filter(|(_, token)| token.special)
            .map(|(id, token)| (token.content, id))
            .collect();
        special.sort_by_key(|(_, id)| *id);
        Vocabulary {
            n_tokens: highest.map_or(0, |id| u64::from(id) + 1),
            special,
        }
    }

    pub(crate) fn id_of(&self, token: &str) -> Option<u32> {
        self.whole.token_to_id(token)
    }

    pub(crate) fn token_of(&self, id: u32) -> Option<String> {
        self.whole.id_to_token(id)
    }

    /// Appends the ids of `text`; on an error `out` is unchanged.
    pub(crate) fn encode_into(&self, text: &str, out: &mut Vec<u32>) -> Result<(), Failure> {
        let n_before = out.len();
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(self.cuts.first_bytes(rest));
            let engine = match &self.cuts {
                Cuts::LineFeeds(after_first) if rest.len() < text.len() => after_first,
                _ => &self.whole,
            };
            match encode_piece(engine, piece) {
                Ok(ids) => out.extend_from_slice(ids.get_ids()),
                Err(failure) => {
                    out.truncate(n_before);
                    return Err(failure);
                }
            }
            rest = later;
        }
        Ok(())
    }

    pub(crate) fn decode(&self, ids: &[u32]) -> Result<String, String> {
        guard(|| {
            self.whole
                .decode(ids, false)
                .map_err(|error| error.to_string())
        })
    }

    /// Entries of the model itself, without added tokens.
    pub(crate) fn n_model_tokens(&self) -> usize {
        self.whole.get_model().get_vocab_size()
    }
}

fn encode_piece(engine: &tokenizers::Tokenizer, piece: &str) -> Result<Encoding, Failure> {
    if piece.len() > MAX_PIECE_BYTES {
        return Err(Failure::TooLong(piece.len()));
    }
    guard(|| {
        engine
            .encode_fast(piece, false)
            .map_err(|error| error.to_string())
    })
    .map_err(Failure::Engine)
}

/// Runs the engine; a panic in it becomes an error.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("the engine gave up in the middle of its work".to_owned()))
}
