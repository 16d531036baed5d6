//! Words and their ids, in memory of fixed size.
//!
//! A word's hash gives its set, one line of memory with two entries; nearly all words are found
//! there. One that finds no room goes to one of the next sets, and changes places with an entry of
//! its own set when it is found there. An entry has room for [`INLINE_IDS`] ids; longer lists stand
//! in a store beside the table, under a key that says so, and when that is full all of them are
//! forgotten.

use super::key::{Key, key_elsewhere};
use super::pages::vec_in_large_pages;
use super::prefetch::prefetch;

/// Sets that a word can be in: its own and those behind it.
const REACH: usize = 4;
/// Ids that stand in an entry.
const INLINE_IDS: usize = 3;
/// The last id of an entry that has none: they are in the store, at the place and in the number that
/// the first two are.
const STORED: u32 = u32::MAX;
/// Ids in the store, for each entry of the table.
const STORED_IDS_PER_ENTRY: usize = 2;

/// A word and its ids.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry {
    key: Key, // 0 in an empty entry, `key_elsewhere` if the ids are in the store
    ids: [u32; INLINE_IDS],
    count: u32, // at most INLINE_IDS
}

impl Entry {
    fn is_of(&self, key: Key) -> bool {
        self.key == key || self.key == key_elsewhere(key)
    }

    fn is_stored(&self) -> bool {
        self.count == 0 && self.ids[INLINE_IDS - 1] == STORED
    }
}

/// A key that is looked for, and its set.
#[derive(Clone, Copy, Default)]
pub(super) struct Sought {
    pub(super) key: Key,
    pub(super) set: u32,
}

/// Half of a key.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "half of it")]
fn low(key: Key) -> u64 {
    key as u64
}

/// Entries that share a hash; one line of memory.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Set([Entry; 2]);

/// The table.
pub(crate) struct Table {
    sets: Vec<Set>, // a power of two of them
    store: Vec<u32>,
    max_stored: usize,
}

impl Table {
    /// An empty table for `n_words` words, which is rounded up to a power of two.
    pub(super) fn new(n_words: usize) -> Self {
        let n_sets = n_words.div_ceil(2).next_power_of_two();
        let mut sets = vec_in_large_pages(n_sets);
        sets.resize(n_sets, Set::default());
        Self {
            sets,
            store: Vec::new(),
            max_stored: 2 * n_sets * STORED_IDS_PER_ENTRY,
        }
    }

    /// A table with the same words.
    pub(super) fn copy(&self) -> Self {
        let mut sets = vec_in_large_pages(self.sets.len());
        sets.extend_from_slice(&self.sets);
        Self {
            sets,
            store: self.store.clone(),
            max_stored: self.max_stored,
        }
    }

    /// Words that there is room for.
    pub(super) fn n_words(&self) -> usize {
        2 * self.sets.len()
    }

    fn ids(&self, set: usize, slot: usize) -> Option<&[u32]> {
        let entry = &self.sets[set].0[slot];
        let [start, n_ids, _] = entry.ids;
        if entry.is_stored() {
            return self.store.get(start as usize..)?.get(..n_ids as usize);
        }
        entry.ids.get(..entry.count as usize)
    }

    /// The set of the key with this hash, which is asked for from memory. A table has less than
    /// 2^32.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "an index")]
    pub(super) fn set_of(&self, hash: u64) -> u32 {
        let set = hash as usize & (self.sets.len() - 1);
        prefetch(&self.sets, set);
        set as u32
    }

    /// Appends the ids of words, up to the first one whose entry does not give them; gives the
    /// number of words before that.
    pub(super) fn look_up_all(&self, words: &[Sought], out: &mut Vec<u32>) -> usize {
        out.reserve(words.len() * INLINE_IDS + 1);
        let room = out.spare_capacity_mut().as_mut_ptr();
        let (mut n_words, mut n_ids) = (0, 0);
        for word in words {
            let Set([first, second]) = &self.sets[word.set as usize];
            // If the other half differs, the slow way finds that.
            let entry = if low(first.key) == low(word.key) {
                first
            } else {
                second
            };
            let [a, b, c] = entry.ids;
            #[expect(
                unsafe_code,
                reason = "asking for each word whether there is room takes a twentieth of the time of a text"
            )]
            // SAFETY: each word before this one has added `INLINE_IDS` to `n_ids` at most, which is
            // what `put` keeps counts to, and there is room for one more than so many for each
            // word: for four ids from here on.
            unsafe {
                let ids = room.add(n_ids).cast::<[u32; INLINE_IDS + 1]>();
                ids.write_unaligned([a, b, c, entry.count]);
            }
            if entry.key != word.key {
                break;
            }
            n_ids += entry.count as usize;
            n_words += 1;
        }
        let n_all = out.len() + n_ids;
        #[expect(
            unsafe_code,
            reason = "asking for each word whether there is room takes a twentieth of the time of a text"
        )]
        // SAFETY: the first `n_ids` of the spare room were written just now: each word wrote four
        // from where the ids of the word before it ended, and has three at most.
        unsafe {
            out.set_len(n_all);
        }
        n_words
    }

    /// The ids of a word that [`Table::look_up_all`] does not give.
    pub(super) fn look_around(&mut self, set: u32, key: Key) -> Option<&[u32]> {
        let (found, slot) = self.find(set, key)?;
        let own = set as usize;
        if found == own {
            return self.ids(own, slot);
        }
        let entry = self.sets[found].0[slot];
        let Set([_, last]) = &mut self.sets[own];
        self.sets[found].0[slot] = std::mem::replace(last, entry);
        self.ids(own, 1)
    }

    /// Whether a word is not there and would be put where none is.
    pub(super) fn would_take(&self, set: u32, key: Key) -> bool {
        let place = self.first(set, |entry| entry.is_of(key) || entry.key == 0);
        place.is_some_and(|(set, slot)| self.sets[set].0[slot].key == 0)
    }

    /// The entry of a key, as set and place.
    fn find(&self, set: u32, key: Key) -> Option<(usize, usize)> {
        // Whatever was put in found no free place before its own.
        self.first(set, |entry| entry.is_of(key) || entry.key == 0)
            .filter(|(set, slot)| self.sets[*set].0[*slot].is_of(key))
    }

    /// The first entry that is like this in the sets that a word of `set` can be in.
    #[inline]
    fn first(&self, set: u32, is_it: impl Fn(&Entry) -> bool) -> Option<(usize, usize)> {
        for step in 0..REACH {
            let set = (set as usize + step) & (self.sets.len() - 1);
            let Set([first, second]) = &self.sets[set];
            if is_it(first) {
                return Some((set, 0));
            }
            if is_it(second) {
                return Some((set, 1));
            }
        }
        None
    }

    /// Puts in a word that is not there.
    pub(super) fn put(&mut self, set: u32, key: Key, ids: &[u32]) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX); // stores are below 2^32
        let mut entry = Entry {
            key,
            ..Entry::default()
        };
        if ids.len() <= INLINE_IDS {
            entry.ids[..ids.len()].copy_from_slice(ids);
            entry.count = number(ids.len());
        } else {
            if self.store.len() + ids.len() > self.max_stored {
                self.forget_stored();
            }
            if ids.len() > self.max_stored {
                return;
            }
            entry.ids = [number(self.store.len()), number(ids.len()), STORED];
            entry.key = key_elsewhere(key);
            self.store.extend_from_slice(ids);
        }
        let free = self.first(set, |entry| entry.key == 0);
        let (set, slot) = free.unwrap_or((set as usize, 1));
        self.sets[set].0[slot] = entry;
    }

    /// Drops all words whose ids are in the store.
    fn forget_stored(&mut self) {
        self.store.clear();
        for Set(entries) in &mut self.sets {
            for entry in entries {
                if entry.is_stored() {
                    *entry = Entry::default();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::key::{hash, key_at, key_of_token};
    use super::*;

    /// Up to 600 keys, and ids from none to more than an entry has room for.
    fn words() -> impl Strategy<Value = Vec<(Key, Vec<u32>)>> {
        let word = (0..600_u32, prop::collection::vec(any::<u32>(), 0..6));
        let word = word.prop_map(|(number, ids)| match number % 50 {
            0 => (key_of_token(number), vec![number]),
            _ => (
                key_at(number.to_string().as_bytes(), 0, number.to_string().len()),
                ids,
            ),
        });
        prop::collection::vec(word, 0..400)
    }

    proptest! {
        #[test]
        fn words_have_the_ids_that_were_put(words in words(), room in 0..10_u32) {
            let mut table = Table::new(1 << room);
            let ids_of: BTreeMap<Key, Vec<u32>> = words.iter().cloned().collect();
            let sought = |(key, _): &(Key, Vec<u32>)| Sought {
                key: *key,
                set: table.set_of(hash(*key)),
            };
            let sought: Vec<Sought> = words.iter().map(sought).collect();
            for Sought { key, set } in &sought {
                if table.look_around(*set, *key).is_none() {
                    table.put(*set, *key, &ids_of[key]);
                }
            }
            let (mut n_done, mut out) = (0, Vec::new());
            while n_done < sought.len() {
                n_done += table.look_up_all(&sought[n_done..], &mut out);
                if let Some(Sought { key, set }) = sought.get(n_done) {
                    let forgotten = &*ids_of[key];
                    out.extend_from_slice(table.look_around(*set, *key).unwrap_or(forgotten));
                    n_done += 1;
                }
            }
            let all: Vec<u32> = words.iter().flat_map(|(key, _)| ids_of[key].clone()).collect();
            prop_assert_eq!(out, all);
        }
    }
}
