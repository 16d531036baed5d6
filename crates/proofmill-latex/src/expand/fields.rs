//! Title, authors, and the border between preamble and text.

use super::Engine;
use crate::names::{Env, fixed};
use crate::token::{FINAL, Kind, Token};

impl Engine {
    /// `\title[short]{..}`, or AMS-TeX's `\title .. \endtitle`.
    pub(super) fn title_command(&mut self) {
        self.star();
        let title = self.argument_or_until("endtitle");
        if self.in_preamble {
            self.title = title;
        } else if self.options.title {
            self.push_field(fixed::TITLE, &title);
        }
    }

    pub(super) fn author_command(&mut self) {
        let author = self.argument_or_until("endauthor");
        if !self.options.authors {
            return;
        }
        if self.in_preamble {
            if !self.authors.is_empty() {
                let and = self.names.intern("and");
                self.authors.push(Token::cs(and));
            }
            self.authors.extend(author);
        } else {
            self.push_field(fixed::AUTHOR, &author);
        }
    }

    pub(super) fn push_field(&mut self, name: u32, content: &[Token]) {
        if content
            .iter()
            .all(|token| matches!(token.kind, Kind::Space | Kind::Par))
        {
            return;
        }
        let mut tokens = vec![Token::cs(name).with(FINAL), Token::new(Kind::Open)];
        tokens.extend_from_slice(content);
        tokens.push(Token::new(Kind::Close));
        tokens.push(Token::new(Kind::Par));
        self.push_tokens(&tokens);
    }

    pub(super) fn argument_or_until(&mut self, end: &str) -> Vec<Token> {
        self.optional();
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            return self.argument();
        }
        self.until_command(end)
    }

    /// Tokens up to a control word, or to the end of the paragraph if it does not come.
    pub(super) fn until_command(&mut self, end: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut par = None;
        let limit = if self.signals.argument_recoveries > 20 {
            64
        } else {
            20_000
        };
        self.scanning += 1;
        let mut found = false;
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && self.names.name(token.at) == end {
                found = true;
                break;
            }
            if token.kind == Kind::Par && par.is_none() {
                par = Some(tokens.len());
            }
            tokens.push(token);
            if tokens.len() > limit {
                break;
            }
        }
        self.scanning -= 1;
        if !found {
            let rest = tokens.split_off(par.unwrap_or(tokens.len().min(1)));
            self.push_tokens(&rest);
            self.signals.argument_recoveries += 1;
        }
        tokens
    }

    /// `\begin{document}`: what was written before goes, but for an abstract and keywords.
    pub(super) fn begin_document(&mut self) {
        if !self.in_preamble {
            return;
        }
        self.in_preamble = false;
        // A package may leave a group open; what it defined stays.
        self.undo.clear();
        for group in &mut self.groups {
            group.undo = 0;
        }
        self.close_groups_to(0);
        let preamble = std::mem::take(&mut self.out);
        self.keep_from_preamble(&preamble);
        self.signals.brace_balance = 0;
        self.signals.brace_recoveries = 0;
        self.signals.formula_recoveries = 0;
        self.signals.environment_recoveries = 0;
        self.signals.inline_formulas = 0;
        self.signals.display_formulas = 0;
        let authors = std::mem::take(&mut self.authors);
        let title = std::mem::take(&mut self.title);
        self.push_field(fixed::AUTHOR, &authors);
        if self.options.title {
            self.push_field(fixed::TITLE, &title);
        }
        // Now, so that the abstract of the preamble follows them.
        let kept = std::mem::take(&mut self.out);
        self.out = Vec::with_capacity(preamble.capacity());
        if !kept.is_empty() {
            let front = self.frames.len();
            let _ = front;
            self.deferred_preamble(kept);
        }
    }

    /// Puts what the preamble left behind the title.
    pub(super) fn deferred_preamble(&mut self, kept: Vec<Token>) {
        // Title and author lie on the token stack; run them before the rest.
        let mut fields = Vec::new();
        while let Some(frame) = self.frames.last().copied() {
            let super::Feed::Stack { start, end, .. } = frame.feed else {
                break;
            };
            fields.extend(self.stack[start as usize..end as usize].to_vec());
            self.pop_frame();
        }
        let fields = self.isolated(&fields);
        self.out.extend(fields);
        self.out.extend(kept);
    }

    pub(super) fn keep_from_preamble(&mut self, preamble: &[Token]) {
        let mut at = 0;
        while at < preamble.len() {
            let token = preamble[at];
            at += 1;
            match token.kind {
                Kind::Begin if self.names.info(token.at).env == Env::Abstract => {
                    let end = preamble[at..]
                        .iter()
                        .position(|end| end.kind == Kind::End && end.at == token.at)
                        .map_or(preamble.len(), |end| at + end + 1);
                    self.out.extend_from_slice(&preamble[at - 1..end]);
                    self.out.push(Token::new(Kind::Par));
                    at = end;
                }
                Kind::Cs if token.at == fixed::KEYWORDS => {
                    let end = super::env::command_end(preamble, at, |_| false);
                    self.out.extend_from_slice(&preamble[at - 1..end]);
                    self.out.push(Token::new(Kind::Par));
                    at = end;
                }
                _ => {}
            }
        }
    }

    /// The end of the input: what is still open is closed.
    pub(super) fn finish(&mut self) {
        self.close_groups_to(0);
        if self.in_preamble {
            // There was no `\begin{document}`: everything is text.
            self.in_preamble = false;
            let body = std::mem::take(&mut self.out);
            let title = std::mem::take(&mut self.title);
            if !title.is_empty() {
                self.push_field(fixed::TITLE, &title);
                self.stopped = false;
                self.run();
            }
            self.out.extend(body);
        }
    }
}
