//! What the outside world held, parsed once into types, with its origin.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a source holds; decides how it is read and extracted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// arXiv submissions in bulk tars or a directory of papers.
    Arxiv,
    /// WARC and WET files, or HTML files.
    Web,
    /// Source code: Parquet in The Stack's columns, JSON lines, or directories.
    Code,
    /// Ready-made text: JSON lines or Parquet with a text column, or plain files.
    Text,
    /// Instruction rows rendered by a template.
    Instruct,
    /// Goals and tactics, extracted from proof assistants.
    ProofSteps,
}

impl Kind {
    /// All kinds, in the order of the reference page.
    pub const ALL: [Self; 6] = [
        Self::Arxiv,
        Self::Web,
        Self::Code,
        Self::Text,
        Self::Instruct,
        Self::ProofSteps,
    ];

    /// The manifest's word for it, e.g. `"arxiv"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arxiv => "arxiv",
            Self::Web => "web",
            Self::Code => "code",
            Self::Text => "text",
            Self::Instruct => "instruct",
            Self::ProofSteps => "proof-steps",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Where a record lies, so that a reader can find the original again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Location {
    /// Input file as the manifest's pattern found it, `/` between folders.
    pub file: Arc<str>,
    /// First byte of the record in that file as stored (of the compressed file, where records are
    /// compressed one by one; of the decompressed stream, where the whole file is).
    pub offset: u64,
    /// Bytes from `offset`, as stored; 0 where rows are the only address.
    pub length: u64,
    /// Row of a table or line of a file, from 0.
    pub row: Option<u64>,
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Some(row) => write!(out, "{} row {row}", self.file),
            None => write!(out, "{} bytes {}+{}", self.file, self.offset, self.length),
        }
    }
}

/// One unit of input: what later becomes one document, or one counted drop.
#[derive(Clone, Debug)]
pub struct Record {
    /// URL, arXiv id with version if known, repository and path, or file and line.
    pub origin: String,
    /// Where it was read.
    pub location: Location,
    /// Bytes of content as read, after decompression, before extraction.
    pub n_bytes: u64,
    /// What it holds.
    pub body: Body,
}

/// A record that could not be read: a counted drop, never an error of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct BadRecord {
    /// As [`Record::origin`]; the file where nothing better is known.
    pub origin: String,
    /// Where reading failed.
    pub location: Location,
    /// Bytes that were lost or refused, as far as known.
    pub n_bytes: u64,
    /// Stable name of the rule, e.g. `gzip-damaged`, `pdf-only`, `archive-bomb`.
    pub rule: &'static str,
    /// What was found, for people; lower case, no final period.
    pub detail: String,
    /// Whether the input is damaged or hostile (counts towards `max_bad_ratio`), as opposed to
    /// something that this source does not hold (a PDF-only submission, a redirect, an image).
    pub damaged: bool,
}

/// Content of a record by kind.
#[derive(Clone, Debug)]
pub enum Body {
    /// One arXiv submission.
    Submission(Submission),
    /// One web page as served.
    Page(Page),
    /// One file of source code.
    Code(CodeFile),
    /// Text that needs no extraction.
    Text(TextRow),
    /// One instruction row.
    Instruct(InstructRow),
    /// One proof, step by step.
    Proof(Proof),
}

/// The files of one arXiv submission, unpacked in memory.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// arXiv id without version, e.g. `1706.00011` or `math/0401001`: names the version family.
    pub family: String,
    /// Version, from 1, when the file name carries it.
    pub version: Option<u32>,
    /// Licence from the metadata file, if any.
    pub license: Option<String>,
    /// Text-like files in archive order (TeX, styles, bibliographies, 00README); images left out.
    pub files: Vec<SourceFile>,
}

/// One file of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path inside the submission, `/` between folders, never absolute, never with `..`.
    pub path: String,
    /// Raw bytes in an unknown encoding.
    pub bytes: Vec<u8>,
}

/// One web page: the HTTP body after transfer and content decoding.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Target URI, angle brackets removed.
    pub url: String,
    /// `Content-Type` header of the response, or of the record.
    pub content_type: Option<String>,
    /// Crawl time, RFC 3339 in UTC, as the record states it.
    pub date: Option<String>,
    /// WARC record id, without angle brackets.
    pub record_id: Option<String>,
    /// Whether `bytes` are plain UTF-8 text already (WET `conversion` records).
    pub is_plain_text: bool,
    /// Whether the body ends before its stated length.
    pub is_truncated: bool,
    /// Body bytes in an unknown charset.
    pub bytes: Vec<u8>,
}

/// One file of source code.
#[derive(Clone, Debug, Default)]
pub struct CodeFile {
    /// Repository name, empty if unknown.
    pub repo: String,
    /// Path inside the repository.
    pub path: String,
    /// Language as the row claims it; recognition may overrule it.
    pub claimed_language: Option<String>,
    /// Git blob hash of the content, computed when the row has none.
    pub hexsha: String,
    /// Licences from the row, as it spells them.
    pub licenses: Vec<String>,
    /// Licence that the nearest LICENSE file above it states, if the source brings one.
    pub folder_license: Option<String>,
    /// Content, in an unknown encoding.
    pub bytes: Vec<u8>,
}

/// A ready-made document.
#[derive(Clone, Debug, Default)]
pub struct TextRow {
    /// The text.
    pub text: String,
    /// Id column, if any.
    pub id: Option<String>,
    /// URL column, if any.
    pub url: Option<String>,
    /// Licence column, if any.
    pub license: Option<String>,
    /// Language column, if any.
    pub language: Option<String>,
    /// Date column, if any.
    pub date: Option<String>,
    /// Group for the split (column named in the manifest), if any.
    pub group: Option<String>,
}

/// One instruction row: its string columns by name, in a fixed order.
#[derive(Clone, Debug, Default)]
pub struct InstructRow {
    /// Column name and value, sorted by name; numbers and booleans as JSON spells them, nested
    /// values as compact JSON.
    pub fields: Vec<(String, String)>,
}

impl InstructRow {
    /// Value of the column `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .fields
            .binary_search_by(|(key, _)| key.as_str().cmp(name));
        found.ok().map(|index| self.fields[index].1.as_str())
    }

    /// Gives the column `name` another value; a column that is not there stays away.
    pub fn set(&mut self, name: &str, value: String) {
        let found = self
            .fields
            .binary_search_by(|(key, _)| key.as_str().cmp(name));
        if let Ok(index) = found {
            self.fields[index].1 = value;
        }
    }
}

/// The proof assistant that checked a proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Assistant {
    /// Lean, version 3 or 4.
    #[default]
    Lean,
    /// Isabelle.
    Isabelle,
}

impl Assistant {
    /// Its name as a language, e.g. `"lean"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::Isabelle => "isabelle",
        }
    }
}

/// One proof as a list of steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The proof assistant.
    pub assistant: Assistant,
    /// Full name of the theorem; empty where the file names none.
    pub name: String,
    /// Module or theory file that holds it; empty if unknown.
    pub module: String,
    /// Repository or archive; empty if unknown.
    pub repo: String,
    /// Statement as written; empty where the format has none.
    pub statement: String,
    /// State before each step, and the step.
    pub steps: Vec<(String, String)>,
}
