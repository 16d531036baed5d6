//! Conditionals: which branch is read, and how the other one is skipped.

use super::call::Params;
use super::frames::Feed;
use super::{Def, Engine, Meaning, Place, Span};
use crate::names::{Class, fixed};
use crate::token::{Kind, Token};

/// Conditionals without end after which no branch is skipped any more.
const MANY_UNFINISHED: u32 = 8;

/// Characters and commands of two definitions that are compared.
const LONGEST_COMPARED: usize = 1000;

impl Engine {
    /// A conditional that is not a primitive: `known` is the value of a switch.
    ///
    /// Of an unknown test the first branch is kept.
    pub(super) fn conditional(&mut self, known: Option<bool>) {
        self.take_branch(known.unwrap_or(true));
    }

    /// A primitive test.
    pub(super) fn test(&mut self, name: u32) {
        let value = match self.names.name(name) {
            "ifmmode" => Some(self.place != Place::Text),
            "ifx" => self.test_same(),
            "if" | "ifcat" => self.test_chars(),
            "ifnum" => self.test_numbers(),
            "ifodd" => self.number().map(|number| number % 2 != 0),
            "ifdim" => {
                self.skip_dimension();
                let _ = self.relation();
                self.skip_dimension();
                None
            }
            "ifcase" => {
                self.test_case();
                return;
            }
            "ifdefined" => {
                let token = self.next();
                token.map(|token| token.kind != Kind::Cs || self.is_defined(token.at))
            }
            "ifcsname" => {
                let name = self.csname();
                name.map(|name| self.is_defined(name))
            }
            "ifvoid" | "ifhbox" | "ifvbox" | "ifeof" => {
                self.next();
                Some(true)
            }
            // Unknown, or true: the first branch.
            "iftrue" | "ifhmode" | "ifvmode" | "ifinner" => None,
            // `\iffalse`, engine and layout tests.
            _ => Some(false),
        };
        self.take_branch(value.unwrap_or(true));
    }

    fn take_branch(&mut self, first: bool) {
        let first = first != std::mem::take(&mut self.negated);
        if first || self.skip_branch(true) {
            self.open_conditionals = self.open_conditionals.saturating_add(1);
        }
    }

    /// `\else` or `\or` met while a branch is read: the rest is skipped.
    pub(super) fn end_of_branch(&mut self) {
        if self.open_conditionals > 0 {
            self.open_conditionals -= 1;
            self.skip_branch(false);
        }
    }

    pub(super) fn end_of_conditional(&mut self) {
        self.open_conditionals = self.open_conditionals.saturating_sub(1);
    }

    /// Skips to the `\fi` of this level, or to its `\else` if that counts; `true` at an `\else`.
    fn skip_branch(&mut self, to_else: bool) -> bool {
        if self.signals.conditional_recoveries >= MANY_UNFINISHED {
            return false;
        }
        let start = match self.frames.last().map(|frame| frame.feed) {
            Some(Feed::File { cursor, .. }) => Some((self.frames.len(), cursor.pos)),
            _ => None,
        };
        let mut depth = 0_u32;
        let mut read = 0;
        self.scanning += 1;
        let mut result = None;
        while let Some(token) = self.next() {
            read += 1;
            if token.kind != Kind::Cs {
                continue;
            }
            if self.is_conditional(token) {
                depth += 1;
            } else if token.at == fixed::FI {
                if depth == 0 {
                    result = Some(false);
                    break;
                }
                depth -= 1;
            } else if token.at == fixed::ELSE && depth == 0 && to_else {
                result = Some(true);
                break;
            }
        }
        self.scanning -= 1;
        self.spend(read / 4);
        if result.is_none() {
            self.signals.conditional_recoveries += 1;
            // It never ends in this file: nothing is skipped.
            if let Some((level, at)) = start
                && level == self.frames.len()
                && let Some(Feed::File { cursor, .. }) =
                    self.frames.last_mut().map(|frame| &mut frame.feed)
            {
                cursor.pos = at;
                self.spend(read);
            }
        }
        result.unwrap_or(false)
    }

    fn is_conditional(&self, token: Token) -> bool {
        match self.meaning(token.at) {
            Meaning::Switch(_) => true,
            Meaning::Alias(target) => target.kind == Kind::Cs && self.is_builtin_test(target.at),
            Meaning::Builtin => self.is_builtin_test(token.at),
            _ => false,
        }
    }

    fn is_builtin_test(&self, name: u32) -> bool {
        let info = self.names.info(name);
        info.prim == super::prims::Prim::If
            || (info.class == Class::Unknown && is_test_name(self.names.name(name)))
    }

    fn test_same(&mut self) -> Option<bool> {
        let left = self.next_char()?;
        let right = self.next_char()?;
        Some(self.same_meaning(left, right))
    }

    pub(super) fn same_meaning(&self, left: Token, right: Token) -> bool {
        let (left, right) = (self.resolved(left), self.resolved(right));
        match (left, right) {
            (Ok(left), Ok(right)) => {
                if left.kind == Kind::Cs && right.kind == Kind::Cs {
                    let unknown = |token: Token| self.names.info(token.at).class == Class::Unknown;
                    return left.at == right.at || (unknown(left) && unknown(right));
                }
                self.alike(left, right)
            }
            (Err(left), Err(right)) => {
                let (Meaning::Macro(left), Meaning::Macro(right)) = (left, right) else {
                    return left == right;
                };
                self.same_definition(&self.defs[left as usize], &self.defs[right as usize])
            }
            _ => false,
        }
    }

    fn same_definition(&self, left: &Def, right: &Def) -> bool {
        let same_lists = |left: &[Span], right: &[Span]| {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| self.same_tokens(*left, *right))
        };
        let same_params = match (&left.params, &right.params) {
            (
                Params::Plain { count, default },
                Params::Plain {
                    count: other,
                    default: other_default,
                },
            ) => count == other && same_lists(default.as_slice(), other_default.as_slice()),
            (
                Params::Delimited { lead, delimiters },
                Params::Delimited {
                    lead: other,
                    delimiters: others,
                },
            ) => self.same_tokens(*lead, *other) && same_lists(delimiters, others),
            (left, right) => left == right,
        };
        same_params && self.same_tokens(left.body, right.body)
    }

    /// Whether two lists are the same for TeX, however their text was cut into tokens; decided by
    /// their first [`LONGEST_COMPARED`] characters and commands.
    fn same_tokens(&self, left: Span, right: Span) -> bool {
        let pieces = |span: Span| {
            self.pooled(span).iter().flat_map(|token| {
                let (text, other) = match token.kind {
                    Kind::Text => (self.slice(*token), None),
                    Kind::Space => (" ", None),
                    _ => ("", Some(*token)),
                };
                text.bytes().map(Ok).chain(other.map(Err))
            })
        };
        let (mut left, mut right) = (pieces(left), pieces(right));
        for _ in 0..LONGEST_COMPARED {
            let same = match (left.next(), right.next()) {
                (None, None) => return true,
                (Some(Ok(left)), Some(Ok(right))) => left == right,
                (Some(Err(left)), Some(Err(right))) => self.alike(left, right),
                _ => false,
            };
            if !same {
                return false;
            }
        }
        true
    }

    /// A token with aliases followed, or the definition that it names.
    fn resolved(&self, token: Token) -> Result<Token, Meaning> {
        if token.kind != Kind::Cs {
            return Ok(token);
        }
        match self.meaning(token.at) {
            Meaning::Builtin => Ok(match self.names.name(token.at) {
                "bgroup" => Token::new(Kind::Open),
                "egroup" => Token::new(Kind::Close),
                _ => token,
            }),
            Meaning::Alias(target) => Ok(target),
            meaning => Err(meaning),
        }
    }

    /// `\if` and `\ifcat` compare the next two characters, macros expanded.
    fn test_chars(&mut self) -> Option<bool> {
        let left = self.expanded_char()?;
        let right = self.expanded_char()?;
        Some(self.same_meaning(left, right))
    }

    fn expanded_char(&mut self) -> Option<Token> {
        for _ in 0..100 {
            let token = self.next_char()?;
            match (token.kind, self.meaning(token.at)) {
                (Kind::Cs, Meaning::Macro(def)) => self.call(token, def),
                (Kind::Cs, Meaning::Builtin)
                    if self.names.info(token.at).prim == super::prims::Prim::NoExpand =>
                {
                    if self.names.name(token.at) != "noexpand" {
                        let argument = self.argument();
                        self.push_tokens(&argument);
                    }
                }
                (Kind::Nothing, _) => {}
                _ => return Some(token),
            }
        }
        None
    }

    fn test_numbers(&mut self) -> Option<bool> {
        let left = self.number();
        let relation = self.relation();
        let right = self.number();
        let (left, right) = (left?, right?);
        Some(match relation? {
            b'<' => left < right,
            b'>' => left > right,
            _ => left == right,
        })
    }

    fn relation(&mut self) -> Option<u8> {
        [b'<', b'>', b'=']
            .into_iter()
            .find(|byte| self.take_char(*byte))
    }

    /// A number, if it is written out; a register or an unknown word is read past.
    pub(super) fn number(&mut self) -> Option<i64> {
        self.skip_blanks();
        let mut negative = false;
        let mut value: Option<i64> = None;
        while let Some(token) = self.next_char() {
            let byte = match token.kind {
                Kind::Text => self
                    .arena
                    .as_bytes()
                    .get(token.at as usize)
                    .copied()
                    .unwrap_or(0),
                Kind::Space if value.is_some() => {
                    return value.map(|v| if negative { -v } else { v });
                }
                Kind::Cs if value.is_none() => {
                    if let Meaning::Macro(def) = self.meaning(token.at) {
                        self.call(token, def);
                        continue;
                    }
                    return self.number_word(token).map(|value| {
                        if negative {
                            value.saturating_neg()
                        } else {
                            value
                        }
                    });
                }
                _ => {
                    self.unread_char(token);
                    break;
                }
            };
            if byte.is_ascii_digit() {
                let digit = i64::from(byte - b'0');
                value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            } else if value.is_none() && (byte == b'-' || byte == b'+') {
                negative ^= byte == b'-';
            } else {
                self.unread_char(token);
                break;
            }
        }
        value.map(|v| if negative { -v } else { v })
    }

    fn test_case(&mut self) {
        let wanted = self.number().unwrap_or(0);
        self.open_conditionals = self.open_conditionals.saturating_add(1);
        let mut case = 0;
        let mut depth = 0_u32;
        if wanted == 0 {
            return;
        }
        self.scanning += 1;
        while let Some(token) = self.next() {
            if token.kind != Kind::Cs {
                continue;
            }
            if self.is_conditional(token) {
                depth += 1;
            } else if token.at == fixed::FI {
                if depth == 0 {
                    self.open_conditionals = self.open_conditionals.saturating_sub(1);
                    break;
                }
                depth -= 1;
            } else if depth == 0 && token.at == fixed::ELSE {
                break;
            } else if depth == 0 && token.at == fixed::OR {
                case += 1;
                if case == wanted {
                    break;
                }
            }
        }
        self.scanning -= 1;
    }

    /// `\ifthenelse{test}{yes}{no}`.
    pub(super) fn if_then_else(&mut self) {
        let test = self.argument();
        let yes = self.argument();
        let no = self.argument();
        let value = self.evaluate(&test);
        self.push_tokens(if value { &yes } else { &no });
    }

    /// `1<2`, `\value{x}=3`.
    fn compared(&mut self, test: &[Token]) -> Option<bool> {
        let depth = self.frames.len();
        self.push_frame(Feed::Barrier, super::frames::NO_MACRO, None);
        self.push_tokens(test);
        let truth = self.test_numbers();
        while self.frames.len() > depth {
            self.pop_frame();
        }
        truth
    }

    fn evaluate(&mut self, test: &[Token]) -> bool {
        let Some(first) = test.iter().find(|token| token.kind != Kind::Space) else {
            return true;
        };
        if first.kind != Kind::Cs || self.names.name(first.at) == "value" {
            return self.compared(test).unwrap_or(true);
        }
        let name = self.names.name(first.at).to_owned();
        let rest = test
            .iter()
            .position(|token| token == first)
            .map_or(&[][..], |at| &test[at + 1..]);
        match name.as_str() {
            "boolean" | "isundefined" => {
                let key = self.plain(rest);
                let switch = self.names.intern(&format!("if{}", key.trim()));
                self.meaning(switch) != Meaning::Switch(false)
            }
            "isodd" => {
                let rest = rest.to_vec();
                self.push_frame(Feed::Barrier, super::frames::NO_MACRO, None);
                let depth = self.frames.len() - 1;
                self.push_tokens(&rest);
                let odd = self.number_argument().is_none_or(|number| number % 2 != 0);
                while self.frames.len() > depth {
                    self.pop_frame();
                }
                odd
            }
            "not" => {
                // A list of them is read here, so that none calls itself.
                let nots = rest
                    .iter()
                    .take_while(|token| {
                        token.kind == Kind::Space
                            || token.kind == Kind::Cs && self.names.name(token.at) == "not"
                    })
                    .count();
                let count = rest[..nots]
                    .iter()
                    .filter(|token| token.kind == Kind::Cs)
                    .count();
                self.evaluate(&rest[nots..]) == (count % 2 == 1)
            }
            "equal" => {
                let expanded = self.isolated(rest);
                let parts: Vec<String> = expanded
                    .split(|token| matches!(token.kind, Kind::Open | Kind::Close))
                    .map(|part| self.plain(part))
                    .collect();
                // `{a}{b}` gives "", a, "", b, "".
                match (parts.get(1), parts.get(3)) {
                    (Some(left), Some(right)) => left == right,
                    _ => true,
                }
            }
            _ => true,
        }
    }
}

/// Names of tests that nobody declared: those of LaTeX's internals and of packages.
pub(super) fn is_test_name(name: &str) -> bool {
    name.starts_with("if@")
        || matches!(
            name,
            "ifdraft"
                | "iftwocolumn"
                | "ifpreprint"
                | "iffinal"
                | "iflong"
                | "ifshort"
                | "ifanonymous"
                | "ifarxiv"
                | "ifsubmission"
        )
}
