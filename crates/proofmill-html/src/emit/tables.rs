//! Tables of data as pipe tables; tables for layout are left to the walk.

use super::resolve::{Piece, Place};
use super::run::{Mark, Run};
use super::{Emitter, is_never_shown};
use crate::detect::Action;
use crate::tag::Tag;
use crate::tree::NodeId;

/// Most cells of one table that are written as a table.
const MAX_CELLS: usize = 20_000;

/// Longest average cell, in bytes of source, that is data and not layout.
const MAX_MEAN_CELL_BYTES: usize = 300;

impl Emitter<'_, '_> {
    /// Writes a table if it is one of data; returns whether it was.
    pub(super) fn data_table(&mut self, table: NodeId) -> bool {
        let Some(rows) = self.rows_of(table) else {
            return false;
        };
        self.flush();
        let caption = self
            .tree
            .element_children(table)
            .find(|child| self.tree.tag(*child) == Tag::CAPTION);
        if let Some(caption) = caption {
            let text = self.inline(caption);
            if !text.is_empty() {
                self.gap = 2;
                self.block(&text);
            }
        }
        let mut lines: Vec<Vec<String>> = Vec::new();
        for row in &rows {
            let mut cells = Vec::new();
            for cell in row {
                cells.push(self.inline(*cell));
                let span = self
                    .tree
                    .attribute(*cell, "colspan")
                    .and_then(|value| value.trim().parse().ok());
                let n_more: usize = span.unwrap_or(1);
                cells.extend((1..n_more.min(20)).map(|_| String::new()));
            }
            if cells.iter().any(|cell| !cell.is_empty()) {
                lines.push(cells);
            }
        }
        let n_columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let mut text = String::new();
        for (index, cells) in lines.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push('|');
            for column in 0..n_columns {
                text.push(' ');
                text.push_str(cells.get(column).map_or("", String::as_str));
                text.push_str(" |");
            }
            if index == 0 {
                text.push_str("\n|");
                text.push_str(&" --- |".repeat(n_columns));
            }
        }
        if !text.is_empty() {
            self.gap = 2;
            self.n_tables += 1;
            self.block(&text);
        }
        true
    }

    /// The cells of each row, if the table holds data: at least two rows and columns, cells short and
    /// without blocks of their own.
    fn rows_of(&self, table: NodeId) -> Option<Vec<Vec<NodeId>>> {
        let tree = self.tree;
        let mut rows: Vec<Vec<NodeId>> = Vec::new();
        let mut n_cells = 0;
        let mut n_paragraphs = 0;
        for at in table + 1..tree.end(table) {
            match tree.tag(at) {
                Tag::TABLE
                | Tag::UL
                | Tag::OL
                | Tag::PRE
                | Tag::BLOCKQUOTE
                | Tag::FORM
                | Tag::DL
                | Tag::H1
                | Tag::H2
                | Tag::H3
                | Tag::H4
                | Tag::ARTICLE
                | Tag::SECTION => return None,
                Tag::TR => rows.push(Vec::new()),
                Tag::TD | Tag::TH => {
                    n_cells += 1;
                    rows.last_mut()?.push(at);
                }
                Tag::P => n_paragraphs += 1,
                _ => {}
            }
        }
        rows.retain(|row| !row.is_empty());
        let n_columns = rows.iter().map(Vec::len).max()?;
        let n_filled_rows = rows.iter().filter(|row| row.len() > 1).count();
        if rows.len() < 2
            || n_columns < 2
            || n_filled_rows < 2
            || n_cells > MAX_CELLS
            || n_paragraphs > n_cells
        {
            return None;
        }
        let role = tree.attribute(table, "role");
        if role.is_some_and(|role| role == "presentation" || role == "none") {
            return None;
        }
        let n_text_bytes: usize = (table..tree.end(table))
            .filter(|at| tree.tag(*at) == Tag::TEXT)
            .map(|at| tree.raw_text(at).trim().len())
            .sum();
        (n_text_bytes / n_cells.max(1) <= MAX_MEAN_CELL_BYTES).then_some(rows)
    }

    /// All inline content below a node as one line.
    fn inline(&mut self, node: NodeId) -> String {
        let tree = self.tree;
        let mut run = Run::default();
        run.clear();
        std::mem::swap(&mut run, &mut self.run);
        let mut at = node + 1;
        let mut emphasis: Vec<(NodeId, &'static str)> = Vec::new();
        while at < tree.end(node) {
            while let Some((end, original)) = emphasis.last().copied().filter(|(end, _)| *end <= at)
            {
                debug_assert!(end <= at);
                emphasis.pop();
                self.run.mark(Mark::Emphasis(original));
            }
            let tag = tree.tag(at);
            let end = tree.end(at);
            if tag == Tag::TEXT {
                self.run.push_node(tree, at);
                at = end;
                continue;
            }
            match self.map.action(at) {
                Action::Skip => {
                    at = end;
                    continue;
                }
                Action::Formula(index) => {
                    self.run.mark(Mark::Formula(index));
                    at = end;
                    continue;
                }
                Action::Enter => {}
            }
            if self.content.is_skipped(at) || is_never_shown(tag) {
                at = end;
                continue;
            }
            match tag {
                Tag::SUP | Tag::SUB => {
                    at = self.script(at);
                    continue;
                }
                Tag::CODE | Tag::TT | Tag::KBD | Tag::SAMP if self.code_span(at) => {
                    at = end;
                    continue;
                }
                Tag::A if self.is_anchor_mark(at) => {
                    at = end;
                    continue;
                }
                Tag::EM => {
                    self.run.mark(Mark::Emphasis("_"));
                    emphasis.push((end, "_"));
                }
                Tag::BR => self.run.mark(Mark::Break),
                _ if tag.is_block() => self.run.space(' '),
                _ => {}
            }
            at += 1;
        }
        std::mem::swap(&mut run, &mut self.run);
        let mut out = String::new();
        for piece in self.resolve(&run, Place::Cell) {
            let (Piece::Text(text) | Piece::Display(text)) = piece;
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&text);
        }
        out.replace('\n', " ")
    }
}
