//! Both engines on the same text.

use crate::error::TokenizeError;
use crate::tokenizer::Tokenizer;

/// Ids shown on each side of a difference.
const SHOWN_TOKENS: usize = 8;

/// Where the ids of two engines part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Ids that are the same before it.
    pub n_equal: usize,
    /// The text of the last equal ids.
    pub text_before: String,
    /// The next ids of the engine of the tokenizer, at most 8.
    pub ours: Vec<u32>,
    /// The next ids of the reference, at most 8.
    pub reference: Vec<u32>,
}

impl Tokenizer {
    /// Compares `ids`, which the tokenizer gave for `text`, with those of the reference; `None` if
    /// they are equal. For a tokenizer that runs on the reference they always are.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_by_reference`].
    pub fn compare(&self, text: &str, ids: &[u32]) -> Result<Option<Difference>, TokenizeError> {
        let mut expected = Vec::with_capacity(ids.len());
        self.encode_by_reference(text, &mut expected)?;
        if ids == expected {
            return Ok(None);
        }
        let n_equal = ids
            .iter()
            .zip(&expected)
            .take_while(|(left, right)| left == right)
            .count();
        let next = |ids: &[u32]| ids[n_equal..].iter().take(SHOWN_TOKENS).copied().collect();
        Ok(Some(Difference {
            n_equal,
            text_before: self.decode(&ids[n_equal.saturating_sub(SHOWN_TOKENS)..n_equal])?,
            ours: next(ids),
            reference: next(&expected),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::SpecialTokens;
    use crate::train::train;

    #[test]
    #[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
    fn a_wrong_id_is_found_where_it_is() -> Result<(), TokenizeError> {
        let file = train(["let x = 12"].into_iter(), 300, &[])?;
        let tokenizer = Tokenizer::from_bytes("own", &file, SpecialTokens::AsText)?;
        let mut ids = Vec::new();
        tokenizer.encode_into("let x = 1", &mut ids)?;
        assert_eq!(tokenizer.compare("let x = 1", &ids)?, None);
        let right = std::mem::replace(&mut ids[3], 0);
        let found = tokenizer
            .compare("let x = 1", &ids)?
            .expect("one id is wrong");
        assert_eq!(
            (found.n_equal, found.ours[0], found.reference[0]),
            (3, 0, right)
        );
        assert!("let x = 1".starts_with(&found.text_before));
        Ok(())
    }
}
