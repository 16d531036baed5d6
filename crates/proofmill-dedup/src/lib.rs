//! Finds exact and near duplicates, and superseded versions.
//!
//! The way of a corpus through this crate:
//!
//! 1. [`Signer::band_hashes`], [`exact_key`] and [`family_key`] give each document a few 64-bit
//!    hashes; [`bands`] is the file that holds them;
//! 2. [`match_records`] groups equal hashes, [`find_edges`] turns groups into edges and compares
//!    candidates on the way; [`encode_edges`] is the file that holds them;
//! 3. [`cluster`] joins edges and names, for each document that goes, the one that stays.
//!
//! [`dedup_texts`] does all of it in memory. Everything is pure: no file, no thread, no clock; equal
//! input gives equal output whatever the order in which records arrive.
//!
//! Documents are compared as sets of word 5-grams. A word is a run of letters and digits in lower
//! case, one character of a script without spaces, or an operator that carries the meaning of a
//! formula (`+ = < >` and mathematical symbols beyond ASCII always, `- * / ^` before a digit).
//!
//! ```
//! use proofmill_dedup::{Settings, dedup_texts};
//!
//! let texts = ["Every group of prime order is cyclic.", "Every group of prime order\nis cyclic!", "QED"];
//! let fates = dedup_texts(&texts, &Settings::default(), 42)?;
//! assert_eq!(fates.iter().map(|fate| fate.keep).collect::<Vec<_>>(), [true, false, true]);
//! assert_eq!(fates[1].cluster, Some(0));
//! # Ok::<(), proofmill_dedup::DedupError>(())
//! ```

pub mod bands;
mod cluster;
mod edges;
mod error;
mod groups;
mod keys;
mod memory;
mod mix;
mod settings;
mod shingle;
mod sign;
mod verify;
mod version;
mod words;

pub use bands::{BandKind, BandRecord};
pub use cluster::{Attributes, KeepRule, Removal, cluster};
pub use edges::{Edge, decode_edges, encode_edges};
pub use error::DedupError;
pub use groups::{Entry, Group, Groups, match_records};
pub use keys::{exact_key, family_key};
pub use memory::{Fate, dedup_texts};
pub use settings::Settings;
pub use shingle::{is_similar, jaccard, shingles};
pub use sign::{Scratch, Signer};
pub use verify::{BATCH_DOCS, Bucket, MAX_REPRESENTATIVES, Matches, N_LARGEST, Texts, find_edges};
pub use version::compare_versions;
