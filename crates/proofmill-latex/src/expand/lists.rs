//! Loops over comma-separated lists, with which preambles define families of macros:
//! `\forcsvlist{\handler}{a,b}`, `\docsvlist{a,b}`, `\@for\x:=a,b\do{..}`, `\foreach\x in {a,b}{..}`.

use super::{Engine, Meaning};
use crate::token::{Kind, Token};

/// Items of a list.
const MAX_ITEMS: usize = 1_000;
/// Tokens that a loop may give.
const MAX_TOKENS: usize = 50_000;
/// Tokens between `\@for` and `\do`.
const MAX_HEAD: usize = 4_000;

impl Engine {
    /// Writes out the loop that `token` opens; one of another form is left as it is.
    pub(super) fn list_loop(&mut self, token: Token) {
        let given = match self.names.name(token.at) {
            "forcsvlist" => {
                let handler = self.argument();
                self.handled_items(&handler)
            }
            "docsvlist" => {
                let handler = Token::cs(self.names.intern("do"));
                self.handled_items(&[handler])
            }
            "@for" => self.for_loop(),
            _ => self.foreach_loop(),
        };
        match given {
            Some(tokens) => {
                self.spend(tokens.len());
                self.push_tokens(&tokens);
            }
            None => self.emit_command(token),
        }
    }

    /// `handler{item}` for each item of the list that follows.
    fn handled_items(&mut self, handler: &[Token]) -> Option<Vec<Token>> {
        let list = self.argument();
        let mut tokens = Vec::new();
        for item in self.items(&list) {
            tokens.extend_from_slice(handler);
            tokens.push(Token::new(Kind::Open));
            tokens.extend(item);
            tokens.push(Token::new(Kind::Close));
            if tokens.len() > MAX_TOKENS {
                return None;
            }
        }
        Some(tokens)
    }

    fn for_loop(&mut self) -> Option<Vec<Token>> {
        let variable = self.next().filter(|token| token.kind == Kind::Cs)?;
        let mut head = Vec::new();
        self.scanning += 1;
        let mut found = false;
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && self.names.name(token.at) == "do" {
                found = true;
                break;
            }
            head.push(token);
            if token.kind == Kind::Par || head.len() > MAX_HEAD {
                break;
            }
        }
        self.scanning -= 1;
        if !found {
            head.insert(0, variable);
            self.push_tokens(&head);
            return None;
        }
        let body = self.argument();
        let list = self.without_start(&head, ":=");
        Some(self.bound_items(variable, &list, &body))
    }

    fn foreach_loop(&mut self) -> Option<Vec<Token>> {
        self.skip_blanks();
        let variable = self.next()?;
        if variable.kind != Kind::Cs {
            self.unread();
            return None;
        }
        self.optional();
        self.skip_blanks();
        let is_in = self
            .peek()
            .is_some_and(|token| token.kind == Kind::Text && self.slice(token).trim() == "in");
        if !is_in {
            self.push_tokens(&[variable]);
            return None;
        }
        self.next();
        let list = self.argument();
        let body = self.argument();
        Some(self.bound_items(variable, &list, &body))
    }

    /// `\def\x{item}` and the body, for each item.
    fn bound_items(&mut self, variable: Token, list: &[Token], body: &[Token]) -> Vec<Token> {
        let list = match list {
            [only] if only.kind == Kind::Cs => match self.meaning(only.at) {
                Meaning::Macro(def) => self.pooled(self.defs[def as usize].body).to_vec(),
                _ => list.to_vec(),
            },
            _ => list.to_vec(),
        };
        let define = Token::cs(self.names.intern("def"));
        let mut tokens = Vec::new();
        for item in self.items(&list) {
            tokens.extend([define, variable, Token::new(Kind::Open)]);
            tokens.extend(item);
            tokens.push(Token::new(Kind::Close));
            tokens.extend_from_slice(body);
            if tokens.len() > MAX_TOKENS {
                break;
            }
        }
        tokens
    }

    /// Tokens behind the text `start` and blanks.
    fn without_start(&self, tokens: &[Token], start: &str) -> Vec<Token> {
        let mut tokens: &[Token] = tokens;
        while let [first, rest @ ..] = tokens
            && first.kind == Kind::Space
        {
            tokens = rest;
        }
        let Some((first, rest)) = tokens.split_first() else {
            return Vec::new();
        };
        if first.kind != Kind::Text {
            return tokens.to_vec();
        }
        let text = self.slice(*first);
        let left = text.strip_prefix(start).unwrap_or(text);
        let skipped = super::frames::small(text.len() - left.len());
        let mut list = Vec::with_capacity(tokens.len());
        if !left.is_empty() {
            list.push(Token {
                at: first.at + skipped,
                len: first.len - skipped,
                ..*first
            });
        }
        list.extend_from_slice(rest);
        list
    }

    /// The items of a list, blanks around them taken off, empty ones left out.
    fn items(&self, tokens: &[Token]) -> Vec<Vec<Token>> {
        let mut items: Vec<Vec<Token>> = vec![Vec::new()];
        let mut depth = 0_usize;
        for token in tokens {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Text if depth == 0 => {
                    let mut offset = 0;
                    for (index, part) in self.slice(*token).split(',').enumerate() {
                        if index > 0 {
                            items.push(Vec::new());
                        }
                        let word = part.trim();
                        let start = offset + part.len() - part.trim_start().len();
                        if !word.is_empty()
                            && let Some(item) = items.last_mut()
                        {
                            item.push(Token {
                                at: token.at + super::frames::small(start),
                                len: super::frames::small(word.len()),
                                ..*token
                            });
                        }
                        offset += part.len() + 1;
                        if items.len() > MAX_ITEMS {
                            break;
                        }
                    }
                    continue;
                }
                Kind::Space if items.last().is_some_and(Vec::is_empty) => continue,
                _ => {}
            }
            if let Some(item) = items.last_mut() {
                item.push(*token);
            }
        }
        for item in &mut items {
            while item.last().is_some_and(|token| token.kind == Kind::Space) {
                item.pop();
            }
        }
        items.retain(|item| !item.is_empty());
        items.truncate(MAX_ITEMS);
        items
    }
}
