//! Groups records of all documents by equal hash: the buckets whose members may be duplicates.

use crate::BandKind;

/// One document in one bucket, with its number in the whole corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Band hash, exact key or family key.
    pub hash: u64,
    /// Number of the document in the corpus, in the order of tasks and rows.
    pub ordinal: u64,
    /// What the hash stands for.
    pub kind: BandKind,
}

/// The buckets of at least two documents, in order of kind and hash.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    entries: Vec<Entry>, // sorted by kind, hash, ordinal; unique; no bucket of one
}

/// One bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// The members, ordinals rising; at least two, all of one kind and hash.
    pub members: &'a [Entry],
}

impl<'a> Group<'a> {
    /// Kind of the bucket.
    #[must_use]
    pub fn kind(&self) -> BandKind {
        self.members
            .first()
            .map_or(BandKind::Near, |entry| entry.kind)
    }

    /// Hash of the bucket.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.members.first().map_or(0, |entry| entry.hash)
    }

    /// Ordinals of the members, rising.
    pub fn ordinals(self) -> impl Iterator<Item = u64> + 'a {
        self.members.iter().map(|entry| entry.ordinal)
    }
}

impl Groups {
    /// All buckets.
    pub fn iter(&self) -> impl Iterator<Item = Group<'_>> {
        self.entries
            .chunk_by(|a, b| a.kind == b.kind && a.hash == b.hash)
            .map(|members| Group { members })
    }

    /// Documents summed over buckets.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.entries.len()
    }
}

/// Groups `entries`, which may come in any order and with repetitions; in place, `O(n log n)`.
#[must_use]
pub fn match_records(mut entries: Vec<Entry>) -> Groups {
    entries.sort_unstable_by_key(|entry| (entry.kind, entry.hash, entry.ordinal));
    entries.dedup();
    let mut n_kept = 0;
    let mut start = 0;
    while let Some(&first) = entries.get(start) {
        let same = |entry: &Entry| entry.kind == first.kind && entry.hash == first.hash;
        let n = entries[start..]
            .iter()
            .take_while(|&entry| same(entry))
            .count();
        if n > 1 {
            entries.copy_within(start..start + n, n_kept);
            n_kept += n;
        }
        start += n;
    }
    entries.truncate(n_kept);
    Groups { entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn agrees_with_a_map(rows in prop::collection::vec((0_u64..20, 0_u64..30, 0_u8..3), 0..120)) {
            let mut expected: BTreeMap<(BandKind, u64), BTreeSet<u64>> = BTreeMap::new();
            let mut entries = Vec::new();
            for (hash, ordinal, kind) in rows {
                let kind = BandKind::from_byte(kind).unwrap();
                expected.entry((kind, hash)).or_default().insert(ordinal);
                entries.push(Entry { hash, ordinal, kind });
            }
            expected.retain(|_, members| members.len() > 1);
            let groups = match_records(entries);
            let found: BTreeMap<(BandKind, u64), BTreeSet<u64>> =
                groups.iter().map(|group| ((group.kind(), group.hash()), group.ordinals().collect())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
