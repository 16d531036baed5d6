//! The one error of this crate.

/// What can be wrong with a name, or with the size of an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecontaminateError {
    /// No preset has this name.
    #[error(
        "no preset is named `{name}`; there are `ngram-13`, `ngram-10`, `megamath-12` and `pp2-30`"
    )]
    Preset {
        /// What was given.
        name: String,
    },
    /// No action has this name.
    #[error("no action is named `{name}`; there are `drop-document`, `drop-span` and `report`")]
    Action {
        /// What was given.
        name: String,
    },
    /// The benchmarks have more fields or n-grams than 32 bits count.
    #[error("the benchmarks hold more than {limit} {what}")]
    TooLarge {
        /// Fields or n-grams.
        what: &'static str,
        /// How many are possible.
        limit: u32,
    },
}
