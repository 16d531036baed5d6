//! What a reader yields.

use std::sync::Arc;

use proofmill_types::{BadRecord, Location, Record};

use crate::rules::Rule;

/// One unit of input, read or refused.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Content.
    Record(Record),
    /// A counted drop.
    Bad(BadRecord),
}

impl Entry {
    /// Where the entry lies.
    #[must_use]
    pub fn location(&self) -> &Location {
        match self {
            Self::Record(record) => &record.location,
            Self::Bad(bad) => &bad.location,
        }
    }

    /// URL, arXiv id, repository and path, or file and line.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Record(record) => &record.origin,
            Self::Bad(bad) => &bad.origin,
        }
    }

    /// A counted drop under `rule`.
    pub(crate) fn bad(
        rule: &'static Rule,
        origin: impl Into<String>,
        location: Location,
        n_bytes: u64,
        detail: impl Into<String>,
    ) -> Self {
        Self::Bad(BadRecord {
            origin: origin.into(),
            location,
            n_bytes,
            rule: rule.name,
            detail: detail.into(),
            damaged: rule.damaged,
        })
    }
}

/// Bytes `offset..offset + length` of `file`.
pub(crate) fn at(file: &Arc<str>, offset: u64, length: u64) -> Location {
    Location {
        file: Arc::clone(file),
        offset,
        length,
        row: None,
    }
}

/// Row `row` of `file`, which lies at `offset..offset + length` where that is known.
pub(crate) fn at_row(file: &Arc<str>, offset: u64, length: u64, row: u64) -> Location {
    Location {
        file: Arc::clone(file),
        offset,
        length,
        row: Some(row),
    }
}
