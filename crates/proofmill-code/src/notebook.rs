//! Jupyter notebooks, nbformat 3 and 4, to text that reads from top to bottom.
//!
//! The Markdown form interleaves prose, code and short textual results:
//!
//! ````text
//! Some *prose* with $x^2$.
//!
//! ```python
//! integrate(x**2, x)
//! ```
//!
//! ```output
//! x**3/3
//! ```
//! ````
//!
//! The script form holds the code, and the prose as comments. Left out of both: images, widgets, HTML
//! and other media, tracebacks, standard error, results longer than a screen, raw cells, attachments,
//! shell escapes and magics (`!pip`, `%matplotlib`) and empty cells. LaTeX results are preferred to
//! plain ones, since they are what a reader of the notebook sees.

use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::CodeError;

/// Results longer than this are tables or logs.
const MAX_OUTPUT_BYTES: usize = 1000;
/// Results with more lines are tables or logs.
const MAX_OUTPUT_LINES: usize = 20;

/// How a notebook is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotebookStyle {
    /// Prose as it is, code and results between fences.
    #[default]
    Markdown,
    /// Code as it is, prose as comments, no results.
    Script,
}

#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    #[serde(default)]
    worksheets: Vec<Worksheet>,
    #[serde(default)]
    metadata: Metadata,
    nbformat: Option<u32>,
}

#[derive(Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<Cell>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    language_info: Named,
    #[serde(default)]
    kernelspec: Named,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    language: Text,
}

#[expect(clippy::struct_field_names, reason = "named as in the format")]
#[derive(Deserialize)]
struct Cell {
    #[serde(default)]
    cell_type: Text,
    #[serde(default)]
    source: Text,
    #[serde(default)]
    input: Text,
    #[serde(default)]
    language: Text,
    #[serde(default)]
    level: Option<u8>,
    #[serde(default)]
    outputs: Vec<Output>,
}

#[expect(clippy::struct_field_names, reason = "named as in the format")]
#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    output_type: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    stream: Text,
    #[serde(default)]
    text: Text,
    #[serde(default)]
    latex: Text,
    #[serde(default)]
    png: Option<IgnoredAny>,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default, rename = "text/plain")]
    plain: Text,
    #[serde(default, rename = "text/latex")]
    latex: Text,
    #[serde(default, rename = "image/png")]
    png: Option<IgnoredAny>,
    #[serde(default, rename = "image/svg+xml")]
    svg: Option<IgnoredAny>,
    #[serde(default, rename = "image/jpeg")]
    jpeg: Option<IgnoredAny>,
    #[serde(default, rename = "application/vnd.jupyter.widget-view+json")]
    widget: Option<IgnoredAny>,
    #[serde(default, rename = "text/html")]
    html: Option<IgnoredAny>,
}

/// A string, or lines of one; anything else reads as empty, notebooks are written by many programs.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Text, A::Error> {
        let mut text = String::new();
        while let Some(Text(line)) = lines.next_element()? {
            text.push_str(&line);
        }
        Ok(Text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

/// Renders the notebook in the JSON `text`.
///
/// Takes memory of about the text again; images are skipped while reading.
///
/// # Errors
/// [`CodeError::Notebook`] if `text` is no JSON, or holds neither `cells` (nbformat 4) nor `worksheets`
/// (nbformat 3 and older).
///
/// # Example
/// ```
/// use proofmill_code::{NotebookStyle, notebook};
/// let json = r#"{"nbformat": 4, "cells": [
///   {"cell_type": "markdown", "source": ["The *golden* ratio"]},
///   {"cell_type": "code", "source": "(1 + 5**0.5)/2", "outputs": [
///     {"output_type": "execute_result", "data": {"text/plain": ["1.618033988749895"]}}]}]}"#;
/// let text = notebook(json, NotebookStyle::Markdown)?;
/// assert_eq!(text, "The *golden* ratio\n\n```python\n(1 + 5**0.5)/2\n```\n\n\
///                   ```output\n1.618033988749895\n```\n");
/// # Ok::<(), proofmill_code::CodeError>(())
/// ```
pub fn notebook(text: &str, style: NotebookStyle) -> Result<String, CodeError> {
    let text = text.trim_start_matches('\u{feff}');
    let notebook: Notebook = serde_json::from_str(text).map_err(|error| CodeError::Notebook {
        problem: error.to_string(),
    })?;
    if notebook.nbformat.is_none() && notebook.cells.is_empty() && notebook.worksheets.is_empty() {
        let problem = "neither `nbformat` nor `cells` nor `worksheets`".to_owned();
        return Err(CodeError::Notebook { problem });
    }
    let language = language_of(&notebook.metadata);
    let cells = notebook
        .worksheets
        .iter()
        .flat_map(|sheet| &sheet.cells)
        .chain(&notebook.cells);
    let mut blocks: Vec<String> = Vec::new();
    for cell in cells {
        match (cell.cell_type.0.as_str(), style) {
            ("markdown" | "heading", _) => blocks.extend(prose(cell, style)),
            ("code", NotebookStyle::Markdown) => {
                let own = cell.language.0.trim();
                let language = if own.is_empty() { &language } else { own };
                if let Some(code) = code(cell) {
                    blocks.push(fenced(language, &code));
                    blocks.extend(cell.outputs.iter().filter_map(output));
                }
            }
            ("code", NotebookStyle::Script) => blocks.extend(code(cell)),
            _ => {}
        }
    }
    let mut rendered = blocks.join("\n\n");
    if !rendered.is_empty() {
        rendered.push('\n');
    }
    Ok(rendered)
}

/// Name of the kernel's language, lower case; Python where none is stated, as in old notebooks.
fn language_of(metadata: &Metadata) -> String {
    let candidates = [
        &metadata.language_info.name,
        &metadata.kernelspec.language,
        &metadata.kernelspec.name,
    ];
    let named = candidates
        .into_iter()
        .map(|text| text.0.trim())
        .find(|name| !name.is_empty());
    let is_word = |name: &&str| name.len() <= 40 && !name.contains(['`', '\n']);
    let name = named.filter(is_word).unwrap_or("python").to_lowercase();
    match name.as_str() {
        "ipython" | "python2" | "python3" => "python".to_owned(),
        _ => name,
    }
}

fn code(cell: &Cell) -> Option<String> {
    let source = if cell.source.0.is_empty() {
        &cell.input.0
    } else {
        &cell.source.0
    };
    if source.trim_start().starts_with("%%") && !source.trim_start().starts_with("%%time") {
        return None; // a whole cell in another language: shell, HTML, JavaScript
    }
    let lines = source.lines().filter(|line| {
        let line = line.trim_start();
        !(line.starts_with('!') || line.starts_with('%'))
    });
    let code = lines.collect::<Vec<_>>().join("\n");
    let code = code.trim_matches('\n').trim_end();
    (!code.trim().is_empty()).then(|| code.to_owned())
}

fn prose(cell: &Cell, style: NotebookStyle) -> Option<String> {
    let text = without_media(&cell.source.0);
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let level = usize::from(cell.level.unwrap_or(1).clamp(1, 6));
    let is_heading = cell.cell_type.0 == "heading";
    let text = if is_heading {
        format!("{} {text}", "#".repeat(level))
    } else {
        text.to_owned()
    };
    Some(match style {
        NotebookStyle::Markdown => text,
        NotebookStyle::Script => text
            .lines()
            .map(|line| format!("# {line}").trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

/// One result between fences, if it is short text.
fn output(output: &Output) -> Option<String> {
    let data = &output.data;
    let is_media = output.png.is_some()
        || data.png.is_some()
        || data.svg.is_some()
        || data.jpeg.is_some()
        || data.widget.is_some();
    let is_stderr = output.name.0 == "stderr" || output.stream.0 == "stderr";
    let has_only_repr =
        data.html.is_some() && data.latex.0.is_empty() && data.plain.0.starts_with('<');
    if is_stderr || has_only_repr || matches!(output.output_type.0.as_str(), "error" | "pyerr") {
        return None;
    }
    let latex = [&data.latex.0, &output.latex.0]
        .into_iter()
        .find(|text| !text.is_empty());
    let plain = [&data.plain.0, &output.text.0]
        .into_iter()
        .find(|text| !text.is_empty());
    // A picture's plain text is the name of an object; its LaTeX is the formula itself.
    let text = latex.or_else(|| plain.filter(|_| !is_media))?.trim_end();
    let is_short = text.len() <= MAX_OUTPUT_BYTES && text.lines().count() <= MAX_OUTPUT_LINES;
    let is_object = text.starts_with('<') && text.ends_with('>') && text.contains(" at 0x");
    let is_traceback =
        text.contains("Traceback (most recent call last)") || text.contains('\u{1b}');
    let is_text = is_short && !is_object && !is_traceback && !text.trim().is_empty();
    is_text.then(|| fenced("output", text.trim_matches('\n')))
}

/// `body` between fences that it does not hold itself.
fn fenced(info: &str, body: &str) -> String {
    let mut n_ticks = 3;
    let mut run = 0;
    for c in body.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        n_ticks = n_ticks.max(run + 1);
    }
    let fence = "`".repeat(n_ticks);
    let mut text = String::with_capacity(body.len() + info.len() + 2 * n_ticks + 2);
    // Writing to a string cannot fail.
    let _ = write!(text, "{fence}{info}\n{body}\n{fence}");
    text
}

/// Prose without pictures, video, frames and scripts.
fn without_media(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '!']) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = picture_bytes(rest).or_else(|| element_bytes(rest));
        if let Some(length) = length {
            rest = &rest[length..];
        } else {
            kept.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    kept.push_str(rest);
    kept
}

/// Length of `![alt](target)` at the start of `text`; targets may be long data URLs.
fn picture_bytes(text: &str) -> Option<usize> {
    const MAX_ALT_BYTES: usize = 1000;
    let alt = text.strip_prefix("![")?;
    let close = alt
        .bytes()
        .take(MAX_ALT_BYTES)
        .position(|byte| byte == b']')?;
    let target = alt[close + 1..].strip_prefix('(')?;
    let end = target
        .bytes()
        .position(|byte| byte == b')' || byte == b'\n')?;
    (target.as_bytes()[end] == b')').then_some(2 + close + 2 + end + 1)
}

/// Length of a media element at the start of `text`, with its content where it has one.
fn element_bytes(text: &str) -> Option<usize> {
    const ELEMENTS: [(&str, Option<&str>); 7] = [
        ("<img", None),
        ("<video", Some("</video>")),
        ("<audio", Some("</audio>")),
        ("<iframe", Some("</iframe>")),
        ("<script", Some("</script>")),
        ("<style", Some("</style>")),
        ("<svg", Some("</svg>")),
    ];
    const MAX_TAG_BYTES: usize = 64 << 10;
    for (open, close) in ELEMENTS {
        let is_open = text
            .get(..open.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(open))
            && !text
                .as_bytes()
                .get(open.len())
                .is_some_and(u8::is_ascii_alphanumeric);
        if !is_open {
            continue;
        }
        let tag = text.bytes().position(|byte| byte == b'>')? + 1;
        let Some(close) = close else { return Some(tag) };
        let mut stop = text.len().min(tag + MAX_TAG_BYTES);
        while !text.is_char_boundary(stop) {
            stop -= 1;
        }
        return Some(
            text[tag..stop]
                .find(close)
                .map_or(tag, |length| tag + length + close.len()),
        );
    }
    None
}
