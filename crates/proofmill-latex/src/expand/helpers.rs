//! TeX's and LaTeX's small programming helpers: names built from text, look-ahead, tests of names.

use super::prims::Prim;
use super::{Def, Engine, Meaning, Place};
use crate::names::{Class, fixed};
use crate::token::{Delim, Kind, Token};

impl Engine {
    /// Reads to `\endcsname` and gives the name; `None` if nobody knows it.
    pub(super) fn csname(&mut self) -> Option<u32> {
        let mut tokens = Vec::new();
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && token.at == fixed::ENDCSNAME {
                break;
            }
            if token.kind == Kind::Par || tokens.len() > 200 {
                self.unread();
                break;
            }
            tokens.push(token);
        }
        let tokens = self.isolated(&tokens);
        let name = self.plain(&tokens);
        if name.len() > 200 {
            return None;
        }
        Some(self.names.intern(&name))
    }

    /// `\expandafter`: the token after the next is expanded first.
    pub(super) fn expand_after(&mut self, depth: u32) {
        let Some(first) = self.next() else { return };
        let Some(second) = self.next() else {
            self.push_tokens(&[first]);
            return;
        };
        if second.kind == Kind::Cs {
            match self.meaning(second.at) {
                Meaning::Macro(def) => {
                    let pending = std::mem::take(&mut self.pending);
                    self.call(second, def);
                    self.pending = pending;
                }
                Meaning::Builtin => match self.names.info(second.at).prim {
                    Prim::Csname => {
                        if let Some(name) = self.csname() {
                            self.push_tokens(&[Token::cs(name)]);
                        }
                    }
                    Prim::ExpandAfter if depth < 32 => self.expand_after(depth + 1),
                    Prim::If | Prim::Fi | Prim::Else => {
                        self.execute(second, self.names.info(second.at).prim);
                    }
                    _ => self.unread(),
                },
                Meaning::Switch(_) => self.control(second),
                _ => self.unread(),
            }
        } else {
            self.unread();
        }
        self.push_tokens(&[first]);
    }

    pub(super) fn if_next_char(&mut self, name: u32) {
        if self.names.name(name) == "@testopt" {
            let command = self.argument();
            let default = self.argument();
            self.skip_blanks();
            let option = self.peek().is_some_and(|token| self.is_char(token, b'['));
            if !option {
                let (open, close) = (self.literal("["), self.literal("]"));
                let mut tokens = command;
                tokens.push(open);
                tokens.extend(default);
                tokens.push(close);
                self.push_tokens(&tokens);
                return;
            }
            self.push_tokens(&command);
            return;
        }
        let wanted = self.argument();
        let yes = self.argument();
        let no = self.argument();
        self.skip_blanks();
        let next = self.next_char();
        let same = match (wanted.first(), next) {
            (Some(wanted), Some(next)) => self.alike(*wanted, next),
            // `\bgroup` and an empty argument both ask for a brace.
            (None, Some(next)) => next.kind == Kind::Open,
            _ => false,
        };
        if let Some(next) = next {
            self.unread_char(next);
        }
        self.push_tokens(if same { &yes } else { &no });
    }

    pub(super) fn if_undefined(&mut self, name: u32) {
        let test = self.names.name(name).to_owned();
        let subject = self.argument();
        let subject = match subject.as_slice() {
            [token] if token.kind == Kind::Cs => token.at,
            tokens => {
                let expanded = self.isolated(tokens);
                let name = self.plain(&expanded);
                self.names.intern(&name)
            }
        };
        let yes = self.argument();
        let no = self.argument();
        let wants_undefined = matches!(test.as_str(), "@ifundefined" | "ifundef" | "ifcsundef");
        let defined = self.is_defined(subject);
        self.push_tokens(if defined == wants_undefined {
            &no
        } else {
            &yes
        });
    }

    pub(super) fn name_def(&mut self) {
        let name = self.argument();
        let name = self.isolated(&name);
        let name = self.plain(&name);
        let body = self.argument();
        let body = self.body(&body);
        let name = self.names.intern(name.trim());
        self.define(name, Def::plain(0, body));
    }

    pub(super) fn ensuremath(&mut self) {
        let argument = self.argument();
        if self.place == Place::Text {
            let mut tokens = vec![Token::shift(Delim::Dollar, false)];
            tokens.extend(argument);
            tokens.push(Token::shift(Delim::Dollar, true));
            self.push_tokens(&tokens);
        } else if self.pending > 0 {
            let mut tokens = vec![Token::new(Kind::Open)];
            tokens.extend(argument);
            tokens.push(Token::new(Kind::Close));
            self.push_tokens(&tokens);
        } else {
            self.push_tokens(&argument);
        }
    }

    pub(super) fn xspace(&mut self) {
        if self.place != Place::Text {
            return;
        }
        let Some(token) = self.peek() else { return };
        let space = match token.kind {
            Kind::Text => self.slice(token).chars().next().is_some_and(|c| {
                !matches!(
                    c,
                    '.' | ',' | '\'' | '/' | '?' | ';' | ':' | '!' | '-' | ')' | ' ' | '~'
                )
            }),
            Kind::Cs => !matches!(
                self.names.name(token.at),
                " " | "/"
                    | "space"
                    | "xspace"
                    | "footnote"
                    | "footnotemark"
                    | "egroup"
                    | "\\"
                    | "fi"
                    | "else"
            ),
            Kind::Dollar | Kind::Begin | Kind::Shift => true,
            _ => false,
        };
        if space {
            self.out.push(Token::new(Kind::Space));
        }
    }

    pub(super) fn environment_usable(&mut self, def: u32) -> bool {
        self.is_usable_body(def)
    }

    /// As for macros: nothing that cannot be executed.
    pub(super) fn is_usable_body(&mut self, def: u32) -> bool {
        if let Some(usable) = self.defs[def as usize].usable {
            return usable;
        }
        let body = self.defs[def as usize].body;
        let usable = self.pooled(body).iter().all(|token| {
            token.kind != Kind::Cs
                || self.meaning(token.at) != Meaning::Builtin
                || match self.names.info(token.at).class {
                    Class::Hostile => false,
                    Class::Unknown => !self.names.name(token.at).contains('@'),
                    _ => true,
                }
        });
        self.defs[def as usize].usable = Some(usable);
        usable
    }
}
