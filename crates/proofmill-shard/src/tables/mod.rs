//! Parquet tables with fixed schemas, written row by row and read row by row.
//!
//! | table | one row is | types |
//! |---|---|---|
//! | `docs` | a kept document with its text | [`DocsWriter`], [`DocsReader`], [`DocsTexts`] |
//! | `ledger` | a record that was read, and its fate | [`LedgerWriter`], [`LedgerReader`] |
//! | `provenance` | a document of one shard | [`ProvenanceWriter`], [`ProvenanceReader`] |
//!
//! Files are zstd at a pinned level, carry table name and version in their footer, and hold
//! nothing of the machine or the build: the same rows give the same bytes. Ids and digests are
//! sixteen bytes, most significant first. A file appears under its name only when `finish`
//! returns.

mod batch;
mod columns;
mod docs;
mod docs_columns;
mod file;
mod ledger;
mod meta;
mod provenance;
mod texts;

pub use docs::{DocRow, DocsOptions, DocsProjection, DocsReader, DocsWriter};
pub use file::MAX_ROW_BYTES;
pub use ledger::{LedgerReader, LedgerRow, LedgerWriter};
pub use meta::{MetaSchema, MetaType};
pub use provenance::{PROVENANCE_GROUP_ROWS, ProvenanceReader, ProvenanceRow, ProvenanceWriter};
pub use texts::DocsTexts;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The side of the split on which a document lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// What the model learns from.
    Train,
    /// What the loss is watched on.
    Validation,
    /// What is looked at last.
    Test,
}

impl Split {
    /// All splits in their order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Stable name in tables and file names, e.g. `"train"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// Reads what [`Split::name`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
