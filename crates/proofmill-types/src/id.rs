//! Ids that must not be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Digester, Location};

/// Names one document of one source for ever: XXH3-128 of source, origin and location.
///
/// The location takes part because one origin may hold several records (a URL crawled twice).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocId(pub Digest);

impl DocId {
    /// The id of the record at `location` of `source`; independent of tasks and threads.
    ///
    /// The file counts by its path relative to the manifest, so moving manifest and input together
    /// changes no id.
    #[must_use]
    pub fn new(source: &str, origin: &str, location: &Location) -> Self {
        let mut digester = Digester::new();
        for part in [source, origin, &location.file] {
            digester.update(&(part.len() as u64).to_le_bytes());
            digester.update(part.as_bytes());
        }
        digester.update(&location.offset.to_le_bytes());
        digester.update(&location.row.unwrap_or(u64::MAX).to_le_bytes());
        Self(digester.finish())
    }

    /// Sixteen bytes, most significant first, as tables store it.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = self.0.0.to_le_bytes();
        bytes.reverse();
        bytes
    }

    /// Reads what [`DocId::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(mut bytes: [u8; 16]) -> Self {
        bytes.reverse();
        Self(Digest(u128::from_le_bytes(bytes)))
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DocId({})", self.0)
    }
}

/// One entry of a vocabulary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct TokenId(pub u32);
