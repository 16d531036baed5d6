//! What a reader of LaTeX may choose: the mode, one named policy per construct, and the limits.
//!
//! Every policy has a default per mode; [`Options::source`] and [`Options::text`] spell both out.

/// Which of the two outputs is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// LaTeX kept, user macros expanded, comments and layout gone: the training default.
    #[default]
    Source,
    /// Markdown with mathematics as LaTeX.
    Text,
}

/// What happens to footnotes in text mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Footnotes {
    /// A marked line after the paragraph.
    #[default]
    AfterParagraph,
    /// In place, in parentheses.
    InPlace,
    /// Removed.
    Drop,
}

/// What happens to citations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Citations {
    /// The command stays, with its keys (source mode).
    #[default]
    Keep,
    /// Removed with the tie before it; a textual citation becomes `[citation]`.
    Drop,
}

/// What happens to commutative diagrams and pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Diagrams {
    /// Commutative diagrams stay as LaTeX; pictures are dropped.
    #[default]
    KeepCommutative,
    /// Commutative diagrams become `[diagram]`; pictures are dropped.
    Placeholder,
}

/// What is written for a reference in text mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// Its number where that can be counted, else `[ref]`.
    #[default]
    Number,
    /// `[ref]`.
    Placeholder,
}

/// Bounds on the work for one submission. All are counts, so that the outcome never depends on a
/// clock; a breach is counted in [`crate::Signals`] and loses no following text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file; longer files are cut here, at a line end.
    pub file_bytes: usize,
    /// Bytes of all files together; later files are ignored.
    pub total_bytes: usize,
    /// Files of one submission; later files are ignored.
    pub files: usize,
    /// Macro calls and inclusions that may be open at once.
    pub depth: usize,
    /// Calls of the same macro that may be open at once.
    pub self_nesting: usize,
    /// Macro calls in a row that neither read on in a file nor write anything: a macro that calls
    /// itself last, or macros that call others and print nothing.
    pub idle_calls: usize,
    /// Expansion steps: macro calls and tokens copied, beyond four per input byte.
    pub steps: usize,
    /// Times the output may exceed the input in tokens, beyond [`Limits::growth_floor`].
    pub growth: usize,
    /// Tokens of output that are always allowed.
    pub growth_floor: usize,
    /// Tokens of output of one submission, whatever the input.
    pub output_tokens: usize,
    /// Open groups and environments; deeper ones are dropped.
    pub groups: usize,
    /// Times one file may be included.
    pub inclusions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 8 << 20,
            total_bytes: 64 << 20,
            files: 2000,
            depth: 200,
            self_nesting: 64,
            idle_calls: 20_000,
            steps: 5_000_000,
            growth: 8,
            growth_floor: 100_000,
            output_tokens: 12_000_000,
            groups: 2000,
            inclusions: 16,
        }
    }
}

/// One named setting per policy, and the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent, named policy"
)]
pub struct Options {
    /// Which output is written.
    pub mode: Mode,
    /// The title opens the text.
    pub title: bool,
    /// Author names follow the title; thanks and, in text mode, addresses are always removed.
    pub authors: bool,
    /// The abstract and the keywords stay.
    pub abstract_text: bool,
    /// Acknowledgement sections stay.
    pub acknowledgements: bool,
    /// The bibliography stays in the text; it is a field of its own in any case.
    pub bibliography: bool,
    /// What happens to `\cite` and its family.
    pub citations: Citations,
    /// What a reference becomes in text mode; source mode keeps the command.
    pub references: References,
    /// `\label` outside formulas stays.
    pub labels: bool,
    /// `\label`, `\nonumber` and `\notag` inside formulas stay.
    pub formula_labels: bool,
    /// Captions of figures stay (the graphics never do).
    pub captions: bool,
    /// Tables stay.
    pub tables: bool,
    /// Commutative diagrams and pictures.
    pub diagrams: Diagrams,
    /// Footnotes, in text mode.
    pub footnotes: Footnotes,
    /// Verbatim text and listings stay.
    pub verbatim: bool,
    /// Algorithms stay.
    pub algorithms: bool,
    /// `\emph` and `\textbf` become Markdown emphasis in text mode.
    pub emphasis: bool,
    /// Bounds on the work.
    pub limits: Limits,
}

impl Options {
    /// The defaults of source mode.
    #[must_use]
    pub fn source() -> Self {
        Self {
            mode: Mode::Source,
            title: true,
            authors: true,
            abstract_text: true,
            acknowledgements: true,
            bibliography: false,
            citations: Citations::Keep,
            references: References::Number,
            labels: true,
            formula_labels: false,
            captions: true,
            tables: true,
            diagrams: Diagrams::KeepCommutative,
            footnotes: Footnotes::InPlace,
            verbatim: true,
            algorithms: true,
            emphasis: false,
            limits: Limits::default(),
        }
    }

    /// The defaults of text mode.
    #[must_use]
    pub fn text() -> Self {
        Self {
            mode: Mode::Text,
            citations: Citations::Drop,
            labels: false,
            diagrams: Diagrams::Placeholder,
            footnotes: Footnotes::AfterParagraph,
            ..Self::source()
        }
    }

    /// The defaults of `mode`.
    #[must_use]
    pub fn for_mode(mode: Mode) -> Self {
        match mode {
            Mode::Source => Self::source(),
            Mode::Text => Self::text(),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::source()
    }
}
