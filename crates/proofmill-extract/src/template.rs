//! Instruction rows to text, by a template that is data.
//!
//! A template names the columns it needs and has one or more variants; the first variant whose own
//! columns are filled, and whose condition holds, renders the row. A placeholder is `{column}` or `{column|function}`;
//! `{{` is an opening brace. `{a.b}` is the field `b` of the JSON object in column `a`.
//!
//! What a template asks for is checked first: calculator spans must hold, the final answer must be the
//! known one, the data set that a row came from must be one that may be used. With `paths`, a column that
//! holds a list of sampled solutions, each right solution with a list of equations of its own makes one block.

use proofmill_types::{InstructRow, Reason};
use serde::Deserialize;

use crate::{ExtractError, answers, arithmetic, ratings};

/// A compiled template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Name in provenance, e.g. `gsm8k`.
    pub name: String,
    /// Whether it renders only rows of sources that name it.
    pub is_by_name: bool,
    requires: Vec<String>,
    calculator_column: Option<String>,
    answer: Option<AnswerCheck>,
    paths: Option<String>,
    data_sets: Vec<DataSet>,
    variants: Vec<Variant>,
}

/// A column whose final answer must be that of another.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerCheck {
    of: String,
    against: String,
}

/// What is known about the data set that a row came from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataSet {
    column: String,
    contains: String,
    #[serde(default)]
    license: Option<String>,
    #[serde(default = "yes")]
    keep: bool,
    #[serde(rename = "why")]
    _why: String,
}

fn yes() -> bool {
    true
}

/// A column that must hold a text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    column: String,
    contains: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Variant {
    needs: Vec<String>,
    condition: Option<Condition>,
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
    /// Steps with their ratings, one a line.
    Rated,
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
    /// Columns whose final answers must be equal.
    #[serde(default)]
    check_answer: Option<AnswerCheck>,
    /// Column with a JSON list of solutions, of which the right and different ones are kept.
    #[serde(default)]
    paths: Option<String>,
    /// Whether only sources that name this template use it.
    #[serde(default)]
    by_name_only: bool,
    #[serde(default)]
    data_set: Vec<DataSet>,
    variant: Vec<FileVariant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileVariant {
    #[serde(default)]
    needs: Vec<String>,
    /// Condition on a column.
    #[serde(default)]
    when: Option<Condition>,
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
                condition: variant.when,
                parts,
            });
        }
        Ok(Self {
            name: file.name,
            requires: file.requires,
            is_by_name: file.by_name_only,
            calculator_column: file.check_calculator,
            answer: file.check_answer,
            paths: file.paths,
            data_sets: file.data_set,
            variants,
        })
    }

    /// Whether `row` has the columns that this template needs.
    #[must_use]
    pub fn fits(&self, row: &InstructRow) -> bool {
        self.requires
            .iter()
            .all(|column| column_of(row, column).is_some())
    }

    /// Number of columns that it cannot do without.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.requires.len()
    }

    /// Licence of the data set that `row` came from, where the template knows it.
    #[must_use]
    pub fn license(&self, row: &InstructRow) -> Option<&str> {
        self.data_set(row)?.license.as_deref()
    }

    fn data_set(&self, row: &InstructRow) -> Option<&DataSet> {
        self.data_sets.iter().find(|set| {
            row.get(&set.column)
                .is_some_and(|name| name.contains(&set.contains))
        })
    }

    /// Renders `row`.
    ///
    /// # Errors
    /// A row that lacks a column or holds nothing in it, named with the column; one of a data set that
    /// must not be used; a calculator span that does not hold; a final answer that is not the known one.
    pub fn render(&self, row: &InstructRow) -> Result<String, Reason> {
        if let Some(set) = self.data_set(row).filter(|set| !set.keep) {
            return Err(Reason::new("excluded-data-set", set.contains.clone()));
        }
        let is_filled = |column: &String| {
            column_of(row, column).is_some_and(|value| !value.trim().is_empty() && value != "null")
        };
        if let Some(column) = self.requires.iter().find(|column| !is_filled(column)) {
            return Err(Reason::new("row-without-column", column.clone()));
        }
        let variant = self.variants.iter().filter(|variant| {
            variant.needs.iter().all(is_filled)
                && variant.condition.as_ref().is_none_or(|condition| {
                    row.get(&condition.column)
                        .is_some_and(|value| value.contains(&condition.contains))
                })
        });
        let render = |row: &InstructRow| {
            let mut rendered = variant.clone().filter_map(|variant| variant.render(row));
            rendered
                .next()
                .ok_or_else(|| Reason::new("row-without-variant", self.name.clone()))
        };
        let Some(column) = &self.paths else {
            self.check(row)?;
            return render(row);
        };
        self.render_paths(row, column, render)
    }

    /// One block for each solution in the list of `column` that passes the checks with equations of its own.
    fn render_paths(
        &self,
        row: &InstructRow,
        column: &str,
        render: impl Fn(&InstructRow) -> Result<String, Reason>,
    ) -> Result<String, Reason> {
        let list = row.get(column).unwrap_or_default();
        let Some(paths) = ratings::texts(list) else {
            return Err(Reason::new("no-list", column.to_owned()));
        };
        let mut seen: Vec<Vec<String>> = Vec::new();
        let mut blocks = Vec::new();
        let mut first_fault = None;
        for path in paths {
            let mut one = row.clone();
            one.set(column, path.clone());
            if let Err(fault) = self.check(&one) {
                first_fault.get_or_insert(fault);
                continue;
            }
            let equations = arithmetic::equations(&path);
            if seen.contains(&equations) {
                continue;
            }
            seen.push(equations);
            blocks.push(render(&one)?);
        }
        if blocks.is_empty() {
            return Err(
                first_fault.unwrap_or_else(|| Reason::new("row-without-column", column.to_owned()))
            );
        }
        Ok(blocks.join("\n\n"))
    }

    /// The checks that a solution has to pass.
    fn check(&self, row: &InstructRow) -> Result<(), Reason> {
        let checked = self
            .calculator_column
            .as_deref()
            .and_then(|column| row.get(column));
        if let Some(span) = checked.and_then(arithmetic::wrong_span) {
            return Err(Reason::new("wrong-arithmetic", span));
        }
        let Some(check) = &self.answer else {
            return Ok(());
        };
        let given = column_of(row, &check.of).unwrap_or_default();
        let known = column_of(row, &check.against).unwrap_or_default();
        match (answers::last(&given), answers::last(&known)) {
            (_, None) => Ok(()),
            (None, Some(_)) => Err(Reason::new("no-final-answer", check.of.clone())),
            (Some(given), Some(known)) if answers::are_equal(given, known) => Ok(()),
            (Some(given), Some(known)) => Err(Reason::new(
                "wrong-answer",
                format!("{given} instead of {known}"),
            )),
        }
    }
}

/// The column `name` of `row`; `a.b` is the field `b` of the object in column `a`.
fn column_of<'a>(row: &'a InstructRow, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    if let Some(value) = row.get(name) {
        return Some(value.into());
    }
    let (column, field) = name.split_once('.')?;
    ratings::field(row.get(column)?, field).map(Into::into)
}

impl Variant {
    /// The row's text; `None` when it lacks the final answer or the steps that a placeholder asks for.
    fn render(&self, row: &InstructRow) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Column(column, function) => {
                    let value = function.apply(&column_of(row, column).unwrap_or_default());
                    let is_asked = matches!(function, Function::Final | Function::Rated);
                    if value.is_empty() && is_asked {
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
            "rated" => Self::Rated,
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
            Self::Rated => ratings::steps(value).unwrap_or_default(),
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
                "unknown function `{function}`, expected one of `trim`, `without-calculator`, `steps`, `final`, `rated`"
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
