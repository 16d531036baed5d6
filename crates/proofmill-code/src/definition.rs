//! The `[language]` table of a file in `filters/code/`, as written.
//!
//! Only the shape lives here; [`crate::Languages`] compiles it. Unknown keys inside `[language]` are
//! refused, all other tables of the file belong to the filter and are not looked at.

use serde::Deserialize;

/// The part of a definition file that this crate reads.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    /// Left out by presets that only bring rules for a language defined elsewhere.
    pub(crate) language: Option<Definition>,
}

/// One language: how to recognise it, how to scan it, what speaks for mathematics in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// Lower-case name, unique, e.g. `"cpp"`.
    pub(crate) name: String,
    /// Names by which rows claim the language, compared without case.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// File extensions without dot; lower case unless case matters (`C`, `R`).
    pub(crate) extensions: Vec<String>,
    /// Whole file names, for files without extension.
    #[serde(default)]
    pub(crate) file_names: Vec<String>,
    /// Programs named by a `#!` line.
    #[serde(default)]
    pub(crate) interpreters: Vec<String>,
    /// Patterns of which each found one is a vote for this language where extensions lie.
    #[serde(default)]
    pub(crate) signs: Vec<String>,
    /// Votes needed even when no look-alike is stronger; 0 trusts the extension.
    #[serde(default)]
    pub(crate) min_signs: usize,
    /// Other languages under the same extension.
    #[serde(default)]
    pub(crate) look_alikes: Vec<LookAlike>,
    /// Comments, strings and characters.
    #[serde(default)]
    pub(crate) syntax: Syntax,
    /// How imports are written.
    pub(crate) imports: ImportStyle,
    /// Libraries whose import speaks for mathematics.
    #[serde(default)]
    pub(crate) packages: Vec<Packages>,
    /// Words counted into a signal of this language.
    #[serde(default)]
    pub(crate) counts: Vec<Count>,
    /// What one arithmetic operator adds to the mathematical words of the file; 0 where operators say
    /// nothing.
    #[serde(default)]
    pub(crate) operator_weight: f64,
    /// Words of the shared mathematical vocabulary that mean something else here.
    #[serde(default)]
    pub(crate) plain_words: Vec<String>,
}

/// A language that shares an extension and must not be taken for this one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookAlike {
    /// Name for reports, e.g. `"verilog"`.
    pub(crate) name: String,
    /// Extensions where it occurs; all of the language's when left out.
    #[serde(default)]
    pub(crate) extensions: Vec<String>,
    /// Patterns of which each found one is a vote.
    pub(crate) signs: Vec<String>,
}

/// Lexical rules, enough to tell code from comments and strings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Syntax {
    /// Openers of comments that end with the line.
    #[serde(default)]
    pub(crate) line_comments: Vec<String>,
    /// Characters that open a comment in the first column, in files of some extensions only.
    #[serde(default)]
    pub(crate) column_comments: Option<ColumnComments>,
    /// Bracketed comments.
    #[serde(default)]
    pub(crate) block_comments: Vec<Block>,
    /// String literals.
    #[serde(default)]
    pub(crate) strings: Vec<StringLiteral>,
    /// Whether `'x'` is one character, while `x'` may be a name.
    #[serde(default)]
    pub(crate) chars: bool,
    /// Whether `'` after a value is an operator and no opening quote (MATLAB, Julia).
    #[serde(default)]
    pub(crate) transpose: bool,
    /// Character that takes the next one out of the syntax, outside strings (TeX).
    #[serde(default)]
    pub(crate) escape: Option<char>,
}

/// Comments of punched cards: one letter in the first column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnComments {
    /// ASCII characters, e.g. `"cC*"`.
    pub(crate) chars: String,
    /// Extensions of files in fixed form, compared without case.
    pub(crate) extensions: Vec<String>,
}

/// A bracketed comment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    /// Opening mark.
    pub(crate) open: String,
    /// Closing mark.
    pub(crate) close: String,
    /// Whether comments nest.
    #[serde(default)]
    pub(crate) nests: bool,
    /// Whether both marks must stand alone on their line (MATLAB).
    #[serde(default)]
    pub(crate) alone: bool,
}

/// A string literal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StringLiteral {
    /// Opening mark.
    pub(crate) open: String,
    /// Closing mark; the opening one when left out.
    #[serde(default)]
    pub(crate) close: Option<String>,
    /// Whether a backslash takes the next character out.
    #[serde(default)]
    pub(crate) escapes: bool,
    /// Whether it may run over line ends.
    #[serde(default)]
    pub(crate) multiline: bool,
    /// Whether it documents, so that its text counts as comment (Python's `"""`).
    #[serde(default)]
    pub(crate) doc: bool,
}

/// How a language spells its imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImportStyle {
    /// No imports.
    None,
    /// `open import M`, `import M`.
    Agda,
    /// `#include <x>` and `"x"`.
    C,
    /// `Require Import A B.`, `From L Require A`.
    Coq,
    /// `use m`, `include 'x'`.
    Fortran,
    /// `LoadPackage("x")`.
    Gap,
    /// `import [qualified] M`.
    Haskell,
    /// `imports A "B/C" begin`.
    Isabelle,
    /// `using A, B: c`, `import A`.
    Julia,
    /// `import A.B C.D`.
    Lean,
    /// `needsPackage "x"`, `loadPackage "x"`.
    Macaulay2,
    /// `with(x)`, `x:-f`.
    Maple,
    /// Calls of toolbox functions: each known name called is evidence.
    Matlab,
    /// Code cells of a rendered notebook, as Python or Julia.
    Notebook,
    /// `import a.b as c, d`, `from a import b`.
    Python,
    /// `library(x)`, `require("x")`, `x::f`.
    R,
    /// `\usepackage{a,b}`, `\RequirePackage`.
    Tex,
}

/// Libraries of one field, with the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packages {
    /// Names; a name also matches everything below it (`scipy` matches `scipy.linalg`).
    pub(crate) names: Vec<String>,
    /// What it speaks for.
    pub(crate) field: Field,
    /// Why an import of it is evidence.
    #[expect(dead_code, reason = "required in every definition, read by people")]
    pub(crate) why: String,
    /// Whether the published list of the original recipe holds these names.
    #[serde(default)]
    pub(crate) published: bool,
}

/// What a library speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Numerical mathematics, statistics, optimisation.
    Numeric,
    /// Computer algebra, number theory, discrete mathematics.
    Symbolic,
    /// Formalised mathematics.
    Formal,
    /// The opposite: web, interface, configuration or data plumbing.
    Plumbing,
    /// Neither: listed because a published list holds it.
    Neutral,
}

/// Words of one language that are counted into a signal.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a table"
)]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    /// Name of the signal, with its unit: `n_...`.
    pub(crate) signal: String,
    /// ASCII words or phrases.
    pub(crate) words: Vec<String>,
    /// Where they count.
    #[serde(default, rename = "in")]
    pub(crate) place: Place,
    /// Whether they must begin and end at a word boundary.
    #[serde(default = "yes")]
    pub(crate) whole: bool,
    /// Whether they must be the first word of their line.
    #[serde(default)]
    pub(crate) line_start: bool,
    /// Whether case differs.
    #[serde(default)]
    pub(crate) ignore_case: bool,
    /// What one of them adds to the mathematical words of the file, where a strong stem adds 1; below 0
    /// it adds to the plumbing.
    #[serde(default)]
    pub(crate) weight: f64,
    /// Whether repeated uses of one word stop weighing, as those of the shared vocabulary do; the signal
    /// itself counts them all.
    #[serde(default)]
    pub(crate) capped: bool,
    /// Name of a further signal: the same per line of code, e.g. `tests_per_line`.
    #[serde(default)]
    pub(crate) per_line: Option<String>,
    /// What the signal tells.
    #[expect(dead_code, reason = "required in every definition, read by people")]
    pub(crate) why: String,
}

fn yes() -> bool {
    true
}

/// Which part of a file a word must stand in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// Outside comments and strings.
    #[default]
    Code,
    /// In comments and documentation.
    Comment,
    /// Anywhere.
    Any,
}
