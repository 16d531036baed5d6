//! Text mode: lists and how their items are marked.

use super::source::bracket;
use super::text::{Next, Text};
use super::writer::Gap;
use crate::expand::Engine;
use crate::token::{Kind, Token};

/// An open list.
pub(super) struct List {
    pub(super) name: u32,
    pub(super) count: u32,
    pub(super) style: Style,
}

/// How the items of a list are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Bullet,
    Description,
    /// Text before, kind of number, text after.
    Number(String, char, String),
}

impl Text<'_, '_> {
    pub(super) fn begin_list(&mut self, tokens: &[Token], at: usize, token: Token) -> Next {
        let name = self.name(token);
        if self.lists.is_empty() {
            self.flush_notes();
        }
        self.writer.gap(Gap::Line);
        let option = bracket(self.engine, tokens, at);
        let (next, rest) = option
            .as_ref()
            .map_or((at, None), |option| (option.next, option.rest));
        let numbered = name.contains("enum")
            || matches!(name, "parts" | "questions" | "subparts" | "asparaenum");
        let style = if name.contains("desc") {
            Style::Description
        } else if numbered {
            let depth = self
                .lists
                .iter()
                .filter(|list| matches!(list.style, Style::Number(..)))
                .count();
            let option = option
                .map(|option| label_text(self.engine, &option.inside))
                .unwrap_or_default();
            number_style(&option, depth)
        } else {
            Style::Bullet
        };
        self.lists.push(List {
            name: token.at,
            count: 0,
            style,
        });
        (next, rest)
    }

    /// `\item`.
    pub(super) fn item(&mut self, tokens: &[Token], at: usize) -> Next {
        let label = bracket(self.engine, tokens, at);
        let (next, rest) = label
            .as_ref()
            .map_or((at, None), |label| (label.next, label.rest));
        let label = label
            .map(|label| self.one_line(&label.inside))
            .unwrap_or_default();
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        let mark = match self.lists.last_mut() {
            None => "- ".to_owned(),
            Some(list) => match &list.style {
                _ if !label.is_empty() && list.style == Style::Description => {
                    format!("- **{label}** ")
                }
                _ if !label.is_empty() => {
                    if label.chars().any(char::is_alphanumeric) {
                        format!("{label} ")
                    } else {
                        "- ".to_owned()
                    }
                }
                style @ Style::Number(..) => {
                    list.count += 1;
                    format!("{} ", style.written(list.count))
                }
                _ => "- ".to_owned(),
            },
        };
        self.writer.gap(Gap::Line);
        if self.writer.pending() == Gap::Par && self.lists.last().is_some_and(|l| l.count > 1) {
            self.writer.cancel_gap();
            self.writer.gap(Gap::Line);
        }
        self.writer.put(&indent);
        self.writer.put(&mark);
        (next, rest)
    }
}

/// A label pattern with its counter commands as single letters.
fn label_text(engine: &Engine, tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token.kind {
            Kind::Text => text.push_str(engine.slice(*token)),
            Kind::Space => text.push(' '),
            Kind::Cs => text.push_str(match engine.names.name(token.at) {
                "alph" => "a",
                "Alph" => "A",
                "roman" => "i",
                "Roman" => "I",
                "arabic" => "1",
                _ => "",
            }),
            _ => {}
        }
    }
    text
}

/// The option of the list whose tokens start at `at`, as [`number_style`] takes it.
pub(crate) fn option_label(engine: &Engine, tokens: &[Token], at: usize) -> String {
    bracket(engine, tokens, at)
        .map(|option| label_text(engine, &option.inside))
        .unwrap_or_default()
}

impl Style {
    /// The mark of item `count`.
    pub(crate) fn written(&self, count: u32) -> String {
        match self {
            Self::Number(before, kind, after) => {
                format!("{before}{}{after}", numeral(*kind, count))
            }
            _ => String::new(),
        }
    }
}

/// Kind of numbers from an option such as `(a)`, `label=(\roman*)`, `i.`.
pub(crate) fn number_style(option: &str, depth: usize) -> Style {
    let default = |depth: usize| match depth % 4 {
        0 => Style::Number(String::new(), '1', ".".into()),
        1 => Style::Number("(".into(), 'a', ")".into()),
        2 => Style::Number(String::new(), 'i', ".".into()),
        _ => Style::Number(String::new(), 'A', ".".into()),
    };
    let pattern = match option.split_once("label") {
        Some((_, rest)) => rest
            .trim_start_matches(['=', ' '])
            .split(',')
            .next()
            .unwrap_or(""),
        None if option.contains('=') => return default(depth),
        None => option.split(',').next().unwrap_or(""),
    };
    let pattern = pattern.replace('*', "");
    let Some(at) = pattern.find(['1', 'a', 'A', 'i', 'I']) else {
        return default(depth);
    };
    // A letter within a word is no counter.
    let neighbour = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    if neighbour(pattern[..at].chars().last()) || neighbour(pattern[at + 1..].chars().next()) {
        return default(depth);
    }
    let kind = pattern[at..].chars().next().unwrap_or('1');
    Style::Number(
        pattern[..at].trim_start().to_owned(),
        kind,
        pattern[at + 1..].trim_end().to_owned(),
    )
}

pub(crate) fn numeral(kind: char, count: u32) -> String {
    let letter = |base: u8| {
        let index = u8::try_from((count - 1) % 26).unwrap_or(0);
        char::from(base + index).to_string()
    };
    match kind {
        'a' => letter(b'a'),
        'A' => letter(b'A'),
        'i' => roman(count),
        'I' => roman(count).to_uppercase(),
        _ => count.to_string(),
    }
}

pub(super) fn roman(count: u32) -> String {
    let mut left = count.min(3999);
    let mut text = String::new();
    for (value, letters) in [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ] {
        while left >= value {
            text.push_str(letters);
            left -= value;
        }
    }
    text
}
