//! The reference engine: everything that touches the `tokenizers` crate, behind plain types.
//!
//! The crate reports most trouble as errors but panics in places on damaged files, so calls go
//! through [`guard`]. It keeps a cache per thread; ids do not depend on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokenizers::{Encoding, Model as _, ModelWrapper};

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

    /// Why equal texts could get different ids, if they could.
    pub(crate) fn randomness(&self) -> Option<&'static str> {
        match self.whole.get_model() {
            ModelWrapper::BPE(model) if model.dropout.is_some_and(|share| share > 0.0) => {
                Some("its model drops merges at random (`dropout`); set `dropout` to null")
            }
            _ => None,
        }
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
