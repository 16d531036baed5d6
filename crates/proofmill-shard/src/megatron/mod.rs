//! The token pair `<prefix>.bin` and `<prefix>.idx`, byte for byte what Megatron's
//! `IndexedDataset` reads and writes, with one sequence per document.
//!
//! `.bin` holds token ids back to back. `.idx`, packed and little-endian:
//!
//! | byte | type | meaning |
//! |---|---|---|
//! | 0 | 9 bytes | `MMIDIDX` and two NULs |
//! | 9 | u64 | version, 1 |
//! | 17 | u8 | type of ids: 8 for u16, 4 for i32 |
//! | 18 | u64 | sequences, S |
//! | 26 | u64 | length of the document index, S + 1 |
//! | 34 | i32 each | tokens of each sequence |
//! | 34 + 4 S | i64 each | byte in `.bin` where each sequence starts |
//! | 34 + 12 S | i64 each | sequence at which each document starts, and S |

mod map;
mod read;
mod write;

pub use read::IndexedDataset;
pub use write::{PairInfo, PairWriter};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) const MAGIC: [u8; 9] = *b"MMIDIDX\0\0";
pub(crate) const VERSION: u64 = 1;
pub(crate) const HEADER_BYTES: usize = 34;

/// How one token id is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Two bytes, for vocabularies of at most 65,536 ids.
    U16,
    /// Four bytes, for all others; ids stay below 2^31.
    I32,
}

impl Dtype {
    /// The type for ids below `vocab_tokens`; `None` beyond 2^31, which Megatron cannot store.
    #[must_use]
    pub fn for_vocab(vocab_tokens: u64) -> Option<Self> {
        match vocab_tokens {
            0..=0x1_0000 => Some(Self::U16),
            0x1_0001..=0x8000_0000 => Some(Self::I32),
            _ => None,
        }
    }

    /// Megatron's number for it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::U16 => 8,
            Self::I32 => 4,
        }
    }

    /// The type with Megatron's number `code`, if ids are stored in it.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::U16, Self::I32]
            .into_iter()
            .find(|dtype| dtype.code() == code)
    }

    /// Bytes of one id.
    #[must_use]
    pub fn n_bytes(self) -> u64 {
        match self {
            Self::U16 => 2,
            Self::I32 => 4,
        }
    }
}

/// `prefix` with `.suffix` at its end; unlike `with_extension` it keeps dots in the prefix.
pub(crate) fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(prefix);
    path.push(".");
    path.push(suffix);
    PathBuf::from(path)
}
