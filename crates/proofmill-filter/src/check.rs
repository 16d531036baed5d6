//! Runs the cases of a definition: each against its own rule alone.

use std::borrow::Cow;

use proofmill_types::{Document, Meta, MetaValue, Value};

use crate::rule::{Applied, Rule};
use crate::{Case, Definition, Expected, RuleDefinition, measure};

/// What one case showed.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    /// Id of the rule.
    pub rule: String,
    /// Which case of the rule, from 0.
    pub case_index: usize,
    /// Line of the case in the definition, from 1; of the rule for [`Outcome::NeverMeasured`].
    pub line: usize,
    /// What the case expects.
    pub expected: Expected,
    /// What happened.
    pub outcome: Outcome,
}

impl CaseResult {
    /// Whether the case shows what it should.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.outcome == Outcome::Right
    }
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// As expected.
    Right,
    /// The rule passed, or did not apply to, a text that it should drop.
    Passed,
    /// The rule dropped a text that it should keep, for this value.
    Dropped(Value),
    /// The rule could not be compiled, for this reason.
    Broken(String),
    /// No case of the rule measured its signal: said once, in the place of its first case.
    NeverMeasured,
}

/// Runs every case of `definition` against its own rule; `build` makes the document of a case as
/// the extractor would ([`plain_document`] for kinds without one).
///
/// The document gets the definition's kind; text signals are measured here, then the signals that the case gives replace the measured ones.
/// One result per case in file order.
pub fn check(definition: &Definition, build: &dyn Fn(&Case) -> Document) -> Vec<CaseResult> {
    definition
        .rules
        .iter()
        .flat_map(|rule| check_rule(rule, definition, build))
        .collect()
}

fn check_rule(
    rule: &RuleDefinition,
    definition: &Definition,
    build: &dyn Fn(&Case) -> Document,
) -> Vec<CaseResult> {
    let compiled = Rule::compile(rule, definition);
    let mut was_measured = false;
    let mut results: Vec<CaseResult> = Vec::new();
    for (case_index, case) in rule.cases.iter().enumerate() {
        let outcome = match &compiled {
            Err(error) => Outcome::Broken(error.to_string()),
            Ok(compiled) => {
                let doc = measured(case, definition, build);
                was_measured |= doc.signals.get(&rule.signal).is_some()
                    || crate::text_value(&doc, &rule.signal).is_some();
                match (compiled.apply(&doc), case.verdict) {
                    (Applied::Fails(value), Expected::Keep) => Outcome::Dropped(value),
                    (Applied::Passes | Applied::Not, Expected::Drop) => Outcome::Passed,
                    _ => Outcome::Right,
                }
            }
        };
        results.push(CaseResult {
            rule: rule.id.clone(),
            case_index,
            line: case.line,
            expected: case.verdict,
            outcome,
        });
    }
    if let (false, Ok(_), Some(first)) = (was_measured, &compiled, results.first_mut()) {
        first.line = rule.line;
        first.outcome = Outcome::NeverMeasured;
    }
    results
}

fn measured(case: &Case, definition: &Definition, build: &dyn Fn(&Case) -> Document) -> Document {
    let mut doc = build(case);
    doc.kind = definition.kind;
    measure(&mut doc);
    for (name, value) in &case.signals {
        doc.signals.set(Cow::Owned(name.clone()), *value);
    }
    doc
}

/// The document of a case where no extractor takes part: its text as it stands.
#[must_use]
pub fn plain_document(case: &Case) -> Document {
    let mut doc = Document::from_text(&case.text);
    doc.language.clone_from(&case.language);
    doc.license.clone_from(&case.license);
    doc.origin = case
        .url
        .clone()
        .or_else(|| case.path.clone())
        .unwrap_or_default();
    if let Some(path) = &case.path {
        doc.meta = Meta(vec![("path", MetaValue::Text(Some(path.clone())))]);
    }
    doc
}
