//! Which characters the classes of a pattern have, by the library that reads the pattern.

use std::sync::OnceLock;

/// A set of classes, one bit each.
pub(super) type Set = u32;

/// A class that every place has, the end of the text too.
pub(super) const ANY: Set = 1 << MAX_CLASSES;
/// Classes of a pattern at most.
pub(super) const MAX_CLASSES: usize = 31;

const PAGE: usize = 256;
const N_PAGES: usize = 0x11_0000 / PAGE;

/// The classes of each character; a page of characters is asked for when one of it comes up.
pub(super) struct Classes {
    ascii: [Set; 128],
    pages: Vec<OnceLock<Box<[Set; PAGE]>>>,
    patterns: Vec<onig::Regex>, // of runs of each class
}

impl Classes {
    /// The classes as a pattern writes them; `None` if the library cannot read one.
    pub(super) fn new(classes: &[String]) -> Option<Self> {
        let runs = classes.iter().map(|class| format!("(?:{class})+"));
        let patterns = runs.map(|run| onig::Regex::new(&run).ok());
        let mut classes = Self {
            ascii: [0; 128],
            pages: std::iter::repeat_with(OnceLock::new)
                .take(N_PAGES)
                .collect(),
            patterns: patterns.collect::<Option<_>>()?,
        };
        let first = classes.probe(0);
        classes.ascii.copy_from_slice(&first[..128]);
        Some(classes)
    }

    /// The classes of the character at `at`, and where the next one begins; none behind the end.
    #[inline]
    pub(super) fn at(&self, text: &str, at: usize) -> (Set, usize) {
        match text.as_bytes().get(at) {
            None => (0, at),
            Some(&byte) if byte.is_ascii() => (self.ascii[usize::from(byte)], at + 1),
            Some(_) => self.at_other(text, at),
        }
    }

    /// The first character from `at` on whose classes are not `wanted`, or the end.
    #[inline]
    pub(super) fn skip(&self, text: &str, mut at: usize, wanted: impl Fn(Set) -> bool) -> usize {
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            let (found, next) = match self.ascii.get(usize::from(byte)) {
                Some(found) => (*found, at + 1),
                None => self.at_other(text, at),
            };
            if !wanted(found) {
                break;
            }
            at = next;
        }
        at
    }

    fn at_other(&self, text: &str, at: usize) -> (Set, usize) {
        let Some(c) = text[at..].chars().next() else {
            return (0, at);
        };
        let code = c as usize;
        let page = self.pages[code / PAGE].get_or_init(|| self.probe(code / PAGE));
        (page[code % PAGE], at + c.len_utf8())
    }

    /// Asks for one page.
    fn probe(&self, page: usize) -> Box<[Set; PAGE]> {
        let mut sets = Box::new([0; PAGE]);
        let codes = page * PAGE..(page + 1) * PAGE;
        let chars = codes.filter_map(|code| char::from_u32(u32::try_from(code).ok()?));
        let text: String = chars.collect();
        for (class, pattern) in self.patterns.iter().enumerate() {
            for (start, end) in pattern.find_iter(&text) {
                for c in text[start..end].chars() {
                    sets[c as usize % PAGE] |= 1 << class;
                }
            }
        }
        sets
    }
}
