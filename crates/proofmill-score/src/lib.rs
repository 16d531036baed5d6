//! Linear models that turn a text into a score.
//!
//! [`fasttext`] reads the classifiers of that program as they are, so that a published language
//! identifier can be used. Everything is pure: bytes and text in, numbers out. The same bytes give
//! the same number on every machine, since the few functions that platforms round differently are
//! spelt out in [`numeric`].

pub mod fasttext;
pub mod numeric;
