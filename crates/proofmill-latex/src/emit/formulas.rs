//! Text mode: formulas stay LaTeX, on their line or on lines of their own.

use super::measure::Measure;
use super::text::Text;
use super::writer::Gap;
use crate::token::{CLOSING, Delim, Kind, Token};

impl Text<'_, '_> {
    pub(super) fn formula(&mut self, tokens: &[Token], at: usize, open: Token) -> usize {
        let end = formula_end(tokens, at);
        let delim = Delim::of(open.at);
        let inside = &tokens[at..end];
        if delim.is_display() {
            self.display(inside, None);
        } else {
            let formula = self.latex(inside);
            let formula = formula.trim();
            if formula == "[diagram]" {
                self.writer.put(formula);
            } else if !formula.is_empty() {
                self.writer.flush();
                let start = self.writer.text.len();
                self.writer.text.push('$');
                self.push_line(formula);
                self.writer.text.push('$');
                self.measure.math_bytes += self.writer.text.len() - start;
            }
        }
        (end + 1).min(tokens.len())
    }

    pub(super) fn push_line(&mut self, text: &str) {
        if text.contains('\n') {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.writer.text.push_str(&line);
        } else {
            self.writer.text.push_str(text);
        }
    }

    /// A formula on lines of its own; `environment` stays around it.
    pub(super) fn display(&mut self, inside: &[Token], environment: Option<&str>) {
        let formula = self.latex(inside);
        let formula = formula.trim();
        if formula.is_empty() {
            return;
        }
        if formula == "[diagram]" {
            self.writer.put(formula);
            return;
        }
        if self.in_line == 0 {
            self.writer.gap(Gap::Line);
        } else {
            self.writer.gap(Gap::Space);
        }
        self.writer.flush();
        let start = self.writer.text.len();
        self.writer.text.push_str("$$");
        if let Some(name) = environment {
            for part in ["\\begin{", name, "}\n"] {
                self.writer.text.push_str(part);
            }
        }
        self.writer.text.push_str(formula);
        if let Some(name) = environment {
            for part in ["\n\\end{", name, "}"] {
                self.writer.text.push_str(part);
            }
        }
        self.writer.text.push_str("$$");
        self.measure.math_bytes += self.writer.text.len() - start;
        self.writer.gap(if self.in_line == 0 {
            Gap::Line
        } else {
            Gap::Space
        });
    }

    /// The content of a formula as LaTeX, without keys.
    pub(super) fn latex(&mut self, inside: &[Token]) -> String {
        let is_foreign = |token: &Token| {
            token.kind == Kind::Cs && self.engine.names.roles(token.at).is_foreign_in_formula()
        };
        let first = inside.iter().position(is_foreign).unwrap_or(inside.len());
        for token in inside[..first].iter().filter(|t| t.kind == Kind::Cs) {
            self.measure.command(self.engine, *token, true);
        }
        if first == inside.len() {
            return super::write_source(self.engine, inside, &mut Measure::ignoring());
        }
        let mut clean: Vec<Token> = Vec::with_capacity(inside.len());
        clean.extend_from_slice(&inside[..first]);
        let mut at = first;
        while let Some(token) = inside.get(at) {
            at += 1;
            if token.kind == Kind::Cs {
                self.measure.command(self.engine, *token, true);
                let roles = self.engine.names.roles(token.at);
                if roles.is_reference || roles.is_citation {
                    let from = at;
                    let next = self.skip_arguments(inside, at, "sooom");
                    at = next.0;
                    if roles.is_reference {
                        let name = self.name(*token);
                        clean.extend(self.formula_reference(&inside[from..at], name));
                    }
                    clean.extend(next.1);
                    continue;
                }
                if roles.is_aside {
                    let is_diagram = self.name(*token).starts_with("xymatrix");
                    if is_diagram {
                        at = behind_distances(inside, at);
                    }
                    at = self.skip_arguments(inside, at, "om").0;
                    if is_diagram {
                        clean.push(self.engine.diagram_text());
                    }
                    continue;
                }
            }
            clean.push(*token);
        }
        super::write_source(self.engine, &clean, &mut Measure::ignoring())
    }
}

/// Behind `@R=1em@C=2em`, which may stand before the group of a diagram.
fn behind_distances(tokens: &[Token], at: usize) -> usize {
    let length = tokens[at.min(tokens.len())..]
        .iter()
        .take(8)
        .take_while(|token| matches!(token.kind, Kind::Text | Kind::Space))
        .count();
    let has_group = tokens
        .get(at + length)
        .is_some_and(|token| token.kind == Kind::Open);
    if has_group { at + length } else { at }
}

/// End of the formula whose opening delimiter lies before `at`.
pub(super) fn formula_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        if token.kind == Kind::Shift {
            if !token.has(CLOSING) {
                depth += 1;
            } else if depth == 0 {
                return index;
            } else {
                depth -= 1;
            }
        }
    }
    tokens.len()
}
