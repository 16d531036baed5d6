//! Any sequence of pre-tokenizer steps, as the reference runs them.
//!
//! Files whose way to split is one of [`crate::split`] do not come here; all others that are made
//! of known kinds of steps do. Regular expressions of the usual kind have a [`scanner`], and all
//! others are run by the library that the reference runs them with, so any of them will do. Each step sees each piece of the step before it alone,
//! as there. Pieces are given one after the other while the text is gone through, so memory does
//! not grow with the text, but for steps that change it: they copy the piece that they see.

mod pattern;
mod pieces;
mod scanner;

use std::ops::Range;

use serde::Deserialize;

use crate::config::MarkFirst;
use crate::fast::Stop;
pub(crate) use pattern::Pattern;

/// The steps of one tokenizer, and what comes out of them.
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    pub(crate) spelling: Spelling,
}

/// How the text of the pieces is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As it stands, byte by byte.
    Bytes,
    /// As characters that each stand for a byte already; a piece may end inside what was one
    /// character.
    SpelledBytes,
    /// As it stands, character by character.
    Chars,
}

/// One step.
pub(crate) enum Step {
    /// Splits at the matches of a pattern.
    Split {
        pattern: Pattern,
        behavior: Behavior,
        /// What matches counts as what does not, and the other way round.
        invert: bool,
    },
    /// Puts a space before a piece that does not start with one.
    SpaceFirst,
    /// Spells each byte as the character that stands for it in byte-level vocabularies.
    Spell(Box<[char; 256]>),
    /// Puts marks for spaces, and one before a piece that does not start with one.
    Mark { mark: char, first: MarkFirst },
}

/// What becomes of matches, and of what lies between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Behavior {
    /// Matches go.
    Removed,
    /// Each is a piece.
    Isolated,
    /// A match belongs to the gap before it.
    MergedWithPrevious,
    /// A match belongs to the gap behind it.
    MergedWithNext,
    /// Matches side by side are one piece.
    Contiguous,
}

/// Takes a piece: the text that it is in, and where; the text around it is no part of it.
pub(crate) type Give<'g> = dyn FnMut(&str, Range<usize>) -> Result<(), Stop> + 'g;

/// A piece on its way through the steps.
struct Piece<'t> {
    text: &'t str,
    range: Range<usize>,
    starts_document: bool,
}

impl Steps {
    /// Gives the pieces of `text[part]`, in order and never empty. `starts_document` if the
    /// document starts there.
    ///
    /// # Errors
    /// What `give` says, or that the reference has to be asked.
    pub(crate) fn each(
        &self,
        text: &str,
        part: Range<usize>,
        starts_document: bool,
        give: &mut Give,
    ) -> Result<(), Stop> {
        let piece = Piece {
            text,
            range: part,
            starts_document,
        };
        run(&self.steps, &piece, give)
    }
}

/// Takes a piece through `steps`; goes as deep as there are steps.
fn run(steps: &[Step], piece: &Piece, give: &mut Give) -> Result<(), Stop> {
    let Some((step, later)) = steps.split_first() else {
        return give(piece.text, piece.range.clone());
    };
    let own = &piece.text[piece.range.clone()];
    let mut changed = |text: String| {
        let piece = Piece {
            range: 0..text.len(),
            text: &text,
            starts_document: piece.starts_document,
        };
        run(later, &piece, give)
    };
    match step {
        Step::Split {
            pattern,
            behavior,
            invert,
        } => pattern.split(own, *behavior, *invert, &mut |range| {
            let start = piece.range.start;
            let part = Piece {
                text: piece.text,
                starts_document: piece.starts_document && range.start == 0,
                range: start + range.start..start + range.end,
            };
            run(later, &part, give)
        }),
        Step::SpaceFirst if own.starts_with(' ') => run(later, piece, give),
        Step::SpaceFirst => changed([" ", own].concat()),
        Step::Spell(letters) => {
            changed(own.bytes().map(|byte| letters[usize::from(byte)]).collect())
        }
        Step::Mark { mark, first } => {
            let is_asked_for = match first {
                MarkFirst::Always => true,
                MarkFirst::AtStart => piece.starts_document,
                MarkFirst::Never => false,
            };
            let first = is_asked_for && !own.starts_with([' ', *mark]);
            let chars = own.chars().map(|c| if c == ' ' { *mark } else { c });
            changed(first.then_some(*mark).into_iter().chain(chars).collect())
        }
    }
}
