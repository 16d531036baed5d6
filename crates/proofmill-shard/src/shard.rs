//! What one shard is: its files and its description.
//!
//! A shard `<prefix>` is the token pair, the provenance of its documents, and this description,
//! which is written last: a shard without it is not complete.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atomic::FileInfo;
use crate::error::ShardError;
use crate::megatron::{Dtype, with_suffix};

/// Version of the shard format; a change of any file's layout makes a new one.
pub const FORMAT_VERSION: u32 = 1;
/// Descriptions beyond this many bytes are refused unread.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Everything of the tokenizer that decides ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerFacts {
    /// Name, for people.
    pub name: String,
    /// SHA-256 of its file, 64 hexadecimal digits.
    pub sha256: String,
    /// Name and version of the engine.
    pub engine: String,
    /// Version of the engine's Unicode tables.
    pub unicode_version: String,
    /// `as-text` or `parse`: what text that spells a special token became.
    pub special_tokens: String,
    /// Highest id + 1.
    pub vocab_tokens: u64,
    /// The id that ends each document and occurs nowhere else.
    pub eod: u32,
    /// Special tokens with their ids.
    pub special_ids: BTreeMap<String, u32>,
}

/// The description `<prefix>.json` of one shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardInfo {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Type of the ids in `.bin`.
    pub dtype: Dtype,
    /// Documents.
    pub n_docs: u64,
    /// Tokens, end-of-document ids included.
    pub n_tokens: u64,
    /// Bytes of text before tokenizing.
    pub n_text_bytes: u64,
    /// What made the tokens.
    pub tokenizer: TokenizerFacts,
    /// Sizes and digests by file name.
    pub files: BTreeMap<String, FileInfo>,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    format_version: u64,
}

impl ShardInfo {
    /// Reads the description of the shard `prefix`.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Damaged`] with line and column if it does not parse;
    /// [`ShardError::Format`] for another version.
    pub fn open(prefix: &Path) -> Result<Self, ShardError> {
        let path = ShardFiles::of(prefix).json;
        let fail = |error| ShardError::io("read", &path, error);
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(fail)?;
        file.take(MAX_JSON_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
        if bytes.len() as u64 > MAX_JSON_BYTES {
            return Err(ShardError::damaged(
                &path,
                "its end",
                "it is too long for a description",
            ));
        }
        let damaged = |error: &serde_json::Error| {
            let position = format!("line {} column {}", error.line(), error.column());
            ShardError::damaged(&path, position, error.to_string())
        };
        let version: Version = serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
        if version.format_version != u64::from(FORMAT_VERSION) {
            return Err(ShardError::Format {
                path: path.clone(),
                found: format!("shard format {}", version.format_version),
                expected: format!("shard format {FORMAT_VERSION}"),
            });
        }
        serde_json::from_slice(&bytes).map_err(|error| damaged(&error))
    }

    /// The description as it is written: indented JSON with a newline at its end.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json =
            serde_json::to_vec_pretty(self).expect("names and numbers always become JSON");
        json.push(b'\n');
        json
    }
}

/// The files of one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardFiles {
    /// Token ids.
    pub bin: PathBuf,
    /// Lengths and offsets.
    pub idx: PathBuf,
    /// Provenance of each document.
    pub docs: PathBuf,
    /// The description.
    pub json: PathBuf,
}

impl ShardFiles {
    /// The files of the shard `prefix`, a path without ending.
    #[must_use]
    pub fn of(prefix: &Path) -> Self {
        Self {
            bin: with_suffix(prefix, "bin"),
            idx: with_suffix(prefix, "idx"),
            docs: with_suffix(prefix, "docs.parquet"),
            json: with_suffix(prefix, "json"),
        }
    }
}
