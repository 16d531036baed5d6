//! Cases as data: `golden/items.jsonl` are benchmarks, `golden/documents.jsonl` texts and what must
//! be found in them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;

use proofmill_decontaminate::{Index, IndexBuilder, Item, Preset, Scratch, cut};
use proptest::prelude::*;
use serde_json::Value;

fn rows(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn string(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap().to_owned()
}

fn index(preset: Preset, is_reversed: bool) -> Index {
    let mut items = rows(include_str!("golden/items.jsonl"));
    if is_reversed {
        items.reverse();
    }
    let mut builder = IndexBuilder::new(preset.rules());
    for row in items {
        let fields: Vec<(String, String)> = row["fields"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
            .collect();
        builder.add(&Item {
            benchmark: &string(&row, "benchmark"),
            item: &string(&row, "item"),
            fields: &fields,
        });
    }
    builder.finish().unwrap()
}

#[test]
fn documents() {
    for row in rows(include_str!("golden/documents.jsonl")) {
        let (name, text) = (string(&row, "name"), string(&row, "text"));
        let preset: Preset = string(&row, "preset").parse().unwrap();
        let index = index(preset, false);
        let hits = index.scan(&text, &mut Scratch::default());
        let found: BTreeSet<String> = hits
            .iter()
            .map(|hit| format!("{}/{}/{}", hit.benchmark, hit.item, hit.field))
            .collect();
        let expected: BTreeSet<String> = row["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, expected, "case `{name}`");
        for hit in &hits {
            assert!(
                text.get(hit.start_byte..hit.end_byte).is_some(),
                "case `{name}`"
            );
        }
    }
}

#[test]
fn the_order_of_items_does_not_matter() {
    for preset in Preset::ALL {
        let (forward, backward) = (index(preset, false), index(preset, true));
        assert_eq!(forward.statistics(), backward.statistics());
        for row in rows(include_str!("golden/documents.jsonl")) {
            let text = string(&row, "text");
            let mut scratch = Scratch::default();
            assert_eq!(
                forward.scan(&text, &mut scratch),
                backward.scan(&text, &mut scratch)
            );
        }
    }
}

#[test]
fn one_stretch_is_one_hit() {
    let index = index(Preset::Ngram13, false);
    let text = "Before. Find the greatest common divisor of 1071 and 462. After. \
                A miller grinds $3\\frac{1}{2}$ sacks of grain each hour. If she starts at dawn with 9 sacks";
    let hits = index.scan(text, &mut Scratch::default());
    let found: Vec<(&str, usize)> = hits
        .iter()
        .map(|hit| (&text[hit.start_byte..hit.end_byte], hit.n_words))
        .collect();
    assert_eq!(
        found,
        [
            ("Find the greatest common divisor of 1071 and 462", 9),
            (
                "A miller grinds $3\\frac{1}{2}$ sacks of grain each hour. If she starts at dawn with",
                17
            ),
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_around_an_item(before in any::<String>(), after in any::<String>()) {
        let index = index(Preset::Ngram13, false);
        let text = format!("{before} \n. Find the greatest common divisor of 1071 and 462. {after}");
        let hits = index.scan(&text, &mut Scratch::default());
        for hit in &hits {
            prop_assert!(text.get(hit.start_byte..hit.end_byte).is_some());
        }
        // What comes before may be mark-up that swallows the item's start; letters may not.
        if before.chars().all(|found| found.is_alphanumeric() || found == ' ') {
            prop_assert_eq!(hits.len(), 1);
        }
        prop_assert!(cut(&text, &hits).len() <= text.len());
    }
}

#[test]
fn hostile_repetition_is_linear() {
    let index = index(Preset::Ngram10, false);
    let item = "Find the greatest common divisor of 1071 and 462. ";
    for text in [
        item.repeat(20_000),
        "<".repeat(300_000),
        "&a".repeat(200_000),
        "\\begin{".repeat(50_000),
        "{,}1,".repeat(100_000),
    ] {
        let hits = index.scan(&text, &mut Scratch::default());
        assert!(hits.len() <= 1, "{}", hits.len());
    }
}
