//! What steps look for.

use onig::{MatchParam, Region, SearchOptions};

use super::Behavior;
use super::pieces::{GivePart, Pieces};
use super::scanner::Scanner;
use crate::fast::Stop;
use crate::split::{Ends, Splitter};

/// Bytes of a text from which on many ends are found at once.
const LEAST_FILLED: usize = 64;

/// A pattern, with the library that finds its matches.
pub(crate) enum Pattern {
    /// A way to split that has a scanner; every character belongs to a match.
    Known(Splitter),
    /// A regular expression of a file that a scanner can stand for.
    Scan(Box<Scanner>),
    /// Any other regular expression of a file.
    Onig(onig::Regex),
    /// A regular expression of the reference itself.
    Own(regex::Regex),
    /// Each character of a kind.
    CharOf(fn(char) -> bool),
    /// Each of this character.
    Char(char),
}

impl Pattern {
    /// The regular expression `pattern` of a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn regex(pattern: &str) -> Result<Self, String> {
        let regex = onig::Regex::new(pattern)
            .map_err(|error| format!("its pattern `{pattern}` cannot be read: {error}"))?;
        Ok(match Scanner::new(pattern) {
            Some(scanner) => Self::Scan(Box::new(scanner)),
            None => Self::Onig(regex),
        })
    }

    /// Gives the pieces of `text`, in order and never empty.
    pub(super) fn split(
        &self,
        text: &str,
        behavior: Behavior,
        invert: bool,
        give: &mut GivePart,
    ) -> Result<(), Stop> {
        if let Self::Known(splitter) = self {
            return split_known(*splitter, text, give);
        }
        let mut pieces = Pieces::new(behavior, invert, give);
        match self {
            Self::Known(_) => {}
            Self::Scan(scanner) => {
                let search = scanner.on(text);
                let mut at = 0;
                while let Some((start, end)) = search.find(at).map_err(|_| Stop::Reference)? {
                    pieces.push(start..end)?;
                    at = end;
                }
            }
            Self::Onig(regex) => find_all(regex, text, &mut pieces)?,
            Self::Own(regex) => {
                for found in regex.find_iter(text) {
                    pieces.push(found.range())?;
                }
            }
            Self::CharOf(is_one) => {
                for (at, c) in text.char_indices().filter(|(_, c)| is_one(*c)) {
                    pieces.push(at..at + c.len_utf8())?;
                }
            }
            Self::Char(wanted) => {
                for (at, found) in text.match_indices(*wanted) {
                    pieces.push(at..at + found.len())?;
                }
            }
        }
        pieces.finish(text.len())
    }
}

/// Every match is a piece, and there is nothing between them.
fn split_known(splitter: Splitter, text: &str, give: &mut GivePart) -> Result<(), Stop> {
    let mut from = 0;
    if text.len() < LEAST_FILLED {
        while from < text.len() {
            let end = splitter.piece_end(text.as_bytes(), from);
            give(from..end)?;
            from = end;
        }
        return Ok(());
    }
    let mut ends = Ends::new();
    while from < text.len() {
        splitter.fill(text, from, text.len(), &mut ends);
        for end in ends.as_slice() {
            give(from..*end)?;
            from = *end;
        }
    }
    Ok(())
}

/// All matches that do not overlap; an empty one counts only if no match ends where it is.
fn find_all(regex: &onig::Regex, text: &str, pieces: &mut Pieces) -> Result<(), Stop> {
    let mut region = Region::new();
    let (mut at, mut last_end) = (0, None);
    while at <= text.len() {
        region.clear();
        let found = regex.search_with_param(
            text,
            at,
            text.len(),
            SearchOptions::SEARCH_OPTION_NONE,
            Some(&mut region),
            MatchParam::default(),
        );
        // The library gives up on patterns that try too much; what then is for the reference.
        let found = found.map_err(|_| Stop::Reference)?;
        let Some((start, end)) = found.and_then(|_| region.pos(0)) else {
            break;
        };
        if start == end && last_end == Some(end) {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        (at, last_end) = (end, Some(end));
        pieces.push(start..end)?;
    }
    Ok(())
}
