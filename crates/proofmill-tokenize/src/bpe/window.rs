//! Words of any length, in bounded memory and nearly linear time.
//!
//! A word is merged window by window; two windows overlap, and are joined at a token that both
//! have at the same place. That is exact. Tokens are the merging of a text if and only if each
//! two neighbours are the merging of their own text: a merge over the border of two neighbours is
//! reached in the whole text exactly when it is reached in the two alone, since what happens on
//! both sides of the border before it is the same. At the join, each two neighbours come from one
//! window, whose merging is exact by definition; so all of them together are exact.
//!
//! Where no token is common, all is done again with longer windows, up to [`MAX_WINDOW_BYTES`]. That takes a vocabulary
//! in which the end of a text decides how its beginning merges.

use super::merge::{self, Links};
use super::{Bpe, floor_char_boundary};

/// Bytes at the end of a window that the next one merges again, at least.
const LEAST_OVERLAP_BYTES: usize = 512;
/// Windows per overlap: one part in so many is merged twice.
const WINDOW_OVERLAPS: usize = 16;
/// Bytes that are merged at once at most, if no smaller window can be joined with the next.
pub(crate) const MAX_WINDOW_BYTES: usize = 16 << 20;

/// A part of a word that would have to be merged at once, but is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    /// Its bytes.
    pub(crate) n_bytes: usize,
}

/// What merging long words works with; reused from word to word.
#[derive(Default)]
pub(crate) struct Windows {
    symbols: Vec<u32>,
    starts: Vec<usize>,
    places: Vec<u32>,
    links: Links,
}

/// A token and the byte of the word at which it starts.
type Placed = (usize, u32);

impl Windows {
    /// Appends the ids of `word`; on an error `out` is unchanged.
    pub(crate) fn encode(
        &mut self,
        bpe: &Bpe,
        word: &str,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        // Four of the longest tokens, so that the end of a window seldom decides all of them.
        let overlap_bytes = (4 * bpe.longest_token_bytes).max(LEAST_OVERLAP_BYTES);
        self.encode_by(bpe, word, overlap_bytes, out)
    }

    fn encode_by(
        &mut self,
        bpe: &Bpe,
        word: &str,
        least_overlap_bytes: usize,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        let n_before = out.len();
        let mut overlap_bytes = least_overlap_bytes;
        while !self.join_all(bpe, word, overlap_bytes, out) {
            out.truncate(n_before);
            overlap_bytes *= 8;
            if overlap_bytes * WINDOW_OVERLAPS > MAX_WINDOW_BYTES {
                return Err(TooLong {
                    n_bytes: word.len(),
                });
            }
        }
        Ok(())
    }

    /// Appends the ids of `word`, or some of them and gives false if two windows have no token in
    /// common.
    fn join_all(
        &mut self,
        bpe: &Bpe,
        word: &str,
        overlap_bytes: usize,
        out: &mut Vec<u32>,
    ) -> bool {
        let window_bytes = overlap_bytes * WINDOW_OVERLAPS;
        // The tokens of the window that ends at `end`; the first `n_given` are in `out`.
        let mut end = floor_char_boundary(word, window_bytes);
        let (mut tokens, mut next, mut n_given) = (Vec::new(), Vec::new(), 0);
        self.merge(bpe, word, 0, end, &mut tokens);
        while end < word.len() {
            let Some(restart) = restart(word, &tokens[n_given..], end - overlap_bytes) else {
                return false;
            };
            end = floor_char_boundary(word, restart + window_bytes);
            self.merge(bpe, word, restart, end, &mut next);
            let Some((here, there)) = join(&tokens[n_given..], &next) else {
                return false;
            };
            out.extend(tokens[n_given..=n_given + here].iter().map(|(_, id)| *id));
            std::mem::swap(&mut tokens, &mut next);
            n_given = there + 1;
        }
        out.extend(tokens[n_given..].iter().map(|(_, id)| *id));
        true
    }

    /// The tokens of `word[start..end]`.
    fn merge(&mut self, bpe: &Bpe, word: &str, start: usize, end: usize, tokens: &mut Vec<Placed>) {
        self.symbols.clear();
        self.starts.clear();
        let part = &word[start..end];
        bpe.symbols
            .of_with_starts(part, &mut self.symbols, &mut self.starts);
        merge::long(
            &bpe.pairs,
            &mut self.symbols,
            &mut self.places,
            &mut self.links,
        );
        tokens.clear();
        tokens.extend(
            self.places
                .iter()
                .zip(&self.symbols)
                .map(|(place, id)| (start + self.starts[*place as usize], *id)),
        );
    }
}

/// Where the next window starts: at the last border of tokens that is a border of characters too
/// and not beyond `latest`.
fn restart(word: &str, tokens: &[Placed], latest: usize) -> Option<usize> {
    let n_early = tokens.partition_point(|(at, _)| *at <= latest);
    let mut borders = tokens[..n_early].iter().rev().map(|(at, _)| *at);
    borders.find(|at| word.is_char_boundary(*at))
}

/// The first token that both have, as its indices. The last token of each is no candidate: its
/// end is not known by the starts, and it is the one that more text would change.
fn join(here: &[Placed], there: &[Placed]) -> Option<(usize, usize)> {
    let (mut left, mut right) = (0, 0);
    while left + 1 < here.len() && right + 1 < there.len() {
        let (left_token, right_token) = (here[left], there[right]);
        if left_token == right_token && here[left + 1].0 == there[right + 1].0 {
            return Some((left, right));
        }
        if left_token.0 <= right_token.0 {
            left += 1;
        } else {
            right += 1;
        }
    }
    None
}
