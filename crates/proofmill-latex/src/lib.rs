//! LaTeX submissions to text: lexer, macro expander, structure, emitters.

mod options;
mod paper;

pub use options::{Citations, Diagrams, Footnotes, Limits, Mode, Options};
pub use paper::{NoPaper, Paper, Section, Signals, Theorem};

/// One file of a submission.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Path inside the submission, parts joined by `/`.
    pub path: &'a str,
    /// Content, in any encoding.
    pub bytes: &'a [u8],
}

/// Reads a submission.
///
/// # Errors
/// [`NoPaper`] names the reason when there is no text to be had.
pub fn extract(files: &[File<'_>], options: &Options) -> Result<Paper, NoPaper> {
    let _ = options;
    let file = files.first().ok_or(NoPaper::Empty)?;
    Ok(Paper {
        text: String::from_utf8_lossy(file.bytes).into_owned(),
        main_file: file.path.to_owned(),
        ..Paper::default()
    })
}

/// Macros that can be filled by hand and used on single formulas.
#[derive(Clone, Debug, Default)]
pub struct Macros {}

impl Macros {
    /// No macros.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what `latex` defines; anything else in it is ignored.
    pub fn define_from(&mut self, latex: &str) {
        let _ = latex;
    }

    /// Adds or replaces one macro. `name` comes with or without its backslash; `default` is that of
    /// the first argument, which then is optional.
    pub fn define(&mut self, name: &str, n_args: u8, default: Option<&str>, body: &str) {
        let _ = (name, n_args, default, body);
    }

    /// `formula` with all macros expanded.
    #[must_use]
    pub fn expand_formula(&self, formula: &str, limits: &Limits) -> String {
        let _ = limits;
        formula.to_owned()
    }
}
