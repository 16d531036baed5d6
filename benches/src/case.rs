//! What a case is, as its file says it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use proofmill_types::Kind;
use serde::Deserialize;

/// What is timed, and which bytes its throughput counts.
///
/// *Raw* bytes are the content of records after decompression: pages, source files, rows, and of a
/// submission its `.tex` files. *Text* is UTF-8 after extraction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Files on disk to records; raw bytes.
    Read,
    /// Records in memory to documents; raw bytes.
    Extract,
    /// Files on disk to documents; raw bytes.
    ReadExtract,
    /// Source files in memory to verdicts, notebooks left out; raw bytes.
    Judge,
    /// Pages in memory to the verdict whether they can hold mathematics; raw bytes.
    Gate,
    /// Text.
    Normalize,
    /// All signals of documents; text.
    Filter,
    /// The linear classifier; text.
    Score,
    /// Signatures for the search of near-duplicates; text.
    Sign,
    /// The search for benchmark items; text.
    Decontaminate,
    /// Text to ids; text.
    Tokenize,
    /// Ids to shards on disk; the text behind the ids.
    Shard,
    /// Documents to a table on disk; text.
    Docs,
    /// A manifest to a corpus; raw bytes.
    Build,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Names it in the results.
    pub name: String,
    /// What is timed.
    pub stop: Stop,
    /// Settings of the extractor, by name.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Whether pages that the gate refuses are left out.
    #[serde(default)]
    pub only_mathematics: bool,
    /// Inputs in the shared folder, and their answer.
    pub shared: Option<Corpus>,
    /// Inputs in `manifests/`, and their answer.
    pub sample: Option<Corpus>,
}

/// Inputs of a case; paths are relative to the shared folder or to `manifests/`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Corpus {
    /// Paths and globs by kind of source.
    pub inputs: BTreeMap<Kind, Vec<String>>,
    /// Raw bytes after which no further record is taken; all if absent.
    pub max_bytes: Option<u64>,
    /// Benchmark files to look for.
    pub against: Vec<String>,
    /// A `tokenizer.json`; trained on the inputs if absent.
    pub tokenizer: Option<String>,
    /// The manifest to build, relative to `manifests/`.
    pub manifest: Option<String>,
    /// Counts that the stop must give.
    pub answer: BTreeMap<String, u64>,
    /// Least counts, where better extraction may change them.
    pub at_least: BTreeMap<String, u64>,
    /// Greatest counts.
    pub at_most: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

impl Case {
    /// The cases of all files in `folder`, in order of file names.
    ///
    /// # Errors
    /// A file that cannot be read or understood, with line and column.
    pub fn all(folder: &Path) -> Result<Vec<Self>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            paths.push(entry?.path());
        }
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        paths.sort();
        let mut cases = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let file: File = toml::from_str(&text).with_context(|| path.display().to_string())?;
            cases.extend(file.case);
        }
        Ok(cases)
    }
}
