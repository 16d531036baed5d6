//! Words of any length, in bounded memory and nearly linear time.
//!
//! A word is merged window by window; two windows overlap, and are joined at a token that both
//! have at the same place. That is exact. Tokens are the merging of a text if and only if each
//! two neighbours are the merging of their own text: a merge over the border of two neighbours is
//! reached in the whole text exactly when it is reached in the two alone, since what happens on
//! both sides of the border before it is the same. At the join, each two neighbours come from one
//! window, whose merging is exact by definition; so all of them together are exact.
//!
//! Windows are first as short as [`Short`] takes them, which is the quickest. Where no token is
//! common, all is done again with longer ones, up to [`MAX_WINDOW_BYTES`]: past those of some
//! thousand bytes that takes a vocabulary in which the end of a text decides how its beginning
//! merges. A window with the bytes of the one before it has its tokens, so that a text which
//! repeats itself is copied rather than merged.

use std::ops::Range;

use super::merge::{self, Links, MAX_SHORT_SYMBOLS, Short};
use super::{Bpe, floor_char_boundary};

/// Bytes at the end of a shortest window that the next one merges again.
const SHORT_OVERLAP_BYTES: usize = 64;
/// The same for longer windows, at least.
const LEAST_OVERLAP_BYTES: usize = 512;
/// Longer windows per overlap: one part in so many is merged twice.
const WINDOW_OVERLAPS: usize = 16;
/// Bytes that are merged at once at most, if no smaller window can be joined with the next.
pub(crate) const MAX_WINDOW_BYTES: usize = 16 << 20;
/// Bytes by which it is told whether the whole window may be repeated, and how often that can be
/// wrong before it is taken for new.
const REPEATED_START_BYTES: usize = 64;
const MAX_REPEATS_TRIED: usize = 4;

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

/// How long windows are, and how much of one the next one merges again.
#[derive(Clone, Copy)]
struct Lengths {
    window_bytes: usize,
    overlap_bytes: usize,
}

impl Windows {
    /// Appends the ids of `word`; on an error `out` is unchanged.
    pub(crate) fn encode(
        &mut self,
        bpe: &Bpe,
        word: &str,
        short: &mut Short,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        // Four of the longest tokens, so that the end of a window seldom decides all of them.
        let overlap_bytes = (4 * bpe.longest_token_bytes).max(LEAST_OVERLAP_BYTES);
        let n_before = out.len();
        if self.join_all(bpe, word, Lengths::SHORT, short, out) {
            return Ok(());
        }
        let mut lengths = Lengths::by_overlap(overlap_bytes);
        loop {
            out.truncate(n_before);
            if self.join_all(bpe, word, lengths, short, out) {
                return Ok(());
            }
            lengths = Lengths::by_overlap(lengths.overlap_bytes * 8);
            if lengths.window_bytes > MAX_WINDOW_BYTES {
                out.truncate(n_before);
                return Err(TooLong {
                    n_bytes: word.len(),
                });
            }
        }
    }

    /// Appends the ids of `word`, or some of them and gives false if two windows have no token in
    /// common.
    fn join_all(
        &mut self,
        bpe: &Bpe,
        word: &str,
        lengths: Lengths,
        short: &mut Short,
        out: &mut Vec<u32>,
    ) -> bool {
        // The tokens of this window; the first `n_given` are in `out`.
        let mut window = 0..floor_char_boundary(word, lengths.window_bytes);
        let (mut tokens, mut next, mut n_given) = (Vec::new(), Vec::new(), 0);
        self.merge(bpe, word, window.clone(), short, &mut tokens);
        while window.end < word.len() {
            let latest = window.end - lengths.overlap_bytes.min(window.len());
            let open = &tokens[n_given..];
            let next_window = if let Some(start) = repeat(word, open, &window, latest) {
                let moved = |(at, id): &Placed| (at - window.start + start, *id);
                next.clear();
                next.extend(tokens.iter().map(moved));
                start..start + window.len()
            } else {
                let Some(start) = restart(word, open, latest) else {
                    return false;
                };
                let end = floor_char_boundary(word, start + lengths.window_bytes);
                self.merge(bpe, word, start..end, short, &mut next);
                start..end
            };
            let Some((here, there)) = join(open, &next) else {
                return false;
            };
            if next_window.end <= window.end {
                return false; // it would go on without end
            }
            out.extend(open[..=here].iter().map(|(_, id)| *id));
            std::mem::swap(&mut tokens, &mut next);
            window = next_window;
            n_given = there + 1;
        }
        out.extend(tokens[n_given..].iter().map(|(_, id)| *id));
        true
    }

    /// The tokens of a part of `word`.
    fn merge(
        &mut self,
        bpe: &Bpe,
        word: &str,
        part: Range<usize>,
        short: &mut Short,
        tokens: &mut Vec<Placed>,
    ) {
        self.symbols.clear();
        self.starts.clear();
        tokens.clear();
        let text = &word[part.clone()];
        bpe.symbols
            .of_with_starts(text, &mut self.symbols, &mut self.starts);
        let starts = &self.starts;
        if text.len() <= MAX_SHORT_SYMBOLS {
            bpe.merge_short(text, short);
            let left = short.left();
            tokens.extend(left.map(|(place, id)| (part.start + starts[place], id)));
            return;
        }
        merge::long(
            &bpe.pairs,
            &mut self.symbols,
            &mut self.places,
            &mut self.links,
        );
        let left = self.places.iter().zip(&self.symbols);
        tokens.extend(left.map(|(place, id)| (part.start + starts[*place as usize], *id)));
    }
}

impl Lengths {
    const SHORT: Self = Self {
        window_bytes: MAX_SHORT_SYMBOLS,
        overlap_bytes: SHORT_OVERLAP_BYTES,
    };

    fn by_overlap(overlap_bytes: usize) -> Self {
        Self {
            window_bytes: overlap_bytes * WINDOW_OVERLAPS,
            overlap_bytes,
        }
    }
}

/// The last border of tokens in the later half of a window, but not beyond `latest`, from which on
/// the text goes on as it does from the start of the window, as long as the window is.
fn repeat(word: &str, tokens: &[Placed], window: &Range<usize>, latest: usize) -> Option<usize> {
    let bytes = word.as_bytes();
    let whole = &bytes[window.clone()];
    let start = &whole[..whole.len().min(REPEATED_START_BYTES)];
    let n_early = tokens.partition_point(|(at, _)| *at <= latest);
    let middle = window.start + window.len() / 2;
    let borders = tokens[..n_early].iter().rev().map(|(at, _)| *at);
    borders
        .take_while(|at| *at > middle)
        .filter(|at| bytes[*at..].starts_with(start))
        .take(MAX_REPEATS_TRIED)
        .find(|at| bytes[*at..].starts_with(whole))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::direct::Direct;
    use super::super::merge::tests::{pairs, plain};
    use super::super::symbols::{ABSENT, Symbols};
    use super::super::whole::Whole;
    use super::*;

    /// A vocabulary of the letters `a` to `d`.
    fn bpe() -> Bpe {
        let mut ids = Box::new([ABSENT; 256]);
        for id in 0..4 {
            ids[usize::from(b'a') + id as usize] = id;
        }
        let (symbols, pairs) = (Symbols::Bytes(ids), pairs());
        Bpe {
            direct: Direct::new(&symbols, &pairs),
            symbols,
            pairs,
            whole: Whole::default(),
            inner: None,
            longest_token_bytes: 24,
        }
    }

    #[track_caller]
    fn check(bpe: &Bpe, word: &str) {
        let symbols: Vec<u32> = word.bytes().map(|byte| u32::from(byte - b'a')).collect();
        let expected = plain(&bpe.pairs, &symbols);
        let (mut windows, mut short) = (Windows::default(), Short::default());
        let mut out = vec![7];
        assert_eq!(windows.encode(bpe, word, &mut short, &mut out), Ok(()));
        assert!(out[1..] == expected, "{} bytes", word.len());
        let short_windows = [(255, 64), (255, 128), (128, 32), (64, 16), (40, 8)];
        for (window_bytes, overlap_bytes) in short_windows {
            let lengths = Lengths {
                window_bytes,
                overlap_bytes,
            };
            out.clear();
            if windows.join_all(bpe, word, lengths, &mut short, &mut out) {
                assert!(out == expected, "{window_bytes} of {} bytes", word.len());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 48 }))]
        #[test]
        fn windows_are_the_whole(
            parts in prop::collection::vec(("[a-d]{1,40}", 1_usize..40), 1..12),
        ) {
            let parts = parts.iter().map(|(part, n_times)| part.repeat(*n_times));
            check(&bpe(), &parts.collect::<String>());
        }
    }

    #[test]
    #[cfg_attr(
        miri,
        ignore = "takes too long there, and has no unsafe code of its own"
    )]
    fn repeated_texts() {
        let bpe = bpe();
        for part in [
            "a",
            "b",
            "d",
            "ab",
            "abc",
            "dcba",
            "aab",
            "abcdabcdbca",
            "ccccccccd",
        ] {
            let repeated = part.repeat(3000 / part.len());
            check(&bpe, &repeated);
            check(&bpe, &["dab", &repeated, "cab"].concat());
            check(&bpe, &[repeated.as_str(), "b", &repeated].concat());
        }
    }
}
