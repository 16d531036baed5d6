//! Finds which of many words may begin at a place of a text, by their first letters.
//!
//! Letters are compared without case and a little loosely, so what is found has to be compared again;
//! what is not found is not there. Most places are passed over after a look into one or two filters of a
//! few kibibytes, however many words there are.

use std::ops::Range;

use proofmill_types::bits::{BLOCK_BYTES, Block};

/// Letters that are compared at once.
pub(crate) const HEAD_BYTES: usize = 8;
/// Makes letters of both cases equal, and a few marks.
const FOLD: u64 = 0x2020_2020_2020_2020;
/// Values of five bits of a letter, which tell letters of one case apart.
const N_LETTERS: usize = 32;
/// Pairs of them.
const N_STARTS: usize = N_LETTERS * N_LETTERS;
/// Bits of the filter by three or four letters: far more than words.
const N_FILTER_BITS: usize = 1 << 15;
/// Lists of words, by three letters.
const N_LISTS: usize = 1 << 11;

/// Words by their first letters.
#[derive(Debug)]
pub(crate) struct Dictionary {
    by_start: Box<[u32; N_STARTS]>, // by two letters, the third ones
    by_letters: Box<[u64; N_FILTER_BITS / 64]>, // bits of hashes: of the first four letters of words, or the only three
    entries: Vec<Entry>, // words of three letters and more, by the hash of the first three
    lists: Box<[Range<u32>; N_LISTS]>, // of entries
    short: Vec<Entry>,
    begins_short: [bool; 256], // the bytes with which a word of one or two letters begins, folded
}

/// The head of a word.
#[derive(Clone, Copy, Debug)]
struct Entry {
    letters: u64,
    mask: u64, // the bytes of `letters` that count
    word: u16,
}

/// A block of text, and the bytes behind it that heads of words in it reach.
#[derive(Clone, Copy)]
pub(crate) struct Window([u8; BLOCK_BYTES + HEAD_BYTES]);

impl Window {
    /// The window at the beginning of `text`, filled up with zeros.
    #[inline]
    pub(crate) fn new(text: &[u8]) -> Self {
        let filled = || {
            let mut bytes = [0; BLOCK_BYTES + HEAD_BYTES];
            bytes[..text.len()].copy_from_slice(text);
            bytes
        };
        Self(text.first_chunk().copied().unwrap_or_else(filled))
    }

    /// The block.
    #[inline]
    pub(crate) fn block(&self) -> &Block {
        let [block @ .., _, _, _, _, _, _, _, _] = &self.0;
        block
    }

    /// Eight bytes from `place` in the block on, case folded; beyond the end of the text stand blanks.
    #[inline]
    pub(crate) fn head(&self, place: usize) -> u64 {
        let place = place % BLOCK_BYTES;
        self.0[place..].first_chunk().map_or(0, |head| fold(*head))
    }
}

fn fold(head: [u8; HEAD_BYTES]) -> u64 {
    u64::from_le_bytes(head) | FOLD
}

/// The head of `word`.
fn head_of(word: &[u8]) -> u64 {
    let mut head = [0; HEAD_BYTES];
    let n_bytes = word.len().min(HEAD_BYTES);
    head[..n_bytes].copy_from_slice(&word[..n_bytes]);
    fold(head)
}

/// The first `n` letters of `head`.
const fn letters(head: u64, n: usize) -> u64 {
    if n < HEAD_BYTES {
        head & ((1 << (8 * n)) - 1)
    } else {
        head
    }
}

/// Mixes `letters` to a number below `N`, a power of two.
#[inline]
fn spread<const N: usize>(letters: u64) -> usize {
    let mixed = letters.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(mixed >> (64 - N.trailing_zeros())).unwrap_or(0) % N
}

impl Dictionary {
    /// A dictionary of `words`, none of them empty.
    ///
    /// # Errors
    /// Says so if there are more words than can be numbered (65,535).
    pub(crate) fn new<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Self, String> {
        let mut by_start = Box::new([0; N_STARTS]);
        let mut by_letters = Box::new([0; N_FILTER_BITS / 64]);
        let mut begins_short = [false; 256];
        let (mut entries, mut short) = (Vec::new(), Vec::new());
        for (index, word) in words.enumerate() {
            let head = head_of(word);
            let entry = Entry {
                letters: letters(head, word.len()),
                mask: letters(u64::MAX, word.len()),
                word: u16::try_from(index).map_err(|_| "has too many words".to_owned())?,
            };
            let (start, third) = start_of(head);
            if word.len() >= 3 {
                by_start[start] |= 1 << third;
                let n_letters = word.len().min(4);
                let bit = spread::<N_FILTER_BITS>(letters(head, n_letters));
                by_letters[bit / 64] |= 1 << (bit % 64);
                entries.push(entry);
                continue;
            }
            // What follows a short word may be anything.
            let first = start % N_LETTERS;
            let starts = if word.len() == 2 {
                start..start + 1
            } else {
                first..by_start.len()
            };
            for start in starts.step_by(N_LETTERS) {
                by_start[start] = u32::MAX;
            }
            begins_short[usize::from(head.to_le_bytes()[0])] = true;
            short.push(entry);
        }
        let list_of = |entry: &Entry| spread::<N_LISTS>(letters(entry.letters, 3));
        entries.sort_by_key(list_of);
        let mut lists = Box::new([const { 0..0 }; N_LISTS]);
        for (place, entry) in (0..).zip(&entries) {
            let list = &mut lists[list_of(entry)];
            if list.end == 0 {
                list.start = place;
            }
            list.end = place + 1;
        }
        Ok(Self {
            by_start,
            by_letters,
            entries,
            lists,
            short,
            begins_short,
        })
    }

    /// Whether a word may begin with the first three letters of `head`.
    #[inline]
    pub(crate) fn may_begin(&self, head: u64) -> bool {
        let (start, third) = start_of(head);
        self.by_start[start] >> third & 1 != 0
    }

    /// Whether a word may begin with `head`, for heads of which [`Dictionary::may_begin`] is true.
    #[inline]
    pub(crate) fn may_hold(&self, head: u64) -> bool {
        let holds = |n_letters| {
            let bit = spread::<N_FILTER_BITS>(letters(head, n_letters));
            self.by_letters[bit / 64] >> (bit % 64) & 1 != 0
        };
        holds(4) | holds(3) | self.begins_short[usize::from(head.to_le_bytes()[0])]
    }

    /// The words whose first eight letters may be those of `head`, by their place among all.
    #[inline]
    pub(crate) fn candidates(&self, head: u64) -> impl Iterator<Item = usize> {
        let list = &self.lists[spread::<N_LISTS>(letters(head, 3))];
        let entries = &self.entries[list.start as usize..list.end as usize];
        let begins_short = self.begins_short[usize::from(head.to_le_bytes()[0])];
        let short = if begins_short { &self.short[..] } else { &[] };
        entries
            .iter()
            .chain(short)
            .filter(move |entry| head & entry.mask == entry.letters)
            .map(|entry| usize::from(entry.word))
    }
}

/// Five bits of each of the first two letters as one number, and those of the third.
#[inline]
fn start_of(head: u64) -> (usize, u32) {
    let [first, second, third, ..] = head.to_le_bytes().map(|letter| letter % 32);
    let start = usize::from(first) + N_LETTERS * usize::from(second);
    (start, u32::from(third))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_word_is_passed_over(
            words in prop::collection::vec("[a-cA-C_ \\\\$é∀]{1,10}", 1..40),
            text in "[a-cA-C_ \\\\$é∀]{0,100}",
        ) {
            let words: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
            let dictionary = Dictionary::new(words.iter().copied()).unwrap();
            let bytes = text.as_bytes();
            for at in 0..bytes.len() {
                let start = at / BLOCK_BYTES * BLOCK_BYTES;
                let head = Window::new(&bytes[start..]).head(at - start);
                let found: Vec<usize> = dictionary.candidates(head).collect();
                for (index, word) in words.iter().enumerate() {
                    let stands = bytes[at..]
                        .get(..word.len())
                        .is_some_and(|there| there.eq_ignore_ascii_case(word));
                    if stands {
                        prop_assert!(dictionary.may_begin(head) && dictionary.may_hold(head));
                        prop_assert!(found.contains(&index), "{:?}", String::from_utf8_lossy(word));
                    }
                }
            }
        }
    }
}
