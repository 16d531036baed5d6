//! Keeps or drops documents by the rules of one filter definition.
//!
//! A [`Definition`] is a TOML file: settings for the extractor, then rules, each with the signal it
//! reads, the range or list it keeps, the reason, and cases of both verdicts. [`Filter::compile`]
//! makes the stage of it. Every document is measured once ([`measure`]), its signals are stored
//! with it, and the first rule in file order that fails decides.
//!
//! A rule does not apply to a document for which its signal was not measured, unless it says
//! `missing = "drop"`. A rule that thereby never applies is found by [`check`], which runs the cases
//! of a definition. Which signals exist, in which unit and from whom, stands in [`SIGNALS`].
//!
//! The text is never changed here; that is `proofmill-normalize`'s job.

mod catalog;
mod check;
mod definition;
mod error;
mod measure;
mod parse;
mod rule;
mod values;

pub use catalog::{IMPORTED_PREFIX, Owner, SIGNALS, SignalInfo, TEXT_VALUES, is_known_signal};
pub use check::{CaseResult, Outcome, check, plain_document};
pub use definition::{
    Case, Definition, Expected, Keep, Missing, RuleDefinition, Setting, SettingValue, When,
};
pub use error::FilterError;
pub use measure::measure;
pub use rule::Filter;
pub use values::text_value;

/// Changes whenever [`measure`] could give other signals for equal documents, or a rule another
/// verdict for equal signals.
pub const VERSION: u32 = 4;
