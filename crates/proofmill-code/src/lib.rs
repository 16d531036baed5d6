//! Source code: language recognition, import evidence, notebooks.
//!
//! A file goes through two questions. [`Languages::recognize`] asks what it is written in, by path and
//! content. [`measure`] asks what is in it: imports of mathematical packages, words, structure of
//! proofs, comments, data, marks of generated files; plain numbers, which the rules in `filters/code/`
//! judge. Definitions of languages are data too: the `[language]` table of the same files.
//!
//! Beside them stand [`notebook()`] (Jupyter to text), [`licenses()`] and [`secrets()`]. Nothing here reads a file, starts a thread or panics.

mod arithmetic;
mod definition;
mod dictionary;
mod error;
mod import_styles;
mod imports;
mod language;
pub mod licenses;
mod lines;
mod measure;
pub mod notebook;
mod recognize;
mod scan;
pub mod secrets;
mod shapes;
mod signs;
mod words;

pub use definition::Field;
pub use error::CodeError;
pub use language::{Language, Languages};
pub use licenses::{is_permissive, licenses};
pub use measure::{add_repository, measure};
pub use notebook::{NotebookStyle, notebook};
pub use recognize::{Input, MAX_TEXT_BYTES, Recognition};
pub use secrets::{Secret, mask, secrets};
