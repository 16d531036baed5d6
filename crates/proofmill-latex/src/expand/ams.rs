//! What AMS-TeX and plain TeX write in place of LaTeX's structure.

use super::{Engine, GroupKind};
use crate::names::fixed;
use crate::token::{Kind, SPACED, Token};

impl Engine {
    /// AMS-TeX: `\head .. \endhead`; a `\head` in other papers is a command like any.
    pub(super) fn ams_head(&mut self, token: Token) {
        self.skip_blanks();
        let end = format!("end{}", self.names.name(token.at));
        if self.peek().is_some_and(|next| next.kind == Kind::Open) && !self.ends_soon(&end) {
            self.emit_command(token);
            return;
        }
        let content = self.until_command(&end);
        let level = match self.names.name(token.at) {
            "subhead" | "subsubhead" => fixed::SUBSECTION,
            _ => fixed::SECTION,
        };
        self.push_field(level, &content);
    }

    /// Whether the control word comes within the paragraph.
    pub(super) fn ends_soon(&mut self, end: &str) -> bool {
        let Some(cursor) = self.file_cursor().map(|cursor| *cursor) else {
            return false;
        };
        let rest = self
            .arena
            .as_bytes()
            .get(cursor.pos..cursor.end)
            .unwrap_or_default();
        let rest = &rest[..rest.len().min(2000)];
        memchr::memmem::find(rest, format!("\\{end}").as_bytes()).is_some()
    }

    /// `\proclaim{Theorem 1} .. \endproclaim`, plain TeX's `\proclaim Theorem 1. ..\par`,
    /// `\demo{Proof} .. \enddemo`.
    pub(super) fn ams_proclaim(&mut self, token: Token) {
        let name = self.names.name(token.at).to_owned();
        self.skip_blanks();
        if !matches!(name.as_str(), "demo" | "proclaim") && !self.ams {
            self.emit_command(token);
            return;
        }
        let env = if name == "demo" {
            fixed::PROOF
        } else {
            self.names.intern("proclaim")
        };
        if self.peek().is_some_and(|next| next.kind == Kind::Open) {
            let title = self.argument();
            if env == fixed::PROOF {
                self.begin_named(env);
                self.note_of_proof(&title);
                return;
            }
            let title = self.isolated(&title);
            let span = self.pool_span(&title);
            let env = self
                .names
                .intern(&format!("proclaim {}", self.plain(&title)));
            self.theorems.insert(env, span);
            self.begin_named(env);
            return;
        }
        if name != "proclaim" {
            self.emit_command(token);
            return;
        }
        // Plain TeX: the title ends with a full stop, the statement with the paragraph.
        let mut title = Vec::new();
        while let Some(next) = self.next_char() {
            if self.is_char(next, b'.') || next.kind == Kind::Par || title.len() > 100 {
                break;
            }
            title.push(next);
        }
        let title = self.isolated(&title);
        let span = self.pool_span(&title);
        let env = self
            .names
            .intern(&format!("proclaim {}", self.plain(&title)));
        self.theorems.insert(env, span);
        let mut body = Vec::new();
        while let Some(next) = self.next() {
            if next.kind == Kind::Par || (next.kind == Kind::Cs && next.at == fixed::PAR) {
                break;
            }
            body.push(next);
            if body.len() > 20_000 {
                break;
            }
        }
        body.push(Token::at(Kind::End, env));
        body.push(Token::new(Kind::Par));
        self.push_tokens(&body);
        self.begin_named(env);
    }

    /// `\endproclaim`, `\enddemo`.
    pub(super) fn ams_end(&mut self, token: Token) {
        let demo = self.names.name(token.at) == "enddemo";
        let open = self
            .groups
            .iter()
            .rev()
            .take(64)
            .find_map(|group| match group.kind {
                GroupKind::Env { name, .. } if demo && name == fixed::PROOF => Some(name),
                GroupKind::Env { name, .. }
                    if !demo && self.names.name(name).starts_with("proclaim") =>
                {
                    Some(name)
                }
                _ => None,
            });
        if let Some(name) = open {
            self.end_named(name);
        }
    }

    /// `\Refs .. \endRefs` of AMS-TeX.
    pub(super) fn ams_refs(&mut self) {
        let start = self.out.len();
        let content = self.until_command("endRefs");
        let entries = self.isolated(&content);
        self.bibliography.extend(entries);
        self.out.truncate(start);
    }

    /// `\abstract{..}`, or AMS-TeX's `\abstract .. \endabstract`.
    pub(super) fn ams_abstract(&mut self, token: Token) {
        self.skip_blanks();
        let braced = self.peek().is_some_and(|next| next.kind == Kind::Open);
        if !braced && !self.ends_soon("endabstract") && self.in_preamble {
            self.emit_command(token.with(SPACED));
            return;
        }
        let content = self.argument_or_until("endabstract");
        let mut tokens = vec![Token::at(Kind::Begin, fixed::ABSTRACT)];
        tokens.extend(content);
        tokens.push(Token::at(Kind::End, fixed::ABSTRACT));
        tokens.push(Token::new(Kind::Par));
        self.push_tokens(&tokens);
    }
}
