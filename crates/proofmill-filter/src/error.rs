//! What can be wrong with a filter definition.

/// A filter definition that cannot be used, with the place to look at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FilterError {
    /// The text of a definition is wrong at one place.
    #[error("{file}:{line}:{column}: {message}\n{snippet}")]
    Definition {
        /// Name of the file as given to the parser.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Character of the line, from 1.
        column: usize,
        /// What is wrong, and what would be right.
        message: String,
        /// The line with a caret below the place.
        snippet: String,
    },
    /// A rule names a signal that nobody measures for this kind.
    #[error("rule `{rule}` names the signal `{signal}`, which nobody measures for kind `{kind}`")]
    UnknownSignal {
        /// Id of the rule.
        rule: String,
        /// The name it gives.
        signal: String,
        /// Kind of the definition.
        kind: String,
    },
    /// A rule compares numbers with a list of texts, or texts with a range.
    #[error("rule `{rule}` compares the signal `{signal}` with the wrong type of values")]
    WrongType {
        /// Id of the rule.
        rule: String,
        /// The signal it reads.
        signal: String,
    },
}
