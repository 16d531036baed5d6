//! Why a run stopped, as the exit code that a scheduler understands.

use std::fmt;

use proofmill_extract::ExtractError;
use proofmill_filter::FilterError;
use proofmill_manifest::ManifestError;
use proofmill_read::ReadError;

/// The kinds of stop that a caller tells apart; attached to an error chain as context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Wrong use, a wrong manifest, a missing input.
    Usage,
    /// More damaged input than the manifest allows.
    BadInput,
    /// A broken promise of our own: two runs of one task wrote different bytes.
    Internal,
    /// A signal, or trouble with a disk: the same command may succeed later.
    TryAgain,
}

impl Failure {
    /// The process exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::BadInput => 65,
            Self::Internal => 70,
            Self::TryAgain => 75,
        }
    }

    /// An error of this kind.
    pub fn error(self, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Failed {
            failure: self,
            message: message.into(),
        })
    }

    /// The kind of `error`: its own where one was given, else by its cause.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        for cause in error.chain() {
            if let Some(failed) = cause.downcast_ref::<Failed>() {
                return failed.failure;
            }
            if cause.is::<ManifestError>()
                || cause.is::<FilterError>()
                || cause.is::<ExtractError>()
            {
                return Self::Usage;
            }
            if let Some(
                ReadError::NoMatch { .. } | ReadError::Pattern { .. } | ReadError::Line { .. },
            ) = cause.downcast_ref()
            {
                return Self::Usage;
            }
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                return match io.kind() {
                    // A file that is not there, a folder instead, and one that should be text and is not.
                    std::io::ErrorKind::NotFound
                    | std::io::ErrorKind::IsADirectory
                    | std::io::ErrorKind::InvalidData => Self::Usage,
                    _ => Self::TryAgain,
                };
            }
        }
        Self::Internal
    }
}

#[derive(Debug)]
struct Failed {
    failure: Failure,
    message: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Failed {}
