//! What plain TeX papers write in place of LaTeX: fonts, headings of their own, `\futurelet`.

use super::call::Params;
use super::{Def, Engine, Meaning};
use crate::names::fixed;
use crate::token::{FINAL, Kind, Token};

/// Tokens of a heading that ends with its paragraph.
const MAX_HEADING: usize = 200;

impl Engine {
    /// `\font\x=cmr10 scaled 1200`, `\newfont{\x}{cmr10}`: the switch is read and prints nothing.
    pub(super) fn font(&mut self, command: u32) {
        let newfont = self.names.name(command) == "newfont";
        let Some(name) = self.name_to_define() else {
            return;
        };
        if newfont {
            self.gobble("m");
        } else if self.names.name(command) == "DeclareFixedFont" {
            self.gobble("mmmmm");
        } else {
            self.take_char(b'=');
            self.skip_blanks();
            while let Some(token) = self.next_char() {
                let named = match token.kind {
                    Kind::Text => !self.is_char(token, b' '),
                    Kind::Sub => true,
                    _ => false,
                };
                if !named {
                    self.unread_char(token);
                    break;
                }
            }
            if self.take_word("scaled") {
                self.number();
            } else if self.take_word("at") {
                self.skip_dimension();
            }
        }
        self.define(name, Def::plain(0, (0, 0)));
    }

    /// `\futurelet\x\y`: `\x` gets the meaning of the token behind `\y`.
    pub(super) fn future_let(&mut self) {
        let Some(name) = self.next().filter(|token| token.kind == Kind::Cs) else {
            self.unread();
            return;
        };
        let Some(first) = self.next() else { return };
        let Some(second) = self.next_char() else {
            self.push_tokens(&[first]);
            return;
        };
        if !self.is_protected(name.at) {
            let meaning = self.meaning_for_let(second);
            self.defined.insert(name.at);
            self.assign(name.at, meaning);
        }
        self.unread_char(second);
        self.push_tokens(&[first]);
    }

    /// What `\let` captures from a token.
    pub(super) fn meaning_for_let(&self, target: Token) -> Meaning {
        match target.kind {
            Kind::Cs => match self.meaning(target.at) {
                Meaning::Builtin => Meaning::Alias(Token::cs(target.at)),
                meaning => meaning,
            },
            _ => Meaning::Alias(target),
        }
    }

    /// `\beginsection Title\par` of plain TeX.
    pub(super) fn plain_heading(&mut self) {
        let mut title = Vec::new();
        while let Some(token) = self.next() {
            if token.kind == Kind::Par || (token.kind == Kind::Cs && token.at == fixed::PAR) {
                break;
            }
            title.push(token);
            if title.len() > MAX_HEADING {
                break;
            }
        }
        self.push_field(fixed::SECTION, &title);
    }

    /// `\def\section#1.{..}`: the arguments are read as the paper says, the heading stays one.
    /// `false` if this is no such definition.
    pub(super) fn define_heading(&mut self, name: u32, params: &Params) -> bool {
        if self.names.roles(name).level.is_none() {
            return false;
        }
        let count = match params {
            Params::Delimited { delimiters, .. } => delimiters.len(),
            Params::Plain {
                count,
                default: None,
            } if *count > 1 && !self.has_class => usize::from(*count),
            _ => return false,
        };
        if count == 0 {
            return false;
        }
        let mut body = vec![Token::cs(name).with(FINAL), Token::new(Kind::Open)];
        for number in 1..=super::frames::small(count.min(9)) {
            if number > 1 {
                body.push(Token::new(Kind::Space));
            }
            body.push(Token::at(Kind::Param, number));
        }
        body.push(Token::new(Kind::Close));
        body.push(Token::new(Kind::Par));
        let body = self.pool_span(&body);
        let def = self.add_def(Def {
            params: params.clone(),
            body,
            long: true,
            usable: Some(true),
        });
        self.assign(name, Meaning::Macro(def));
        true
    }
}
