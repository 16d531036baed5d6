//! Who stays: cases as data in `golden/clusters.txt`, and independence of order.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use proofmill_dedup::{Attributes, BandKind, Edge, KeepRule, cluster};
use proptest::prelude::*;

fn kind(name: &str) -> BandKind {
    [BandKind::Exact, BandKind::Family, BandKind::Near]
        .into_iter()
        .find(|kind| kind.name() == name)
        .unwrap()
}

/// One case: documents, edges, rules, and the removals that must come out.
#[derive(Default)]
struct Case {
    name: String,
    attributes: BTreeMap<u64, Attributes>,
    edges: Vec<Edge>,
    keep: Vec<KeepRule>,
    expected: BTreeSet<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("golden/clusters.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let case = cases.last_mut();
        match (words.as_slice(), case) {
            ([] | ["#", ..], _) => {}
            (["case", ..], _) => cases.push(Case {
                name: line.to_owned(),
                ..Case::default()
            }),
            (["doc", ordinal, source, version, n_bytes], Some(case)) => {
                let attributes = Attributes {
                    source_index: source.parse().unwrap(),
                    version: (*version != "-").then(|| (*version).to_owned()),
                    n_bytes: n_bytes.parse().unwrap(),
                };
                case.attributes.insert(ordinal.parse().unwrap(), attributes);
            }
            (["edge", low, high, name], Some(case)) => {
                case.edges.push(Edge {
                    low: low.parse().unwrap(),
                    high: high.parse().unwrap(),
                    kind: kind(name),
                });
            }
            (["keep", rules @ ..], Some(case)) => {
                case.keep = rules
                    .iter()
                    .map(|rule| match *rule {
                        "source-order" => KeepRule::SourceOrder,
                        "newest" => KeepRule::Newest,
                        "longest" => KeepRule::Longest,
                        other => panic!("no rule `{other}`"),
                    })
                    .collect();
            }
            (["gone", ..], Some(case)) => {
                case.expected.insert(words[1..].join(" "));
            }
            _ => panic!("cannot read `{line}`"),
        }
    }
    cases
}

#[test]
fn golden() {
    for mut case in cases() {
        for _ in 0..2 {
            let attributes =
                |ordinal: u64| case.attributes.get(&ordinal).cloned().unwrap_or_default();
            let found: BTreeSet<String> = cluster(&case.edges, &attributes, &case.keep)
                .iter()
                .map(|removal| {
                    format!(
                        "{} for {} {}",
                        removal.ordinal,
                        removal.survivor,
                        removal.kind.name()
                    )
                })
                .collect();
            assert_eq!(found, case.expected, "{}", case.name);
            case.edges.reverse();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn one_stays_per_component(
        pairs in prop::collection::vec((0_u64..40, 0_u64..40, 0_usize..3), 0..60),
        attributes in prop::collection::vec((0_u32..3, prop::option::of(0_u32..4), 0_u64..5), 40),
        rotate in 0_usize..60,
    ) {
        let edges: Vec<Edge> = pairs
            .iter()
            .filter(|(a, b, _)| a != b)
            .map(|&(a, b, kind)| Edge {
                low: a.min(b),
                high: a.max(b),
                kind: [BandKind::Exact, BandKind::Family, BandKind::Near][kind],
            })
            .collect();
        let attributes = |ordinal: u64| {
            let (source_index, version, n_bytes) = attributes[usize::try_from(ordinal).unwrap()];
            Attributes { source_index, version: version.map(|version| version.to_string()), n_bytes }
        };
        let keep = [KeepRule::Longest, KeepRule::SourceOrder];
        let removals = cluster(&edges, &attributes, &keep);

        let mut rotated = edges.clone();
        if !rotated.is_empty() {
            let n = rotate % rotated.len();
            rotated.rotate_left(n);
        }
        prop_assert_eq!(&cluster(&rotated, &attributes, &keep), &removals);

        // Components by brute force.
        let mut component: Vec<u64> = (0..40).collect();
        for _ in 0..40 {
            for edge in &edges {
                let (low, high) = (usize::try_from(edge.low).unwrap(), usize::try_from(edge.high).unwrap());
                let least = component[low].min(component[high]);
                component[low] = least;
                component[high] = least;
            }
        }
        let component_of = |ordinal: u64| component[usize::try_from(ordinal).unwrap()];
        let gone: BTreeMap<u64, u64> = removals.iter().map(|removal| (removal.ordinal, removal.survivor)).collect();
        for ordinal in 0..40 {
            let members = (0..40).filter(|&other| component_of(other) == component_of(ordinal));
            let stays: Vec<u64> = members.filter(|member| !gone.contains_key(member)).collect();
            prop_assert_eq!(stays.len(), 1);
            if let Some(&survivor) = gone.get(&ordinal) {
                prop_assert_eq!(survivor, stays[0]);
            }
        }
    }
}
