//! Structure written as pairs of control words: `\align .. \endalign`, `\proof .. \endproof`, and the
//! front matter of AMS-TeX.

use super::env::GroupKind;
use super::{Engine, Place};
use crate::names::{Env, fixed};
use crate::token::{CLOSING, Delim, Kind, Token};

impl Engine {
    /// `\name` or `\endname` of an environment, as LaTeX itself and AMS-TeX use them; `false` if the
    /// command is to be read as any other.
    pub(super) fn environment_command(&mut self, token: Token) -> bool {
        let text = self.names.name(token.at);
        if let Some(stem) = text.strip_prefix("end")
            && let Some(name) = self.names.find(stem)
            && let Some(open) = self.open_environment(name)
        {
            self.end_named(open);
            if self.open_display_was_taken(open) {
                self.skip_closing_dollars();
            }
            return true;
        }
        if !self.is_environment(token.at) || !self.has_end_command(token.at) {
            return false;
        }
        let kind = self.names.info(token.at).env;
        let mut name = token.at;
        if matches!(kind, Env::Aligned | Env::Equation) && self.place == Place::Display {
            name = self.without_display(token.at);
        }
        self.begin_named(name);
        if kind == Env::Theorem && self.ams && self.peek().is_some_and(|t| t.kind == Kind::Open) {
            let title = self.argument();
            self.note_of_proof(&title);
        }
        true
    }

    /// Kinds whose names are also used as commands.
    fn is_environment(&self, name: u32) -> bool {
        self.environments.contains_key(&name)
            || self.theorems.contains_key(&name)
            || matches!(
                self.names.info(name).env,
                Env::Equation
                    | Env::Aligned
                    | Env::MathInner
                    | Env::List
                    | Env::Theorem
                    | Env::Transparent
                    | Env::Tabular
            )
    }

    /// The environment named so, or the one that stands for it in a display, if it is open.
    fn open_environment(&self, name: u32) -> Option<u32> {
        let starred = self.names.find(&format!("{}*", self.names.name(name)));
        self.groups
            .iter()
            .rev()
            .take(64)
            .find_map(|group| match group.kind {
                GroupKind::Env {
                    name: open,
                    closing: false,
                    ..
                } if open == name || Some(open) == starred => Some(open),
                _ => None,
            })
    }

    /// Whether `\endname` stands anywhere in the submission.
    fn has_end_command(&mut self, name: u32) -> bool {
        if let Some(known) = self.ended.get(&name) {
            return *known;
        }
        let end = format!("\\end{}", self.names.name(name));
        let found = memchr::memmem::find(self.arena.as_bytes(), end.as_bytes()).is_some();
        self.ended.insert(name, found);
        found
    }

    /// `$$\align` is `\begin{align*}`: the display that was just opened is taken back.
    fn without_display(&mut self, name: u32) -> u32 {
        let text = self.names.name(name).to_owned();
        let last = self
            .out
            .iter()
            .rposition(|token| !matches!(token.kind, Kind::Space | Kind::Nothing));
        let opened = last.filter(|at| {
            let token = self.out[*at];
            token.kind == Kind::Shift && !token.has(CLOSING) && token.at == Delim::Dollars as u32
        });
        if let Some(at) = opened
            && matches!(
                self.groups.last().map(|group| group.kind),
                Some(GroupKind::Math(Delim::Dollars))
            )
        {
            self.out.truncate(at);
            self.pop_group();
            self.signals.display_formulas = self.signals.display_formulas.saturating_sub(1);
            return self
                .names
                .intern(&format!("{}*", text.trim_end_matches('*')));
        }
        name
    }

    /// Such an environment ended: the `$$` behind it is no opening one.
    fn open_display_was_taken(&self, name: u32) -> bool {
        self.ams
            && self.place == Place::Text
            && self.names.name(name).ends_with('*')
            && matches!(self.names.info(name).env, Env::Aligned | Env::Equation)
    }

    fn skip_closing_dollars(&mut self) {
        self.skip_blanks();
        for _ in 0..2 {
            if self.peek().is_some_and(|next| next.kind == Kind::Dollar) {
                self.next();
            }
        }
    }

    /// The title of `\demo{Proof of Lemma 2}` or `\proof{..}` as the note of the proof.
    pub(super) fn note_of_proof(&mut self, title: &[Token]) {
        let text = self.plain(title);
        let text = text.trim().trim_end_matches(['.', ':']);
        if text.is_empty() || text.eq_ignore_ascii_case("proof") {
            return;
        }
        let mut tokens = vec![self.literal("["), Token::new(Kind::Open)];
        tokens.extend_from_slice(title);
        let close = self.literal("]");
        tokens.extend([Token::new(Kind::Close), close, Token::new(Kind::Space)]);
        self.push_tokens(&tokens);
    }

    /// Front matter of AMS-TeX such as `\address .. \endaddress`; `false` if it is none.
    pub(super) fn ams_field(&mut self, token: Token) -> bool {
        let name = self.names.name(token.at);
        let is_field = matches!(
            name,
            "affil"
                | "address"
                | "email"
                | "thanks"
                | "date"
                | "keywords"
                | "subjclass"
                | "translator"
                | "dedicatory"
                | "curraddr"
                | "urladdr"
                | "rightheadtext"
                | "leftheadtext"
                | "toc"
        );
        let end = format!("end{name}");
        let keep = name == "keywords";
        if !is_field || !self.has_end_command(token.at) {
            return false;
        }
        let content = self.until_command(&end);
        if keep {
            self.push_field(fixed::KEYWORDS, &content);
        }
        true
    }

    /// AMS-TeX's `\item"(a)"`: the label of the item.
    pub(super) fn ams_item(&mut self) {
        let mut label = vec![self.literal("[")];
        if !self.delimited_by(b'"', b'"', &mut label) {
            return;
        }
        label.extend([self.literal("]"), Token::new(Kind::Space)]);
        self.push_tokens(&label);
    }

    /// AMS-TeX's `\tag 1.2$$`: the tag reaches to the end of its row.
    pub(super) fn ams_tag(&mut self, token: Token) {
        self.skip_blanks();
        if self.peek().is_none_or(|next| next.kind == Kind::Open) {
            self.emit_command(token);
            return;
        }
        let mut tag = Vec::new();
        while let Some(next) = self.next_char() {
            let ends = match next.kind {
                Kind::Dollar | Kind::Par | Kind::Align | Kind::Close => true,
                Kind::Cs => {
                    next.at == fixed::NEWLINE || self.names.name(next.at).starts_with("end")
                }
                _ => false,
            };
            if ends || tag.len() > 40 {
                self.unread_char(next);
                break;
            }
            super::args::push_merged(&mut tag, next);
        }
        while tag.last().is_some_and(|last| last.kind == Kind::Space) {
            tag.pop();
        }
        let mut tokens = vec![Token::new(Kind::Open)];
        tokens.extend(tag);
        tokens.push(Token::new(Kind::Close));
        self.push_tokens(&tokens);
        self.emit_command(token);
    }
}
