//! Arguments: how a command takes what follows it.
//!
//! An argument that never ends is cut at the first blank line (or line end), and the rest is read
//! again, so that a missing brace costs one paragraph at most.

use super::Engine;
use super::frames::NO_MACRO;
use crate::token::{Kind, NEWLINE, Token};

/// Tokens that a scan for the end of an argument may read once the budget is spent.
pub(super) const SHORT_SCAN: usize = 64;
/// Tokens of an optional or delimited argument.
const LONG_SCAN: usize = 50_000;

/// As [`push_merged`], but never into what lies below `floor`.
#[inline]
pub(super) fn push_merged_above(floor: usize, buffer: &mut Vec<Token>, token: Token) {
    if buffer.len() > floor {
        push_merged(buffer, token);
    } else {
        buffer.push(token);
    }
}

/// Appends `token`; text that follows text in the arena becomes one token again.
#[inline]
pub(super) fn push_merged(buffer: &mut Vec<Token>, token: Token) {
    if token.kind == Kind::Text
        && let Some(last) = buffer.last_mut()
        && last.kind == Kind::Text
        && last.at + last.len == token.at
    {
        last.len += token.len;
        return;
    }
    buffer.push(token);
}

impl Engine {
    /// Skips blanks, but no blank line.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(token) = self.next() {
            if token.kind == Kind::Space || token.kind == Kind::Nothing {
                continue;
            }
            if token.kind == Kind::Text && self.slice(token).starts_with(' ') {
                // Only tokens that were cut open start with a blank.
                let _ = self.cut_blank(token);
                continue;
            }
            self.unread();
            return;
        }
    }

    fn cut_blank(&mut self, token: Token) -> Option<Token> {
        self.unread();
        self.next_char().filter(|_| token.len > 1)
    }

    /// Reads an undelimited argument: a group without its braces, or one token.
    pub(super) fn argument(&mut self) -> Vec<Token> {
        let mut buffer = Vec::new();
        self.argument_into(&mut buffer);
        buffer
    }

    /// Appends an undelimited argument to `buffer`; `false` if there is none.
    pub(super) fn argument_into(&mut self, buffer: &mut Vec<Token>) -> bool {
        self.skip_blanks();
        self.scanning += 1;
        let first = self.next_char();
        let found = match first {
            None => false,
            Some(token) => match token.kind {
                Kind::Open => {
                    self.group_into(buffer);
                    true
                }
                Kind::Close | Kind::Par | Kind::Rebrace | Kind::EndUser => {
                    self.unread();
                    false
                }
                _ => {
                    buffer.push(token);
                    true
                }
            },
        };
        self.scanning -= 1;
        found
    }

    /// Reads `[...]` if it comes next.
    pub(super) fn optional(&mut self) -> Option<Vec<Token>> {
        let mut buffer = Vec::new();
        self.delimited_by(b'[', b']', &mut buffer).then_some(buffer)
    }

    /// Appends what stands between `open` and `close`, if `open` comes next and `close` follows in
    /// the same paragraph.
    pub(super) fn delimited_by(&mut self, open: u8, close: u8, buffer: &mut Vec<Token>) -> bool {
        self.scanning += 1;
        let found = self.try_delimited_by(open, close, buffer);
        self.scanning -= 1;
        found
    }

    fn try_delimited_by(&mut self, open: u8, close: u8, buffer: &mut Vec<Token>) -> bool {
        let Some(first) = self.after_blanks() else {
            return false;
        };
        if !self.is_char(first, open) {
            self.unread();
            return false;
        }
        let Some(first) = self.split_first() else {
            return false;
        };
        let start = buffer.len();
        let limit = if self.exhausted {
            SHORT_SCAN
        } else {
            LONG_SCAN
        };
        let mut braces = 0_usize;
        let mut nested = 0_usize;
        let mut read = 0;
        while let Some(token) = self.next_char() {
            read += 1;
            match token.kind {
                Kind::Open => braces += 1,
                Kind::Close if braces == 0 => {
                    self.unread();
                    break;
                }
                Kind::Close => braces -= 1,
                Kind::Par => {
                    self.unread();
                    break;
                }
                Kind::Text if braces == 0 => {
                    if self.is_char(token, close) {
                        if nested == 0 {
                            self.spend(read);
                            return true;
                        }
                        nested -= 1;
                    } else if self.is_char(token, open) && open != close {
                        nested += usize::from(open == b'[');
                    }
                }
                _ => {}
            }
            push_merged_above(start, buffer, token);
            if read >= limit {
                break;
            }
        }
        self.spend(read.saturating_mul(4));
        // It was no argument: everything is given back.
        let mut rest = vec![first];
        rest.extend(buffer.drain(start..));
        self.push_tokens(&rest);
        false
    }

    /// Next token that is no blank, whole.
    fn after_blanks(&mut self) -> Option<Token> {
        self.skip_blanks();
        self.next()
    }

    /// First character of a text token that was read last; the rest is given back.
    fn split_first(&mut self) -> Option<Token> {
        self.unread();
        self.next_char()
    }

    /// The token is text that starts with this character.
    pub(super) fn is_char(&self, token: Token, byte: u8) -> bool {
        token.kind == Kind::Text && self.arena.as_bytes().get(token.at as usize) == Some(&byte)
    }

    /// Reads `byte` if it comes next.
    pub(super) fn take_char(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let Some(token) = self.next_char() else {
            return false;
        };
        if self.is_char(token, byte) {
            return true;
        }
        self.unread_char(token);
        false
    }

    /// Gives back a token of [`Engine::next_char`]; a character joins the word it was cut from.
    pub(super) fn unread_char(&mut self, token: Token) {
        if token.kind == Kind::Text {
            let end = token.at + token.len;
            match self.frames.last_mut().map(|frame| &mut frame.feed) {
                Some(super::Feed::File { cursor, .. }) if cursor.pos == end as usize => {
                    cursor.pos = token.at as usize;
                    return;
                }
                Some(super::Feed::Stack { pos, end: stop, .. }) if *pos < *stop => {
                    let next = &mut self.stack[*pos as usize];
                    if next.kind == Kind::Text && next.at == end {
                        next.at = token.at;
                        next.len += token.len;
                        return;
                    }
                }
                _ => {}
            }
        }
        self.push_tokens(&[token]);
    }

    /// Reads a star.
    pub(super) fn star(&mut self) -> bool {
        let Some(token) = self.peek() else {
            return false;
        };
        if token.kind == Kind::Space || self.is_char(token, b' ') || self.is_char(token, b'*') {
            return self.take_char(b'*');
        }
        false
    }

    /// Reads an argument up to the tokens of `delimiter`, as `\def\x#1;` does.
    ///
    /// `false` when the delimiter does not come in this paragraph (or in the file, if `long`); what
    /// was read is given back.
    pub(super) fn delimited_into(
        &mut self,
        delimiter: &[Token],
        long: bool,
        buffer: &mut Vec<Token>,
    ) -> bool {
        let start = buffer.len();
        let limit = if self.exhausted {
            SHORT_SCAN
        } else {
            LONG_SCAN
        };
        let mut depth = 0_usize;
        let mut read = 0;
        let mut chars: Vec<Token> = Vec::new();
        self.scanning += 1;
        let mut found = false;
        while let Some(token) = self.next_char() {
            read += 1;
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => {
                    self.unread();
                    break;
                }
                Kind::Close => depth -= 1,
                Kind::Par if !long => {
                    self.unread();
                    break;
                }
                _ => {}
            }
            chars.push(token);
            if depth == 0 && self.ends_with(&chars, delimiter) {
                chars.truncate(chars.len() - delimiter.len());
                found = true;
                break;
            }
            if read >= limit {
                break;
            }
        }
        self.scanning -= 1;
        self.spend(read);
        if !found {
            self.push_tokens(&chars);
            return false;
        }
        if is_one_group(&chars) {
            chars.pop();
            chars.remove(0);
        }
        for token in chars {
            push_merged_above(start, buffer, token);
        }
        true
    }

    fn ends_with(&self, tokens: &[Token], delimiter: &[Token]) -> bool {
        tokens.len() >= delimiter.len()
            && tokens[tokens.len() - delimiter.len()..]
                .iter()
                .zip(delimiter)
                .all(|(token, wanted)| self.alike(*token, *wanted))
    }

    /// Equal for matching: kinds, names and characters.
    pub(super) fn alike(&self, left: Token, right: Token) -> bool {
        left.same(right) && (left.kind != Kind::Text || self.slice(left) == self.slice(right))
    }

    /// Reads past the arguments of `signature` and drops them.
    pub(super) fn gobble(&mut self, signature: &str) {
        for letter in signature.bytes() {
            match letter {
                b's' => {
                    self.star();
                }
                b'o' => {
                    self.optional();
                }
                b'm' => {
                    let mut buffer = std::mem::take(&mut self.scratch);
                    let start = buffer.len();
                    self.argument_into(&mut buffer);
                    buffer.truncate(start);
                    self.scratch = buffer;
                }
                b'd' => {
                    self.skip_dimension();
                }
                b'=' => {
                    self.skip_assignment();
                }
                _ => {}
            }
        }
    }

    /// As [`Engine::gobble`]; the blank that the space stood for remains.
    pub(super) fn gobble_spacing(&mut self, signature: &str) {
        self.gobble(signature);
        self.out.push(Token::new(Kind::Space));
    }

    /// Reads past `=` and a number, dimension, glue or group; `false` if none of them comes.
    pub(super) fn skip_assignment(&mut self) -> bool {
        let equals = self.take_char(b'=');
        let Some(token) = self.peek() else {
            return equals;
        };
        if token.kind == Kind::Open {
            if equals {
                self.argument();
            }
            return equals;
        }
        self.skip_dimension() || equals
    }

    /// Reads past a number or a dimension with its stretch and shrink, if one comes.
    pub(super) fn skip_dimension(&mut self) -> bool {
        let mut found = false;
        for round in 0..3 {
            if round > 0 && !(self.take_word("plus") || self.take_word("minus")) {
                return found;
            }
            if !self.skip_one_dimension() {
                return found;
            }
            found = true;
        }
        found
    }

    fn skip_one_dimension(&mut self) -> bool {
        self.take_char(b'=');
        self.skip_blanks();
        let mut digits = false;
        while let Some(token) = self.next_char() {
            if token.kind == Kind::Text {
                let byte = self
                    .arena
                    .as_bytes()
                    .get(token.at as usize)
                    .copied()
                    .unwrap_or(0);
                if byte.is_ascii_digit() {
                    digits = true;
                    continue;
                }
                if matches!(byte, b'-' | b'+' | b'.' | b',' | b'"' | b'\'') {
                    continue;
                }
                if matches!(byte, b'`') && !digits {
                    self.next_char();
                    return true;
                }
            }
            if token.kind == Kind::Cs && !digits {
                match self.names.name(token.at) {
                    "magstep" => {
                        self.number();
                        return true;
                    }
                    "magstephalf" => return true,
                    _ => {}
                }
                return self.is_length(token) || {
                    self.unread_char(token);
                    false
                };
            }
            self.unread_char(token);
            break;
        }
        if !digits {
            return false;
        }
        if self.peek().is_some_and(|next| next.has(NEWLINE)) {
            // A number ends with its line.
            return true;
        }
        self.take_word("true");
        for unit in [
            "pt", "em", "ex", "in", "cm", "mm", "mu", "sp", "bp", "pc", "dd", "cc", "filll",
            "fill", "fil",
        ] {
            if self.take_word(unit) {
                return true;
            }
        }
        if let Some(token) = self.peek()
            && token.kind == Kind::Cs
            && self.is_length(token)
        {
            self.next();
        }
        true
    }

    fn is_length(&self, token: Token) -> bool {
        match self.meaning(token.at) {
            super::Meaning::Register | super::Meaning::Count(_) => true,
            super::Meaning::Builtin => {
                let name = self.names.name(token.at);
                self.names.info(token.at).class == crate::names::Class::Register
                    || name.starts_with("z@")
                    || name.ends_with('@')
                    || matches!(
                        name,
                        "baselineskip" | "dimen" | "skip" | "count" | "maxdimen"
                    )
            }
            _ => false,
        }
    }

    /// Reads the letters of `word` if they come next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let Some(token) = self.next() else {
            return false;
        };
        if token.kind != Kind::Text || !self.slice(token).starts_with(word) {
            self.unread();
            return false;
        }
        self.unread();
        for _ in word.chars() {
            self.next_char();
        }
        true
    }

    /// Counts work; beyond the budget nothing more is expanded.
    pub(super) fn spend(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.max_steps && !self.exhausted {
            self.exhausted = true;
            self.signals.limit_breaches += 1;
        }
    }

    /// Appends `tokens` to the pool.
    pub(super) fn pool_span(&mut self, tokens: &[Token]) -> super::Span {
        let start = super::frames::small(self.pool.len());
        self.pool.extend_from_slice(tokens);
        self.spend(tokens.len());
        (start, super::frames::small(self.pool.len()))
    }

    pub(super) fn pooled(&self, span: super::Span) -> &[Token] {
        self.pool
            .get(span.0 as usize..span.1 as usize)
            .unwrap_or_default()
    }

    /// Puts a body before the rest of the input.
    pub(super) fn push_pool(&mut self, span: super::Span) {
        if span.0 < span.1 {
            let feed = super::Feed::Pool {
                pos: span.0,
                end: span.1,
            };
            self.push_frame(feed, NO_MACRO, None);
        }
    }
}

/// `{...}` and nothing around it.
fn is_one_group(tokens: &[Token]) -> bool {
    if tokens.first().map(|token| token.kind) != Some(Kind::Open) {
        return false;
    }
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1 == tokens.len();
                }
            }
            _ => {}
        }
    }
    false
}
