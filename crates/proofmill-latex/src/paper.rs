//! What comes out of a submission: text, side data, signals; or the reason why nothing does.

/// A submission that could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    /// The text, in the mode asked for. Paragraphs are parted by one blank line.
    pub text: String,
    /// Title on one line.
    pub title: Option<String>,
    /// Abstract, without its heading.
    pub abstract_text: Option<String>,
    /// Entries of the bibliography, wherever they came from (`thebibliography`, a `.bbl` file).
    pub bibliography: Option<String>,
    /// Path of the file that was taken for the main one.
    pub main_file: String,
    /// Paths of the files that were read, in order of first use, the main one first.
    pub files_used: Vec<String>,
    /// Headings in order.
    pub sections: Vec<Section>,
    /// Theorem-like environments and proofs in order of their start.
    pub theorems: Vec<Theorem>,
    /// What was measured.
    pub signals: Signals,
    /// Control words that are neither known nor defined, with their count; most frequent first.
    pub unknown_commands: Vec<(String, u32)>,
    /// Macros defined in the submission and yet left in formulas, with their count; most frequent
    /// first.
    pub unresolved_macros: Vec<(String, u32)>,
}

/// A heading of [`Paper::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// 0 for a part, 1 for a chapter, 2 for a section, and so on to 6 for a subparagraph.
    pub level: u8,
    /// The heading, as written in the text, without marks.
    pub title: String,
    /// Byte offset in the text of the start of the heading's line.
    pub offset: usize,
}

/// A theorem-like environment or a proof of [`Paper::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theorem {
    /// Name of the environment, e.g. `lem`.
    pub environment: String,
    /// Its printed name, e.g. `Lemma`, from the definition; `Proof` for proofs.
    pub name: String,
    /// The optional note, e.g. `Zorn`.
    pub note: Option<String>,
    /// Byte offset in the text of its start.
    pub start: usize,
    /// Byte offset in the text after its end.
    pub end: usize,
}

/// What was measured while reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// Bytes of all files that were read.
    pub bytes_in: u64,
    /// Files that were read.
    pub files_read: u32,
    /// Files that are named by an inclusion and are not in the submission.
    pub missing_files: u32,
    /// Files that were not UTF-8 and were decoded as something else.
    pub recoded_files: u32,
    /// Characters that could not be decoded and became U+FFFD.
    pub replaced_chars: u32,
    /// Share of the bytes of the text inside formulas, 0 to 1.
    pub math_share: f64,
    /// Formulas within a line.
    pub inline_formulas: u32,
    /// Formulas on lines of their own.
    pub display_formulas: u32,
    /// Headings.
    pub sections: u32,
    /// Theorem-like environments, proofs not counted.
    pub theorems: u32,
    /// Proofs.
    pub proofs: u32,
    /// Control words left in the text.
    pub control_words: u32,
    /// Control words left in formulas.
    pub math_control_words: u32,
    /// Occurrences of unknown control words in the output of the expander.
    pub unknown_commands: u32,
    /// Occurrences in formulas of macros defined in the submission and yet not expanded.
    pub unresolved_macros: u32,
    /// Macro calls that were expanded.
    pub expansions: u64,
    /// Opening minus closing braces met while reading; 0 when balanced.
    pub brace_balance: i64,
    /// Limits that were reached.
    pub limit_breaches: u32,
    /// Unmatched braces that were closed at the paragraph or dropped.
    pub brace_recoveries: u32,
    /// Formulas that were closed at a blank line, a heading or the end of an outer environment.
    pub formula_recoveries: u32,
    /// Environments that were closed late or dropped.
    pub environment_recoveries: u32,
    /// Macro arguments or definitions that never ended and were cut at the paragraph.
    pub argument_recoveries: u32,
    /// Conditionals without their end.
    pub conditional_recoveries: u32,
    /// Recoveries of any kind that may have lost text.
    pub lossy_recoveries: u32,
    /// ISO 639-1 code of the language of the prose, formulas removed first; `None` when too short
    /// or undecided.
    pub language: Option<&'static str>,
}

impl Signals {
    /// All recoveries together.
    #[must_use]
    pub fn recoveries(&self) -> u32 {
        [
            self.brace_recoveries,
            self.formula_recoveries,
            self.environment_recoveries,
            self.argument_recoveries,
            self.conditional_recoveries,
        ]
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// Why a submission gives no paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoPaper {
    /// The only content is a note that the paper was withdrawn.
    #[error("the submission is a withdrawal note")]
    Withdrawn,
    /// No file holds TeX.
    #[error("no file of the submission holds TeX")]
    NoTex,
    /// There is no file, or all are empty.
    #[error("the submission is empty")]
    Empty,
    /// PDF only.
    #[error("the submission is PDF only")]
    PdfOnly,
    /// PostScript only.
    #[error("the submission is PostScript only")]
    PostScriptOnly,
    /// HTML only.
    #[error("the submission is HTML only")]
    HtmlOnly,
    /// There is TeX, and no text comes out of it.
    #[error("no text is left of the TeX")]
    NoText,
}

impl NoPaper {
    /// All reasons, in the order of the reference page.
    pub const ALL: [Self; 7] = [
        Self::Withdrawn,
        Self::NoTex,
        Self::Empty,
        Self::PdfOnly,
        Self::PostScriptOnly,
        Self::HtmlOnly,
        Self::NoText,
    ];

    /// Stable name for ledgers and reports, e.g. `"no-tex"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::NoTex => "no-tex",
            Self::Empty => "empty",
            Self::PdfOnly => "pdf-only",
            Self::PostScriptOnly => "postscript-only",
            Self::HtmlOnly => "html-only",
            Self::NoText => "no-text",
        }
    }
}
