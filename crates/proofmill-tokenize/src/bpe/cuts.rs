//! Where a text can be cut so that the parts merge to exactly what the whole merges to.
//!
//! Whatever a merge makes is a piece of the vocabulary that stands in the text as it is spelled.
//! So if no merge makes a piece in which character `a` is followed by `b`, no merge ever spans a
//! place between an `a` and a `b`, and both sides are merged each for itself. This table keeps
//! those pairs that some piece has inside. It depends on the merges alone and holds for any list
//! of merges whose results are spelled like their two parts together.
//!
//! Pairs beyond ASCII are kept as marks in a field of bits: a pair that shares its bit with
//! another one is taken for joined, which costs a cut and never an id.

use super::symbols::MARK;
use crate::split::Ends;

/// Pairs of neighbouring characters that some merge can join.
pub(crate) struct Cuts {
    ascii: Box<[u8; 1 << 16]>, // by two characters: 1 if no piece has both inside, side by side
    others: Vec<u64>,          // one bit for each hash of a pair
    shift: u32,
    marks: bool,
    before_marks: bool,
}

/// Bits in the field for each pair that is in it, at least: one cut in so many is missed.
const BITS_PER_PAIR: usize = 16;
const LEAST_BITS: usize = 1 << 12;
/// Bytes of ASCII that are looked at together; at most 64.
const BLOCK: usize = 64;
/// Characters of ASCII behind others from which on a block is tried again.
const LEAST_ASCII: usize = 4;
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Cuts {
    /// The table for merges that make `pieces`.
    ///
    /// With `marks` a space in a text is taken for [`MARK`]. With `before_marks` there is a cut
    /// before every mark, whatever the merges are.
    pub(crate) fn new<'p>(
        pieces: impl Iterator<Item = &'p str>,
        marks: bool,
        before_marks: bool,
    ) -> Self {
        let mut pairs = Vec::new();
        for piece in pieces {
            let chars = piece.chars();
            pairs.extend(chars.clone().zip(chars.skip(1)));
        }
        pairs.retain(|(_, right)| !(before_marks && *right == MARK));
        pairs.sort_unstable();
        pairs.dedup();
        let n_bits = (pairs.len() * BITS_PER_PAIR)
            .next_power_of_two()
            .max(LEAST_BITS);
        let mut cuts = Self {
            ascii: vec![1; 1 << 16].try_into().expect("the length is the same"),
            others: vec![0; n_bits / 64],
            shift: 64 - n_bits.trailing_zeros(),
            marks,
            before_marks,
        };
        for (left, right) in pairs {
            let (left, right) = (cuts.in_text(left), cuts.in_text(right));
            if left.is_ascii() && right.is_ascii() {
                cuts.ascii[pair(left as u8, right as u8)] = 0;
            }
            let (word, bit) = cuts.bit(left, right);
            cuts.others[word] |= bit;
        }
        cuts
    }

    /// Whether the text can be cut between two characters that stand side by side in it.
    pub(crate) fn between(&self, left: char, right: char) -> bool {
        let (left, right) = (self.in_text(left), self.in_text(right));
        if left.is_ascii() && right.is_ascii() {
            return self.ascii[pair(left as u8, right as u8)] == 1;
        }
        if self.before_marks && right == self.in_text(MARK) {
            return true;
        }
        let (word, bit) = self.bit(left, right);
        self.others[word] & bit == 0
    }

    /// Puts into `ends` the ends of the next parts of `text[from..to]`: as many as fit.
    /// The last part ends at `to` as if the text ended there.
    pub(crate) fn fill(&self, text: &str, from: usize, to: usize, ends: &mut Ends) {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("bmi2")
            && std::is_x86_feature_detected!("lzcnt")
            && std::is_x86_feature_detected!("popcnt")
        {
            #[expect(
                unsafe_code,
                reason = "calls code for instructions that not all machines have"
            )]
            // SAFETY: this machine has them all, as was just asked.
            unsafe {
                self.fill_by_bits(text, from, to, ends);
            }
            return;
        }
        self.fill_portable(text, from, to, ends);
    }

    /// The same code, in which the compiler may use instructions for single bits.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "bmi1,bmi2,lzcnt,popcnt")]
    fn fill_by_bits(&self, text: &str, from: usize, to: usize, ends: &mut Ends) {
        self.fill_portable(text, from, to, ends);
    }

    #[expect(
        clippy::inline_always,
        reason = "it must be in the function that may use instructions for bits"
    )]
    #[inline(always)]
    fn fill_portable(&self, text: &str, from: usize, to: usize, ends: &mut Ends) {
        ends.clear();
        let text = &text[..to];
        let bytes = text.as_bytes();
        let mut at = from;
        while at < to && ends.has_room(BLOCK) {
            if let Some(block) = bytes[at..].first_chunk::<{ BLOCK + 1 }>()
                && block.is_ascii()
            {
                ends.put(at + 1, self.cuts_in(block));
                at += BLOCK;
            } else {
                at = self.fill_by_chars(text, at, ends);
            }
        }
    }

    /// The cuts in a block of ASCII: bit `i` for one behind byte `i`.
    #[inline]
    fn cuts_in(&self, block: &[u8; BLOCK + 1]) -> u64 {
        // Parts that do not wait for each other.
        let mut parts = [0; 4];
        for index in (0..BLOCK / parts.len()).rev() {
            for (number, part) in parts.iter_mut().enumerate() {
                let at = number * (BLOCK / 4) + index;
                *part = *part << 1 | u64::from(self.ascii[pair(block[at], block[at + 1])]);
            }
        }
        parts
            .iter()
            .rev()
            .fold(0, |cuts, part| cuts << (BLOCK / 4) | part)
    }

    /// As [`Cuts::fill`] from `at` on for characters of all kinds, at least one and at most
    /// [`BLOCK`], up to where a block of ASCII may start; gives the first byte that is not done.
    fn fill_by_chars(&self, text: &str, mut at: usize, ends: &mut Ends) -> usize {
        let mut chars = text[at..].chars();
        let Some(mut left) = chars.next() else {
            return text.len();
        };
        let mut n_ascii = 0;
        for _ in 0..BLOCK {
            at += left.len_utf8();
            let Some(right) = chars.next() else {
                ends.push(at);
                return at;
            };
            ends.push_if(at, self.between(left, right));
            n_ascii = if right.is_ascii() { n_ascii + 1 } else { 0 };
            if n_ascii == LEAST_ASCII && text.len() - at > BLOCK {
                break;
            }
            left = right;
        }
        at
    }

    /// How a character of a piece is spelled in a text; both spellings count as this one.
    fn in_text(&self, c: char) -> char {
        if self.marks && c == MARK { ' ' } else { c }
    }

    fn bit(&self, left: char, right: char) -> (usize, u64) {
        let key = u64::from(left as u32) << 32 | u64::from(right as u32);
        let hash = key.wrapping_mul(SPREAD) >> self.shift;
        let word = (hash >> 6) as usize;
        (word, 1 << (hash & 63))
    }
}

/// The place of two characters.
#[inline]
fn pair(left: u8, right: u8) -> usize {
    usize::from(u16::from_le_bytes([left, right]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ends_are_where_two_characters_let_cut(
            pieces in prop::collection::vec("[a-d▁é中 ]{1,5}", 0..30),
            parts in prop::collection::vec("[a-e▁ ]{0,90}|[é中 ]{0,9}", 0..12),
            marks: bool,
            before_marks: bool,
        ) {
            let cuts = Cuts::new(pieces.iter().map(String::as_str), marks, before_marks);
            let text = parts.concat();
            let neighbours = text.char_indices().zip(text.chars().skip(1));
            let expected: Vec<usize> = neighbours
                .filter(|((_, left), right)| cuts.between(*left, *right))
                .map(|((at, left), _)| at + left.len_utf8())
                .chain((!text.is_empty()).then_some(text.len()))
                .collect();
            for fill in [Cuts::fill, Cuts::fill_portable] {
                let (mut ends, mut found) = (Ends::new(), Vec::new());
                while found.last().copied().unwrap_or(0) < text.len() {
                    let from = found.last().copied().unwrap_or(0);
                    fill(&cuts, &text, from, text.len(), &mut ends);
                    found.extend_from_slice(ends.as_slice());
                }
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
