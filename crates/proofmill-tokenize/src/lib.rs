//! Text to token ids.
//!
//! A [`Tokenizer`] is read from the bytes of a Hugging Face `tokenizer.json`, a `SentencePiece`
//! model, a rank file or a `tekken.json` ([`Format`]), and gives exactly the ids of the
//! reference, `tokenizers` 0.23.2; [`train`] makes such a file from a corpus. A file whose every setting is known is encoded by an engine of our own, any other one by the
//! reference itself; [`Tokenizer::fallback_reason`] says why. The same
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

mod added;
mod bpe;
mod compare;
mod config;
mod error;
mod family;
mod fast;
mod hf;
mod import;
mod names;
mod nfc;
mod normalize;
mod pieces;
mod places;
mod split;
mod steps;
mod stream;
mod tokenizer;
mod train;

/// Changes whenever equal files and texts could get other ids, or another engine.
pub const VERSION: u32 = 3;

pub use compare::Difference;
pub use error::TokenizeError;
pub use family::Family;
pub use import::Format;
pub use stream::Stream;
pub use tokenizer::{MAX_FILE_BYTES, MAX_UNCUT_BYTES, SpecialTokens, Tokenizer};
pub use train::{TRAINED_EOD, train, train_as};
