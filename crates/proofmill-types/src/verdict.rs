//! What a stop decides about a document, and the seam that the middle stops share.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Document;

/// The stops of the line that can drop a document, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stop {
    /// Archives and records to raw bytes.
    Read,
    /// Raw bytes to text.
    Extract,
    /// One spelling of equal text.
    Normalize,
    /// Rules of a filter definition.
    Filter,
    /// Benchmark items.
    Decontaminate,
    /// Exact and near duplicates, superseded versions.
    Dedup,
    /// Text to token ids.
    Tokenize,
}

impl Stop {
    /// All stops in their order.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Extract,
        Self::Normalize,
        Self::Filter,
        Self::Decontaminate,
        Self::Dedup,
        Self::Tokenize,
    ];

    /// Stable name in ledgers and reports, e.g. `"filter"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Extract => "extract",
            Self::Normalize => "normalize",
            Self::Filter => "filter",
            Self::Decontaminate => "decontaminate",
            Self::Dedup => "dedup",
            Self::Tokenize => "tokenize",
        }
    }

    /// Reads what [`Stop::name`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stop| stop.name() == name)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The measured value that decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A signal.
    Number(f64),
    /// A language, a licence, a name, or what was found.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Text(text) => text.fmt(out),
        }
    }
}

/// Why a document was dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Stable id of the rule, e.g. `mean-word-length`.
    pub rule: Cow<'static, str>,
    /// What was measured.
    pub value: Value,
}

impl Reason {
    /// A rule and the text that it found.
    #[must_use]
    pub fn new(rule: &'static str, found: impl Into<String>) -> Self {
        Self {
            rule: Cow::Borrowed(rule),
            value: Value::Text(found.into()),
        }
    }

    /// A rule and the number that it measured.
    #[must_use]
    pub fn measured(rule: impl Into<Cow<'static, str>>, value: f64) -> Self {
        Self {
            rule: rule.into(),
            value: Value::Number(value),
        }
    }
}

/// What a stop decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Goes on.
    Keep,
    /// Ends here, as a row of the ledger.
    Drop(Reason),
}

/// One stop on the line: reads or edits a document in place, then keeps or drops it.
///
/// A stage is pure: same document and settings, same verdict, on any thread and any day.
pub trait Stage: Send + Sync {
    /// Which stop this is, for ledgers and fingerprints.
    fn stop(&self) -> Stop;

    /// Judges `doc`, editing it in place. Never fails: text that cannot be handled is dropped.
    fn apply(&self, doc: &mut Document) -> Verdict;
}
