//! Finds benchmark items in documents.
//!
//! An [`IndexBuilder`] takes the items of all benchmarks, [`Index::scan`] finds their n-grams in a
//! text, [`cut`] removes what was found. A [`Preset`] names the published rule that decides what
//! counts. Everything is pure: no file, no thread; equal items in any order give equal hits.
//!
//! # Words
//!
//! Texts are compared as sequences of words after mark-up is taken away, so that a problem is found
//! in LaTeX, HTML or plain text alike:
//!
//! - a word is a run of letters in lower case, a run of digits, or one character of a script
//!   without spaces; `2x` is two words, `50,000`, `50{,}000` and `50\,000` are one;
//! - commands of layout, fonts, fractions, operators and relations (`\left`, `\text`, `\frac`, `\cdot`,
//!   `\leq`, `\quad`) are no words, and neither are the characters `≤`, `×` or `+`;
//! - names stay: `\sin` is `sin`, `\pi`, `π` and `&pi;` are `pi`, `ℝ` and `\mathbb{R}` are `r`;
//! - environments' `\begin{...}` and `\end{...}`, labels, HTML tags and calculator notes
//!   (`<<2*3=6>>`) are skipped, as are `$`, braces and entities.
//!
//! # False hits
//!
//! Words and n-grams are 64-bit hashes. With a million n-grams in the index, a corpus of 10^12
//! words is expected to give 0.06 hits by collision. What makes false hits in practice is n-grams
//! without information, so an n-gram counts only if at least a third of its length is distinct
//! content words (three letters or more, or one character of a script without spaces), and not if
//! more than [`MAX_TEXTS`] different texts of the benchmarks share it (a template).
//!
//! A question none of whose n-grams counts, for it is short or mostly formula, is sought as a whole,
//! word for word, if it has enough words and distinct content words and numbers. What is shorter
//! still cannot be found without deleting the web; [`Statistics::n_unprotected`] counts it.
//!
//! # Example
//!
//! ```
//! use proofmill_decontaminate::{IndexBuilder, Item, Preset, Scratch};
//!
//! let question = "Find the greatest common divisor of $1071$ and $462$.".to_owned();
//! let mut builder = IndexBuilder::new(Preset::Ngram13.rules());
//! builder.add(&Item { benchmark: "numbers", item: "7", fields: &[("question".to_owned(), question)] });
//! let index = builder.finish()?;
//! let hits = index.scan("<p>Find the greatest common divisor of 1071 and 462!</p>", &mut Scratch::default());
//! assert_eq!((hits[0].item, hits[0].n_words), ("7", 9));
//! # Ok::<(), proofmill_decontaminate::DecontaminateError>(())
//! ```

mod builder;
mod cut;
mod error;
mod index;
mod markup;
mod preset;
mod roles;
mod table;
mod theorems;
mod words;

pub use builder::{IndexBuilder, Item, MAX_TEXTS};
pub use cut::cut;
pub use error::DecontaminateError;
pub use index::{Hit, Index, Scratch, Statistics};
pub use preset::{Action, Preset, Rules};
pub use roles::{Role, role};
pub use theorems::Theorems;
