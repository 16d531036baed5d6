//! What stops a run: the disk or the request, never the data.

use std::io;
use std::path::{Path, PathBuf};

/// Why reading cannot go on.
///
/// Damaged or hostile data is none of these: it becomes a
/// [`BadRecord`](proofmill_types::BadRecord).
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk failed, or the file is gone or closed to us.
    #[error("cannot read `{path}`")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An input pattern that is no glob.
    #[error("input pattern `{pattern}` is no valid glob")]
    Pattern {
        /// As the manifest has it.
        pattern: String,
        /// Where it goes wrong.
        source: glob::PatternError,
    },
    /// An input pattern without a file.
    #[error(
        "input pattern `{pattern}` matches nothing under `{base}`: check the spelling, or remove it \
         from the source's `inputs`"
    )]
    NoMatch {
        /// As the manifest has it.
        pattern: String,
        /// Folder from which it was searched.
        base: PathBuf,
    },
    /// A benchmark or metadata file with a line that cannot be used.
    #[error("`{file}` line {line}: {detail}")]
    Line {
        /// File as the pattern found it.
        file: String,
        /// Line from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
}

impl ReadError {
    /// An I/O error at `path`, for `map_err`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }
}
