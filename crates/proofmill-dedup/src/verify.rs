//! From buckets to edges: exact and family buckets as stars, near buckets after comparison.
//!
//! Templated and generated text fills buckets with documents that are no duplicates, and one false
//! pair can join two large clusters. So each member of a near bucket is compared, in ordinal order,
//! with the representatives of the bucket: it gets an edge to the first that is similar enough,
//! else it becomes a representative itself, up to [`MAX_REPRESENTATIVES`]. A bucket of `n` members
//! thus costs at most `16 n` comparisons, never `n^2`, and gives at most `n - 1` edges.
//!
//! The edges depend on the buckets alone, so cutting the hashes into other tasks changes nothing.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::shingle::is_similar;
use crate::{BandKind, Edge, Entry, Group, Groups};

/// Documents of a bucket with which later members are compared. A member similar to none of so many
/// gets no edge from this bucket and counts in [`Matches::n_unplaced`].
pub const MAX_REPRESENTATIVES: usize = 16;
/// Documents whose shingles are asked for, and held, at a time (beside the representatives).
pub const BATCH_DOCS: usize = 512;
/// Buckets listed in [`Matches::largest`].
pub const N_LARGEST: usize = 20;
/// Verified pairs remembered before the memory of them starts again, about 50 MB. Buckets that share
/// pairs follow each other closely, so little is compared twice.
const MAX_KNOWN_PAIRS: usize = 1 << 20;

/// Supplies the shingles of documents, so that this crate reads no file.
pub trait Texts {
    /// What can go wrong while reading.
    type Error;

    /// Shingle sets (as [`crate::shingles`] gives them) of `ordinals`, in that order.
    ///
    /// `ordinals` is rising and without repetitions, at most [`BATCH_DOCS`] long, so files can be
    /// read front to back. A document that is gone gets an empty set and matches nothing.
    ///
    /// # Errors
    /// Whatever reading may give; it ends the search.
    fn shingles(&mut self, ordinals: &[u64]) -> Result<Vec<Arc<[u64]>>, Self::Error>;
}

/// A bucket worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Kind of the bucket.
    pub kind: BandKind,
    /// Its hash.
    pub hash: u64,
    /// Documents in it.
    pub n_docs: u64,
    /// Lowest ordinal in it.
    pub first: u64,
}

/// What one task found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Sorted and unique.
    pub edges: Vec<Edge>,
    /// Pairs whose shingles were compared.
    pub n_compared: u64,
    /// Compared pairs that were similar enough.
    pub n_similar: u64,
    /// Members left without edge because their bucket had all its representatives.
    pub n_unplaced: u64,
    /// The largest buckets, largest first; at most [`N_LARGEST`].
    pub largest: Vec<Bucket>,
}

/// Finds the edges of `groups`; near buckets are verified against `min_jaccard`, or, if that is 0,
/// trusted and given as stars around their lowest ordinal, without a question to `texts`.
///
/// # Errors
/// The first error of `texts`.
pub fn find_edges<T: Texts>(
    groups: &Groups,
    min_jaccard: f64,
    texts: &mut T,
) -> Result<Matches, T::Error> {
    let mut found = Matches {
        largest: largest(groups),
        ..Matches::default()
    };
    let is_trusted = |kind: BandKind| kind != BandKind::Near || min_jaccard <= 0.0;
    for group in groups.iter().filter(|group| is_trusted(group.kind())) {
        let mut ordinals = group.ordinals();
        let Some(low) = ordinals.next() else { continue };
        found.edges.extend(ordinals.map(|high| Edge {
            low,
            high,
            kind: group.kind(),
        }));
    }
    if min_jaccard > 0.0 {
        // Bands of true duplicates hold the same members again and again: each list counts once.
        let near = groups.iter().filter(|group| group.kind() == BandKind::Near);
        let mut buckets: Vec<Group<'_>> = near.collect();
        buckets.sort_unstable_by(|a, b| a.ordinals().cmp(b.ordinals()));
        buckets.dedup_by(|a, b| a.ordinals().eq(b.ordinals()));
        let known = FxHashMap::default();
        Verifier {
            min_jaccard,
            known,
            found: &mut found,
        }
        .run(&buckets, texts)?;
    }
    found.edges.sort_unstable();
    found.edges.dedup();
    Ok(found)
}

fn largest(groups: &Groups) -> Vec<Bucket> {
    let mut largest: Vec<Bucket> = Vec::with_capacity(2 * N_LARGEST);
    let keep_largest = |largest: &mut Vec<Bucket>| {
        largest.sort_by_key(|bucket| (std::cmp::Reverse(bucket.n_docs), bucket.kind, bucket.hash));
        largest.truncate(N_LARGEST);
    };
    for group in groups.iter() {
        let n_docs = group.members.len() as u64;
        let first = group.ordinals().next().unwrap_or(0);
        largest.push(Bucket {
            kind: group.kind(),
            hash: group.hash(),
            n_docs,
            first,
        });
        if largest.len() == 2 * N_LARGEST {
            keep_largest(&mut largest);
        }
    }
    keep_largest(&mut largest);
    largest
}

/// A document with its shingles.
type Shingled = (u64, Arc<[u64]>);

struct Verifier<'a> {
    min_jaccard: f64,
    known: FxHashMap<(u64, u64), bool>, // looked up only, never walked
    found: &'a mut Matches,
}

impl Verifier<'_> {
    /// Verifies `buckets` in order, as many together as [`BATCH_DOCS`] allows.
    fn run<T: Texts>(&mut self, buckets: &[Group<'_>], texts: &mut T) -> Result<(), T::Error> {
        let mut at = 0;
        while let Some(first) = buckets.get(at) {
            let mut n_docs = first.members.len();
            let mut end = at + 1;
            while let Some(next) = buckets.get(end).map(|next| next.members.len()) {
                if n_docs + next > BATCH_DOCS {
                    break;
                }
                n_docs += next;
                end += 1;
            }
            if n_docs > BATCH_DOCS {
                let mut representatives = Vec::new();
                for part in first.members.chunks(BATCH_DOCS) {
                    let docs = fetch(part, texts)?;
                    self.place(&mut representatives, part, &docs);
                }
            } else {
                let together: Vec<Entry> = buckets[at..end]
                    .iter()
                    .flat_map(|bucket| bucket.members)
                    .copied()
                    .collect();
                let docs = fetch(&together, texts)?;
                for bucket in &buckets[at..end] {
                    self.place(&mut Vec::new(), bucket.members, &docs);
                }
            }
            at = end;
        }
        Ok(())
    }

    /// Compares `members` with `representatives`, which grow.
    fn place(&mut self, representatives: &mut Vec<Shingled>, members: &[Entry], docs: &[Shingled]) {
        for &Entry { ordinal, .. } in members {
            let Ok(index) = docs.binary_search_by_key(&ordinal, |doc| doc.0) else {
                continue;
            };
            let member = &docs[index];
            let similar = representatives
                .iter()
                .find(|low| self.is_duplicate(low, member));
            if let Some(&(low, _)) = similar {
                self.found.edges.push(Edge {
                    low,
                    high: ordinal,
                    kind: BandKind::Near,
                });
            } else if representatives.len() < MAX_REPRESENTATIVES {
                representatives.push(member.clone());
            } else {
                self.found.n_unplaced += 1;
            }
        }
    }

    fn is_duplicate(&mut self, low: &Shingled, high: &Shingled) -> bool {
        if let Some(&known) = self.known.get(&(low.0, high.0)) {
            return known;
        }
        let is_duplicate = is_similar(&low.1, &high.1, self.min_jaccard);
        self.found.n_compared += 1;
        self.found.n_similar += u64::from(is_duplicate);
        if self.known.len() >= MAX_KNOWN_PAIRS {
            self.known.clear();
        }
        self.known.insert((low.0, high.0), is_duplicate);
        is_duplicate
    }
}

/// The documents of `entries` with their shingles, by rising ordinal.
fn fetch<T: Texts>(entries: &[Entry], texts: &mut T) -> Result<Vec<Shingled>, T::Error> {
    let mut ordinals: Vec<u64> = entries.iter().map(|entry| entry.ordinal).collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    let sets = texts.shingles(&ordinals)?;
    Ok(ordinals.into_iter().zip(sets).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, match_records};
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// Document `n` holds the shingles `start..start + 10`, where `start` is `n` of the list.
    struct Starts(Vec<u64>);

    impl Texts for Starts {
        type Error = Infallible;

        fn shingles(&mut self, ordinals: &[u64]) -> Result<Vec<Arc<[u64]>>, Infallible> {
            assert!(ordinals.len() <= BATCH_DOCS && ordinals.is_sorted());
            let set = |&n: &u64| {
                let start = self.0[usize::try_from(n).unwrap()];
                (start..start + 10).collect()
            };
            Ok(ordinals.iter().map(set).collect())
        }
    }

    fn bucket(kind: BandKind, hash: u64, ordinals: &[u64]) -> Vec<Entry> {
        ordinals
            .iter()
            .map(|&ordinal| Entry {
                hash,
                ordinal,
                kind,
            })
            .collect()
    }

    fn pairs(found: &Matches) -> Vec<(u64, u64)> {
        found
            .edges
            .iter()
            .map(|edge| (edge.low, edge.high))
            .collect()
    }

    #[test]
    fn near_buckets_are_verified_and_others_trusted() {
        let mut texts = Starts(vec![0, 1000, 1, 1001, 5000]);
        let near = match_records(bucket(BandKind::Near, 7, &[4, 3, 2, 1, 0]));
        let found = find_edges(&near, 0.8, &mut texts).unwrap();
        assert_eq!(pairs(&found), [(0, 2), (1, 3)]);
        assert_eq!(
            found.largest,
            [Bucket {
                kind: BandKind::Near,
                hash: 7,
                n_docs: 5,
                first: 0
            }]
        );
        let trusted = find_edges(&near, 0.0, &mut texts).unwrap();
        assert_eq!(pairs(&trusted), [(0, 1), (0, 2), (0, 3), (0, 4)]);
        assert_eq!(trusted.n_compared, 0);
        let family = match_records(bucket(BandKind::Family, 7, &[4, 1]));
        assert_eq!(
            pairs(&find_edges(&family, 0.8, &mut texts).unwrap()),
            [(1, 4)]
        );
    }

    #[test]
    fn a_large_bucket_costs_linear_time() {
        let n = 5000_u64;
        let mut texts = Starts((0..n).map(|ordinal| (ordinal % 40) * 100).collect());
        let ordinals: Vec<u64> = (0..n).collect();
        let groups = match_records(bucket(BandKind::Near, 1, &ordinals));
        let found = find_edges(&groups, 0.8, &mut texts).unwrap();
        assert!(found.n_compared <= 16 * n);
        // Sixteen of the forty texts became representatives.
        assert_eq!(found.n_unplaced, n / 40 * 24);
        assert_eq!(found.edges.len() as u64, n / 40 * 16 - 16);
    }

    #[test]
    fn pairs_are_compared_once() {
        let mut texts = Starts(vec![0, 0, 500]);
        let mut entries = bucket(BandKind::Near, 1, &[0, 1, 2]);
        entries.extend(bucket(BandKind::Near, 2, &[0, 1, 2]));
        entries.extend(bucket(BandKind::Near, 3, &[0, 1]));
        let found = find_edges(&match_records(entries), 0.8, &mut texts).unwrap();
        assert_eq!((found.n_compared, found.n_similar), (2, 1));
    }

    proptest! {
        #[test]
        fn parts_of_the_hashes_do_not_matter(rows in prop::collection::vec((0_u64..12, 0_u64..30), 0..80), cut in 0_u64..12) {
            let entries: Vec<Entry> =
                rows.iter().map(|&(hash, ordinal)| Entry { hash, ordinal, kind: BandKind::Near }).collect();
            let edges = |keep: &dyn Fn(u64) -> bool| {
                let mut texts = Starts((0..30).map(|n| n / 3).collect());
                let part = entries.iter().rev().copied().filter(|entry| keep(entry.hash)).collect();
                find_edges(&match_records(part), 0.6, &mut texts).unwrap().edges
            };
            let whole = edges(&|_| true);
            let mut parts = [edges(&|hash| hash < cut), edges(&|hash| hash >= cut)].concat();
            parts.sort_unstable();
            parts.dedup();
            prop_assert_eq!(parts, whole);
        }
    }
}
