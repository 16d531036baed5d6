//! Finds added tokens in a text.
//!
//! The leftmost match counts, the longest of those that start together; what a match covers is
//! not looked at again, even if the match is then dropped because of its flags. That, and how a
//! match takes white space along, is what the reference does.

mod gate;
mod runs;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};
use regex::Regex;

use crate::config::AddedToken;
use crate::tokenizer::SpecialTokens;
use gate::Gate;
use runs::Runs;

/// Bytes of all patterns up to which the fastest way to search for them is small enough.
const SMALL_PATTERNS_BYTES: usize = 4096;

/// Looks for some of the added tokens.
pub(crate) struct Finder {
    tokens: Vec<AddedToken>,
    patterns: AhoCorasick, // at one place only
    gate: Gate,
    runs: Option<Runs>,  // in place of a search
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
        let n_bytes: usize = tokens.iter().map(|token| token.pattern.len()).sum();
        let patterns = AhoCorasick::builder()
            .kind((n_bytes <= SMALL_PATTERNS_BYTES).then_some(AhoCorasickKind::DFA))
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
            runs: Runs::new(&tokens),
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
        if let Some(runs) = &self.runs {
            return runs.parts(text, give);
        }
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
            // All of it can be white space that the match before took along: then it is nothing.
            if start < end {
                give(Part::Token(token.id))?;
            }
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
