//! Numbers of what is referred to: headings, theorems, equations, captions and list items, and the
//! labels that name them.
//!
//! Counting goes on while the text is read, so every label is known when the text is written. Where
//! a class numbers in a way that the submission does not tell, the label gets no number.

use super::env::GroupKind;
use super::{Engine, Group, Span};
use crate::emit::{number_style, numeral, option_label};
use crate::names::{Env, fixed};
use crate::options::{Mode, References};
use crate::token::{Kind, Token};

/// What a label names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    /// Text of the number, without brackets.
    pub(crate) number: Token,
    /// Environment or counter.
    pub(crate) kind: u32,
}

/// What `\label` would name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Current {
    counter: u32,
    kind: u32,
}

/// Something in a formula that concerns the number of its row.
#[derive(Clone, Debug)]
pub(super) enum RowMark {
    Label(Box<str>),
    NoNumber,
}

/// How a theorem-like environment is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    None,
    /// With the counter of another one.
    Shared(u32),
    /// Of its own, anew within another counter.
    Own(Option<u32>),
}

/// Labels of one submission; later ones get no number.
const MAX_LABELS: usize = 100_000;

impl Engine {
    /// Whether references are written as numbers.
    pub(super) fn numbers_references(&self) -> bool {
        self.options.mode == Mode::Text && self.options.references == References::Number
    }

    fn name_current(&mut self, counter: u32, kind: u32) {
        self.step_counter(counter);
        self.current = self
            .is_counter(counter)
            .then_some(Current { counter, kind });
    }

    /// `\refstepcounter`.
    pub(super) fn step_and_name(&mut self, counter: u32) {
        self.name_current(counter, counter);
    }

    /// A heading was met; its star, if it has one, comes next.
    pub(super) fn number_heading(&mut self, name: u32) {
        if self.peek().is_some_and(|next| self.is_char(next, b'*')) {
            return;
        }
        if name == fixed::CHAPTER {
            self.use_chapters();
        }
        let kind = if self.in_appendix && (name == fixed::SECTION || name == fixed::CHAPTER) {
            fixed::APPENDIX
        } else {
            name
        };
        self.name_current(name, kind);
    }

    /// `\appendix`: the outermost headings get letters.
    pub(super) fn number_appendix(&mut self) {
        self.in_appendix = true;
        let outer = if self.has_chapters() {
            fixed::CHAPTER
        } else {
            fixed::SECTION
        };
        self.set_counter(outer, 0);
        let name = self.add_text(if outer == fixed::CHAPTER {
            "chapter"
        } else {
            "section"
        });
        let letter = self.names.intern("Alph");
        let body = [
            Token::cs(letter),
            Token::new(Kind::Open),
            name,
            Token::new(Kind::Close),
        ];
        let body = self.pool_span(&body);
        let command = if outer == fixed::CHAPTER {
            "thechapter"
        } else {
            "thesection"
        };
        let command = self.names.intern(command);
        self.define_format(command, body);
    }

    /// An environment opened.
    pub(super) fn number_block(&mut self, name: u32, kind: Env) {
        if let Some(counter) = self.theorem_counters.get(&name).copied() {
            self.name_current(counter, name);
            return;
        }
        match kind {
            _ if name != fixed::PROOF && self.is_theorem(name) => self.current = None,
            Env::List => {
                if let Some(counter) = self.item_counter() {
                    self.set_counter(counter, 0);
                }
            }
            _ if name == fixed::SUBEQUATIONS && self.numbers_references() => {
                self.name_current(fixed::EQUATION, fixed::EQUATION);
                let prefix = self.written_counter(fixed::EQUATION);
                let value = self.counter_value(fixed::EQUATION).unwrap_or(0);
                self.subequations = prefix.map(|prefix| (prefix, value));
                self.set_counter(fixed::EQUATION, 0);
            }
            _ => {}
        }
    }

    /// `\end{subequations}`.
    pub(super) fn end_subequations(&mut self) {
        if let Some((_, value)) = self.subequations.take() {
            self.set_counter(fixed::EQUATION, value);
        }
    }

    /// Levels of numbered lists around, the innermost first: where each one's tokens start.
    fn numbered_lists(&self) -> impl Iterator<Item = u32> + '_ {
        self.groups
            .iter()
            .rev()
            .take(256)
            .filter_map(|group| match group.kind {
                GroupKind::Env {
                    name,
                    kind: Env::List,
                    ..
                } => {
                    let text = self.names.name(name);
                    (text.contains("enum") || text == "roster").then_some(group.out_at)
                }
                _ => None,
            })
    }

    /// Counter of the items here; `None` if the innermost list has no numbers.
    fn item_counter(&mut self) -> Option<u32> {
        let innermost = self
            .groups
            .iter()
            .rev()
            .take(256)
            .find_map(|group| match group.kind {
                GroupKind::Env {
                    name,
                    kind: Env::List,
                    ..
                } => Some(name),
                _ => None,
            })?;
        if !self.names.name(innermost).contains("enum") {
            return None;
        }
        let name = match self.numbered_lists().count() {
            0 | 1 => "enumi",
            2 => "enumii",
            3 => "enumiii",
            _ => "enumiv",
        };
        Some(self.names.intern(name))
    }

    /// `\item`.
    pub(super) fn number_item(&mut self) {
        if self.peek().is_some_and(|next| self.is_char(next, b'[')) {
            return;
        }
        if let Some(counter) = self.item_counter() {
            self.name_current(counter, fixed::ITEM);
        }
    }

    /// `\caption`.
    pub(super) fn number_caption(&mut self) {
        let float = self
            .groups
            .iter()
            .rev()
            .take(64)
            .find_map(|group| match group.kind {
                GroupKind::Env { name, kind, .. }
                    if matches!(
                        kind,
                        Env::Figure | Env::Table | Env::Algorithm | Env::Tabular
                    ) =>
                {
                    Some((name, kind))
                }
                _ => None,
            });
        let Some((name, kind)) = float else { return };
        let counter = match kind {
            _ if self.names.name(name).starts_with("sub") => {
                self.current = None;
                return;
            }
            Env::Figure => "figure",
            Env::Algorithm => "algorithm",
            _ => "table",
        };
        let counter = self.names.intern(counter);
        self.name_current(counter, counter);
    }

    /// `\label{key}` where references become numbers; its argument is read here.
    pub(super) fn number_label(&mut self) {
        let key = self.argument();
        let key = self.plain(&key);
        let key = key.trim();
        if key.is_empty() || self.labels.len() >= MAX_LABELS {
            return;
        }
        if self.in_numbered_formula() {
            let at = super::frames::small(self.out.len());
            self.row_marks.push((at, RowMark::Label(key.into())));
            return;
        }
        let Some(current) = self.current else { return };
        let number = if current.kind == fixed::ITEM {
            self.item_number(current.counter)
        } else if let Some((prefix, _)) = &self.subequations
            && current.counter == fixed::EQUATION
        {
            Some(prefix.clone())
        } else {
            self.written_counter(current.counter)
        };
        if let Some(number) = number {
            self.add_label(key, &number, current.kind);
        }
    }

    fn add_label(&mut self, key: &str, number: &str, kind: u32) {
        let number = self.add_text(number);
        self.labels.insert(key.into(), Label { number, kind });
    }

    fn in_numbered_formula(&self) -> bool {
        self.groups
            .iter()
            .rev()
            .take(64)
            .any(|group| match group.kind {
                GroupKind::Env { kind, .. } => matches!(kind, Env::Equation | Env::Aligned),
                GroupKind::Math(delim) => delim.is_display(),
                _ => false,
            })
    }

    /// `\nonumber`, `\notag`.
    pub(super) fn mark_no_number(&mut self) {
        if self.numbers_references() {
            let at = super::frames::small(self.out.len());
            self.row_marks.push((at, RowMark::NoNumber));
        }
    }

    /// How a list item is referred to: as its label looks.
    fn item_number(&mut self, counter: u32) -> Option<String> {
        let value = u32::try_from(self.counter_value(counter)?).ok()?;
        let level = self.numbered_lists().count();
        let start = self.numbered_lists().next()?;
        let option = option_label(self, &self.out, start as usize);
        if !option.is_empty() {
            return Some(number_style(&option, level.saturating_sub(1)).written(value));
        }
        let outer: Vec<i64> = ["enumi", "enumii", "enumiii"]
            .iter()
            .take(level.saturating_sub(1))
            .filter_map(|name| self.counter_value(self.names.find(name)?))
            .collect();
        let part = |kind: char, value: i64| {
            u32::try_from(value)
                .ok()
                .filter(|value| *value > 0)
                .map_or_else(String::new, |value| numeral(kind, value))
        };
        let value = i64::from(value);
        Some(match outer.as_slice() {
            [] => part('1', value),
            [first] => part('1', *first) + &part('a', value),
            [first, second] => format!(
                "{}({}){}",
                part('1', *first),
                part('a', *second),
                part('i', value)
            ),
            [first, second, third, ..] => format!(
                "{}({}){}{}",
                part('1', *first),
                part('a', *second),
                part('i', *third),
                part('A', value)
            ),
        })
    }

    /// The end of a formula environment: its rows get their numbers, its labels theirs.
    pub(super) fn number_rows(&mut self, group: &Group, name: u32, kind: Env) {
        let marks = std::mem::take(&mut self.row_marks);
        if !self.numbers_references() {
            return;
        }
        let start = group.out_at as usize;
        let starred =
            self.names.name(name).ends_with('*') || self.names.name(name) == "displaymath";
        let one_row = kind == Env::Equation || self.names.name(name).starts_with("multline");
        let mut marks = marks
            .into_iter()
            .filter(|(at, _)| *at as usize >= start)
            .peekable();
        for row in self.rows(start, one_row) {
            let mut silent = starred;
            let mut keys = Vec::new();
            while let Some((_, mark)) = marks.next_if(|(at, _)| *at as usize <= row.end) {
                match mark {
                    RowMark::Label(key) => keys.push(key),
                    RowMark::NoNumber => silent = true,
                }
            }
            let number = match row.tag {
                Some(tag) => Some(tag),
                None if silent || (row.empty && keys.is_empty()) => None,
                None => {
                    self.step_counter(fixed::EQUATION);
                    self.equation_number()
                }
            };
            if let Some(number) = number {
                for key in keys {
                    if self.labels.len() < MAX_LABELS {
                        self.add_label(&key, &number, fixed::EQUATION);
                    }
                }
            }
        }
    }

    fn equation_number(&mut self) -> Option<String> {
        if let Some((prefix, _)) = &self.subequations {
            let value = u32::try_from(self.counter_value(fixed::EQUATION)?).ok()?;
            return Some(format!("{prefix}{}", numeral('a', value.max(1))));
        }
        // Only labels and `\theequation` ask for it.
        self.written_counter(fixed::EQUATION)
    }

    fn rows(&self, start: usize, one_row: bool) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut row = Row::default();
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(token) = self.out.get(at).copied() {
            match token.kind {
                Kind::Open | Kind::Begin => depth += 1,
                Kind::Close | Kind::End => depth = depth.saturating_sub(1),
                Kind::Cs if token.at == fixed::TAG => {
                    let tag = crate::emit::argument_of(self, &self.out, at + 1);
                    let tag = self.plain(tag);
                    row.tag = Some(tag.trim_matches(['$', ' ']).to_owned());
                }
                Kind::Cs if token.at == fixed::NEWLINE && depth == 0 && !one_row => {
                    row.end = at;
                    rows.push(std::mem::take(&mut row));
                    at += 1;
                    continue;
                }
                _ => {}
            }
            row.empty &= matches!(token.kind, Kind::Space | Kind::Nothing);
            at += 1;
        }
        row.end = at;
        rows.push(row);
        rows
    }

    /// `\crefname{kind}{one}{many}`.
    pub(super) fn reference_name(&mut self, capital: bool) {
        let kind = self.argument();
        let kind = self.plain(&kind);
        let one = self.argument();
        let many = self.argument();
        if self.reference_names.len() >= 500 {
            return;
        }
        let kind = self.names.intern(kind.trim());
        let spans: (Span, Span) = (self.pool_span(&one), self.pool_span(&many));
        self.reference_names.insert((kind, capital), spans);
    }

    /// The label of a key.
    pub(crate) fn label(&self, key: &str) -> Option<Label> {
        self.labels.get(key.trim()).copied()
    }

    /// Name that `\crefname` or `\Crefname` gives a kind, one and many.
    pub(crate) fn named_reference(&self, kind: u32, capital: bool) -> Option<(&[Token], &[Token])> {
        let (one, many) = self.reference_names.get(&(kind, capital))?;
        Some((self.pooled(*one), self.pooled(*many)))
    }
}

/// One row of a formula.
struct Row {
    /// Index of the output behind it.
    end: usize,
    tag: Option<String>,
    empty: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            end: 0,
            tag: None,
            empty: true,
        }
    }
}
