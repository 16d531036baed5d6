//! Where long words of a byte-level vocabulary can be cut so that the parts merge to exactly what
//! the word merges to.
//!
//! As with [`super::cuts`], a place between two characters can be cut if no token stands across
//! it. Here a token may begin or end inside a character, so beside the whole characters around a
//! place the ends of the left one and the beginnings of the right one count too. Scripts without
//! spaces have words as long as clauses, which seldom come again; their parts do.
//!
//! Pairs are kept as marks in a field of bits: one that shares its bit with another is taken for
//! joined, which costs a cut and never an id.

use std::borrow::Cow;

/// Pairs of neighbouring characters, or parts of them, that stand inside some token.
pub(crate) struct Inner {
    field: Vec<u64>, // one bit for each hash of a pair
    shift: u32,
    /// Which parts of two characters with so many bytes stand side by side in tokens.
    by_lengths: [[Ways; 5]; 5],
    /// Which parts can count before or behind a place, by the last or the first byte there.
    by_last: [Ways; 256],
    by_first: [Ways; 256],
}

/// Bit `4 * l + r` stands for the last `l` bytes of the left character beside the first `r` bytes
/// of the right one, where 0 is all of them.
type Ways = u16;
/// The ways that take all of the left character, and those that take all of the right one.
const WHOLE_LEFT: Ways = 0x000F;
const WHOLE_RIGHT: Ways = 0x1111;

/// Bits in the field for each pair that is in it, at least: one cut in so many is missed.
const BITS_PER_PAIR: usize = 16;
const LEAST_BITS: usize = 1 << 12;
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A character or some bytes of one: the bytes as a number, and how many.
#[derive(Clone, Copy)]
struct Part {
    bytes: u32,
    n_bytes: usize,
}

impl Inner {
    /// The places inside `tokens`, which are pieces of text.
    pub(crate) fn new<'t>(tokens: impl Iterator<Item = Cow<'t, [u8]>>) -> Self {
        let mut inner = Self {
            field: Vec::new(),
            shift: 0,
            by_lengths: [[0; 5]; 5],
            by_last: [WHOLE_LEFT; 256],
            by_first: [WHOLE_RIGHT; 256],
        };
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for token in tokens {
            for at in (1..token.len()).filter(|at| !is_inside(token[*at])) {
                let left = token[..at].iter().rposition(|byte| !is_inside(*byte));
                let left = part(&token[left.unwrap_or(0)..at]);
                let right = token[at + 1..].iter().position(|byte| !is_inside(*byte));
                let right = part(&token[at..right.map_or(token.len(), |n| at + 1 + n)]);
                pairs.push((left.bytes, right.bytes));
                inner.allow(token[at - 1], left, token[at], right);
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let n_bits = (pairs.len() * BITS_PER_PAIR)
            .next_power_of_two()
            .max(LEAST_BITS);
        inner.field = vec![0; n_bits / 64];
        inner.shift = 64 - n_bits.trailing_zeros();
        for (left, right) in pairs {
            let (word, bit) = inner.bit(left, right);
            inner.field[word] |= bit;
        }
        inner
    }

    /// Lets the parts around a place count wherever their kinds of characters meet.
    fn allow(&mut self, last: u8, left: Part, first: u8, right: Part) {
        let first_of_left = left.bytes.to_be_bytes()[4 - left.n_bytes.clamp(1, 4)];
        let lefts = match char_bytes(first_of_left) {
            // The last bytes of any longer character.
            None => (left.n_bytes + 1..=4, left.n_bytes),
            Some(n_bytes) => (n_bytes..=n_bytes, 0),
        };
        let Some(n_right) = char_bytes(first) else {
            return; // no text has it
        };
        let r = if right.n_bytes < n_right {
            right.n_bytes
        } else {
            0
        };
        let way = 1 << (4 * lefts.1.min(3) + r);
        for n_left in lefts.0 {
            self.by_lengths[n_left][n_right] |= way;
        }
        self.by_last[usize::from(last)] |= way | WHOLE_LEFT;
        self.by_first[usize::from(first)] |= way | WHOLE_RIGHT;
    }

    /// The first place behind byte `from` where `word` can be cut, or its end; `from` is where a
    /// character starts.
    pub(crate) fn next(&self, word: &str, from: usize) -> usize {
        let bytes = word.as_bytes();
        let mut left = char_at(bytes, from);
        let mut at = from + left.n_bytes;
        while at < bytes.len() {
            let right = char_at(bytes, at);
            if self.is_cut(left, right) {
                return at;
            }
            at += right.n_bytes;
            left = right;
        }
        bytes.len()
    }

    /// Whether no token stands across the place between two characters.
    fn is_cut(&self, left: Part, right: Part) -> bool {
        let last = (left.bytes & 0xFF) as usize;
        let first = (right.bytes >> (8 * (right.n_bytes - 1)) & 0xFF) as usize;
        let mut ways = self.by_lengths[left.n_bytes][right.n_bytes]
            & self.by_last[last]
            & self.by_first[first];
        while ways != 0 {
            let way = ways.trailing_zeros() as usize;
            ways &= ways - 1;
            let (l, r) = (way / 4, way % 4);
            let left = match l {
                0 => left.bytes,
                _ => left.bytes & (u32::MAX >> (32 - 8 * l)),
            };
            let right = match r {
                0 => right.bytes,
                _ => right.bytes >> (8 * (right.n_bytes - r)),
            };
            let (word, bit) = self.bit(left, right);
            if self.field[word] & bit != 0 {
                return false;
            }
        }
        true
    }

    fn bit(&self, left: u32, right: u32) -> (usize, u64) {
        let key = u64::from(left) << 32 | u64::from(right);
        let hash = key.wrapping_mul(SPREAD) >> self.shift;
        let word = (hash >> 6) as usize;
        (word, 1 << (hash & 63))
    }
}

/// Whether a byte continues a character.
fn is_inside(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Bytes of the character that starts with `first`; none if no character does.
fn char_bytes(first: u8) -> Option<usize> {
    match first {
        0..0x80 => Some(1),
        0xC2..0xE0 => Some(2),
        0xE0..0xF0 => Some(3),
        0xF0..0xF5 => Some(4),
        _ => None,
    }
}

fn part(bytes: &[u8]) -> Part {
    let join = |number, byte: &u8| number << 8 | u32::from(*byte);
    Part {
        bytes: bytes.iter().fold(0, join),
        n_bytes: bytes.len(),
    }
}

/// The character that starts at `at`; some part, never empty, if none does.
fn char_at(text: &[u8], at: usize) -> Part {
    let rest = text.get(at..).unwrap_or_default();
    let n_bytes = rest.first().and_then(|first| char_bytes(*first));
    part(rest.get(..n_bytes.unwrap_or(1)).unwrap_or(&[0]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::merge::tests::plain;
    use super::super::pairs::{Merge, Pairs};
    use super::*;

    /// Characters of each length, some with the same first or last bytes.
    const CHARS: &str =
        "[ab\u{e9}\u{e8}\u{3a9}\u{4e2d}\u{4e2e}\u{4ead}\u{1f600}\u{1f601}\u{1f480}]";

    fn text(least: usize, most: usize) -> impl Strategy<Value = String> {
        proptest::string::string_regex(&format!("{CHARS}{{{least},{most}}}")).unwrap()
    }

    /// A part of a text that may begin and end inside characters.
    fn token() -> impl Strategy<Value = Vec<u8>> {
        (text(1, 4), 0..3_usize, 0..3_usize).prop_map(|(text, first, last)| {
            let bytes = text.as_bytes();
            let first = first.min(bytes.len() - 1);
            let end = (bytes.len() - last.min(bytes.len() - 1)).max(first + 1);
            bytes[first..end].to_vec()
        })
    }

    /// The places at which `word` is cut, its ends among them.
    fn cuts(inner: &Inner, word: &str) -> Vec<usize> {
        let mut places = vec![0];
        while places[places.len() - 1] < word.len() {
            places.push(inner.next(word, places[places.len() - 1]));
        }
        places
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 512 }))]

        #[test]
        fn no_token_stands_across_a_cut(
            tokens in prop::collection::vec(token(), 0..12),
            parts in prop::collection::vec((any::<prop::sample::Index>(), text(0, 3)), 1..12),
        ) {
            let inner = Inner::new(tokens.iter().map(|token| Cow::Borrowed(&token[..])));
            // Text in which tokens that are text stand, and others by chance.
            let whole: Vec<&str> = tokens
                .iter()
                .filter_map(|token| std::str::from_utf8(token).ok())
                .collect();
            let mut word = String::new();
            for (index, between) in &parts {
                word.push_str(between);
                if !whole.is_empty() {
                    word.push_str(whole[index.index(whole.len())]);
                }
            }
            let places: BTreeSet<usize> = cuts(&inner, &word).into_iter().collect();
            for token in &tokens {
                let found = word.as_bytes().windows(token.len()).enumerate();
                for (at, _) in found.filter(|(_, window)| window == token) {
                    let inside = at + 1..at + token.len();
                    prop_assert_eq!(places.range(inside).next(), None, "{:?} {:?}", token, word);
                }
            }
        }

        #[test]
        fn parts_merge_to_what_the_whole_does(
            seeds in prop::collection::vec((any::<u32>(), any::<u32>()), 1..60),
            word in text(1, 40),
        ) {
            // Symbols are the bytes of the word; what merges is some two of them or of what was
            // made before.
            let alphabet: BTreeSet<u8> = word.bytes().collect();
            let mut spelled: Vec<Vec<u8>> = alphabet.iter().map(|byte| vec![*byte]).collect();
            let n_bytes = spelled.len();
            let mut merges = Vec::new();
            for (rank, (left, right)) in (0..).zip(&seeds) {
                let [left, right] = [*left, *right].map(|seed| seed as usize % spelled.len());
                let made = [&spelled[left][..], &spelled[right]].concat();
                // So that what is made stands in the word.
                if !word.as_bytes().windows(made.len()).any(|window| window == made) {
                    continue;
                }
                let known = spelled.iter().position(|other| *other == made);
                let result = known.unwrap_or(spelled.len());
                if known.is_none() {
                    spelled.push(made);
                }
                let [left, right, result] =
                    [left, right, result].map(|index| u32::try_from(index).unwrap());
                merges.push(Merge { left, right, rank, result });
            }
            let pairs = Pairs::new(&merges);
            let made = spelled[n_bytes..].iter().map(|token| Cow::Borrowed(&token[..]));
            let inner = Inner::new(made);
            let merged = |part: &str| {
                let id = |byte: u8| alphabet.iter().position(|other| *other == byte).unwrap();
                let ids: Vec<u32> = part.bytes().map(|byte| u32::try_from(id(byte)).unwrap()).collect();
                plain(&pairs, &ids)
            };
            let places = cuts(&inner, &word);
            let parts = places.windows(2).flat_map(|ends| merged(&word[ends[0]..ends[1]]));
            prop_assert_eq!(parts.collect::<Vec<u32>>(), merged(&word));
        }
    }

    #[test]
    fn cuts_are_found() {
        let tokens = ["ab", "\u{4e2d}\u{4e2e}", "a\u{e9}"];
        let inner = Inner::new(tokens.iter().map(|token| Cow::Borrowed(token.as_bytes())));
        assert_eq!(cuts(&inner, "ba"), [0, 1, 2]);
        assert_eq!(cuts(&inner, "aba\u{e9}b"), [0, 2, 5, 6]);
        assert_eq!(cuts(&inner, "\u{4e2d}\u{4e2e}\u{4e2d}"), [0, 6, 9]);
        // The first byte of the second character ends a token, with the first character before it.
        let inner = Inner::new([Cow::Borrowed(&b"a\xc3"[..])].into_iter());
        assert_eq!(cuts(&inner, "a\u{e9}\u{3a9}a\u{3a9}"), [0, 3, 5, 6, 8]);
    }
}
