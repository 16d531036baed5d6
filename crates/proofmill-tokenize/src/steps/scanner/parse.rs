//! Reads the patterns that a scanner can stand for; everything else is nothing.
//!
//! The language is that of Oniguruma as the reference sets it up, so `{1,3}+` repeats a repetition,
//! while `++`, `*+` and `?+` are possessive, and `$` matches before
//! each line feed.

use super::classes::{ANY, MAX_CLASSES, Set};
use super::{Alternative, Item};

/// Groups inside groups at most.
const MAX_DEPTH: usize = 4;
const MAX_ITEMS: usize = 256;
/// Pairs of letters that are one thing to ignore the case of; others may be one character.
const FOLDED_PAIRS: [&str; 3] = ["ll", "ve", "re"];

pub(super) struct Parsed {
    pub(super) alternatives: Vec<Alternative>,
    /// As the pattern writes them, by bit.
    pub(super) classes: Vec<String>,
}

/// The parts of `pattern`, if all of them are known and it never matches nothing.
pub(super) fn parse(pattern: &str) -> Option<Parsed> {
    let mut parser = Parser {
        rest: pattern,
        classes: Vec::new(),
        n_items: 0,
    };
    let alternatives = parser.alternatives(0, false)?;
    if !parser.rest.is_empty() || alternatives.iter().any(|one| can_be_empty(&one.items)) {
        return None;
    }
    Some(Parsed {
        alternatives,
        classes: parser.classes,
    })
}

struct Parser<'p> {
    rest: &'p str,
    classes: Vec<String>,
    n_items: usize,
}

impl Parser<'_> {
    fn eat(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Up to the end or a closing bracket.
    fn alternatives(&mut self, depth: usize, fold: bool) -> Option<Vec<Alternative>> {
        let mut alternatives = Vec::new();
        loop {
            let mut items = Vec::new();
            while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
                self.n_items += 1;
                if self.n_items > MAX_ITEMS {
                    return None;
                }
                items.push(self.item(depth, fold)?);
            }
            alternatives.push(Alternative {
                first: first(&items),
                items,
            });
            if !self.eat("|") {
                return Some(alternatives);
            }
        }
    }

    fn item(&mut self, depth: usize, fold: bool) -> Option<Item> {
        if self.eat("$") {
            return self.not_repeated(Item::LineEnd);
        }
        for (start, wanted) in [("(?!", false), ("(?=", true)] {
            if self.eat(start) {
                let alternatives = self.group(depth, fold)?;
                return self.not_repeated(Item::Ahead {
                    alternatives,
                    wanted,
                });
            }
        }
        for (start, folds) in [("(?:", false), ("(?i:", true)] {
            if self.eat(start) {
                if folds && !folds_plainly(self.rest) {
                    return None;
                }
                let alternatives = self.group(depth, fold || folds)?;
                let optional = self.eat("?");
                return self.not_repeated(Item::Group {
                    alternatives,
                    optional,
                });
            }
        }
        // Without references to it, a group that is captured is a group.
        if !self.rest.starts_with("(?") && self.eat("(") {
            let alternatives = self.group(depth, fold)?;
            let optional = self.eat("?");
            return self.not_repeated(Item::Group {
                alternatives,
                optional,
            });
        }
        let class = self.class()?;
        let class = if fold { format!("(?i:{class})") } else { class };
        let known = self.classes.iter().position(|other| *other == class);
        let bit = known.unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        if bit >= MAX_CLASSES {
            return None;
        }
        let (least, mut most, is_counted) = self.repetition()?;
        if is_counted && least == 1 && self.eat("+") {
            // Any number of runs of one or more is one run of any length.
            most = usize::MAX;
        }
        let is_run = most > 1 || least == 0;
        let possessive = is_run && !is_counted && self.eat("+");
        self.not_repeated(Item::Run {
            class: 1 << bit,
            least,
            most,
            possessive,
        })
    }

    /// The rest of a group.
    fn group(&mut self, depth: usize, fold: bool) -> Option<Vec<Alternative>> {
        if depth == MAX_DEPTH {
            return None;
        }
        let alternatives = self.alternatives(depth + 1, fold)?;
        self.eat(")").then_some(alternatives)
    }

    fn not_repeated(&self, item: Item) -> Option<Item> {
        (!self.rest.starts_with(['?', '*', '+', '{'])).then_some(item)
    }

    /// How often what stands before comes, and whether by numbers.
    fn repetition(&mut self) -> Option<(usize, usize, bool)> {
        if self.eat("?") {
            return Some((0, 1, false));
        }
        if self.eat("*") {
            return Some((0, usize::MAX, false));
        }
        if self.eat("+") {
            return Some((1, usize::MAX, false));
        }
        if !self.eat("{") {
            return Some((1, 1, false));
        }
        let (numbers, rest) = self.rest.split_once('}')?;
        self.rest = rest;
        let number = |text: &str| {
            let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| text.parse().ok())?
        };
        let (least, most) = match numbers.split_once(',') {
            None => (number(numbers)?, number(numbers)?),
            Some((least, "")) => (number(least)?, usize::MAX),
            Some((least, most)) => (number(least)?, number(most)?),
        };
        (least <= most && most > 0).then_some((least, most, true))
    }

    /// One character or class, as it is written.
    fn class(&mut self) -> Option<String> {
        let n_bytes = match self.rest.as_bytes() {
            [b'[', ..] => bracket_bytes(self.rest)?,
            [b'\\', b'p' | b'P', b'{', ..] => self.rest.find('}')? + 1,
            [b'\\', byte, ..] if is_known_escape(*byte) => 2,
            [b'\\', ..] => return None,
            _ => {
                let c = self.rest.chars().next()?;
                let is_plain = !c.is_control() && !"|()[]{}.*+?^$".contains(c);
                is_plain.then_some(c.len_utf8())?
            }
        };
        let (class, rest) = self.rest.split_at(n_bytes);
        self.rest = rest;
        Some(class.to_owned())
    }
}

fn is_known_escape(byte: u8) -> bool {
    matches!(
        byte,
        b's' | b'S' | b'd' | b'D' | b'w' | b'W' | b'r' | b'n' | b't'
    ) || byte.is_ascii_punctuation()
}

/// Bytes of the class in brackets that `text` starts with.
fn bracket_bytes(text: &str) -> Option<usize> {
    let (mut depth, mut is_first) = (0_usize, false);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '[' => {
                // Of POSIX classes only those that end as they should are read.
                depth += 1;
                is_first = true;
                if chars.peek().is_some_and(|(_, c)| *c == '^') {
                    chars.next();
                }
                continue;
            }
            ']' if is_first => return None,
            ']' if depth == 1 => return Some(at + 1),
            ']' => depth -= 1,
            '\\' => {
                let (_, c) = chars.next()?;
                if !c.is_ascii() || !is_known_escape(c as u8) && !matches!(c, 'p' | 'P') {
                    return None;
                }
            }
            _ => {}
        }
        is_first = false;
    }
    None
}

/// Whether a group that ignores case is made of single letters and known pairs, so that no
/// character stands for more than one of its letters.
fn folds_plainly(rest: &str) -> bool {
    let group = rest.split(')').next().unwrap_or_default();
    let is_known = |c: char| c.is_ascii_alphabetic() || "'|[]".contains(c);
    if !group.chars().all(is_known) || !rest[group.len()..].starts_with(')') {
        return false;
    }
    let mut is_inside = false;
    let mut pairs = String::new();
    for c in group.chars() {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            _ => {}
        }
        // Letters in brackets are one each.
        pairs.push(if is_inside || !c.is_ascii_alphabetic() {
            ' '
        } else {
            c
        });
    }
    let mut words = pairs.split_whitespace();
    !group.contains(['[', ']']) && words.all(|word| word.len() == 1 || FOLDED_PAIRS.contains(&word))
        || group.contains('[')
            && pairs
                .split_whitespace()
                .all(|word| FOLDED_PAIRS.contains(&word))
}

/// Classes of which a match of `items` has one at its start.
fn first(items: &[Item]) -> Set {
    let mut first = 0;
    for item in items {
        match item {
            Item::Run { class, least, .. } => {
                first |= class;
                if *least > 0 {
                    return first;
                }
            }
            _ => return ANY,
        }
    }
    ANY
}

fn can_be_empty(items: &[Item]) -> bool {
    items.iter().all(|item| match item {
        Item::Run { least, .. } => *least == 0,
        Item::Ahead { .. } | Item::LineEnd => true,
        Item::Group {
            alternatives,
            optional,
        } => *optional || alternatives.iter().any(|one| can_be_empty(&one.items)),
    })
}
