//! A filter definition as data: what `filters/*.toml` says.

use std::collections::BTreeMap;

use proofmill_types::Kind;

use crate::{FilterError, parse};

/// Settings and rules for documents of one kind, in file order.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Name of the definition, in kebab case.
    pub name: String,
    /// From 1; grows when any verdict can change. Part of the fingerprint.
    pub version: u32,
    /// Kind of the documents that it judges.
    pub kind: Kind,
    /// Where the rules come from, if from one place.
    pub source: Option<String>,
    /// What the definition is for.
    pub why: Option<String>,
    /// Options of the extractor; their names are checked by the extractor.
    pub settings: Vec<Setting>,
    /// Rules in the order in which they decide.
    pub rules: Vec<RuleDefinition>,
}

impl Definition {
    /// Reads the TOML `text` of a definition; `file_name` is used in messages only.
    ///
    /// A table `[language]` belongs to another reader and is passed over, for kind `code` only.
    ///
    /// # Errors
    /// [`FilterError::Definition`] with line, column and caret: text that is no TOML, an unknown or
    /// missing key (the valid ones are listed), a signal that nobody measures for the kind, a range
    /// for a text or a list for a number, an empty range, a repeated id, a rule without a reason or
    /// without a case of each verdict.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, FilterError> {
        parse::definition(file_name, text)
    }

    /// Value of the setting `name`, if the definition has it.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&SettingValue> {
        self.settings
            .iter()
            .find(|setting| setting.name == name)
            .map(|setting| &setting.value)
    }
}

/// One option of the extractor.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Name of the option, in snake case.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
    /// Why this value.
    pub why: String,
    /// Where the value comes from, if from elsewhere.
    pub source: Option<String>,
    /// Unit of a number.
    pub unit: Option<String>,
    /// Line of the definition, from 1, for messages of whoever reads the setting.
    pub line: usize,
}

/// Value of a [`Setting`].
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// One rule: a signal and what of it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDefinition {
    /// The reason in ledgers and reports, in kebab case; never renamed.
    pub id: String,
    /// Name of a signal of [`crate::SIGNALS`], or of a text of [`crate::TEXT_VALUES`].
    pub signal: String,
    /// Which values pass.
    pub keep: Keep,
    /// Documents to which the rule applies: those for which all of these hold.
    pub when: Vec<When>,
    /// What happens to documents for which the signal was not measured.
    pub missing: Missing,
    /// Why the rule exists.
    pub why: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// Unit of the numbers.
    pub unit: Option<String>,
    /// Examples of both verdicts.
    pub cases: Vec<Case>,
    /// Line of the definition, from 1.
    pub line: usize,
}

/// Values of a signal that pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Keep {
    /// Numbers in the closed range; an absent bound does not bind.
    Range {
        /// Smallest number that passes.
        min: Option<f64>,
        /// Greatest number that passes.
        max: Option<f64>,
    },
    /// Texts equal to one of these, without regard to ASCII case. A host also equals its parents:
    /// `a.example.org` is one of `["example.org"]`.
    OneOf(Vec<String>),
    /// Texts equal to none of these, compared as in [`Keep::OneOf`].
    NoneOf(Vec<String>),
    /// Texts in which one of these occurs as whole words: `read` in `/read/12`, not in `/thread/`.
    OneOfWords(Vec<String>),
    /// Texts in which none of these occurs as whole words, compared as in [`Keep::OneOfWords`].
    NoneOfWords(Vec<String>),
}

/// A condition on the documents to which a rule applies.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// A signal or text; where it was not measured the rule does not apply.
    pub signal: String,
    /// Values for which the rule applies.
    pub is: Keep,
}

/// What a rule does with documents for which its signal was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// The rule does not apply.
    #[default]
    Keep,
    /// The document is dropped, with the value `not measured`.
    Drop,
}

/// An example that says what a rule does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// The text of the document, as a record holds it.
    pub text: String,
    /// What the rule should say.
    pub verdict: Expected,
    /// Path inside a repository.
    pub path: Option<String>,
    /// Language of the prose, or claimed programming language.
    pub language: Option<String>,
    /// SPDX identifier or URL of the licence.
    pub license: Option<String>,
    /// URL of the record.
    pub url: Option<String>,
    /// Signals that are given instead of measured.
    pub signals: BTreeMap<String, f64>,
    /// Line of the definition, from 1.
    pub line: usize,
}

/// The verdict that a [`Case`] expects from its rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// The rule lets the document pass.
    #[default]
    Keep,
    /// The rule drops it.
    Drop,
}
