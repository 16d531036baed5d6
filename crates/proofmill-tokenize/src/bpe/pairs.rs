//! Which two tokens merge, in which order, and into what.
//!
//! An open-addressing table from a pair of token ids to its [`Merge`]. It is read two times for
//! every merge of a word that no cache knows, nearly always without success, so an empty slot is
//! found with one look at one line of memory.

/// Rank and result of a merge in one comparable number: the rank (0 merges first) in the upper
/// half, the id of the result in the lower one. [`Merge::NONE`] is above all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Merge(u64);

impl Merge {
    /// The pair does not merge.
    pub(crate) const NONE: Self = Self(u64::MAX);

    pub(crate) fn new(rank: u32, result: u32) -> Self {
        Self(u64::from(rank) << 32 | u64::from(result))
    }

    pub(crate) fn rank(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the id")]
    pub(crate) fn result(self) -> u32 {
        self.0 as u32
    }
}

/// No pair: ids are far below 2^32 - 1, so no two of them give this key.
const EMPTY: u64 = u64::MAX;
/// Odd and without pattern, so that the upper bits of a product depend on all bits of the key.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// All merges of a vocabulary.
pub(crate) struct Pairs {
    slots: Vec<(u64, Merge)>, // a power of two of them, at most half in use
    shift: u32,
}

impl Pairs {
    /// Takes `(left, right, merge)`; where a pair comes twice the last one counts.
    pub(crate) fn new(merges: &[(u32, u32, Merge)]) -> Self {
        let n_slots = (2 * merges.len()).next_power_of_two().max(2);
        let mut pairs = Self {
            slots: vec![(EMPTY, Merge::NONE); n_slots],
            shift: 64 - n_slots.trailing_zeros(),
        };
        for (left, right, merge) in merges {
            let key = key(*left, *right);
            let slot = pairs.find(key);
            pairs.slots[slot] = (key, *merge);
        }
        pairs
    }

    /// The merge of two neighbours, or [`Merge::NONE`].
    pub(crate) fn get(&self, left: u32, right: u32) -> Merge {
        self.slots[self.find(key(left, right))].1
    }

    /// The slot that holds `key`, or the free one where it would be.
    fn find(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the shift leaves an index")]
        let mut at = (key.wrapping_mul(SPREAD) >> self.shift) as usize;
        loop {
            let found = self.slots[at & mask].0;
            if found == key || found == EMPTY {
                return at & mask;
            }
            at += 1;
        }
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_and_nothing_else() {
        let merges: Vec<_> = (0..5000_u32)
            .map(|n| (n % 71, n * 7 % 4999, Merge::new(n, n + 1)))
            .collect();
        let pairs = Pairs::new(&merges);
        for left in 0..80 {
            for right in (0..5100).step_by(3) {
                let expected = merges
                    .iter()
                    .rev()
                    .find(|(l, r, _)| (*l, *r) == (left, right));
                let expected = expected.map_or(Merge::NONE, |(_, _, merge)| *merge);
                assert_eq!(pairs.get(left, right), expected, "{left} {right}");
            }
        }
        assert_eq!(Pairs::new(&[]).get(0, 0), Merge::NONE);
    }

    #[test]
    fn a_merge_is_ordered_by_rank() {
        let (early, late) = (Merge::new(3, 900), Merge::new(4, 1));
        assert!(early < late && late < Merge::NONE);
        assert_eq!((early.rank(), early.result()), (3, 900));
    }
}
