//! Tables of text mode: Markdown where it fits, else lines of tab-separated cells.

use super::source::bracket;
use crate::expand::Engine;
use crate::names::{Class, fixed};
use crate::token::{Kind, Token};

/// Columns of a Markdown table.
const MAX_COLUMNS: usize = 12;
/// Bytes of one of its cells.
const MAX_CELL: usize = 200;

/// One cell: its tokens and how many columns it spans.
pub(super) struct Cell<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) columns: usize,
}

/// Splits the content of a tabular environment, column specification taken off, into rows.
pub(super) fn rows<'t>(engine: &Engine, tokens: &'t [Token]) -> Vec<Vec<Cell<'t>>> {
    let mut rows: Vec<Vec<Cell<'t>>> = Vec::new();
    let mut row: Vec<Cell<'t>> = Vec::new();
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
            }
            _ => {}
        }
    }
    row.push(cell(engine, &tokens[start.min(tokens.len())..]));
    rows.push(row);
    rows
}

/// The content of a tabular environment without the star and the space of `\\*[2pt]`.
pub(super) fn without_row_options(engine: &Engine, tokens: &[Token]) -> Vec<Token> {
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
            && engine.slice(*star) == "*"
        {
            at += 1;
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
            "tabularnewline" | "cr" | "crcr" | "endhead"
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
            };
        }
    }
    Cell { tokens, columns: 1 }
}

fn is_rule(engine: &Engine, token: Token) -> bool {
    matches!(
        engine.names.name(token.at),
        "hline" | "toprule" | "midrule" | "bottomrule"
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
pub(super) fn write(rows: &[Vec<String>]) -> String {
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
