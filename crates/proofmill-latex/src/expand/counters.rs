//! Counters and integer registers, as far as they decide what is printed.
//!
//! Counters are global, as in LaTeX; registers of `\newcount` are scoped like macros. A counter may
//! be reset by another one, and prints as its `\the...` says: its own number behind that of the
//! counter that resets it, unless the submission defines it otherwise.

use rustc_hash::FxHashMap;

use super::{Engine, Meaning, Span};
use crate::emit::numeral;
use crate::names::fixed;
use crate::token::{Kind, Token};

/// Counters of one submission; declarations beyond are ignored.
const MAX_COUNTERS: usize = 500;
/// Counters inside counters that a number is written through.
const MAX_NESTING: u32 = 12;

/// What stands for a number.
#[derive(Clone, Debug, Default)]
struct Counter {
    value: i64,
    /// The counter whose number stands before.
    parent: Option<u32>,
    /// Counters that start anew when this one is stepped.
    resets: Vec<u32>,
    /// Definition of `\the...`.
    format: Option<Span>,
}

/// All counters.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    by_name: FxHashMap<u32, Counter>,
    chapters: bool,
}

impl Engine {
    /// Declares the counters that every class has.
    pub(super) fn standard_counters(&mut self) {
        let mut outer = None;
        for name in [
            "section",
            "subsection",
            "subsubsection",
            "paragraph",
            "subparagraph",
        ] {
            let id = self.names.intern(name);
            self.declare_counter(id, outer);
            outer = Some(id);
        }
        for name in [
            "part",
            "chapter",
            "equation",
            "figure",
            "table",
            "footnote",
            "algorithm",
            "listing",
        ] {
            let id = self.names.intern(name);
            self.declare_counter(id, None);
        }
        for name in ["enumi", "enumii", "enumiii", "enumiv"] {
            let id = self.names.intern(name);
            self.declare_counter(id, None);
        }
    }

    /// A class with chapters, found at the first one: the others are counted within them.
    pub(super) fn use_chapters(&mut self) {
        if std::mem::replace(&mut self.counters.chapters, true) {
            return;
        }
        for name in ["section", "equation", "figure", "table"] {
            let id = self.names.intern(name);
            let free = self
                .counters
                .by_name
                .get(&id)
                .is_some_and(|counter| counter.parent.is_none() && counter.format.is_none());
            if free {
                self.count_within(id, fixed::CHAPTER, true);
            }
        }
    }

    pub(super) fn has_chapters(&self) -> bool {
        self.counters.chapters
    }

    pub(super) fn declare_counter(&mut self, name: u32, within: Option<u32>) {
        if self.counters.by_name.len() >= MAX_COUNTERS || self.counters.by_name.contains_key(&name)
        {
            return;
        }
        self.counters.by_name.insert(name, Counter::default());
        if let Some(within) = within {
            self.count_within(name, within, true);
        }
    }

    pub(super) fn is_counter(&self, name: u32) -> bool {
        self.counters.by_name.contains_key(&name)
    }

    /// `name` starts anew with each `outer`; with `prefixed` its number follows that of `outer`.
    fn count_within(&mut self, name: u32, outer: u32, prefixed: bool) {
        if name == outer || !self.is_counter(name) {
            return;
        }
        let Some(resets) = self.counters.by_name.get_mut(&outer) else {
            return;
        };
        if !resets.resets.contains(&name) {
            resets.resets.push(name);
        }
        if prefixed && let Some(counter) = self.counters.by_name.get_mut(&name) {
            counter.parent = Some(outer);
            counter.format = None;
        }
    }

    /// `name` no longer starts anew with `outer`.
    fn count_without(&mut self, name: u32, outer: u32) {
        if let Some(counter) = self.counters.by_name.get_mut(&outer) {
            counter.resets.retain(|inner| *inner != name);
        }
        if let Some(counter) = self.counters.by_name.get_mut(&name) {
            counter.parent = None;
        }
    }

    pub(super) fn counter_value(&self, name: u32) -> Option<i64> {
        self.counters
            .by_name
            .get(&name)
            .map(|counter| counter.value)
    }

    pub(super) fn set_counter(&mut self, name: u32, value: i64) {
        if let Some(counter) = self.counters.by_name.get_mut(&name) {
            counter.value = value;
        }
    }

    /// Adds one and starts the counters within it anew.
    pub(super) fn step_counter(&mut self, name: u32) {
        if self.exhausted {
            return;
        }
        let Some(counter) = self.counters.by_name.get_mut(&name) else {
            return;
        };
        counter.value = counter.value.saturating_add(1);
        let mut anew = counter.resets.clone();
        let mut at = 0;
        while let Some(inner) = anew.get(at).copied() {
            at += 1;
            if let Some(counter) = self.counters.by_name.get_mut(&inner) {
                counter.value = 0;
                for next in &counter.resets {
                    if *next != name && !anew.contains(next) {
                        anew.push(*next);
                    }
                }
            }
        }
        self.spend(at.saturating_mul(at) / 8);
    }

    /// What `\the...` of a counter prints; `None` if that is not known.
    pub(super) fn written_counter(&mut self, name: u32) -> Option<String> {
        self.written_within(name, MAX_NESTING)
    }

    fn written_within(&mut self, name: u32, depth: u32) -> Option<String> {
        let counter = self.counters.by_name.get(&name)?;
        let (value, parent, format) = (counter.value, counter.parent, counter.format);
        if let Some(format) = format {
            let tokens = self.pooled(format).to_vec();
            let tokens = self.isolated(&tokens);
            let text = self.plain(&tokens);
            return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        let number = value.to_string();
        Some(match parent {
            Some(parent) if depth > 0 => {
                format!("{}.{number}", self.written_within(parent, depth - 1)?)
            }
            _ => number,
        })
    }

    /// Notes the definition of `\the...`; `false` if there is no such counter.
    pub(super) fn define_format(&mut self, command: u32, body: Span) -> bool {
        let name = self.names.name(command).strip_prefix("the");
        let Some(name) = name.and_then(|name| self.names.find(name)) else {
            return false;
        };
        match self.counters.by_name.get_mut(&name) {
            Some(counter) => {
                counter.format = Some(body);
                true
            }
            None => false,
        }
    }

    /// `\thefoo`: prints the counter; `false` if there is none.
    pub(super) fn the_counter(&mut self, command: u32) -> bool {
        let name = self.names.name(command).strip_prefix("the");
        let Some(name) = name.and_then(|name| self.names.find(name)) else {
            return false;
        };
        let Some(text) = self.written_counter(name) else {
            return false;
        };
        self.print(&text);
        true
    }

    pub(super) fn print(&mut self, text: &str) {
        let token = self.add_text(text);
        self.push_tokens(&[token]);
    }

    /// `\newcounter`, `\setcounter`, `\stepcounter`, `\numberwithin` and kin.
    pub(super) fn counter_command(&mut self, command: u32) {
        let star = self.star();
        let name = self.counter_name();
        match self.names.name(command) {
            "newcounter" => {
                let within = self.optional();
                self.declare_counter(name, None);
                if let Some(within) = within {
                    let within = self.counter_in(&within);
                    self.count_within(name, within, false);
                }
            }
            "setcounter" => {
                if let Some(value) = self.number_argument() {
                    self.set_counter(name, value);
                }
            }
            "addtocounter" => {
                if let Some(by) = self.number_argument()
                    && let Some(value) = self.counter_value(name)
                {
                    self.set_counter(name, value.saturating_add(by));
                }
            }
            "stepcounter" => self.step_counter(name),
            "refstepcounter" => self.step_and_name(name),
            "counterwithout" => {
                let outer = self.counter_name();
                self.count_without(name, outer);
            }
            "@addtoreset" => {
                let outer = self.counter_name();
                self.count_within(name, outer, false);
            }
            "@removefromreset" => {
                let outer = self.counter_name();
                if let Some(counter) = self.counters.by_name.get_mut(&outer) {
                    counter.resets.retain(|inner| *inner != name);
                }
            }
            // `\numberwithin[style]{a}{b}`, `\counterwithin`.
            _ => {
                let outer = self.counter_name();
                self.count_within(name, outer, !star);
            }
        }
    }

    fn counter_name(&mut self) -> u32 {
        self.optional();
        let name = self.argument();
        self.counter_in(&name)
    }

    fn counter_in(&mut self, tokens: &[Token]) -> u32 {
        let name = self.plain(tokens);
        self.names.intern(name.trim())
    }

    /// A number in braces, which may be a counter or a calculation.
    pub(super) fn number_argument(&mut self) -> Option<i64> {
        let argument = self.argument();
        self.number_of(&argument)
    }

    /// The number that `tokens` start with.
    pub(super) fn number_of(&mut self, tokens: &[Token]) -> Option<i64> {
        let depth = self.frames.len();
        self.push_frame(super::Feed::Barrier, super::frames::NO_MACRO, None);
        self.push_tokens(tokens);
        let number = self.number();
        while self.frames.len() > depth {
            self.pop_frame();
        }
        number
    }

    /// `\arabic{c}`, `\Roman{c}` and kin; `\alph*` in a list's option is left to the list.
    pub(super) fn numeral_command(&mut self, token: Token) {
        let Some(next) = self.peek() else { return };
        if next.kind != Kind::Open {
            self.emit_command(token);
            return;
        }
        let argument = self.argument();
        let counter = self.counter_in(&argument);
        let Some(value) = self.counter_value(counter) else {
            // AMS-TeX has an alphabet of this name.
            let mut tokens = vec![Token::new(Kind::Open)];
            tokens.extend(argument);
            tokens.push(Token::new(Kind::Close));
            self.push_tokens(&tokens);
            self.emit_command(token);
            return;
        };
        let kind = match self.names.name(token.at) {
            "alph" => 'a',
            "Alph" => 'A',
            "roman" => 'i',
            "Roman" => 'I',
            _ => '1',
        };
        let text = match u32::try_from(value) {
            Ok(count) if count > 0 => numeral(kind, count),
            _ if kind == '1' => value.to_string(),
            _ => String::new(),
        };
        self.print(&text);
    }

    /// `\advance`, `\multiply`, `\divide`.
    pub(super) fn advance(&mut self, command: u32) {
        self.skip_blanks();
        let Some(register) = self.next() else { return };
        self.take_word("by");
        let value = match self.meaning(register.at) {
            Meaning::Count(value) if register.kind == Kind::Cs => value,
            _ => {
                self.global = false;
                if self.is_count_of_counter(register) {
                    self.number();
                } else {
                    self.skip_dimension();
                }
                return;
            }
        };
        let by = self.number().unwrap_or(0);
        let value = match self.names.name(command) {
            "advance" => value.saturating_add(by),
            "multiply" => value.saturating_mul(by),
            _ => value.checked_div(by).unwrap_or(value),
        };
        self.assign(register.at, Meaning::Count(value));
    }

    fn is_count_of_counter(&self, token: Token) -> bool {
        token.kind == Kind::Cs && self.names.name(token.at).starts_with("c@")
    }

    /// `\n=3`, or `\n 3`.
    pub(super) fn assign_count(&mut self, register: u32) {
        self.take_char(b'=');
        if let Some(value) = self.number() {
            self.assign(register, Meaning::Count(value));
        } else {
            self.global = false;
        }
    }

    /// `\the` and the register behind it.
    pub(super) fn the_register(&mut self) {
        let Some(next) = self.next() else { return };
        if next.kind != Kind::Cs {
            self.unread();
            return;
        }
        let name = self.names.name(next.at);
        let is_number = matches!(self.meaning(next.at), Meaning::Count(_))
            || matches!(name, "value" | "numexpr")
            || name.starts_with("c@");
        if is_number {
            self.unread();
            if let Some(number) = self.number() {
                self.print(&number.to_string());
            }
        }
    }

    /// The value behind a control word where a number is read.
    pub(super) fn number_word(&mut self, token: Token) -> Option<i64> {
        if let Meaning::Count(value) = self.meaning(token.at) {
            return Some(value);
        }
        match self.names.name(token.at) {
            "value" => {
                let name = self.counter_name();
                self.counter_value(name)
            }
            "count" => {
                self.number();
                None
            }
            // `\magstep2` is 1440; only that it is a number matters.
            "magstep" => self.number().map(|step| step.saturating_add(1000)),
            "magstephalf" => Some(1095),
            "numexpr" => self.calculation(),
            name => {
                let counter = name.strip_prefix("c@")?;
                let counter = self.names.find(counter)?;
                self.counter_value(counter)
            }
        }
    }

    /// `\numexpr 1+2*\n\relax`, without brackets.
    fn calculation(&mut self) -> Option<i64> {
        let mut sum = 0_i64;
        let mut product = self.number()?;
        let mut negative = false;
        loop {
            let operator = [b'+', b'-', b'*', b'/']
                .into_iter()
                .find(|byte| self.take_char(*byte));
            let Some(operator) = operator else { break };
            let next = self.number()?;
            match operator {
                b'*' => product = product.saturating_mul(next),
                b'/' => product = product.checked_div(next).unwrap_or(0),
                _ => {
                    sum = add_signed(sum, product, negative);
                    product = next;
                    negative = operator == b'-';
                }
            }
        }
        if self
            .peek()
            .is_some_and(|token| token.kind == Kind::Cs && token.at == fixed::RELAX)
        {
            self.next();
        }
        Some(add_signed(sum, product, negative))
    }
}

fn add_signed(sum: i64, value: i64, negative: bool) -> i64 {
    if negative {
        sum.saturating_sub(value)
    } else {
        sum.saturating_add(value)
    }
}
