//! Counts equal 64-bit hashes.

/// A hash that is met more often in other places than this is not counted: bounds the time that
/// texts made to collide can take.
const MAX_PROBES: usize = 64;

/// A table of hashes and how often each was seen.
pub(super) struct Counter {
    slots: Vec<(u64, u32)>,
    shift: u32,
}

impl Counter {
    /// A table for up to `n_keys` different hashes.
    pub(super) fn new(n_keys: usize) -> Self {
        let n_slots = (n_keys.max(8) * 2).next_power_of_two();
        Self {
            slots: vec![(0, 0); n_slots],
            shift: 64 - n_slots.trailing_zeros(),
        }
    }

    /// Counts `key` once more; its slot and how often it was seen before. `None` for no slot left.
    pub(super) fn add(&mut self, key: u64) -> Option<(usize, u32)> {
        let mask = self.slots.len() - 1;
        let spread = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift;
        let mut at = usize::try_from(spread).unwrap_or(0) & mask;
        for _ in 0..MAX_PROBES.min(self.slots.len()) {
            let (found, count) = &mut self.slots[at];
            if *count == 0 || *found == key {
                *found = key;
                *count = count.saturating_add(1);
                return Some((at, *count - 1));
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// How often the hash at `slot` was seen.
    pub(super) fn count(&self, slot: usize) -> u32 {
        self.slots[slot].1
    }
}

/// Mixes `value` into `hash`, order mattering.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash.rotate_left(23) ^ value).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// Hash of `bytes`; with `fold`, ASCII letters of both cases are equal (and some punctuation).
pub(super) fn hash(bytes: &[u8], fold: bool) -> u64 {
    let mask: u64 = if fold { 0x2020_2020_2020_2020 } else { 0 };
    let mut hash = (bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (chunks, tail) = bytes.as_chunks::<8>();
    for chunk in chunks {
        hash = mix(hash, u64::from_le_bytes(*chunk) | mask);
    }
    // Reads of fixed width, which may overlap: the length, mixed in above, tells what they mean.
    let last = match tail {
        [] => return hash,
        [a] => u64::from(*a),
        [a, b] => u64::from(*a) | u64::from(*b) << 8,
        [a, b, c] => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
        _ => {
            let first = tail
                .first_chunk()
                .map_or(0, |first| u32::from_le_bytes(*first));
            let last = tail
                .last_chunk()
                .map_or(0, |last| u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << 32
        }
    };
    mix(hash, last | mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_key() {
        let mut counter = Counter::new(3);
        let first = counter.add(7).unwrap();
        assert_eq!(first.1, 0);
        assert_eq!(counter.add(9).unwrap().1, 0);
        assert_eq!(counter.add(7), Some((first.0, 1)));
        assert_eq!(counter.count(first.0), 2);
        assert_eq!(counter.add(0).unwrap().1, 0);
    }

    #[test]
    fn hashes_fold_case_and_keep_length() {
        assert_eq!(hash(b"Theorem", true), hash(b"tHEOREM", true));
        assert_ne!(hash(b"Theorem", false), hash(b"theorem", false));
        assert_ne!(hash(b"a", true), hash(b"a ", true));
        assert_ne!(hash(b"", true), hash(b" ", true));
    }
}
