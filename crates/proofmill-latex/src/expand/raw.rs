//! Material that is read character by character: verbatim phrases, raw arguments, characters by
//! number, and the sizes of boxes and rules.

use super::frames::small;
use super::{Engine, Place};
use crate::token::{Kind, Token};

impl Engine {
    /// The rest of `\hbox to 3cm{..}`.
    pub(super) fn skip_box_size(&mut self) {
        self.skip_blanks();
        let Some(token) = self.next() else { return };
        let sized = token.kind == Kind::Text
            && ["to", "spread"]
                .iter()
                .any(|word| self.slice(token).starts_with(word));
        self.unread();
        if sized {
            let letters = if self.slice(token).starts_with("to") {
                2
            } else {
                6
            };
            for _ in 0..letters {
                self.next_char();
            }
            self.skip_dimension();
        }
    }

    pub(super) fn take_rule_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let Some(token) = self.next() else {
            return false;
        };
        let found = token.kind == Kind::Text && self.slice(token).starts_with(word);
        self.unread();
        if found {
            for _ in 0..word.len() {
                self.next_char();
            }
        }
        found
    }

    pub(super) fn discard(&mut self, name: u32) {
        let signature = match self.names.name(name) {
            "rule" => "omm",
            "titlespacing" => "smmmm",
            "titleformat" => {
                if self.star() {
                    "mmm"
                } else {
                    "mommmmo"
                }
            }
            "newcolumntype" => {
                self.new_column_type();
                return;
            }
            "newsymbol" => {
                self.next();
                self.number();
                return;
            }
            _ => "",
        };
        self.gobble(signature);
    }

    /// `\newcolumntype{C}{>{$}c<{$}}`: only whether its cells are formulas counts.
    fn new_column_type(&mut self) {
        let name = self.argument();
        let name = self.plain(&name).trim().chars().next();
        self.gobble("oo");
        let body = self.argument();
        if let Some(name) = name
            && body.iter().any(|token| token.kind == Kind::Dollar)
        {
            self.math_columns.insert(name);
        }
    }

    /// `\char 65`, `\char"41`, `` \char`A ``, `\symbol{65}`.
    pub(super) fn char_code(&mut self) {
        let mut text = String::new();
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            let argument = self.argument();
            text = self.plain(&argument);
        } else if self.take_char(b'`') {
            let next = self.next_char();
            if let Some(token) = next
                && token.kind == Kind::Text
            {
                self.out.push(token);
            }
            return;
        } else {
            while let Some(token) = self.next_char() {
                let slice = self.slice(token);
                if token.kind == Kind::Text
                    && slice
                        .bytes()
                        .all(|b| b.is_ascii_hexdigit() || b == b'"' || b == b'\'')
                {
                    text.push_str(slice);
                } else {
                    self.unread_char(token);
                    break;
                }
                if text.len() > 8 {
                    break;
                }
            }
        }
        let code = match text.as_bytes().first() {
            Some(b'"') => u32::from_str_radix(&text[1..], 16).ok(),
            Some(b'\'') => u32::from_str_radix(&text[1..], 8).ok(),
            _ => text.trim().parse().ok(),
        };
        if let Some(character) = code
            .filter(|code| (33..127).contains(code))
            .and_then(char::from_u32)
        {
            let token = self.add_text(&character.to_string());
            self.out.push(Token {
                kind: Kind::Verb,
                ..token
            });
        }
    }

    /// `\verb|..|`, `\lstinline|..|`, `\mintinline{lang}|..|`: raw.
    pub(super) fn verb(&mut self, token: Token) {
        let name = self.names.name(token.at).to_owned();
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            self.emit_command(token);
            return;
        };
        let rest = self.arena.get(cursor.pos..cursor.end).unwrap_or_default();
        let mut at = 0;
        if name == "mintinline" || name == "lstinline" {
            if rest.starts_with('[') {
                at = rest.find(']').map_or(0, |end| end + 1);
            }
            if name == "mintinline" && rest[at..].starts_with('{') {
                at += rest[at..].find('}').map_or(0, |end| end + 1);
            }
        } else if rest.starts_with('*') {
            at = 1;
        }
        let Some(open) = rest[at..].chars().next() else {
            return;
        };
        let close = if open == '{' { '}' } else { open };
        let body = at + open.len_utf8();
        let end = rest[body..]
            .find([close, '\n'])
            .map(|end| body + end)
            .filter(|end| rest[*end..].starts_with(close));
        let Some(end) = end else {
            self.signals.argument_recoveries += 1;
            return;
        };
        let text = format!("\\{name}{}", &rest[..end + close.len_utf8()]);
        let after = cursor.pos + end + close.len_utf8();
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        let token = self.add_text(&text);
        self.out.push(Token {
            kind: Kind::Verb,
            ..token
        });
    }

    /// `\url{..}`: the argument is raw, a comment sign is none.
    pub(super) fn raw_argument(&mut self, token: Token) {
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            self.emit_command(token);
            return;
        };
        let rest = self.arena.get(cursor.pos..cursor.end).unwrap_or_default();
        let close = rest
            .strip_prefix('{')
            .and_then(|body| body.find(['}', '\n', '{']));
        match close {
            Some(end) if rest.as_bytes().get(end + 1) == Some(&b'}') => {
                let text = Token::text(small(cursor.pos + 1), small(end));
                if let Some(cursor) = self.top_cursor() {
                    cursor.pos += end + 2;
                }
                self.emit_command(token);
                self.out.push(Token::new(Kind::Open));
                if text.len > 0 {
                    self.out.push(text);
                }
                self.out.push(Token::new(Kind::Close));
            }
            _ => self.emit_command(token),
        }
    }

    /// `|x|` after `\DefineShortVerb{\|}`.
    pub(super) fn short_verbatim(&mut self, token: Token) -> bool {
        let Some(mark) = self.short_verb else {
            return false;
        };
        if self.place != Place::Text || self.isolated > 0 {
            return false;
        }
        let Some(at) = self.slice(token).find(mark) else {
            return false;
        };
        let open = token.at as usize + at;
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            return false;
        };
        // Only text that was just read from the file can be read again.
        if token.at as usize + token.len as usize != cursor.pos {
            return false;
        }
        let body = open + mark.len_utf8();
        let rest = self.arena.get(body..cursor.end).unwrap_or_default();
        let Some(end) = rest
            .find([mark, '\n'])
            .filter(|end| rest[*end..].starts_with(mark))
        else {
            return false;
        };
        let text = format!("\\verb{mark}{}{mark}", &rest[..end]);
        let after = body + end + mark.len_utf8();
        if at > 0 {
            self.out.push(Token {
                len: small(at),
                ..token
            });
        }
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        let token = self.add_text(&text);
        self.out.push(Token {
            kind: Kind::Verb,
            ..token
        });
        true
    }

    pub(super) fn skip_to(&mut self, name: &str) {
        let mut read = Vec::new();
        let limit = if self.signals.argument_recoveries > 20 {
            64
        } else {
            2000
        };
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && self.names.name(token.at) == name {
                return;
            }
            read.push(token);
            if token.kind == Kind::Par || read.len() > limit {
                break;
            }
        }
        self.signals.argument_recoveries += 1;
        self.push_tokens(&read);
    }

    pub(super) fn theorem_style(&mut self, name: u32) {
        if self.names.name(name) == "newtheoremstyle" {
            self.gobble("smmmmmmmmm");
        } else {
            self.gobble("om");
        }
    }
}
