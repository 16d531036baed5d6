//! From matches to pieces.

use std::ops::Range;

use super::Behavior;
use crate::fast::Stop;

/// Takes the pieces of a text, as ranges of it.
pub(super) type GivePart<'g> = dyn FnMut(Range<usize>) -> Result<(), Stop> + 'g;

/// Joins matches and the gaps between them to pieces, while they come.
pub(super) struct Pieces<'g> {
    behavior: Behavior,
    invert: bool,
    /// Where the last match ended.
    done: usize,
    /// What may still grow, and whether what it ends with counts as a match.
    held: Option<(Range<usize>, bool)>,
    give: &'g mut GivePart<'g>,
}

impl<'g> Pieces<'g> {
    pub(super) fn new(behavior: Behavior, invert: bool, give: &'g mut GivePart<'g>) -> Self {
        Self {
            behavior,
            invert,
            done: 0,
            held: None,
            give,
        }
    }

    /// Takes the next match, which may be empty.
    pub(super) fn push(&mut self, found: Range<usize>) -> Result<(), Stop> {
        if found.start < self.done || found.end < found.start {
            return Err(Stop::Reference); // a pattern that moves its own start
        }
        let gap = self.done..found.start;
        self.done = found.end;
        if !gap.is_empty() {
            self.take(gap, self.invert)?;
        }
        self.take(found, !self.invert)
    }

    /// Takes the end of the text, which has `n_bytes`.
    pub(super) fn finish(mut self, n_bytes: usize) -> Result<(), Stop> {
        if self.done < n_bytes {
            self.take(self.done..n_bytes, self.invert)?;
        }
        self.give_held()
    }

    /// Takes a match or a gap; those of the text come without holes.
    fn take(&mut self, range: Range<usize>, is_match: bool) -> Result<(), Stop> {
        let held = self.held.as_mut();
        let joined = match self.behavior {
            Behavior::Removed if is_match => return Ok(()),
            Behavior::Removed | Behavior::Isolated => return self.give(range),
            Behavior::Contiguous => held.filter(|(_, is_other)| *is_other == is_match),
            Behavior::MergedWithPrevious => held.filter(|(_, is_other)| is_match && !is_other),
            Behavior::MergedWithNext => held.filter(|(_, is_other)| !is_match && *is_other),
        };
        if let Some((held, is_last_match)) = joined {
            held.end = range.end;
            *is_last_match = is_match;
            return Ok(());
        }
        self.give_held()?;
        self.held = Some((range, is_match));
        Ok(())
    }

    fn give_held(&mut self) -> Result<(), Stop> {
        match self.held.take() {
            Some((range, _)) => self.give(range),
            None => Ok(()),
        }
    }

    fn give(&mut self, range: Range<usize>) -> Result<(), Stop> {
        if range.is_empty() {
            return Ok(());
        }
        (self.give)(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(behavior: Behavior, invert: bool, expected: &[&str]) {
        let text = "--a-bc--d";
        let mut found = Vec::new();
        let mut give = |range: Range<usize>| {
            found.push(&text[range]);
            Ok(())
        };
        let mut pieces = Pieces::new(behavior, invert, &mut give);
        for (at, _) in text.match_indices('-') {
            pieces.push(at..at + 1).unwrap();
        }
        pieces.finish(text.len()).unwrap();
        assert_eq!(found, expected, "{behavior:?} {invert}");
    }

    #[test]
    fn matches_and_gaps_are_joined_as_asked() {
        check(Behavior::Removed, false, &["a", "bc", "d"]);
        check(Behavior::Removed, true, &["-", "-", "-", "-", "-"]);
        check(
            Behavior::Isolated,
            false,
            &["-", "-", "a", "-", "bc", "-", "-", "d"],
        );
        check(
            Behavior::Contiguous,
            false,
            &["--", "a", "-", "bc", "--", "d"],
        );
        check(
            Behavior::MergedWithPrevious,
            false,
            &["-", "-", "a-", "bc-", "-", "d"],
        );
        check(
            Behavior::MergedWithNext,
            false,
            &["-", "-a", "-bc", "-", "-d"],
        );
        check(
            Behavior::MergedWithPrevious,
            true,
            &["-", "-a", "-bc", "-", "-d"],
        );
        check(
            Behavior::MergedWithNext,
            true,
            &["-", "-", "a-", "bc-", "-", "d"],
        );
    }

    #[test]
    fn matches_that_go_back_are_left_to_the_reference() {
        let mut give = |_: Range<usize>| Ok(());
        let mut pieces = Pieces::new(Behavior::Isolated, false, &mut give);
        pieces.push(0..4).unwrap();
        assert!(matches!(pieces.push(2..5), Err(Stop::Reference)));
    }
}
