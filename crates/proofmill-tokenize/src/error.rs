//! What can go wrong with tokenizer files.

/// Every failure of this crate; each names the tokenizer.
#[derive(Debug, thiserror::Error)]
pub enum TokenizeError {
    /// Bytes that are no tokenizer file.
    #[error("tokenizer `{name}` cannot be read: {what}; {advice}")]
    Parse {
        /// Name of the tokenizer, for messages.
        name: String,
        /// What the reader found, with line and column where it knows them.
        what: String,
        /// What the user can do.
        advice: &'static str,
    },
    /// A vocabulary file of another format that cannot become a `tokenizer.json`.
    #[error("tokenizer `{name}` ({format}) cannot be taken: {what}")]
    Import {
        /// Name of the tokenizer.
        name: String,
        /// Name of the format.
        format: &'static str,
        /// What is wrong and what to do.
        what: String,
    },
    /// A file that is read well but does not fit a training corpus.
    #[error("tokenizer `{name}` cannot be used: {what}")]
    Unfit {
        /// Name of the tokenizer.
        name: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A token that the vocabulary does not have.
    #[error("tokenizer `{name}` has no {what}")]
    NoToken {
        /// Name of the tokenizer.
        name: String,
        /// What was looked for, and what is there instead.
        what: String,
    },
    /// A text that would take too much memory; a counted drop for whoever reads hostile input.
    #[error(
        "tokenizer `{name}` takes {limit} bytes at once, the text has {n_bytes} without a break"
    )]
    TooLong {
        /// Name of the tokenizer.
        name: String,
        /// Bytes that cannot be cut.
        n_bytes: usize,
        /// Bytes that are possible.
        limit: usize,
    },
    /// A text that the engine could not encode, or ids that it could not decode.
    #[error("tokenizer `{name}` failed on {n_bytes} bytes: {what}")]
    Encode {
        /// Name of the tokenizer.
        name: String,
        /// Bytes of the text (4 for each id when decoding).
        n_bytes: usize,
        /// What the engine says.
        what: String,
    },
    /// A vocabulary that cannot be trained.
    #[error("a tokenizer cannot be trained: {what}")]
    Train {
        /// What is wrong and what to do.
        what: String,
    },
}

/// Characters of a reason at most; it may quote the file.
const MAX_REASON_CHARS: usize = 1000;

/// A reason without what is beyond the limit.
pub(crate) fn short(mut reason: String) -> String {
    if let Some((at, _)) = reason.char_indices().nth(MAX_REASON_CHARS) {
        reason.truncate(at);
        reason.push_str(" ...");
    }
    reason
}
