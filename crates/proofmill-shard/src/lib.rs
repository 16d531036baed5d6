//! The on-disk format: write, read, check.
//!
//! Everything that lasts is written here and nowhere else:
//!
//! - [`AsideFile`], [`publish_bytes`], [`create_once`]: files that appear whole or not at all;
//! - [`tables`]: documents, ledger and provenance as Parquet with fixed schemas;
//! - [`megatron`]: the token pair `.bin` and `.idx`, byte for byte what Megatron reads;
//! - [`ShardWriter`]: pair, provenance and description of each shard, cut at document boundaries;
//! - [`verify`] and [`locate`]: every invariant of a shard, and from a token back to its document.
//!
//! The same rows and tokens give the same bytes, on any machine and any day: encodings, levels and
//! page sizes are pinned, and nothing depends on threads, time or hash order. Bytes read from disk
//! are not trusted: a damaged file is an error that names file and place, never a panic.

mod atomic;
mod disk;
mod error;
pub mod megatron;
mod shard;
pub mod tables;
mod verify;
mod writer;

pub use atomic::{
    AsideFile, BLOCK_BYTES, FileInfo, Once, create_once, is_leftover, measure_file, publish_bytes,
};
pub use error::ShardError;
pub use shard::{FORMAT_VERSION, ShardFiles, ShardInfo, TokenizerFacts};
pub use verify::{Finding, MAX_FINDINGS, locate, verify};
pub use writer::{Shard, ShardSettings, ShardWriter};
