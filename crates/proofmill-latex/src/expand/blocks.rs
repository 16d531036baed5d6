//! Environments whose content is not read as usual: verbatim, skipped, or kept in part.

use super::Engine;
use super::env::command_end;
use super::frames::small;
use crate::lexer;
use crate::names::Env;
use crate::token::{BLOCK, Kind, Token};

impl Engine {
    /// Reads the body of a verbatim environment as it stands.
    pub(super) fn verbatim_environment(&mut self, name: u32) {
        let end_mark = format!("\\end{{{}}}", self.names.name(name));
        let begin_len = end_mark.len() + 2;
        let keep = self.options.verbatim;
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            self.begin_standard(name, Env::Transparent);
            return;
        };
        let Some(end) = self.find_end(name, &cursor, &end_mark) else {
            self.signals.environment_recoveries += 1;
            return;
        };
        let after = end + end_mark.len();
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        if !keep {
            return;
        }
        let start = cursor.pos.saturating_sub(begin_len);
        if self
            .arena
            .get(start..cursor.pos)
            .is_some_and(|text| text.starts_with("\\begin"))
        {
            let token = Token {
                kind: Kind::Verb,
                flags: BLOCK,
                at: small(start),
                len: small(after - start),
            };
            self.out.push(token);
            return;
        }
        let body = self.arena.get(cursor.pos..after).unwrap_or_default();
        let text = format!("\\begin{{{}}}{body}", self.names.name(name));
        let token = self.add_text(&text);
        self.out.push(Token {
            kind: Kind::Verb,
            flags: BLOCK,
            ..token
        });
    }

    /// Where `end_mark` comes next in the file; once it does not, it is not looked for again.
    pub(super) fn find_end(
        &mut self,
        name: u32,
        cursor: &lexer::Cursor,
        end_mark: &str,
    ) -> Option<usize> {
        if self.endless.contains(&(name, cursor.end)) {
            return None;
        }
        let found = lexer::find(&self.arena, cursor, end_mark);
        if found.is_none() {
            self.endless.insert((name, cursor.end));
        }
        found
    }

    /// Leaves only captions (and labels) of what was written since `start`, unless there is text in
    /// other forms that is to stay.
    pub(super) fn keep_caption(&mut self, start: usize, keep_text: bool) {
        let inside = self.out.split_off(start.min(self.out.len()));
        let has_text = inside.iter().any(|token| match token.kind {
            Kind::Begin => matches!(
                self.names.info(token.at).env,
                Env::Tabular | Env::Equation | Env::Aligned | Env::Algorithm | Env::List
            ),
            Kind::Verb => token.has(BLOCK),
            _ => false,
        });
        if has_text && keep_text && self.options.captions {
            self.out.extend(inside);
            return;
        }
        let mut at = 0;
        while at < inside.len() {
            let token = inside[at];
            at += 1;
            if token.kind != Kind::Cs {
                continue;
            }
            let wanted = match self.names.name(token.at) {
                "caption" | "subcaption" | "captionof" => self.options.captions,
                "label" => self.options.labels,
                _ => false,
            };
            if !wanted {
                continue;
            }
            let end = command_end(&inside, at, |token| self.is_char(token, b'['));
            self.out
                .push(Token::new(Kind::Space).with(crate::token::NEWLINE));
            self.out.push(token);
            self.out.extend_from_slice(&inside[at..end]);
            at = end;
        }
        self.out
            .push(Token::new(Kind::Space).with(crate::token::NEWLINE));
    }

    /// Copies the arguments of a table as they stand: `>{$}c<{$}` is no formula.
    pub(super) fn column_specification(&mut self, name: u32) {
        let name = self.names.name(name);
        let signature = match name {
            "tabular*" | "tabularx" | "tabulary" => "mom",
            _ => "om",
        };
        for letter in signature.bytes() {
            let (open, close, argument) = if letter == b'o' {
                let Some(option) = self.optional() else {
                    continue;
                };
                (self.literal("["), self.literal("]"), option)
            } else {
                self.skip_blanks();
                if self.peek().is_none_or(|token| token.kind != Kind::Open) {
                    return;
                }
                (
                    Token::new(Kind::Open),
                    Token::new(Kind::Close),
                    self.argument(),
                )
            };
            self.out.push(open);
            self.out.extend(argument);
            self.out.push(close);
        }
    }
}
