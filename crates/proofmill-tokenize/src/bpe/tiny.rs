//! Byte-pair merging of the shortest words, those of [`MAX_TINY_SYMBOLS`] symbols at most.
//!
//! Nearly all words that a cache does not know are so short that looking for the next merge is
//! most of the work of [`super::merge`]. Here a merge is one number (its rank, then its place, then
//! its result), so that the lowest number says all about the next merge, and the symbols that are
//! left are the bits of one number, so that neighbours are found without a list.

use super::pairs::{Found, NO_RANK, Pairs};

/// Symbols of the longest word that is merged here; its places take [`PLACE_BITS`].
pub(super) const MAX_TINY_SYMBOLS: usize = 16;
const PLACE_BITS: u32 = 4;
/// The place stands above the result.
const PLACE_SHIFT: u32 = 20;
const RANK_SHIFT: u32 = PLACE_SHIFT + PLACE_BITS;
const MASK: usize = MAX_TINY_SYMBOLS - 1;

/// A merge that can be done, or [`NO_KEY`].
type Key = u64;
const NO_KEY: Key = (NO_RANK as u64) << RANK_SHIFT;

/// A word that is being merged.
pub(super) struct Tiny {
    n_symbols: usize,
    symbols: [u32; MAX_TINY_SYMBOLS],
    keys: [Key; MAX_TINY_SYMBOLS], // of a symbol and the next one that is left
}

impl Tiny {
    /// No symbols.
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            n_symbols: 0,
            symbols: [0; MAX_TINY_SYMBOLS],
            keys: [NO_KEY; MAX_TINY_SYMBOLS],
        }
    }

    /// Appends a symbol, with what the one before it and this one merge to; those beyond
    /// [`MAX_TINY_SYMBOLS`] are not taken.
    #[inline]
    pub(super) fn push(&mut self, symbol: u32, with_last: Found) {
        let place = self.n_symbols;
        if place < MAX_TINY_SYMBOLS {
            self.symbols[place] = symbol;
            if place > 0 {
                self.set(place - 1, with_last);
            }
            self.n_symbols += 1;
        }
    }

    /// The symbol that was pushed last.
    #[inline]
    pub(super) fn last(&self) -> Option<u32> {
        let last = self.n_symbols.checked_sub(1)?;
        self.symbols.get(last).copied()
    }

    /// Merges what was pushed by `pairs` and appends
    /// what is left to `out`.
    pub(super) fn merge(mut self, pairs: &Pairs, out: &mut Vec<u32>) {
        let mut left = match self.n_symbols {
            0..=8 => self.merge_among::<8>(pairs),
            _ => self.merge_among::<MAX_TINY_SYMBOLS>(pairs),
        };
        while left != 0 {
            out.push(self.symbols[first(left) & MASK]);
            left &= left - 1;
        }
    }

    /// Merges the first `N` symbols, which are all; the bits of the result say which are left.
    #[inline]
    fn merge_among<const N: usize>(&mut self, pairs: &Pairs) -> u32 {
        let mut left: u32 = (1 << self.n_symbols) - 1;
        loop {
            let lowest = lowest::<N>(&self.keys);
            if lowest >= NO_KEY {
                return left;
            }
            let here = (lowest >> PLACE_SHIFT) as usize & MASK;
            let result = (lowest & ((1 << PLACE_SHIFT) - 1)) as u32;
            let behind = left & (!1 << here);
            let gone = first(behind) & MASK;
            let behind = behind & behind.wrapping_sub(1);
            let before = left & ((1 << here) - 1);
            left &= !(1 << gone);
            self.symbols[here] = result;
            self.keys[gone] = NO_KEY;
            self.keys[here] = NO_KEY;
            if behind != 0 {
                let next = self.symbols[first(behind) & MASK];
                let found = pairs.get(result, next);
                self.set(here, found);
            }
            if before != 0 {
                let before = before.ilog2() as usize & MASK;
                let found = pairs.get(self.symbols[before], result);
                self.set(before, found);
            }
        }
    }

    #[inline]
    fn set(&mut self, place: usize, found: Found) {
        let rank = u64::from(found.rank()) << RANK_SHIFT;
        self.keys[place] = rank | (place as u64) << PLACE_SHIFT | u64::from(found.result());
    }
}

/// The place of the lowest bit.
#[inline]
fn first(bits: u32) -> usize {
    bits.trailing_zeros() as usize
}

/// The lowest of the first `N` keys, a power of two.
#[inline]
fn lowest<const N: usize>(keys: &[Key; MAX_TINY_SYMBOLS]) -> Key {
    let mut keys = *keys;
    let mut n = N;
    while n > 1 {
        n /= 2;
        for place in 0..n {
            keys[place] = keys[place].min(keys[place + n]);
        }
    }
    keys[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::merge::tests::{pairs, plain};
    use super::*;

    fn by_tiny(pairs: &Pairs, word: &[u32]) -> Vec<u32> {
        let mut tiny = Tiny::new();
        for symbol in word {
            let last = tiny.last();
            let with_last = last.map(|last| pairs.get(last, *symbol));
            tiny.push(*symbol, with_last.unwrap_or(Found::NOTHING));
        }
        let mut found = Vec::new();
        tiny.merge(pairs, &mut found);
        found
    }

    proptest! {
        #[test]
        fn it_is_the_definition(word in prop::collection::vec(0..4_u32, 0..=MAX_TINY_SYMBOLS)) {
            let pairs = pairs();
            prop_assert_eq!(by_tiny(&pairs, &word), plain(&pairs, &word));
        }
    }

    #[test]
    fn words_of_one_symbol() {
        let pairs = pairs();
        for symbol in 0..4 {
            for n_symbols in 0..=MAX_TINY_SYMBOLS {
                let word = vec![symbol; n_symbols];
                assert_eq!(by_tiny(&pairs, &word), plain(&pairs, &word));
            }
        }
    }
}
