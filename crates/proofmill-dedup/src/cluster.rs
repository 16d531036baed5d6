//! The one global step: joins edges to clusters and chooses who stays.
//!
//! The result depends on the set of edges and the attributes only, never on the order of edges or
//! on how they were spread over tasks. Memory is about
//! 50 bytes per document that has an edge; documents without one cost nothing.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::version::compare_versions;
use crate::{BandKind, Edge};

/// A rule by which one document of a cluster goes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepRule {
    /// The source that stands first in the manifest.
    SourceOrder,
    /// The later version; a document without version goes last.
    Newest,
    /// More bytes of text.
    Longest,
}

/// What keep rules look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Position of the document's source in the manifest.
    pub source_index: u32,
    /// Version number or RFC 3339 time, if known; ordered as [`compare_versions`] says.
    pub version: Option<String>,
    /// Bytes of text.
    pub n_bytes: u64,
}

/// One document that goes, and the one that stays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Removal {
    /// The document that goes.
    pub ordinal: u64,
    /// The one document of its cluster that stays.
    pub survivor: u64,
    /// [`BandKind::Family`] if a newer version of the same family replaces it; else
    /// [`BandKind::Exact`] if some document of its cluster has the same text; else
    /// [`BandKind::Near`].
    pub kind: BandKind,
}

/// Joins `edges` and chooses one survivor per cluster; removals are sorted by ordinal.
///
/// A document is first superseded by a newer version of its own family (documents joined by
/// [`BandKind::Family`] edges), whatever `keep` says. Of the rest of the cluster the rules of `keep`
/// choose, each deciding only what the ones before left open, and at last the lowest ordinal.
#[must_use]
pub fn cluster(
    edges: &[Edge],
    attributes: &dyn Fn(u64) -> Attributes,
    keep: &[KeepRule],
) -> Vec<Removal> {
    let mut ordinals: Vec<u64> = edges
        .iter()
        .flat_map(|edge| [edge.low, edge.high])
        .collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    let index_of = |ordinal: u64| ordinals.partition_point(|&other| other < ordinal);

    let mut clusters = Forest::new(ordinals.len());
    let mut families = Forest::new(ordinals.len());
    let mut has_copy = vec![false; ordinals.len()];
    for edge in edges {
        let (low, high) = (index_of(edge.low), index_of(edge.high));
        clusters.join(low, high);
        match edge.kind {
            BandKind::Family => families.join(low, high),
            BandKind::Exact => {
                has_copy[low] = true;
                has_copy[high] = true;
            }
            BandKind::Near => {}
        }
    }

    // Members by cluster, by family within it, ordinals rising.
    let mut members: Vec<(usize, usize, usize)> = (0..ordinals.len())
        .map(|index| (clusters.root(index), families.root(index), index))
        .collect();
    members.sort_unstable();
    let mut removals = Vec::new();
    for cluster in members.chunk_by(|a, b| a.0 == b.0) {
        choose(
            cluster,
            &ordinals,
            &has_copy,
            attributes,
            keep,
            &mut removals,
        );
    }
    removals.sort_unstable();
    removals
}

/// Adds all but the survivor of one cluster, given as (cluster, family, index of ordinal).
fn choose(
    cluster: &[(usize, usize, usize)],
    ordinals: &[u64],
    has_copy: &[bool],
    attributes: &dyn Fn(u64) -> Attributes,
    keep: &[KeepRule],
    removals: &mut Vec<Removal>,
) {
    let mut is_superseded = vec![false; cluster.len()];
    let mut best: Option<(u64, Attributes)> = None;
    let mut at = 0;
    for family in cluster.chunk_by(|a, b| a.1 == b.1) {
        let of_family: Vec<(u64, Attributes)> = family
            .iter()
            .map(|member| (ordinals[member.2], attributes(ordinals[member.2])))
            .collect();
        let newest = of_family
            .iter()
            .map(|(_, found)| found.version.as_deref())
            .max_by(|a, b| by_version(*a, *b))
            .flatten()
            .map(str::to_owned);
        for member in of_family {
            is_superseded[at] =
                by_version(member.1.version.as_deref(), newest.as_deref()) == Ordering::Less;
            let is_better = || {
                best.as_ref()
                    .is_none_or(|best| goes_before(&member, best, keep))
            };
            if !is_superseded[at] && is_better() {
                best = Some(member);
            }
            at += 1;
        }
    }
    let Some((survivor, _)) = best else { return };
    for (member, superseded) in cluster.iter().zip(is_superseded) {
        let ordinal = ordinals[member.2];
        let kind = match (superseded, has_copy[member.2]) {
            (true, _) => BandKind::Family,
            (false, true) => BandKind::Exact,
            (false, false) => BandKind::Near,
        };
        if ordinal != survivor {
            removals.push(Removal {
                ordinal,
                survivor,
                kind,
            });
        }
    }
}

fn by_version(left: Option<&str>, right: Option<&str>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => compare_versions(left, right),
        _ => left.is_some().cmp(&right.is_some()),
    }
}

/// Whether `left` is rather kept than `right`.
fn goes_before(left: &(u64, Attributes), right: &(u64, Attributes), keep: &[KeepRule]) -> bool {
    let mut order = Ordering::Equal;
    for rule in keep {
        order = order.then_with(|| match rule {
            KeepRule::SourceOrder => left.1.source_index.cmp(&right.1.source_index),
            KeepRule::Newest => by_version(right.1.version.as_deref(), left.1.version.as_deref()),
            KeepRule::Longest => right.1.n_bytes.cmp(&left.1.n_bytes),
        });
    }
    order.then(left.0.cmp(&right.0)) == Ordering::Less
}

/// Disjoint sets of `0..n`, each named by its least element.
struct Forest {
    parents: Vec<usize>,
}

impl Forest {
    fn new(n: usize) -> Self {
        Self {
            parents: (0..n).collect(),
        }
    }

    /// The name of the set of `index`; halves the paths it walks.
    fn root(&mut self, mut index: usize) -> usize {
        while self.parents[index] != index {
            let above = self.parents[self.parents[index]];
            self.parents[index] = above;
            index = above;
        }
        index
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.parents[left.max(right)] = left.min(right);
    }
}
