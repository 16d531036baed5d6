//! Rules at work: a compiled definition as a [`Stage`].

use std::borrow::Cow;

use proofmill_types::{Document, Reason, Stage, Stop, Value, Verdict};

use crate::catalog::{Type, type_of};
use crate::{Definition, FilterError, Keep, Missing, RuleDefinition, measure, text_value};

/// A compiled filter definition.
#[derive(Clone, Debug)]
pub struct Filter {
    rules: Vec<Rule>,
}

impl Filter {
    /// Compiles `definition`.
    ///
    /// # Errors
    /// [`FilterError::UnknownSignal`] and [`FilterError::WrongType`], for definitions that were not
    /// read by [`Definition::parse`].
    pub fn compile(definition: &Definition) -> Result<Self, FilterError> {
        let rules = definition
            .rules
            .iter()
            .map(|rule| Rule::compile(rule, definition));
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// The verdict on a document that is measured already; the first rule that fails decides.
    #[must_use]
    pub fn judge(&self, doc: &Document) -> Verdict {
        for rule in &self.rules {
            if let Applied::Fails(value) = rule.apply(doc) {
                return Verdict::Drop(Reason {
                    rule: Cow::Owned(rule.id.clone()),
                    value,
                });
            }
        }
        Verdict::Keep
    }
}

impl Stage for Filter {
    fn stop(&self) -> Stop {
        Stop::Filter
    }

    /// Measures `doc` once into its signals, then judges it.
    fn apply(&self, doc: &mut Document) -> Verdict {
        measure(doc);
        self.judge(doc)
    }
}

/// What a rule says about one document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Applied {
    /// Its signal was not measured, or its `when` does not hold.
    Not,
    /// The value lies in what is kept.
    Passes,
    /// The value that does not.
    Fails(Value),
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    id: String,
    test: Test,
    /// Applies to documents that pass all of these.
    when: Vec<Test>,
    missing: Missing,
}

/// A signal and the values that pass.
#[derive(Clone, Debug)]
struct Test {
    signal: String,
    passes: Passes,
}

#[derive(Clone, Debug)]
enum Passes {
    Range {
        min: f64,
        max: f64,
    },
    /// Lower-case texts, and whether they must be among them or must not.
    Equal {
        texts: Vec<String>,
        wanted: bool,
    },
    /// Lower-case words between single blanks, and whether one must occur or none may.
    Words {
        texts: Vec<String>,
        wanted: bool,
    },
}

impl Rule {
    pub(crate) fn compile(
        rule: &RuleDefinition,
        definition: &Definition,
    ) -> Result<Self, FilterError> {
        let test = |signal: &str, keep: &Keep| {
            let is_range = matches!(keep, Keep::Range { .. });
            match type_of(signal, definition.kind) {
                None => Err(FilterError::UnknownSignal {
                    rule: rule.id.clone(),
                    signal: signal.to_owned(),
                    kind: definition.kind.name().to_owned(),
                }),
                Some(found) if (found == Type::Number) != is_range => Err(FilterError::WrongType {
                    rule: rule.id.clone(),
                    signal: signal.to_owned(),
                }),
                Some(_) => Ok(Test {
                    signal: signal.to_owned(),
                    passes: Passes::compile(keep),
                }),
            }
        };
        Ok(Self {
            id: rule.id.clone(),
            test: test(&rule.signal, &rule.keep)?,
            when: rule
                .when
                .iter()
                .map(|when| test(&when.signal, &when.is))
                .collect::<Result<_, _>>()?,
            missing: rule.missing,
        })
    }

    pub(crate) fn apply(&self, doc: &Document) -> Applied {
        if self.when.iter().any(|when| when.run(doc) != Some(None)) {
            return Applied::Not;
        }
        match (self.test.run(doc), self.missing) {
            (Some(None), _) => Applied::Passes,
            (Some(Some(value)), _) => Applied::Fails(value),
            (None, Missing::Keep) => Applied::Not,
            (None, Missing::Drop) => Applied::Fails(Value::Text("not measured".to_owned())),
        }
    }
}

impl Test {
    /// `None` where the signal was not measured, `Some(None)` where its value passes, else what
    /// does not pass.
    #[expect(
        clippy::option_option,
        reason = "three outcomes, named in the line above"
    )]
    fn run(&self, doc: &Document) -> Option<Option<Value>> {
        if let Passes::Range { min, max } = self.passes {
            let value = doc.signals.get(&self.signal)?;
            return Some((value < min || value > max).then_some(Value::Number(value)));
        }
        let text = text_value(doc, &self.signal)?;
        Some(
            self.passes
                .text(&text, self.signal == "host")
                .err()
                .map(Value::Text),
        )
    }
}

impl Passes {
    fn compile(keep: &Keep) -> Self {
        let lower = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect();
        let words = |texts: &[String]| texts.iter().map(|text| words_of(text)).collect();
        match keep {
            Keep::Range { min, max } => Self::Range {
                min: min.unwrap_or(f64::NEG_INFINITY),
                max: max.unwrap_or(f64::INFINITY),
            },
            Keep::OneOf(texts) => Self::Equal {
                texts: lower(texts),
                wanted: true,
            },
            Keep::NoneOf(texts) => Self::Equal {
                texts: lower(texts),
                wanted: false,
            },
            Keep::OneOfWords(texts) => Self::Words {
                texts: words(texts),
                wanted: true,
            },
            Keep::NoneOfWords(texts) => Self::Words {
                texts: words(texts),
                wanted: false,
            },
        }
    }

    /// The text that decided, where `text` does not pass.
    fn text(&self, text: &str, is_host: bool) -> Result<(), String> {
        let (found, wanted) = match self {
            Self::Range { .. } => return Ok(()),
            Self::Equal { texts, wanted } => {
                let lower = text.to_lowercase();
                let is_equal =
                    |entry: &&String| lower == **entry || (is_host && is_below(&lower, entry));
                (texts.iter().find(is_equal), *wanted)
            }
            Self::Words { texts, wanted } => {
                let words = words_of(text);
                (
                    texts.iter().find(|entry| words.contains(entry.as_str())),
                    *wanted,
                )
            }
        };
        match (found, wanted) {
            (Some(_), true) | (None, false) => Ok(()),
            (Some(found), false) if matches!(self, Self::Words { .. }) => {
                Err(found.trim().to_owned())
            }
            _ => Err(text.to_owned()),
        }
    }
}

/// Whether `host` lies in the domain `parent`.
fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// The words of `text` in lower case with one blank before and after each.
fn words_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        out.extend(word.chars().flat_map(char::to_lowercase));
        out.push(' ');
    }
    out
}
