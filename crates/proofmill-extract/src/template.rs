//! Instruction rows to text, by a template that is data.
//!
//! A template names the columns it needs and has one or more variants; the first variant whose own
//! columns are filled renders the row. A row whose calculator spans do not hold is refused, where the
//! template asks for the check. A placeholder is `{column}` or `{column|function}`; `{{` is
//! an opening brace.

use proofmill_types::{InstructRow, Reason};
use serde::Deserialize;

use crate::{ExtractError, arithmetic};

/// A compiled template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Name in provenance, e.g. `gsm8k`.
    pub name: String,
    requires: Vec<String>,
    calculator_column: Option<String>,
    variants: Vec<Variant>,
}

#[derive(Clone, Debug, PartialEq)]
struct Variant {
    needs: Vec<String>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Column(String, Function),
}

/// What may be done to a column on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    /// As it is, without blanks at the ends.
    Trim,
    /// Without the calculator spans `<<48/2=24>>` of GSM8K.
    WithoutCalculator,
    /// The text before the `####` line of GSM8K, without calculator spans.
    Steps,
    /// The text after `####`.
    Final,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "why")]
    _why: String,
    #[serde(default, rename = "source")]
    _source: String,
    requires: Vec<String>,
    /// Column whose calculator spans must hold.
    #[serde(default)]
    check_calculator: Option<String>,
    variant: Vec<FileVariant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileVariant {
    #[serde(default)]
    needs: Vec<String>,
    text: String,
}

impl Template {
    /// Parses a template definition; `file_name` is for messages.
    ///
    /// # Errors
    /// [`ExtractError::Definition`] with line and column, or the placeholder that is wrong.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, ExtractError> {
        let fault = |detail: String| ExtractError::Definition {
            file: file_name.to_owned(),
            detail,
        };
        let file: File = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
        let mut variants = Vec::with_capacity(file.variant.len());
        for variant in file.variant {
            let parts = parse_parts(&variant.text).map_err(&fault)?;
            variants.push(Variant {
                needs: variant.needs,
                parts,
            });
        }
        Ok(Self {
            name: file.name,
            requires: file.requires,
            calculator_column: file.check_calculator,
            variants,
        })
    }

    /// Whether `row` has the columns that this template needs.
    #[must_use]
    pub fn fits(&self, row: &InstructRow) -> bool {
        self.requires.iter().all(|column| row.get(column).is_some())
    }

    /// Renders `row`.
    ///
    /// # Errors
    /// A row that lacks a column or holds nothing in it, named with the column; a calculator span that
    /// does not hold.
    pub fn render(&self, row: &InstructRow) -> Result<String, Reason> {
        for column in &self.requires {
            if row
                .get(column)
                .is_none_or(|value| value.trim().is_empty() || value == "null")
            {
                return Err(Reason::new("row-without-column", column.clone()));
            }
        }
        let is_filled = |column: &String| {
            row.get(column)
                .is_some_and(|value| !value.trim().is_empty() && value != "null")
        };
        let checked = self
            .calculator_column
            .as_deref()
            .and_then(|column| row.get(column));
        if let Some(span) = checked.and_then(arithmetic::wrong_span) {
            return Err(Reason::new("wrong-arithmetic", span));
        }
        let fitting = self
            .variants
            .iter()
            .filter(|variant| variant.needs.iter().all(is_filled));
        let mut rendered = fitting.filter_map(|variant| variant.render(row));
        rendered
            .next()
            .ok_or_else(|| Reason::new("row-without-variant", self.name.clone()))
    }
}

impl Variant {
    /// The row's text; `None` when it lacks the final answer that a placeholder asks for.
    fn render(&self, row: &InstructRow) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Column(column, function) => {
                    let value = function.apply(row.get(column).unwrap_or_default());
                    if value.is_empty() && *function == Function::Final {
                        return None;
                    }
                    text.push_str(&value);
                }
            }
        }
        Some(text.trim().to_owned())
    }
}

impl Function {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "trim" => Self::Trim,
            "without-calculator" => Self::WithoutCalculator,
            "steps" => Self::Steps,
            "final" => Self::Final,
            _ => return None,
        })
    }

    fn apply(self, value: &str) -> String {
        let halves = value.split_once("####");
        match self {
            Self::Trim => value.trim().to_owned(),
            Self::WithoutCalculator => without_calculator(value).trim().to_owned(),
            Self::Steps => without_calculator(halves.map_or(value, |(steps, _)| steps))
                .trim()
                .to_owned(),
            Self::Final => halves.map_or("", |(_, last)| last).trim().to_owned(),
        }
    }
}

/// `value` without `<<...>>` spans on one line.
fn without_calculator(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(open) = rest.find("<<") {
        let after = &rest[open + 2..];
        let Some(close) = after
            .find(">>")
            .filter(|&close| !after[..close].contains('\n'))
        else {
            text.push_str(&rest[..open + 2]);
            rest = after;
            continue;
        };
        text.push_str(&rest[..open]);
        rest = &after[close + 2..];
    }
    text.push_str(rest);
    text
}

fn parse_parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        literal.push_str(&rest[..open]);
        rest = &rest[open + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            literal.push('{');
            rest = after;
            continue;
        }
        let closed = rest
            .split_once('}')
            .filter(|(inside, _)| !inside.contains(['{', '\n']));
        let Some((inside, after)) = closed else {
            return Err(format!(
                "the placeholder `{{{rest}` is never closed; write `{{{{` for a brace"
            ));
        };
        let (column, function) = inside.split_once('|').unwrap_or((inside, "trim"));
        let Some(function) = Function::parse(function.trim()) else {
            return Err(format!(
                "unknown function `{function}`, expected one of `trim`, `without-calculator`, `steps`, `final`"
            ));
        };
        parts.push(Part::Text(std::mem::take(&mut literal)));
        parts.push(Part::Column(column.trim().to_owned(), function));
        rest = after;
    }
    literal.push_str(rest);
    parts.push(Part::Text(literal));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GSM8K: &str = r#"
name = "gsm8k"
version = 1
why = "test"
requires = ["question", "answer"]
[[variant]]
needs = ["hint"]
text = "Q {question} ({hint}) A {answer|steps} = {answer|final}"
[[variant]]
text = "Q {question} {{A} {answer|steps} = {answer|final}"
"#;

    fn row(fields: &[(&str, &str)]) -> InstructRow {
        let mut fields: Vec<_> = fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        fields.sort();
        InstructRow { fields }
    }

    #[test]
    fn variants_and_functions() {
        let template = Template::parse("t", GSM8K).unwrap();
        let plain = row(&[
            ("question", "48/2?"),
            ("answer", "It is <<48/2=24>>24.\n#### 24"),
        ]);
        assert_eq!(
            template.render(&plain).unwrap(),
            "Q 48/2? {A} It is 24. = 24"
        );
        let hinted = row(&[("question", "q"), ("answer", "a << b"), ("hint", "h")]);
        assert_eq!(
            template.render(&hinted).unwrap_err(),
            Reason::new("row-without-variant", "gsm8k"),
            "no variant can do without the final answer"
        );
    }

    #[test]
    fn rows_of_another_shape_are_dropped_with_the_column() {
        let template = Template::parse("t", GSM8K).unwrap();
        assert!(!template.fits(&row(&[("query", "x")])));
        let reason = template
            .render(&row(&[("question", "q"), ("answer", " ")]))
            .unwrap_err();
        assert_eq!(reason, Reason::new("row-without-column", "answer"));
    }

    #[test]
    fn wrong_definitions_are_explained() {
        for (from, to, part) in [
            ("{hint}", "{hint", "never closed"),
            ("|final}", "|finale}", "`final`"),
            ("requires", "require", "line 5"),
        ] {
            let error = Template::parse("t", &GSM8K.replacen(from, to, 1)).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
