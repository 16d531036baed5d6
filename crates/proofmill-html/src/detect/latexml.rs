//! Displays of `LaTeXML`: tables whose cells hold the parts of one formula.

use super::{Detector, Stand};
use crate::clean::{clean, strip_displaystyle};
use crate::page::Markup;
use crate::tag::Tag;
use crate::tree::NodeId;

impl Detector<'_, '_> {
    /// `LaTeXML`: a table around one display; cells are joined with `&`, rows with `\\`.
    pub(super) fn latexml_table(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        if tree.tag(node) != Tag::TABLE {
            return false;
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut markup = None;
        let mut at = node + 1;
        while at < tree.end(node) {
            match tree.tag(at) {
                Tag::TR => rows.push(Vec::new()),
                Tag::TD | Tag::TH => {
                    let (latex, from) = self.latexml_cell(at);
                    markup = from.or(markup);
                    let class = tree.class(at);
                    let is_padding = class.contains("ltx_eqn_center_pad") || class.contains("eqno");
                    if let Some(row) = rows.last_mut()
                        && !is_padding
                    {
                        row.push(latex);
                    }
                    at = tree.end(at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        tidy(&mut rows);
        let Some(markup) = markup else { return false }; // words only
        let latex = match rows.as_slice() {
            [] => return false,
            [row] => row
                .iter()
                .filter(|cell| !cell.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
            rows => {
                let lines: Vec<String> = rows.iter().map(|row| row.join(" & ")).collect();
                let is_single = rows.iter().all(|row| row.len() == 1);
                let name = if is_single { "gathered" } else { "aligned" };
                format!(
                    "\\begin{{{name}}}\n{}\n\\end{{{name}}}",
                    lines.join(" \\\\\n")
                )
            }
        };
        self.take(node, &latex, Stand::Display, markup)
    }

    /// The formulas of one cell, words between them as `\text`.
    fn latexml_cell(&self, cell: NodeId) -> (String, Option<Markup>) {
        let tree = self.tree;
        let mut out = String::new();
        let mut from = None;
        let mut at = cell + 1;
        let is_aside = |at: NodeId| {
            tree.class(at)
                .split_ascii_whitespace()
                .any(|word| matches!(word, "ltx_tag" | "ltx_ref" | "ltx_eqn_eqno" | "ltx_note"))
        };
        if is_aside(cell) {
            return (out, None);
        }
        while at < tree.end(cell) {
            let tag = tree.tag(at);
            if tag == Tag::MATH {
                let best = self.best_of_math(at);
                if let Some((latex, markup, _)) = best
                    && let Some(cleaned) = clean(&latex)
                {
                    from = Some(markup);
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(strip_displaystyle(&cleaned.latex).unwrap_or(&cleaned.latex));
                }
                at = tree.end(at);
            } else if tag == Tag::SPAN
                && tree.has_class(at, "mjpage")
                && let Some((tex, _)) = self.labelled_tex(at)
            {
                from = Some(Markup::DataAttribute);
                if let Some(cleaned) = clean(&tex) {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(strip_displaystyle(&cleaned.latex).unwrap_or(&cleaned.latex));
                }
                at = tree.end(at);
            } else if tag != Tag::TEXT && is_aside(at) {
                at = tree.end(at);
            } else {
                if tag == Tag::TEXT {
                    let text = tree.text(at);
                    let text = text.trim();
                    if text.chars().any(char::is_alphabetic) {
                        out.push_str("\\text{ ");
                        out.push_str(&text.replace(['{', '}', '$', '\\'], ""));
                        out.push_str(" }");
                    } else {
                        out.push_str(text);
                    }
                }
                at += 1;
            }
        }
        (out, from)
    }
}

/// Drops empty rows and columns, and joins the relation of three-column arrays with its right side.
fn tidy(rows: &mut Vec<Vec<String>>) {
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    for column in (0..n_columns).rev() {
        let is_empty = rows
            .iter()
            .all(|row| row.get(column).is_none_or(String::is_empty));
        if is_empty {
            for row in rows.iter_mut().filter(|row| row.len() > column) {
                row.remove(column);
            }
        }
    }
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_relation = |row: &Vec<String>| row.get(1).is_none_or(|cell| cell.chars().count() <= 8);
    if n_columns == 3 && rows.len() > 1 && rows.iter().all(is_relation) {
        for row in rows.iter_mut().filter(|row| row.len() == 3) {
            let right = row.remove(2);
            if let Some(relation) = row.last_mut() {
                let gap = if relation.is_empty() || right.is_empty() {
                    ""
                } else {
                    " "
                };
                relation.push_str(gap);
                relation.push_str(&right);
            }
        }
    }
    for row in rows {
        while row.last().is_some_and(String::is_empty) {
            row.pop();
        }
    }
}
