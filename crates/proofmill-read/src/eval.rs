//! Benchmark items: the texts that training data must not contain.

use serde_json::value::RawValue;

use crate::cell::{Cell, Row, parse_row};
use crate::lines::Line;
use crate::{InputFile, Limits, ReadError, lines, proof_steps};

/// One item of a benchmark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvalItem {
    /// Benchmark: the file's name without endings.
    pub benchmark: String,
    /// The item's id, or `line N` (from 1).
    pub item: String,
    /// Full names of the theorem, for formal benchmarks; empty for others.
    pub names: Vec<String>,
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
const TEXTS: [&str; 17] = [
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
    "theorem_statement",
    "informal_statement",
    "answer",
    "solution",
    "output",
    "response",
    "canonical_solution",
];
/// Fields that hold a list of texts.
const LISTS: [&str; 4] = ["options", "choices", "final_answer", "solutions"];

/// Fields that hold the full name of a formal theorem.
const NAMES: [&str; 4] = ["full_name", "theorem_name", "declName", "name"];
/// Fields of a formal statement: beside one of them a name is that of a theorem.
const FORMAL: [&str; 5] = [
    "full_name",
    "formal_statement",
    "theorem_statement",
    "traced_tactics",
    "lean4_code",
];

/// Reads the items of a benchmark file: JSON lines in any of the usual shapes, or one JSON array of
/// objects, or of lists whose last text is the statement (PISA: theory and lemma).
///
/// # Errors
/// [`ReadError::Io`], and [`ReadError::Line`] for a line that is no JSON object or has no text: a
/// benchmark that is only half read would let its other half through.
pub fn eval_items(file: &InputFile) -> Result<Vec<EvalItem>, ReadError> {
    let name = file.name.rsplit('/').next().unwrap_or(&file.name);
    let benchmark = name.split('.').next().unwrap_or(name);
    let mut items = Vec::new();
    let mut lines = lines::of_file(file, &Limits::default())?;
    if lines
        .first_byte()
        .map_err(|fault| lines::fault_of(file, fault))?
        == Some(b'[')
    {
        return array_items(file, benchmark, &mut lines);
    }
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
        items.push(item_of(&row, benchmark, &format!("line {number}")).map_err(bad)?);
    }
    Ok(items)
}

/// Items of a file that is one JSON array.
fn array_items(
    file: &InputFile,
    benchmark: &str,
    lines: &mut lines::Lines,
) -> Result<Vec<EvalItem>, ReadError> {
    let bad = |number: usize, detail: String| ReadError::Line {
        file: file.name.to_string(),
        line: number as u64,
        detail,
    };
    let text = lines
        .rest(Limits::default().max_record_bytes)
        .map_err(|fault| lines::fault_of(file, fault))?
        .ok_or_else(|| bad(1, "too long".to_owned()))?;
    let elements: Vec<&RawValue> =
        serde_json::from_slice(&text).map_err(|error| bad(error.line(), error.to_string()))?;
    let mut items = Vec::new();
    for (number, element) in (1..).zip(elements) {
        let element = element.get();
        let row = if element.starts_with('[') {
            let texts: Vec<String> = serde_json::from_str(element)
                .map_err(|error| bad(1, format!("element {number}: {error}")))?;
            let statement = texts.last().cloned().unwrap_or_default();
            let name = proof_steps::isabelle_name(&statement).to_owned();
            let cells = [("full_name", name), ("statement", statement)];
            cells
                .into_iter()
                .map(|(column, text)| (column.to_owned(), Cell::Text(text)))
                .collect()
        } else {
            parse_row(element.as_bytes())
                .map_err(|error| bad(1, format!("element {number}: {error}")))?
        };
        let item = item_of(&row, benchmark, &format!("element {number}"));
        items.push(item.map_err(|error| bad(1, format!("element {number}: {error}")))?);
    }
    Ok(items)
}

/// The item of one row; `place` names it where it has no id.
fn item_of(row: &Row, benchmark: &str, place: &str) -> Result<EvalItem, String> {
    let texts = texts_of(row);
    let is_formal = FORMAL.iter().any(|name| row.contains_key(*name));
    let text = |name: &&str| {
        row.get(*name)
            .and_then(Cell::text)
            .filter(|text| !text.is_empty())
    };
    let names: Vec<String> = if is_formal {
        NAMES.iter().filter_map(text).map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    if texts.is_empty() && names.is_empty() {
        let columns: Vec<&str> = row.keys().take(12).map(String::as_str).collect();
        let wanted = TEXTS.join("`, `");
        return Err(format!("no `{wanted}` among `{}`", columns.join("`, `")));
    }
    let id = ID.iter().find_map(text).map(str::to_owned);
    let item = id.or_else(|| names.first().cloned());
    Ok(EvalItem {
        benchmark: benchmark.to_owned(),
        item: item.unwrap_or_else(|| place.to_owned()),
        names,
        texts,
    })
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
