//! A compact set of 64-bit hashes with a prefilter, for many questions with few answers.

/// Bits of the prefilter per hash: 3 to 6 % of foreign hashes pass.
const FILTER_BITS_PER_HASH: usize = 16;
/// Most bits that the prefilter has: 16 MiB.
const MAX_FILTER_BITS: usize = 1 << 27;

/// A set of hashes in rising order, each known by its position.
///
/// Takes 8 bytes per hash, 2 to 4 for the prefilter and about 1 for the directory.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    filter: Vec<u64>, // one bit per value of the leading bits of a hash
    filter_shift: u32,
    directory: Vec<u32>, // first position of each value of the leading bits; one more at the end
    directory_shift: u32,
    hashes: Vec<u64>, // sorted, unique, at most u32::MAX
}

impl Table {
    /// A table of `hashes`, sorted and unique, at most `u32::MAX` many.
    pub(crate) fn new(hashes: Vec<u64>) -> Self {
        let n_bits = (hashes.len() * FILTER_BITS_PER_HASH)
            .next_power_of_two()
            .clamp(64, MAX_FILTER_BITS);
        let filter_shift = 64 - n_bits.trailing_zeros();
        let mut filter = vec![0_u64; n_bits / 64];
        for hash in &hashes {
            let (word, bit) = place(*hash, filter_shift);
            filter[word] |= bit;
        }
        let n_entries = (hashes.len() / 4).next_power_of_two().clamp(2, 1 << 28);
        let directory_shift = 64 - n_entries.trailing_zeros();
        let mut directory = Vec::with_capacity(n_entries + 1);
        let mut position = 0;
        for entry in 0..n_entries as u64 {
            while hashes
                .get(position)
                .is_some_and(|hash| hash >> directory_shift < entry)
            {
                position += 1;
            }
            directory.push(u32::try_from(position).unwrap_or(u32::MAX));
        }
        directory.push(u32::try_from(hashes.len()).unwrap_or(u32::MAX));
        Self {
            filter,
            filter_shift,
            directory,
            directory_shift,
            hashes,
        }
    }

    /// Position of `hash`, if it is in the table.
    #[inline]
    pub(crate) fn find(&self, hash: u64) -> Option<usize> {
        let (word, bit) = place(hash, self.filter_shift);
        if self.filter[word] & bit == 0 {
            None
        } else {
            self.search(hash)
        }
    }

    fn search(&self, hash: u64) -> Option<usize> {
        let entry = usize::try_from(hash >> self.directory_shift).ok()?;
        let start = usize::try_from(*self.directory.get(entry)?).ok()?;
        let end = usize::try_from(*self.directory.get(entry + 1)?).ok()?;
        let found = self.hashes.get(start..end)?.binary_search(&hash).ok()?;
        Some(start + found)
    }

    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Bytes of memory that it takes.
    pub(crate) fn n_bytes(&self) -> usize {
        8 * (self.filter.len() + self.hashes.len()) + 4 * self.directory.len()
    }
}

/// Word and bit of `hash` in the prefilter.
#[inline]
fn place(hash: u64, shift: u32) -> (usize, u64) {
    let bit = hash >> shift;
    (usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_set(mut hashes in prop::collection::btree_set(any::<u64>(), 0..300), others in prop::collection::vec(any::<u64>(), 50)) {
            hashes.extend([0, u64::MAX]);
            let sorted: Vec<u64> = hashes.iter().copied().collect();
            let table = Table::new(sorted.clone());
            for (position, hash) in sorted.iter().enumerate() {
                prop_assert_eq!(table.find(*hash), Some(position));
            }
            for other in others {
                prop_assert_eq!(table.find(other).is_some(), hashes.contains(&other));
            }
        }
    }

    #[test]
    fn empty() {
        assert_eq!(Table::new(Vec::new()).find(7), None);
    }
}
