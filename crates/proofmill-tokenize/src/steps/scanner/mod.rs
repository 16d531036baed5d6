//! Regular expressions of the kind that tokenizers split by, without a regular-expression library.
//!
//! Such a pattern is a list of alternatives, each some runs of characters of a class, with a look
//! ahead here and there. A [`Scanner`] is made of one if it has nothing else in it ([`parse`]),
//! and finds the matches that the library finds: alternatives in order, runs as long as they can
//! be and then shorter. Which characters a class has is asked of the library, class by class as
//! the pattern writes it, so it is never guessed at. Tests compare the two.

mod classes;
mod parse;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use classes::{Classes, Set};

/// A pattern that never matches nothing.
pub(crate) struct Scanner {
    alternatives: Vec<Alternative>,
    /// Classes that one of which the first character of a match has.
    first: Set,
    classes: Classes,
}

/// Items that follow each other.
struct Alternative {
    items: Vec<Item>,
    /// Classes that one of which the first character has.
    first: Set,
}

enum Item {
    /// Characters of a class, as many as there are but `most` at most.
    Run {
        class: Set,
        least: usize,
        most: usize,
        /// Never gives one back.
        possessive: bool,
    },
    /// Looks whether one of the alternatives follows, or none of them.
    Ahead {
        alternatives: Vec<Alternative>,
        wanted: bool,
    },
    /// One of the alternatives.
    Group {
        alternatives: Vec<Alternative>,
        optional: bool,
    },
    /// The end of the text or of a line.
    LineEnd,
}

/// What is to follow when some items have matched.
struct Then<'a> {
    items: &'a [Item],
    then: Option<&'a Then<'a>>,
}

impl Scanner {
    /// A scanner for `pattern`, if it has nothing in it that is not known.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let parse::Parsed {
            alternatives,
            classes,
        } = parse::parse(pattern)?;
        Some(Self {
            first: alternatives.iter().fold(0, |first, one| first | one.first),
            alternatives,
            classes: Classes::new(&classes)?,
        })
    }

    /// Looks for matches in `text`.
    pub(super) fn on<'s>(&'s self, text: &'s str) -> Search<'s> {
        Search {
            scanner: self,
            text,
            n_tries_left: Cell::new(LEAST_TRIES + TRIES_PER_BYTE * text.len()),
        }
    }

    /// The class of the run that the pattern begins with, if it is the one way to begin and any
    /// number of characters will do. Then a match that begins inside a run would begin with it.
    fn run_at_start(&self) -> Option<Set> {
        let [Alternative { items, .. }] = self.alternatives.as_slice() else {
            return None;
        };
        match items.first()? {
            Item::Run {
                class,
                least: 1,
                most: usize::MAX,
                possessive: false,
            } => Some(*class),
            _ => None,
        }
    }
}

/// Items tried on a text at most: real patterns need a few for each byte.
const LEAST_TRIES: usize = 1 << 16;
const TRIES_PER_BYTE: usize = 1 << 8;

/// A pattern on a text.
pub(super) struct Search<'s> {
    scanner: &'s Scanner,
    text: &'s str,
    n_tries_left: Cell<usize>,
}

/// Too much was tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooHard;

impl Search<'_> {
    /// The first match from byte `at` on, as its start and end; it is never empty.
    ///
    /// # Errors
    /// If the pattern tries too much, on this text in all.
    pub(super) fn find(&self, mut at: usize) -> Result<Option<(usize, usize)>, TooHard> {
        let Scanner { first, classes, .. } = self.scanner;
        loop {
            if first & classes::ANY == 0 {
                at = classes.skip(self.text, at, |found| found & first == 0);
            }
            if at >= self.text.len() {
                return Ok(None);
            }
            let end = self.any(&self.scanner.alternatives, None, at);
            if self.n_tries_left.get() == 0 {
                return Err(TooHard);
            }
            if let Some(end) = end {
                return Ok(Some((at, end)));
            }
            let (found, mut next) = self.scanner.classes.at(self.text, at);
            if let Some(class) = self
                .scanner
                .run_at_start()
                .filter(|class| class & found != 0)
            {
                next = self.run(class, usize::MAX, next).0;
            }
            at = next;
        }
    }

    /// The end of the first of `alternatives` that matches at `at`, with what follows then.
    #[inline]
    fn any(&self, alternatives: &[Alternative], then: Option<&Then>, at: usize) -> Option<usize> {
        let (first, _) = self.scanner.classes.at(self.text, at);
        let fitting = alternatives
            .iter()
            .filter(|alternative| alternative.first & (first | classes::ANY) != 0);
        let mut ends = fitting.map(|alternative| self.all(&alternative.items, then, at));
        ends.find_map(|end| end)
    }

    /// Where the run of characters of `class` ends that begins at `at`, and how many they are.
    #[inline]
    fn run(&self, class: Set, most: usize, at: usize) -> (usize, usize) {
        let classes = &self.scanner.classes;
        let (mut end, mut n_chars) = (at, 0);
        while n_chars < most {
            let (found, next) = classes.at(self.text, end);
            if found & class == 0 {
                break;
            }
            end = next;
            n_chars += 1;
        }
        (end, n_chars)
    }

    /// The end of all `items` in order from `at` on, with what follows then.
    fn all(&self, items: &[Item], then: Option<&Then>, at: usize) -> Option<usize> {
        let Some((item, later)) = items.split_first() else {
            return match then {
                None => Some(at),
                Some(then) => self.all(then.items, then.then, at),
            };
        };
        let n_left = self.n_tries_left.get().checked_sub(1)?;
        self.n_tries_left.set(n_left);
        match item {
            Item::Run {
                class,
                least,
                most,
                possessive,
            } => {
                if later.is_empty() && then.is_none() && *most == usize::MAX && *least <= 1 {
                    // However long, and nothing is to follow.
                    let end = self
                        .scanner
                        .classes
                        .skip(self.text, at, |found| found & class != 0);
                    return (end > at || *least == 0).then_some(end);
                }
                let (mut end, mut n_chars) = self.run(*class, *most, at);
                if n_chars < *least {
                    return None;
                }
                loop {
                    let whole = self.all(later, then, end);
                    if whole.is_some() || *possessive || n_chars == *least {
                        return whole;
                    }
                    let last = self.text[..end].chars().next_back();
                    end -= last.map_or(1, char::len_utf8);
                    n_chars -= 1;
                }
            }
            Item::Ahead {
                alternatives,
                wanted,
            } => {
                let found = self.any(alternatives, None, at).is_some();
                (found == *wanted).then(|| self.all(later, then, at))?
            }
            Item::Group {
                alternatives,
                optional,
            } => {
                let here = Then { items: later, then };
                let found = self.any(alternatives, Some(&here), at);
                if found.is_none() && *optional {
                    return self.all(later, then, at);
                }
                found
            }
            Item::LineEnd => {
                let is_end = matches!(self.text.as_bytes().get(at), None | Some(b'\n'));
                is_end.then(|| self.all(later, then, at))?
            }
        }
    }
}
