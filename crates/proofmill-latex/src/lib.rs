//! LaTeX submissions to text: lexer, macro expander, structure, emitters.
//!
//! [`extract`] reads a submission as arXiv holds it (or one `.tex` file of a repository) and gives a
//! [`Paper`]: LaTeX with every user macro expanded ([`Mode::Source`]) or Markdown with mathematics as
//! LaTeX ([`Mode::Text`]), with title, abstract, bibliography, headings, theorems and [`Signals`].
//! [`Macros`] expands single formulas with macros that come from elsewhere, such as a web page.
//!
//! Everything is pure: no file is opened, nothing is printed, and the same input gives the same
//! output. Nothing in the input can make it fail, hang or use unbounded memory: all work is bounded
//! by [`Limits`], which are counts.
//!
//! The stages, each a module: `library` and `encoding` (intake), `roots` (the main file), `lexer`,
//! `names` (what is known of standard commands, as data), `expand` (macros, conditionals, inclusions,
//! environments, recovery) and `emit` (the two outputs).
//!
//! ```
//! use proofmill_latex::{File, Options, extract};
//!
//! let tex = br"\documentclass{amsart}\newcommand\R{\mathbb{R}}
//! \begin{document}\section{Main} Let $x\in\R$. % a remark
//! \end{document}";
//! let paper = extract(&[File { path: "a.tex", bytes: tex }], &Options::source())?;
//! assert_eq!(paper.text, "\\section{Main} Let $x\\in\\mathbb{R}$.");
//! # Ok::<(), proofmill_latex::NoPaper>(())
//! ```

mod emit;
mod encoding;
mod expand;
mod extract;
mod language;
mod lexer;
mod library;
mod macros;
mod names;
mod options;
mod paper;
mod prune;
mod roles;
mod roots;
mod token;

pub use extract::extract;
pub use macros::Macros;
pub use options::{Citations, Diagrams, Footnotes, Limits, Mode, Options, References};
pub use paper::{NoPaper, Paper, Section, Signals, Theorem};

/// One file of a submission.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Path inside the submission, parts joined by `/`.
    pub path: &'a str,
    /// Content, in any encoding.
    pub bytes: &'a [u8],
}
