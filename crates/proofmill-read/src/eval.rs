//! Benchmark items: the texts that training data must not contain.

use crate::cell::{Cell, Row, parse_row};
use crate::lines::Line;
use crate::{InputFile, Limits, ReadError, lines};

/// One item of a benchmark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvalItem {
    /// Benchmark: the file's name without endings.
    pub benchmark: String,
    /// The item's id, or `line N` (from 1).
    pub item: String,
    /// Its texts: name of the field and content, in a fixed order; options one by one, as
    /// `options.0` and so on.
    pub texts: Vec<(String, String)>,
}

/// Fields that identify an item.
const ID: [&str; 6] = [
    "id",
    "idx",
    "unique_id",
    "question_id",
    "task_id",
    "problem_id",
];
/// Fields that hold a text, in order.
const TEXTS: [&str; 16] = [
    "passage",
    "context",
    "question",
    "problem",
    "instruction",
    "query",
    "input",
    "prompt",
    "statement",
    "formal_statement",
    "informal_statement",
    "answer",
    "solution",
    "output",
    "response",
    "canonical_solution",
];
/// Fields that hold a list of texts.
const LISTS: [&str; 4] = ["options", "choices", "final_answer", "solutions"];

/// Reads the items of a benchmark file: JSON lines in any of the usual shapes.
///
/// # Errors
/// [`ReadError::Io`], and [`ReadError::Line`] for a line that is no JSON object or has no text: a
/// benchmark that is only half read would let its other half through.
pub fn eval_items(file: &InputFile) -> Result<Vec<EvalItem>, ReadError> {
    let name = file.name.rsplit('/').next().unwrap_or(&file.name);
    let benchmark = name.split('.').next().unwrap_or(name);
    let mut items = Vec::new();
    let mut lines = lines::of_file(file, &Limits::default())?;
    while let Some(line) = lines
        .next_line()
        .map_err(|fault| lines::fault_of(file, fault))?
    {
        let number = line.row() + 1;
        let bad = |detail: String| ReadError::Line {
            file: file.name.to_string(),
            line: number,
            detail,
        };
        let Line::Text { bytes, .. } = &line else {
            return Err(bad("too long".to_owned()));
        };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let row = parse_row(bytes).map_err(bad)?;
        let texts = texts_of(&row);
        if texts.is_empty() {
            let columns: Vec<&str> = row.keys().take(12).map(String::as_str).collect();
            let wanted = TEXTS.join("`, `");
            return Err(bad(format!(
                "no `{wanted}` among `{}`",
                columns.join("`, `")
            )));
        }
        let id = ID
            .iter()
            .find_map(|name| row.get(*name).and_then(Cell::text));
        let item = id.map_or_else(|| format!("line {number}"), str::to_owned);
        items.push(EvalItem {
            benchmark: benchmark.to_owned(),
            item,
            texts,
        });
    }
    Ok(items)
}

fn texts_of(row: &Row) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for name in TEXTS {
        if let Some(text) = row.get(name).and_then(Cell::text)
            && !text.trim().is_empty()
        {
            texts.push((name.to_owned(), text.to_owned()));
        }
    }
    for name in LISTS {
        for (index, text) in row
            .get(name)
            .map(Cell::texts)
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            texts.push((format!("{name}.{index}"), text));
        }
    }
    texts
}
