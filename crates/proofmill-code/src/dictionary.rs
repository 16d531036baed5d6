//! Finds which of many words may begin at a place of a text, by their first letters.
//!
//! Letters are compared without case and a little loosely, so what is found has to be compared again;
//! what is not found is not there. Most places are passed over after a look into one or two filters of a
//! few kibibytes, however many words there are.

use std::ops::Range;

use proofmill_types::bits::{self, BLOCK_BYTES, Block};

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
    by_letters: Box<[u64; N_FILTER_BITS / 64]>, // hashes of the first four letters, or the only three
    groups: Vec<Group>, // words of three letters and more, by the hash of the first three
    lists: Box<[Range<u32>; N_LISTS]>, // of groups
    short: Vec<Group>,
    begins_short: [bool; 256], // the bytes with which a word of one or two letters begins, folded
}

/// The head of a word.
#[derive(Clone, Copy, Debug)]
struct Entry {
    letters: u64,
    mask: u64, // the bytes of `letters` that count
    word: u16,
}

/// Words that are compared at once.
const GROUP_WORDS: usize = 4;
/// Letters that no head has, since letters are folded.
const NO_LETTERS: u64 = 1;

/// A few heads side by side.
#[derive(Debug)]
struct Group {
    letters: [u64; GROUP_WORDS],
    masks: [u64; GROUP_WORDS],
    words: [u16; GROUP_WORDS],
}

/// How many there are; a dictionary has far fewer than can be counted so.
fn n_groups(groups: &[Group]) -> u32 {
    u32::try_from(groups.len()).unwrap_or(u32::MAX)
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
        let mut groups: Vec<Group> = Vec::new();
        let mut lists = Box::new([const { 0..0 }; N_LISTS]);
        for list in entries.chunk_by(|left, right| list_of(left) == list_of(right)) {
            let start = n_groups(&groups);
            groups.extend(list.chunks(GROUP_WORDS).map(Group::new));
            lists[list_of(&list[0])] = start..n_groups(&groups);
        }
        Ok(Self {
            by_start,
            by_letters,
            groups,
            lists,
            short: short.chunks(GROUP_WORDS).map(Group::new).collect(),
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

    /// Gives `each` the words whose first eight letters may be those of `head`, by their place among all.
    #[inline]
    pub(crate) fn each_candidate(&self, head: u64, mut each: impl FnMut(usize)) {
        let list = &self.lists[spread::<N_LISTS>(letters(head, 3))];
        let mut groups = &self.groups[list.start as usize..list.end as usize];
        if self.begins_short[usize::from(head.to_le_bytes()[0])] {
            for group in &self.short {
                group.each_match(head, &mut each);
            }
        }
        while let [group, rest @ ..] = groups {
            group.each_match(head, &mut each);
            groups = rest;
        }
    }
}

impl Group {
    /// Up to four of `entries`.
    fn new(entries: &[Entry]) -> Self {
        let mut group = Self {
            letters: [NO_LETTERS; GROUP_WORDS],
            masks: [0; GROUP_WORDS],
            words: [0; GROUP_WORDS],
        };
        for (place, entry) in entries.iter().enumerate() {
            group.letters[place] = entry.letters;
            group.masks[place] = entry.mask;
            group.words[place] = entry.word;
        }
        group
    }

    /// Compares all at once, so that only a match is a branch.
    #[inline]
    fn each_match(&self, head: u64, each: &mut impl FnMut(usize)) {
        let mut found = 0;
        for place in 0..GROUP_WORDS {
            let is_equal = head & self.masks[place] == self.letters[place];
            found |= u64::from(is_equal) << place;
        }
        for place in bits::places(found) {
            each(usize::from(self.words[place % GROUP_WORDS]));
        }
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
                let mut found = Vec::new();
                dictionary.each_candidate(head, |index| found.push(index));
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
