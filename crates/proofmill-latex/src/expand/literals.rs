//! Text tokens and the text that tokens stand for.

use super::Engine;
use crate::token::{Kind, Token};

impl Engine {
    /// A text token for `text`, made once.
    pub(super) fn literal(&mut self, text: &'static str) -> Token {
        if let Some(token) = self.literals.get(text) {
            return *token;
        }
        let token = self.add_text(text);
        self.literals.insert(text, token);
        token
    }

    /// A text token for `text`; empty when the arena is full.
    pub(crate) fn add_text(&mut self, text: &str) -> Token {
        let start = self.arena.len();
        let Ok(at) = u32::try_from(start) else {
            return Token::NOTHING;
        };
        if start + text.len() > u32::MAX as usize / 2 {
            return Token::NOTHING;
        }
        self.arena.push_str(text);
        Token::text(at, u32::try_from(text.len()).unwrap_or(0))
    }

    /// Text of a token that refers to the arena.
    pub(crate) fn slice(&self, token: Token) -> &str {
        let start = token.at as usize;
        self.arena
            .get(start..start + token.len as usize)
            .unwrap_or_default()
    }

    /// Characters of `tokens`, with commands written out; for names, keys and file names.
    pub(crate) fn plain(&self, tokens: &[Token]) -> String {
        let mut text = String::new();
        for token in tokens {
            match token.kind {
                Kind::Text | Kind::Verb => text.push_str(self.slice(*token)),
                Kind::Space => text.push(' '),
                Kind::Sub => text.push('_'),
                Kind::Sup => text.push('^'),
                Kind::Tie => text.push('~'),
                Kind::Hash => text.push('#'),
                Kind::Align => text.push('&'),
                Kind::Cs => {
                    let name = self.names.name(token.at);
                    if name.len() == 1 && !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                        text.push_str(name);
                    }
                }
                _ => {}
            }
        }
        text
    }
}
