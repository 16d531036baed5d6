//! Text to token ids.
//!
//! A [`Tokenizer`] is read from the bytes of a Hugging Face `tokenizer.json` and gives exactly the
//! ids of the reference, `tokenizers` 0.23.2; [`train`] makes such a file from a corpus. The same
//! text and file give the same ids on any thread and any day. Nothing here reads files: who calls
//! passes bytes, and records [`Tokenizer::sha256`], [`Tokenizer::engine`] and
//! [`Tokenizer::unicode_version`] with what was made, since each of them decides ids.
//!
//! ```
//! use proofmill_tokenize::{SpecialTokens, Tokenizer, train};
//!
//! let file = train(["let x = 12", "let y = 21"].into_iter(), 300, &[])?;
//! let tokenizer = Tokenizer::from_bytes("own", &file, SpecialTokens::AsText)?;
//! let mut ids = Vec::new();
//! tokenizer.encode_into("let x = 1", &mut ids)?;
//! assert_eq!(tokenizer.decode(&ids)?, "let x = 1");
//! # Ok::<(), proofmill_tokenize::TokenizeError>(())
//! ```

mod error;
mod hf;
mod names;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the engine that asks it comes next")
)]
mod nfc;
mod pieces;
#[expect(dead_code, reason = "the engine that splits by it comes next")]
mod split;
mod tokenizer;
mod train;

pub use error::TokenizeError;
pub use tokenizer::{MAX_UNCUT_BYTES, SpecialTokens, Tokenizer};
pub use train::{TRAINED_EOD, train};
