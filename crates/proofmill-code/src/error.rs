//! What can go wrong: definitions that do not parse, notebooks that are none.

/// Everything that this crate refuses, each with where and what.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The TOML text or one of its keys is wrong; the source names line and column.
    #[error("cannot read language definition `{file}`")]
    Toml {
        /// File name as given.
        file: String,
        /// Line, column and caret.
        source: Box<toml::de::Error>,
    },
    /// The TOML is well formed, but a value cannot be used.
    #[error("language definition `{file}`: `{key}` {problem}")]
    Value {
        /// File name as given.
        file: String,
        /// Key that holds the value, e.g. `language.signs`.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Two files of different name define the same language.
    #[error("language `{name}` is defined by `{first}` and again by `{second}`")]
    Duplicate {
        /// Name of the language.
        name: String,
        /// File that was read first.
        first: String,
        /// File that was read later.
        second: String,
    },
    /// Text that claims to be a notebook and is none.
    #[error("no notebook: {problem}")]
    Notebook {
        /// What was found instead.
        problem: String,
    },
}
