//! What can go wrong with files on disk, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// Every failure of this crate; each names the file, and the place in it where there is one.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The operating system refused; the message says what to do where that is known.
    #[error("cannot {action} `{}`{}", path.display(), advice(source))]
    Io {
        /// What was attempted, e.g. `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system answered.
        source: io::Error,
    },
    /// A file of another format version, or of another table.
    #[error("`{}` holds {found}, this build reads {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What its header states.
        found: String,
        /// What this build understands.
        expected: String,
    },
    /// A file that is not what its writer wrote.
    #[error("`{}` is damaged at {position}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Byte, row or column.
        position: String,
        /// What was found there.
        what: String,
    },
    /// A table that the Parquet library cannot write or read.
    #[error("cannot {action} table `{}`", path.display())]
    Table {
        /// `write`, `open` or `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the library says.
        source: ParquetError,
    },
    /// A row or a setting handed to a writer breaks the rules of the format.
    #[error("refused to write {position} of `{}`: {what}", path.display())]
    Refused {
        /// The file that was being written.
        path: PathBuf,
        /// Which row, from 0, or which setting.
        position: String,
        /// The rule that it breaks.
        what: String,
    },
}

impl ShardError {
    /// Whether trying again later can help: anything that the operating system refused.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(
        path: &Path,
        position: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            position: position.into(),
            what: what.into(),
        }
    }

    pub(crate) fn refused(
        path: &Path,
        position: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        Self::Refused {
            path: path.to_owned(),
            position: position.into(),
            what: what.into(),
        }
    }

    /// A Parquet error; one that only wraps an error of the operating system becomes that.
    pub(crate) fn table(action: &'static str, path: &Path, source: ParquetError) -> Self {
        match source {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => Self::io(action, path, *source),
                Err(inner) => Self::Table {
                    action,
                    path: path.to_owned(),
                    source: ParquetError::External(inner),
                },
            },
            source => Self::Table {
                action,
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// What the user can do about `error`, as the tail of a message; empty when nothing is known.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => {
            ": the disk is full; free space, then run the same command again to go on"
        }
        io::ErrorKind::QuotaExceeded => {
            ": the disk quota is used up; free space, then run the same command again to go on"
        }
        io::ErrorKind::FileTooLarge => {
            ": the file system takes no file of this size; lower the shard size"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            ": the file system is read-only; choose another output directory"
        }
        io::ErrorKind::PermissionDenied => {
            ": permission denied; check the owner and mode of the folder, or choose another"
        }
        io::ErrorKind::NotFound => ": there is no such file or folder",
        io::ErrorKind::Unsupported => {
            ": the file system does not support this; put the output on a local or POSIX one"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_to_do() {
        for (number, words) in [
            (28, "free space"),
            (30, "read-only"),
            (13, "permission"),
            (122, "quota"),
            (27, "size"),
        ] {
            let source = io::Error::from_raw_os_error(number);
            let message = ShardError::io("write", Path::new("out/x.bin"), source).to_string();
            assert!(message.contains("cannot write `out/x.bin`"), "{message}");
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn an_io_error_inside_a_table_error_is_an_io_error() {
        let full = io::Error::from_raw_os_error(28);
        let error = ShardError::table(
            "write",
            Path::new("x"),
            ParquetError::External(Box::new(full)),
        );
        assert!(
            error.is_io() && error.to_string().contains("disk is full"),
            "{error}"
        );
    }
}
