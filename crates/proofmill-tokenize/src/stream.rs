//! Texts that come piece by piece, and texts in parts.

use crate::error::TokenizeError;
use crate::tokenizer::Tokenizer;

/// Bytes after which a part ends at the next place.
pub(crate) const PART_BYTES: usize = 1 << 20;

/// Encodes one text that comes in pieces; the ids are those of the whole text.
///
/// Holds back what could still be joined with text to come: about 1 MiB, and more only while a text has no
/// place to cut it (one endless word, or a tokenizer without such places).
///
/// ```
/// use proofmill_tokenize::{SpecialTokens, Stream, Tokenizer, train};
///
/// let file = train(["let x = 12", "let y = 21"].into_iter(), 300, &[])?;
/// let tokenizer = Tokenizer::from_bytes("own", &file, SpecialTokens::AsText)?;
/// let (mut ids, mut whole) = (Vec::new(), Vec::new());
/// let mut stream = Stream::new(&tokenizer);
/// for piece in ["le", "t x =", " 2"] {
///     stream.push(piece, &mut ids)?;
/// }
/// stream.finish(&mut ids)?;
/// tokenizer.encode_into("let x = 2", &mut whole)?;
/// assert_eq!(ids, whole);
/// # Ok::<(), proofmill_tokenize::TokenizeError>(())
/// ```
pub struct Stream<'t> {
    tokenizer: &'t Tokenizer,
    held: String,
    n_looked_at: usize, // bytes of `held` behind which a place is looked for
    is_rest: bool,
}

impl<'t> Stream<'t> {
    /// A text that starts here.
    #[must_use]
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Self {
            tokenizer,
            held: String::new(),
            n_looked_at: PART_BYTES,
            is_rest: false,
        }
    }

    /// The next piece of the text; appends the ids that are certain.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_into`]; the stream is of no use then.
    pub fn push(&mut self, piece: &str, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        let mut rest = piece;
        while !rest.is_empty() {
            let mut n_bytes = rest.len().min(PART_BYTES);
            while !rest.is_char_boundary(n_bytes) {
                n_bytes += 1;
            }
            let (taken, later) = rest.split_at(n_bytes);
            self.held.push_str(taken);
            self.give(out)?;
            rest = later;
        }
        Ok(())
    }

    /// The text ends here; appends the ids that are left.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_into`].
    pub fn finish(self, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        self.tokenizer.encode_part(&self.held, self.is_rest, out)
    }

    /// Encodes what is held up to the last place that ends a part.
    fn give(&mut self, out: &mut Vec<u32>) -> Result<(), TokenizeError> {
        while self.held.len() > self.n_looked_at {
            let Some(place) = self.tokenizer.next_cut(&self.held, self.n_looked_at) else {
                // The last character may be the left one of a place.
                self.n_looked_at = self.held.len();
                return Ok(());
            };
            self.tokenizer
                .encode_part(&self.held[..place], self.is_rest, out)?;
            self.held.drain(..place);
            self.is_rest = true;
            self.n_looked_at = PART_BYTES;
        }
        Ok(())
    }
}

impl Tokenizer {
    /// Parts of `text` of about `part_bytes` bytes that can be encoded each for itself, at the
    /// same time: the first one with [`Tokenizer::encode_into`], the others with
    /// [`Tokenizer::encode_rest_into`]. Their ids one after the other are those of the whole.
    ///
    /// A part is longer where the text has no place to cut it; tokenizers that run on the
    /// reference have none. Never empty, not even for an empty text.
    #[must_use]
    pub fn parts<'x>(&self, text: &'x str, part_bytes: usize) -> Vec<&'x str> {
        let mut parts = Vec::new();
        let mut rest = text;
        while rest.len() > part_bytes
            && let Some(place) = self.next_cut(rest, part_bytes)
        {
            let (part, later) = rest.split_at(place);
            parts.push(part);
            rest = later;
        }
        parts.push(rest);
        parts
    }
}
