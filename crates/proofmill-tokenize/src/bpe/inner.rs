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
