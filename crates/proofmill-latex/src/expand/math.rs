//! Formulas: delimiters, and how an unfinished formula ends.

use super::{Engine, GroupKind, Place};
use crate::token::{CLOSING, Delim, Kind, NEWLINE, Token};

/// Bytes looked at for the closing dollar of a formula.
const LOOK_AHEAD: usize = 2_000;

/// `{...}` with nothing around it.
pub(super) fn is_braced(tokens: &[Token]) -> bool {
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
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

impl Engine {
    /// Executes the commands of text whose result can be written in a formula; `false` for others.
    pub(super) fn wrapped_in_formula(&mut self, name: u32) -> bool {
        match self.names.name(name) {
            "num" => self.number_in_formula(),
            "MakeLowercase" | "lowercase" => self.letters_in_case(str::to_lowercase),
            "MakeUppercase" | "uppercase" => self.letters_in_case(str::to_uppercase),
            _ => return false,
        }
        true
    }

    /// The argument with its letters in another case.
    fn letters_in_case(&mut self, case: fn(&str) -> String) {
        let in_group = self
            .out
            .last()
            .is_some_and(|token| token.kind == Kind::Open);
        let mut tokens = vec![Token::new(Kind::Open)];
        for token in self.argument() {
            let changed = match token.kind {
                Kind::Text => {
                    let text = case(self.slice(token));
                    self.add_text(&text)
                }
                _ => token,
            };
            tokens.push(changed);
        }
        tokens.push(Token::new(Kind::Close));
        let inside = if in_group {
            1..tokens.len() - 1
        } else {
            0..tokens.len()
        };
        self.push_tokens(&tokens[inside]);
    }

    /// `\num{2.5e-3}` of siunitx, which stands for a number written out.
    fn number_in_formula(&mut self) {
        self.optional();
        let argument = self.argument();
        let mut tokens = vec![Token::new(Kind::Open)];
        let number = self.plain(&argument);
        match number.trim().split_once(['e', 'E', 'd', 'D']) {
            Some((mantissa, exponent)) if !exponent.is_empty() => {
                if !mantissa.is_empty() {
                    tokens.push(self.add_text(mantissa));
                    tokens.push(Token::cs(self.names.intern("times")));
                }
                tokens.push(self.literal("10"));
                tokens.push(Token::new(Kind::Sup));
                tokens.push(Token::new(Kind::Open));
                tokens.push(self.add_text(exponent));
                tokens.push(Token::new(Kind::Close));
            }
            _ => tokens.extend(argument),
        }
        tokens.push(Token::new(Kind::Close));
        self.push_tokens(&tokens);
    }

    /// `$` as read.
    pub(super) fn dollar(&mut self) {
        self.pending = 0;
        self.text_groups = 0;
        match self.place {
            Place::Text => {
                let display = self.isolated_or_outer()
                    && self.peek().is_some_and(|token| token.kind == Kind::Dollar);
                if display {
                    self.next();
                    self.open_formula(Delim::Dollars);
                } else {
                    self.open_formula(Delim::Dollar);
                }
            }
            Place::Inline => {
                if !self.close_formula(Delim::Dollar) {
                    self.signals.formula_recoveries += 1;
                }
            }
            Place::Display => {
                let double = self.peek().is_some_and(|token| token.kind == Kind::Dollar);
                if double {
                    self.next();
                }
                if self.close_formula(Delim::Dollars) {
                    if !double {
                        self.signals.formula_recoveries += 1;
                    }
                } else {
                    self.signals.formula_recoveries += 1;
                }
            }
        }
    }

    /// Two dollars open a display only where no formula surrounds us.
    fn isolated_or_outer(&self) -> bool {
        !self
            .groups
            .iter()
            .rev()
            .take(64)
            .any(|group| matches!(group.kind, GroupKind::Math(_)))
    }

    /// A checked delimiter that is read again.
    pub(super) fn shift(&mut self, token: Token) {
        let delim = Delim::of(token.at);
        if token.has(CLOSING) {
            self.close_delimiter(delim);
        } else if self.place == Place::Text {
            self.open_formula(delim);
        } else {
            self.signals.formula_recoveries += 1;
        }
    }

    /// `\(`, `\[` and their ends.
    pub(super) fn open_math_command(&mut self, name: u32) {
        use crate::names::fixed;
        let delim = match self.names.name(name) {
            "(" | ")" => Delim::Paren,
            _ => Delim::Bracket,
        };
        let closing = matches!(self.names.name(name), ")" | "]");
        let _ = fixed::BEGIN;
        if closing {
            self.close_delimiter(delim);
            return;
        }
        if self.place != Place::Text {
            // The formula before was never closed.
            self.signals.formula_recoveries += 1;
            if !self.close_open_formula() {
                return;
            }
        }
        self.open_formula(delim);
    }

    fn close_delimiter(&mut self, delim: Delim) {
        self.pending = 0;
        if self.place == Place::Text || !self.close_formula(delim) {
            self.signals.formula_recoveries += 1;
        }
    }

    pub(super) fn open_formula(&mut self, delim: Delim) {
        self.out.push(Token::shift(delim, false));
        self.push_group(GroupKind::Math(delim));
        self.pending = 0;
        self.place = if delim.is_display() {
            Place::Display
        } else {
            Place::Inline
        };
        let count = if delim.is_display() {
            &mut self.signals.display_formulas
        } else {
            &mut self.signals.inline_formulas
        };
        *count += 1;
    }

    /// Closes the innermost formula if it was opened by `delim`, braces inside it first.
    fn close_formula(&mut self, delim: Delim) -> bool {
        let Some(slot) = self.formula_group() else {
            return false;
        };
        let GroupKind::Math(open) = self.groups[slot].kind else {
            return false;
        };
        if open != delim {
            return false;
        }
        self.close_formula_at(slot);
        true
    }

    /// The group of the innermost formula, if only braces and inner blocks lie above it.
    fn formula_group(&self) -> Option<usize> {
        for (slot, group) in self.groups.iter().enumerate().rev().take(256) {
            match group.kind {
                GroupKind::Math(_) => return Some(slot),
                GroupKind::Brace
                | GroupKind::Rebrace
                | GroupKind::Begingroup
                | GroupKind::Env { inner: true, .. } => {}
                GroupKind::Env { .. } => return None,
            }
        }
        None
    }

    fn close_formula_at(&mut self, slot: usize) {
        while self.groups.len() > slot + 1 {
            self.close_top_group();
        }
        let Some(group) = self.groups.last().copied() else {
            return;
        };
        let GroupKind::Math(delim) = group.kind else {
            return;
        };
        if !self.take_back_empty(group.out_at as usize, delim) {
            self.out.push(Token::shift(delim, true));
        }
        self.pop_group();
    }

    /// Takes back a formula in which nothing was written: its two dollars would open a display.
    fn take_back_empty(&mut self, start: usize, delim: Delim) -> bool {
        let Some(open) = start.checked_sub(1) else {
            return false;
        };
        let is_blank = |token: &Token| matches!(token.kind, Kind::Space | Kind::Nothing);
        let is_open = self
            .out
            .get(open)
            .is_some_and(|token| token.kind == Kind::Shift && !token.has(CLOSING));
        if !is_open || !self.out[start..].iter().all(is_blank) {
            return false;
        }
        self.out.truncate(open);
        let count = if delim.is_display() {
            &mut self.signals.display_formulas
        } else {
            &mut self.signals.inline_formulas
        };
        *count = count.saturating_sub(1);
        true
    }

    /// Closes whatever formula is open, as at a blank line; `false` if it is an environment's.
    pub(super) fn close_open_formula(&mut self) -> bool {
        let Some(slot) = self.formula_group() else {
            return false;
        };
        self.close_formula_at(slot);
        true
    }

    /// A blank line.
    pub(super) fn paragraph(&mut self, token: Token) {
        self.pending = 0;
        self.text_groups = 0;
        if self.place != Place::Text {
            if !self.close_open_formula() {
                self.out.push(Token::new(Kind::Space).with(NEWLINE));
                return;
            }
            self.signals.formula_recoveries += 1;
        }
        self.out.push(Token { at: 0, ..token });
    }

    /// A heading or a block of text cannot stand in a formula.
    pub(super) fn close_formula_before_block(&mut self) {
        if self.place == Place::Text {
            return;
        }
        if self.close_open_formula() {
            self.signals.formula_recoveries += 1;
            return;
        }
        self.close_formula_environment();
    }

    /// `}` while the innermost group is a formula.
    pub(super) fn brace_closes_formula(&mut self, slot: usize) -> bool {
        // The brace belongs to the formula if that is closed later in this paragraph.
        let Some(cursor) = self.file_cursor().map(|cursor| *cursor) else {
            return false;
        };
        let rest = self
            .arena
            .as_bytes()
            .get(cursor.pos..cursor.end)
            .unwrap_or_default();
        let rest = &rest[..rest.len().min(LOOK_AHEAD)];
        let dollar = memchr::memchr(b'$', rest);
        let par = memchr::memmem::find(rest, b"\n\n").unwrap_or(rest.len());
        if dollar.is_some_and(|dollar| dollar < par) {
            return false;
        }
        let has_brace = self.groups[..slot]
            .iter()
            .rev()
            .take(64)
            .take_while(|group| !matches!(group.kind, GroupKind::Env { .. }))
            .any(|group| group.kind == GroupKind::Brace);
        if has_brace {
            self.signals.formula_recoveries += 1;
            self.close_formula_at(slot);
        }
        has_brace
    }

    /// Text in a formula where an argument is expected.
    pub(super) fn text_as_argument(&mut self, token: Token) {
        let text = self.slice(token);
        let chars = text.chars().filter(|c| *c != ' ').take(10).count();
        if text.starts_with('[') && self.pending > 0 {
            // An optional argument; what follows it still counts.
            if !text.ends_with(']') {
                self.text_groups = 0;
            }
            return;
        }
        if text.starts_with('*') && text.len() == 1 {
            return;
        }
        self.text_groups = 0;
        self.pending = self
            .pending
            .saturating_sub(u8::try_from(chars).unwrap_or(10));
    }
}
