//! The reference engine: everything that touches the `tokenizers` crate, behind plain types.
//!
//! The crate reports most trouble as errors but panics in places on damaged files, so calls go
//! through [`guard`]. It keeps a cache per thread; ids do not depend on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokenizers::{Model as _, ModelWrapper};

use crate::tokenizer::SpecialTokens;

/// Name and version of the engine.
pub(crate) const ENGINE: &str = "tokenizers 0.23.2";
/// Version of the Unicode tables by which letters and numbers are told apart (Oniguruma 6.9.10).
pub(crate) const UNICODE_VERSION: &str = "16.0";

/// A loaded tokenizer.
pub(crate) struct Engine(tokenizers::Tokenizer);

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
            Ok(Self(inner))
        })
    }

    /// Why equal texts could get different ids, if they could.
    pub(crate) fn randomness(&self) -> Option<&'static str> {
        match self.0.get_model() {
            ModelWrapper::BPE(model) if model.dropout.is_some_and(|share| share > 0.0) => {
                Some("its model drops merges at random (`dropout`); set `dropout` to null")
            }
            _ => None,
        }
    }

    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let highest = self.0.get_vocab(true).values().copied().max();
        let mut special: Vec<_> = self
            .0
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
        self.0.token_to_id(token)
    }

    pub(crate) fn token_of(&self, id: u32) -> Option<String> {
        self.0.id_to_token(id)
    }

    pub(crate) fn encode_into(&self, text: &str, out: &mut Vec<u32>) -> Result<(), String> {
        let encoding = guard(|| {
            self.0
                .encode_fast(text, false)
                .map_err(|error| error.to_string())
        })?;
        out.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    pub(crate) fn decode(&self, ids: &[u32]) -> Result<String, String> {
        guard(|| self.0.decode(ids, false).map_err(|error| error.to_string()))
    }

    /// Entries of the model itself, without added tokens.
    pub(crate) fn n_model_tokens(&self) -> usize {
        self.0.get_model().get_vocab_size()
    }
}

/// Runs the engine; a panic in it becomes an error.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("the engine gave up in the middle of its work".to_owned()))
}
