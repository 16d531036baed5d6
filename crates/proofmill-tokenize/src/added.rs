//! Finds added tokens in a text.
//!
//! The leftmost match counts, the longest of those that start together; what a match covers is
//! not looked at again, even if the match is then dropped because of its flags. That, and how a
//! match takes white space along, is what the reference does.

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use regex::Regex;

use crate::config::AddedToken;
use crate::tokenizer::SpecialTokens;

/// Looks for some of the added tokens.
pub(crate) struct Finder {
    tokens: Vec<AddedToken>,
    patterns: AhoCorasick, // at one place only
    gate: Gate,
    word: Option<Regex>, // if any token asks for it
    skips_special: bool,
}

/// A part of a text: a token that was found, or what lies between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The id of a token.
    Token(u32),
    /// Bytes of the text, never none.
    Text(usize, usize),
}

impl Finder {
    /// Looks for `tokens`; `None` if nothing could come of it.
    ///
    /// # Errors
    /// If there are more tokens than a search takes.
    pub(crate) fn new(
        tokens: Vec<AddedToken>,
        special: SpecialTokens,
    ) -> Result<Option<Self>, String> {
        let skips_special = special == SpecialTokens::AsText;
        // Special tokens that are skipped still cover what they match, so they are dropped only
        // if there is nothing else to find.
        if tokens.iter().all(|token| skips_special && token.special) {
            return Ok(None);
        }
        let patterns = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Anchored)
            .build(tokens.iter().map(|token| &token.pattern))
            .map_err(|error| format!("its added tokens cannot be searched for: {error}"))?;
        let word = tokens
            .iter()
            .any(|token| token.single_word)
            .then(|| Regex::new(r"^\w$"));
        let word = word.transpose().map_err(|error| error.to_string())?;
        Ok(Some(Self {
            gate: Gate::new(tokens.iter().map(|token| token.pattern.as_bytes())),
            tokens,
            patterns,
            word,
            skips_special,
        }))
    }

    /// Gives the parts of `text` in order, until `give` fails.
    pub(crate) fn parts<E>(
        &self,
        text: &str,
        mut give: impl FnMut(Part) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut done, mut from) = (0, 0);
        while let Some(place) = self.gate.next(text.as_bytes(), from) {
            let here = Input::new(text).range(place..).anchored(Anchored::Yes);
            let Ok(Some(found)) = self.patterns.try_find(here) else {
                from = place + 1;
                continue;
            };
            from = found.end();
            let (mut start, mut end) = (found.start(), found.end());
            let token = &self.tokens[found.pattern().as_usize()];
            if self.skips_special && token.special
                || token.single_word && self.is_in_word(&text[..start], &text[end..])
            {
                continue;
            }
            if token.lstrip {
                // Not more than what is left of it by the match before.
                let before = text.get(done..start).unwrap_or_default();
                start = done.max(start - (before.len() - before.trim_end().len()));
            }
            if token.rstrip {
                let after = &text[end..];
                end += after.len() - after.trim_start().len();
            }
            if done < start {
                give(Part::Text(done, start))?;
            }
            give(Part::Token(token.id))?;
            done = end;
        }
        if done < text.len() {
            give(Part::Text(done, text.len()))?;
        }
        Ok(())
    }

    fn is_in_word(&self, before: &str, after: &str) -> bool {
        let is_word = |c: Option<char>| {
            c.is_some_and(|c| {
                let mut spelled = [0; 4];
                self.word
                    .as_ref()
                    .is_some_and(|word| word.is_match(c.encode_utf8(&mut spelled)))
            })
        };
        is_word(before.chars().next_back()) || is_word(after.chars().next())
    }
}

/// Where a pattern may start: a quick look at two bytes, which is all that most text gets.
struct Gate {
    pairs: Box<[u64; 1024]>, // one bit for each two bytes that a pattern starts with
    first: Option<u8>,       // the byte that all patterns start with
}

impl Gate {
    fn new<'p>(patterns: impl Iterator<Item = &'p [u8]> + Clone) -> Self {
        let mut pairs = Box::new([0; 1024]);
        for pattern in patterns.clone() {
            let seconds = match pattern.get(1) {
                Some(second) => *second..=*second,
                None => 0..=255,
            };
            for second in seconds {
                let (word, bit) = place(pattern[0], second);
                pairs[word] |= bit;
            }
        }
        let mut firsts = patterns.map(|pattern| pattern[0]);
        let first = firsts.next();
        let first = first.filter(|first| firsts.all(|other| other == *first));
        Self { pairs, first }
    }

    /// The first place from `from` on where a pattern may start.
    fn next(&self, text: &[u8], mut from: usize) -> Option<usize> {
        if let Some(first) = self.first {
            loop {
                from += memchr::memchr(first, text.get(from..)?)?;
                match text.get(from + 1) {
                    Some(second) if !self.opens(first, *second) => from += 1,
                    _ => return Some(from),
                }
            }
        }
        let rest = text.get(from..)?;
        let last = rest.len().checked_sub(1)?;
        let found = rest
            .windows(2)
            .position(|pair| self.opens(pair[0], pair[1]));
        Some(from + found.unwrap_or(last))
    }

    fn opens(&self, first: u8, second: u8) -> bool {
        let (word, bit) = place(first, second);
        self.pairs[word] & bit != 0
    }
}

fn place(first: u8, second: u8) -> (usize, u64) {
    let index = usize::from(first) << 8 | usize::from(second);
    (index >> 6, 1 << (index & 63))
}
