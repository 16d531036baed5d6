//! Tables of text mode: Markdown where it fits, else lines of tab-separated cells.

use super::source::{bracket, cut};
use super::text::Text;
use super::writer::Gap;
use crate::expand::Engine;
use crate::names::{Class, fixed};
use crate::token::{Kind, Token};

/// Columns of a Markdown table.
const MAX_COLUMNS: usize = 12;
/// Bytes of one of its cells.
const MAX_CELL: usize = 200;
/// Columns of a specification that are looked at.
const MAX_SPECIFIED: usize = 64;

/// One cell: its tokens and how many columns it spans.
struct Cell<'t> {
    tokens: &'t [Token],
    columns: usize,
    /// A `\multicolumn`, which has a column specification of its own.
    own: bool,
}

impl Text<'_, '_> {
    /// Writes the content of a table environment, its arguments first.
    pub(super) fn table(&mut self, tokens: &[Token], name: &str) {
        let signature = match name {
            "tabular*" | "tabularx" | "tabulary" => "omom",
            _ => "om",
        };
        let from = self.skip_arguments(tokens, 0, signature).0;
        let specification = self.skip_arguments(tokens, 0, &signature[..signature.len() - 1]);
        let columns = groups(tokens, specification.0)
            .next()
            .map(|(from, to)| math_columns(self.engine, &tokens[from..to]))
            .unwrap_or_default();
        self.table_rows(&tokens[from..], &columns);
    }

    /// Writes rows; `math` tells which columns hold formulas.
    pub(super) fn table_rows(&mut self, tokens: &[Token], math: &[bool]) {
        let engine = self.engine;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut captions = Vec::new();
        let content = without_row_options(engine, tokens);
        for cells in rows_of(engine, &content) {
            let mut row = Vec::new();
            for cell in cells {
                let is_math = !cell.own && math.get(row.len()).copied().unwrap_or(false);
                let text = self.cell_text(cell.tokens, is_math);
                let text = match text.strip_prefix("Table: ") {
                    Some(caption) => {
                        captions.push(caption.to_owned());
                        String::new()
                    }
                    None => text,
                };
                row.push(text);
                row.extend(std::iter::repeat_n(
                    String::new(),
                    cell.columns.saturating_sub(1),
                ));
            }
            if row.iter().any(|cell| !cell.is_empty()) {
                rows.push(row);
            }
        }
        if self.in_line > 0 {
            let cells: Vec<String> = captions
                .into_iter()
                .chain(rows.into_iter().flatten())
                .filter(|c| !c.is_empty())
                .collect();
            self.writer.put(&cells.join(" "));
            return;
        }
        self.paragraph();
        for caption in captions {
            self.writer.put(&format!("Table: {caption}"));
            self.writer.gap(Gap::Par);
        }
        if !rows.is_empty() {
            self.writer.put(&write(&rows));
        }
        self.writer.gap(Gap::Par);
    }

    /// A cell on one line; what is set as a formula without dollars of its own gets them.
    fn cell_text(&mut self, tokens: &[Token], is_math: bool) -> String {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token.kind {
                Kind::Space | Kind::Par | Kind::Nothing => at += 1,
                Kind::Cs if is_rule(self.engine, *token) => {
                    at = self.skip_arguments(tokens, at + 1, "o").0;
                    if matches!(self.name(*token), "cline" | "cmidrule") {
                        at = self.skip_arguments(tokens, at, "m").0;
                    }
                }
                _ => break,
            }
        }
        let is_plain = |token: &Token| match token.kind {
            Kind::Shift | Kind::Begin | Kind::Verb | Kind::Par => true,
            Kind::Cs => matches!(self.name(*token), "caption" | "multirow" | "cmidrule"),
            _ => false,
        };
        if !is_math || tokens[at..].iter().any(is_plain) {
            return self.one_line(tokens);
        }
        let formula = self.latex(&tokens[at..]);
        let formula = formula.split_whitespace().collect::<Vec<_>>().join(" ");
        if formula.is_empty() {
            String::new()
        } else {
            format!("${formula}$")
        }
    }
}

/// Splits the content of a tabular environment, column specification taken off, into rows.
///
/// The head that a long table repeats on each page comes once, its foot where it ends.
fn rows_of<'t>(engine: &Engine, tokens: &'t [Token]) -> Vec<Vec<Cell<'t>>> {
    let mut rows: Vec<Vec<Cell<'t>>> = Vec::new();
    let mut row: Vec<Cell<'t>> = Vec::new();
    let mut parts = Parts::default();
    let mut start = 0;
    let mut depth = 0_i32;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open | Kind::Begin => depth += 1,
            Kind::Close | Kind::End => depth -= 1,
            Kind::Shift => {
                depth += if token.has(crate::token::CLOSING) {
                    -1
                } else {
                    1
                }
            }
            Kind::Align if depth == 0 => {
                row.push(cell(engine, &tokens[start..index]));
                start = index + 1;
            }
            Kind::Cs if depth == 0 && is_row_end(engine, *token) => {
                row.push(cell(engine, &tokens[start..index]));
                start = index + 1;
                rows.push(std::mem::take(&mut row));
                if let Some(part) = parts.part(engine.names.name(token.at)) {
                    *part = Some(std::mem::take(&mut rows));
                }
            }
            _ => {}
        }
    }
    row.push(cell(engine, &tokens[start.min(tokens.len())..]));
    rows.push(row);
    let head = parts.first_head.or(parts.head).unwrap_or_default();
    let foot = parts.last_foot.or(parts.foot).unwrap_or_default();
    head.into_iter().chain(rows).chain(foot).collect()
}

/// The parts of a long table that are set apart from its rows.
#[derive(Default)]
struct Parts<'t> {
    first_head: Option<Vec<Vec<Cell<'t>>>>,
    head: Option<Vec<Vec<Cell<'t>>>>,
    foot: Option<Vec<Vec<Cell<'t>>>>,
    last_foot: Option<Vec<Vec<Cell<'t>>>>,
}

impl<'t> Parts<'t> {
    /// The part that the command `name` ends.
    fn part(&mut self, name: &str) -> Option<&mut Option<Vec<Vec<Cell<'t>>>>> {
        Some(match name {
            "endfirsthead" => &mut self.first_head,
            "endhead" => &mut self.head,
            "endfoot" => &mut self.foot,
            "endlastfoot" => &mut self.last_foot,
            _ => return None,
        })
    }
}

/// Which columns are set as formulas, from a column specification such as `l>{$}c<{$}`.
fn math_columns(engine: &Engine, specification: &[Token]) -> Vec<bool> {
    let mut columns = Vec::new();
    read_columns(engine, specification, 0, &mut columns);
    columns
}

fn read_columns(engine: &Engine, tokens: &[Token], depth: usize, columns: &mut Vec<bool>) {
    let mut at = 0;
    let mut math = false;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.kind != Kind::Text {
            continue;
        }
        for letter in engine.slice(*token).chars() {
            let group = |at: usize| groups(tokens, at).next();
            match letter {
                '>' => {
                    if let Some((from, to)) = group(at) {
                        let hook = &tokens[from..to];
                        math |= hook.iter().any(|token| opens_formula(engine, *token));
                    }
                }
                '*' => {
                    let mut arguments = groups(tokens, at);
                    if let (Some(count), Some(inner)) = (arguments.next(), arguments.next())
                        && depth < 3
                    {
                        let count = engine.plain(&tokens[count.0..count.1]);
                        for _ in 0..count.trim().parse().unwrap_or(1_usize).min(MAX_SPECIFIED) {
                            read_columns(engine, &tokens[inner.0..inner.1], depth + 1, columns);
                        }
                    }
                }
                letter if letter.is_ascii_alphabetic() && columns.len() < MAX_SPECIFIED => {
                    columns.push(math || engine.math_columns.contains(&letter));
                    math = false;
                }
                _ => {}
            }
        }
        // What stands in groups is no column.
        while tokens.get(at).is_some_and(|token| token.kind == Kind::Open) {
            at += group_length(&tokens[at..]);
        }
    }
}

/// Whether the token, in the hook of a column, opens a formula.
fn opens_formula(engine: &Engine, token: Token) -> bool {
    token.kind == Kind::Dollar
        || token.kind == Kind::Shift
        || (token.kind == Kind::Cs && engine.names.name(token.at) == "(")
}

/// The content of a tabular environment without the star and the space of `\\*[2pt]`.
fn without_row_options(engine: &Engine, tokens: &[Token]) -> Vec<Token> {
    let mut content = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        content.push(*token);
        if token.kind != Kind::Cs || !is_row_end(engine, *token) {
            continue;
        }
        if let Some(star) = tokens.get(at)
            && star.kind == Kind::Text
            && let Some(rest) = engine.slice(*star).strip_prefix('*')
        {
            if let Some(end) = rest.find(']').filter(|_| rest.starts_with('[')) {
                at += 1;
                content.extend(cut(*star, end + 2, rest.len() + 1));
                continue;
            }
            at += usize::from(rest.is_empty());
        }
        if let Some(space) = bracket(engine, tokens, at) {
            at = space.next;
            content.extend(space.rest);
        }
    }
    content
}

fn is_row_end(engine: &Engine, token: Token) -> bool {
    token.at == fixed::NEWLINE
        || matches!(
            engine.names.name(token.at),
            "tabularnewline"
                | "cr"
                | "crcr"
                | "endhead"
                | "endfirsthead"
                | "endfoot"
                | "endlastfoot"
        )
}

/// A cell, with `\multicolumn` opened.
fn cell<'t>(engine: &Engine, tokens: &'t [Token]) -> Cell<'t> {
    let first = tokens.iter().position(|token| {
        !(matches!(token.kind, Kind::Space | Kind::Par | Kind::Nothing)
            || token.kind == Kind::Cs && is_rule(engine, *token))
    });
    if let Some(at) = first
        && tokens[at].kind == Kind::Cs
        && engine.names.name(tokens[at].at) == "multicolumn"
    {
        let mut groups = groups(tokens, at + 1);
        let content = groups.nth(2);
        let columns = groups_text(engine, tokens, at + 1);
        if let Some((from, to)) = content {
            return Cell {
                tokens: &tokens[from..to],
                columns,
                own: true,
            };
        }
    }
    Cell {
        tokens,
        columns: 1,
        own: false,
    }
}

fn is_rule(engine: &Engine, token: Token) -> bool {
    matches!(
        engine.names.name(token.at),
        "hline" | "toprule" | "midrule" | "bottomrule" | "cline" | "cmidrule"
    ) && engine.names.info(token.at).class == Class::Keep
}

/// Ranges of the groups that follow each other from `at` on.
pub(super) fn groups(tokens: &[Token], at: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = at;
    std::iter::from_fn(move || {
        while tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Space)
        {
            at += 1;
        }
        if tokens.get(at)?.kind != Kind::Open {
            return None;
        }
        let end = at + group_length(&tokens[at..]);
        let range = (at + 1, end.saturating_sub(1).max(at + 1));
        at = end;
        Some(range)
    })
}

/// Tokens of the group that opens first, braces included.
pub(crate) fn group_length(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

fn groups_text(engine: &Engine, tokens: &[Token], at: usize) -> usize {
    groups(tokens, at)
        .next()
        .and_then(|(from, to)| engine.plain(&tokens[from..to]).trim().parse().ok())
        .unwrap_or(1_usize)
        .clamp(1, MAX_COLUMNS)
}

/// Lines of the table; cells are given as text.
fn write(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let fits = columns <= MAX_COLUMNS
        && rows.len() > 1
        && columns > 1
        && rows
            .iter()
            .flatten()
            .all(|cell| cell.len() <= MAX_CELL && !cell.contains(['|', '\n']));
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if !text.is_empty() {
            text.push('\n');
        }
        if !fits {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('\n', " ")).collect();
            text.push_str(cells.join("\t").trim_end());
            continue;
        }
        text.push('|');
        for column in 0..columns {
            text.push(' ');
            text.push_str(row.get(column).map_or("", String::as_str));
            text.push_str(" |");
        }
        if index == 0 {
            text.push_str("\n|");
            text.push_str(&" --- |".repeat(columns));
        }
    }
    text
}
