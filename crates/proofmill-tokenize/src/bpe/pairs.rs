//! Which two tokens merge, in which order, and into what.
//!
//! An open-addressing table from a pair of token ids to its merge, with both side by side. It is
//! read two times for every merge of a word that no cache knows, mostly without success and from
//! memory that is far away, so a small filter that stays near answers most of these first.

use super::pages::vec_in_large_pages;
use super::prefetch::prefetch;

/// One more than the highest token id, and than the highest rank, that a table takes.
pub(crate) const MAX_IDS: u32 = 1 << ID_BITS;
pub(crate) const MAX_MERGES: usize = NO_RANK as usize;

const ID_BITS: u32 = 20;
const RANK_BITS: u32 = 23;
/// The pair does not merge; above all ranks.
pub(crate) const NO_RANK: u32 = (1 << RANK_BITS) - 1;

/// No pair: no merge has this rank.
const EMPTY: u64 = u64::MAX;
/// Odd and without pattern, so that the upper bits of a product depend on all bits of the key.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// Bits of the filter for each pair that is in it, at least.
const FILTER_BITS_PER_PAIR: usize = 6;

/// One merge of a vocabulary. Rank 0 merges first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merge {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) rank: u32,
    pub(crate) result: u32,
}

/// What two neighbours merge to: the result and, above it, the rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found(u64);

impl Found {
    /// They do not merge.
    pub(crate) const NOTHING: Self = Self((NO_RANK as u64) << 32);

    fn new(rank: u32, result: u32) -> Self {
        Self(u64::from(rank) << 32 | u64::from(result))
    }

    #[inline]
    pub(crate) fn rank(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the id")]
    pub(crate) fn result(self) -> u32 {
        self.0 as u32
    }
}

/// A pair and what it merges to, side by side in one line of memory.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Slot {
    key: u64, // of the pair, or `EMPTY`
    found: Found,
}

impl Slot {
    const EMPTY: Self = Self {
        key: EMPTY,
        found: Found::NOTHING,
    };
}

/// All merges of a vocabulary.
pub(crate) struct Pairs {
    slots: Vec<Slot>, // a power of two of them, at most two thirds in use
    shift: u32,
    filter: Vec<u64>, // two bits of one word for each pair that merges
    filter_shift: u32,
}

impl Pairs {
    /// Takes merges whose ids are below [`MAX_IDS`] and ranks below [`MAX_MERGES`]; where a pair
    /// comes twice the last one counts.
    pub(crate) fn new(merges: &[Merge]) -> Self {
        let n_slots = (merges.len() + merges.len() / 2).next_power_of_two().max(2);
        let n_words = (merges.len() * FILTER_BITS_PER_PAIR / 64)
            .next_power_of_two()
            .max(2);
        let mut pairs = Self {
            slots: vec_in_large_pages(n_slots),
            shift: 64 - n_slots.trailing_zeros(),
            filter: vec![0; n_words],
            filter_shift: 64 - n_words.trailing_zeros(),
        };
        pairs.slots.resize(n_slots, Slot::EMPTY);
        for merge in merges {
            let key = key(merge.left, merge.right);
            let hash = key.wrapping_mul(SPREAD);
            let slot = pairs.find(key, hash);
            let found = Found::new(merge.rank, merge.result);
            pairs.slots[slot] = Slot { key, found };
            let (word, bits) = pairs.filter_bits(hash);
            pairs.filter[word] |= bits;
        }
        pairs
    }

    /// What two neighbours merge to.
    #[inline]
    pub(crate) fn get(&self, left: u32, right: u32) -> Found {
        let key = key(left, right);
        let hash = key.wrapping_mul(SPREAD);
        // While the filter is read, so that nobody waits for one and then for the other.
        prefetch(&self.slots, self.first_slot(hash));
        let (word, bits) = self.filter_bits(hash);
        if self.filter[word] & bits != bits {
            return Found::NOTHING;
        }
        self.slots[self.find(key, hash)].found
    }

    /// The slot that holds `key`, or the free one where it would be.
    #[inline]
    fn find(&self, key: u64, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = self.first_slot(hash);
        loop {
            let found = self.slots[at & mask].key;
            if found == key || found == EMPTY {
                return at & mask;
            }
            at += 1;
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves an index")]
    fn first_slot(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    /// The word of the filter for a pair, and its bits there.
    #[inline]
    fn filter_bits(&self, hash: u64) -> (usize, u64) {
        #[expect(clippy::cast_possible_truncation, reason = "the shift leaves an index")]
        let word = (hash >> self.filter_shift) as usize;
        // The middle of the product: its lowest bits depend on few bits of the key.
        let bits = 1 << (hash >> 26 & 63) | 1 << (hash >> 32 & 63);
        (word, bits)
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << ID_BITS | u64::from(right)
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashMap;

    use super::*;

    #[test]
    fn finds_what_was_put_and_nothing_else() {
        let merges: Vec<_> = (0..5000_u32)
            .map(|n| Merge {
                left: n % 71,
                right: n * 7 % 4999,
                rank: n,
                result: n + 1,
            })
            .collect();
        let pairs = Pairs::new(&merges);
        let last: FxHashMap<(u32, u32), &Merge> = merges
            .iter()
            .map(|merge| ((merge.left, merge.right), merge))
            .collect();
        let step = if cfg!(miri) { 307 } else { 1 };
        for left in 0..80 {
            for right in (0..5100).step_by(step) {
                let expected = last.get(&(left, right));
                let expected = expected.map(|merge| (merge.rank, merge.result));
                let found = pairs.get(left, right);
                let found = (found.rank(), found.result());
                assert_eq!(found, expected.unwrap_or((NO_RANK, 0)));
            }
        }
        assert_eq!(Pairs::new(&[]).get(0, 0), Found::NOTHING);
    }

    #[test]
    fn takes_the_highest_ids_and_ranks() {
        let merge = Merge {
            left: MAX_IDS - 1,
            right: MAX_IDS - 1,
            rank: NO_RANK - 1,
            result: 7,
        };
        let pairs = Pairs::new(&[merge]);
        let found = pairs.get(merge.left, merge.right);
        assert_eq!((found.rank(), found.result()), (merge.rank, 7));
        assert_eq!(pairs.get(merge.left, 0), Found::NOTHING);
    }
}
