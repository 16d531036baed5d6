//! Loops: plain TeX's `\loop`, LaTeX's `\@for` and `\@tfor`, pgf's `\foreach`, etoolbox's lists.
//!
//! Every turn is written out before it is read, so the bounds are those of all input.

use super::Engine;
use crate::names::fixed;
use crate::token::{Kind, Token};

/// Turns of one loop; one that goes on is taken for endless, and writes nothing.
const MAX_TURNS: u32 = 1_000;
/// Items of one list.
const MAX_ITEMS: usize = 1_000;
/// Tokens that all turns over one list may have.
const MAX_TOKENS: usize = 200_000;

impl Engine {
    /// `\loop .. \if.. .. \repeat`.
    pub(super) fn plain_loop(&mut self) {
        let mut body = Vec::new();
        let repeat = self.names.intern("repeat");
        self.scanning += 1;
        let mut depth = 0_usize;
        let mut found = false;
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => {
                    self.unread();
                    break;
                }
                Kind::Close => depth -= 1,
                Kind::Cs if token.at == repeat && depth == 0 => {
                    found = true;
                    break;
                }
                _ => {}
            }
            body.push(token);
            if body.len() > MAX_ITEMS {
                break;
            }
        }
        self.scanning -= 1;
        if !found {
            self.signals.argument_recoveries += 1;
            self.push_tokens(&body);
            return;
        }
        let body = self.pool_span(&body);
        let marks = (self.out.len(), self.groups.len());
        self.loops.push((body, 0, marks));
        self.turn(self.loops.len() - 1);
    }

    /// Reads the body of a loop once more, and what decides behind it.
    fn turn(&mut self, slot: usize) {
        let Some((body, turns, (out, groups))) = self.loops.get_mut(slot) else {
            return;
        };
        *turns += 1;
        let (body, turns, out, groups) = (*body, *turns, *out, *groups);
        if turns > MAX_TURNS || self.exhausted || self.out.len() >= self.max_out {
            // All that the loop wrote is taken back.
            self.signals.limit_breaches += 1;
            self.close_groups_quietly(groups);
            self.out.truncate(out);
            return;
        }
        let mut tokens = self.pooled(body).to_vec();
        self.spend(tokens.len());
        tokens.push(Token {
            len: super::frames::small(slot),
            ..Token::cs(fixed::ITERATE)
        });
        tokens.push(Token::cs(fixed::FI));
        self.push_tokens(&tokens);
    }

    /// The end of a turn whose test was true.
    pub(super) fn iterate(&mut self, token: Token) {
        if self.next().is_some_and(|next| next.at != fixed::FI) {
            self.unread();
        }
        self.end_of_conditional();
        self.top_cursor();
        self.turn(token.len as usize);
    }

    /// `\@for\x:=a,b\do{..}` and `\@tfor\x:=ab\do{..}`.
    pub(super) fn for_each(&mut self, by_token: bool) {
        let Some(variable) = self.next().filter(|token| token.kind == Kind::Cs) else {
            self.unread();
            return;
        };
        self.take_char(b':');
        self.take_char(b'=');
        let list = self.until_command("do");
        let body = self.argument();
        let items = if by_token {
            self.single_items(&list)
        } else {
            let list = self.isolated(&list);
            self.split_at_commas(&list)
        };
        let items = items.into_iter().map(|item| vec![item]).collect();
        self.unroll(&[variable], items, &body, false);
    }

    /// `\foreach \x/\y in {a/1,b/2,...}{..}`.
    pub(super) fn for_each_in(&mut self) {
        let mut variables = Vec::new();
        for _ in 0..20 {
            self.skip_blanks();
            match self.next() {
                Some(token) if token.kind == Kind::Cs => variables.push(token),
                Some(token) if self.is_char(token, b'/') && token.len == 1 => {}
                _ => {
                    self.unread();
                    break;
                }
            }
        }
        self.optional();
        if !self.take_word("in") {
            return;
        }
        let list = self.argument();
        let list = self.isolated(&list);
        self.skip_blanks();
        if self.peek().is_none_or(|next| next.kind != Kind::Open) {
            return;
        }
        let body = self.argument();
        let mut items: Vec<Vec<Vec<Token>>> = Vec::new();
        for item in self.with_ranges(self.split_at_commas(&list)) {
            let parts = item.split(|token| self.is_char(*token, b'/') && token.len == 1);
            let mut parts: Vec<Vec<Token>> = parts.map(<[Token]>::to_vec).collect();
            if parts.len() == 1
                && let [only] = item.as_slice()
                && only.kind == Kind::Text
            {
                parts = self.split_text(*only, '/');
            }
            items.push(parts);
        }
        self.unroll(&variables, items, &body, true);
    }

    /// `\forcsvlist{\x}{a,b}` and `\docsvlist{a,b}`.
    pub(super) fn list_loop(&mut self, command: u32) {
        let handler = if self.names.name(command) == "docsvlist" {
            vec![Token::cs(self.names.intern("do"))]
        } else {
            self.argument()
        };
        let list = self.argument();
        let list = self.isolated(&list);
        let mut tokens = Vec::new();
        for item in self.split_at_commas(&list).into_iter().take(MAX_ITEMS) {
            if item.is_empty() {
                continue;
            }
            tokens.extend_from_slice(&handler);
            tokens.push(Token::new(Kind::Open));
            tokens.extend(item);
            tokens.push(Token::new(Kind::Close));
            if tokens.len() > MAX_TOKENS {
                self.signals.limit_breaches += 1;
                break;
            }
        }
        self.spend(tokens.len());
        self.push_tokens(&tokens);
    }

    /// The body once for each item, its variables defined before.
    fn unroll(
        &mut self,
        variables: &[Token],
        items: Vec<Vec<Vec<Token>>>,
        body: &[Token],
        grouped: bool,
    ) {
        let [def, open, close] =
            ["def", "begingroup", "endgroup"].map(|name| Token::cs(self.names.intern(name)));
        let mut tokens = Vec::new();
        for item in items.into_iter().take(MAX_ITEMS) {
            if item.iter().all(Vec::is_empty) {
                continue;
            }
            if grouped {
                tokens.push(open);
            }
            for (variable, value) in variables.iter().zip(item) {
                tokens.extend([def, *variable, Token::new(Kind::Open)]);
                tokens.extend(value);
                tokens.push(Token::new(Kind::Close));
            }
            tokens.extend_from_slice(body);
            if grouped {
                tokens.push(close);
            }
            if tokens.len() > MAX_TOKENS {
                self.signals.limit_breaches += 1;
                break;
            }
        }
        self.spend(tokens.len());
        self.push_tokens(&tokens);
    }

    /// Single tokens, characters and groups of a list.
    fn single_items(&self, tokens: &[Token]) -> Vec<Vec<Token>> {
        let mut items = Vec::new();
        let mut at = 0;
        while at < tokens.len() && items.len() < MAX_ITEMS {
            let token = tokens[at];
            at += 1;
            match token.kind {
                Kind::Text => {
                    let text = self.slice(token);
                    items.extend(text.char_indices().filter(|(_, c)| *c != ' ').map(
                        |(index, c)| {
                            vec![Token {
                                at: token.at + super::frames::small(index),
                                len: super::frames::small(c.len_utf8()),
                                ..token
                            }]
                        },
                    ));
                }
                Kind::Space => {}
                Kind::Open => {
                    let length = crate::emit::group_length(&tokens[at - 1..]);
                    let end = (at - 1 + length).min(tokens.len());
                    items.push(tokens[at..end.saturating_sub(1).max(at)].to_vec());
                    at = end;
                }
                _ => items.push(vec![token]),
            }
        }
        items
    }

    fn split_text(&self, token: Token, mark: char) -> Vec<Vec<Token>> {
        let mut from = 0;
        let mut parts = Vec::new();
        for part in self.slice(token).split(mark) {
            parts.push(if part.is_empty() {
                Vec::new()
            } else {
                vec![Token {
                    at: token.at + super::frames::small(from),
                    len: super::frames::small(part.len()),
                    ..token
                }]
            });
            from += part.len() + mark.len_utf8();
        }
        parts
    }

    /// Writes out the `...` of a list: `1,...,5`, `0,2,...,10`, `A,...,Z`.
    fn with_ranges(&mut self, items: Vec<Vec<Token>>) -> Vec<Vec<Token>> {
        let words: Vec<String> = items.iter().map(|item| self.plain(item)).collect();
        let mut written: Vec<Vec<Token>> = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            if words[index] != "..." || index == 0 || index + 1 >= words.len() {
                written.push(item);
                continue;
            }
            let before = (index >= 2).then(|| words[index - 2].as_str());
            for word in between(before, &words[index - 1], &words[index + 1]) {
                if written.len() >= MAX_ITEMS {
                    break;
                }
                let token = self.add_text(&word);
                written.push(vec![token]);
            }
        }
        written
    }
}

/// What `...` stands for between `from` and `to`; `before` and `from` tell the step.
fn between(before: Option<&str>, from: &str, to: &str) -> Vec<String> {
    let letter = |word: &str| {
        let mut chars = word.chars();
        chars
            .next()
            .filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    if let (Some(from), Some(to)) = (letter(from), letter(to)) {
        let inner = (from..to).skip(1);
        return inner.map(String::from).collect();
    }
    let (Ok(first), Ok(last)) = (from.parse::<i64>(), to.parse::<i64>()) else {
        return Vec::new();
    };
    let step = before
        .and_then(|before| before.parse::<i64>().ok())
        .map_or((last.saturating_sub(first)).signum(), |before| {
            first.saturating_sub(before)
        });
    let mut numbers = Vec::new();
    let mut next = first.saturating_add(step);
    while step != 0 && numbers.len() < MAX_ITEMS && (last - next).signum() == step.signum() {
        numbers.push(next.to_string());
        next = next.saturating_add(step);
    }
    numbers
}
