//! Linear models that turn a text into a score.
//!
//! [`fasttext`] reads the classifiers of that program as they are, so that a published language
//! identifier can be used. [`linear`] is a classifier of our own over hashed words: small enough to
//! travel inside the program, and fast enough to run on every page. Everything is pure: bytes and text in, numbers out. The same bytes give
//! the same number on every machine, since the few functions that platforms round differently are
//! spelt out in [`numeric`].

pub mod fasttext;
pub mod linear;
pub mod numeric;
