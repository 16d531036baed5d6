//! Words and their ids, in memory of fixed size.
//!
//! A word's hash gives its set, one line of memory with two entries. The first entry stays once it
//! is taken, the second is the last word that found no free place. An entry has room for
//! [`INLINE_IDS`] ids; longer lists stand in a store beside the table, and when that is full all
//! of them are forgotten.

use super::key::Key;
use super::prefetch::prefetch;

/// Ids that stand in an entry.
pub(super) const INLINE_IDS: usize = 3;
const MOST_INLINE: u32 = 3;
/// What an entry writes: its ids, and how many of them count.
pub(super) const WRITTEN: usize = INLINE_IDS + 1;
/// In place of the count: the ids are in the store, at the place and in the number that the first
/// two ids are.
const STORED: u32 = u32::MAX;
/// Ids in the store, for each entry of the table.
const STORED_IDS_PER_ENTRY: usize = 2;

/// A word and its ids.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry {
    key: Key, // 0 in an empty entry
    ids: [u32; INLINE_IDS],
    count: u32,
}

/// Entries that share a hash; one line of memory.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Set([Entry; 2]);

/// The table.
#[derive(Clone)]
pub(super) struct Table {
    sets: Vec<Set>, // a power of two of them
    store: Vec<u32>,
    max_stored: usize,
}

impl Table {
    /// An empty table for `n_words` words, which is rounded up to a power of two.
    pub(super) fn new(n_words: usize) -> Self {
        let n_sets = n_words.div_ceil(2).next_power_of_two();
        Self {
            sets: vec![Set::default(); n_sets],
            store: Vec::new(),
            max_stored: 2 * n_sets * STORED_IDS_PER_ENTRY,
        }
    }

    /// The set of a key, which is asked for from memory. A table has less than 2^32.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "halves of a number, and an index"
    )]
    pub(super) fn set_of(&self, key: Key) -> u32 {
        let low = (key as u64) ^ 0x2d35_8dcc_aa6c_78a5;
        let high = ((key >> 64) as u64) ^ 0x8bb8_4b93_962e_acc9;
        let product = u128::from(low) * u128::from(high);
        let hash = (product as u64) ^ ((product >> 64) as u64);
        let set = hash as usize & (self.sets.len() - 1);
        prefetch(&self.sets, set);
        set as u32
    }

    /// Writes the ids of a word, and anything behind them, if they stand in its entry; gives their
    /// number.
    #[inline]
    pub(super) fn look_up(&self, set: u32, key: Key, ids: &mut [u32; WRITTEN]) -> Option<usize> {
        let Set([first, second]) = &self.sets[set as usize];
        let entry = if first.key == key { first } else { second };
        let [a, b, c] = entry.ids;
        *ids = [a, b, c, entry.count];
        (entry.key == key && entry.count <= MOST_INLINE).then_some(entry.count as usize)
    }

    /// The ids of a word that has more than an entry has room for.
    pub(super) fn look_up_long(&self, set: u32, key: Key) -> Option<&[u32]> {
        let Set(entries) = &self.sets[set as usize];
        let entry = entries.iter().find(|entry| entry.key == key)?;
        let [start, n_ids, _] = entry.ids;
        let found = self.store.get(start as usize..)?.get(..n_ids as usize)?;
        (entry.count == STORED).then_some(found)
    }

    /// Whether a word would be put where none is.
    pub(super) fn has_room(&self, set: u32) -> bool {
        let Set(entries) = &self.sets[set as usize];
        entries.iter().any(|entry| entry.key == 0)
    }

    /// Puts a word into its set.
    pub(super) fn put(&mut self, set: u32, key: Key, ids: &[u32]) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX); // stores are below 2^32
        let mut entry = Entry {
            key,
            ids: [0; INLINE_IDS],
            count: number(ids.len()),
        };
        if ids.len() <= INLINE_IDS {
            entry.ids[..ids.len()].copy_from_slice(ids);
        } else {
            if self.store.len() + ids.len() > self.max_stored {
                self.forget_stored();
            }
            if ids.len() > self.max_stored {
                return;
            }
            entry.ids = [number(self.store.len()), number(ids.len()), 0];
            entry.count = STORED;
            self.store.extend_from_slice(ids);
        }
        let Set([first, second]) = &mut self.sets[set as usize];
        *(if first.key == 0 { first } else { second }) = entry;
    }

    /// Drops all words whose ids are in the store.
    fn forget_stored(&mut self) {
        self.store.clear();
        for Set(entries) in &mut self.sets {
            for entry in entries {
                if entry.count == STORED {
                    *entry = Entry::default();
                }
            }
        }
    }
}
