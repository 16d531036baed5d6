//! Scores the default web filter on pages that people labelled: gate, extraction and rules together.
//!
//! What the labels mean and how they were made stands in `tests/labels/README.md`. The pages are
//! not part of the repository: without `../shared` these tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use crate::{json, succeed, text};

/// Least F1 of keeping English mathematics, on sites that no rule was tuned on.
const MIN_TEST_F1: f64 = 0.97;
/// Least F1 on the sites that the rules were tuned on.
const MIN_TUNING_F1: f64 = 0.97;
/// Least share of mathematical pages in other languages that are kept where their languages are.
const MIN_KEPT_RATIO: f64 = 0.9;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    url: String,
    site: String,
    part: Part,
    #[serde(rename = "label")]
    verdict: Verdict,
    reason: String,
    /// Language of a page that is not `none`; English when left out.
    #[serde(default = "english")]
    lang: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Tuning,
    Test,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Math,
    Borderline,
    None,
}

fn english() -> String {
    "en".to_owned()
}

fn labels() -> Vec<Label> {
    include_str!("../labels/web.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

/// The folder of the labelled pages.
fn pages() -> Option<PathBuf> {
    let folder = crate::root().join("../shared/corpus/web");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIP: {} is not there", folder.display());
    None
}

/// What drops each page of `folder` under the definition `filter`, by URL; `None` for what is kept.
fn verdicts(folder: &std::path::Path, filter: &str) -> BTreeMap<String, Option<String>> {
    let lines = succeed(&[
        "extract",
        "--kind",
        "web",
        "--filter",
        filter,
        &text(folder),
    ]);
    let mut verdicts = BTreeMap::new();
    for line in lines.lines() {
        let row = json(line);
        let part = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let dropped = (row["keep"] != true).then(|| format!("{} {}", part("stop"), part("rule")));
        // A page that was crawled twice has two verdicts; the first is the labelled one.
        verdicts.entry(part("url")).or_insert(dropped);
    }
    verdicts
}

#[derive(Clone, Copy, Default)]
struct Confusion {
    kept_math: u32,
    lost_math: u32,
    kept_none: u32,
    dropped_none: u32,
}

impl Confusion {
    fn add(&mut self, is_math: bool, is_kept: bool) {
        match (is_math, is_kept) {
            (true, true) => self.kept_math += 1,
            (true, false) => self.lost_math += 1,
            (false, true) => self.kept_none += 1,
            (false, false) => self.dropped_none += 1,
        }
    }

    fn f1(self) -> f64 {
        let right = 2.0 * f64::from(self.kept_math);
        right / (right + f64::from(self.lost_math) + f64::from(self.kept_none)).max(1.0)
    }
}

/// Scores one part of the labels and prints the confusion by site; sites without an error and
/// without mathematics share a line.
fn score(labels: &[Label], part: Part, verdicts: &BTreeMap<String, Option<String>>) -> f64 {
    let mut all = Confusion::default();
    let mut by_site: BTreeMap<&str, Confusion> = BTreeMap::new();
    for label in labels {
        if label.part != part || label.verdict == Verdict::Borderline || label.lang != "en" {
            continue;
        }
        let dropped = &verdicts[&label.url];
        let is_math = label.verdict == Verdict::Math;
        all.add(is_math, dropped.is_none());
        let site = by_site.entry(&label.site).or_default();
        site.add(is_math, dropped.is_none());
        if is_math != dropped.is_none() {
            let found = dropped.as_deref().unwrap_or("kept");
            println!(
                "{part:?} {}: {found}, but {:?}: {}",
                label.url, label.verdict, label.reason
            );
        }
    }
    println!("{part:?}: math kept, math lost, none kept, none dropped");
    let mut quiet = Confusion::default();
    let show = |name: &str, c: Confusion| {
        println!(
            "{:5} {:5} {:5} {:5}  {name}",
            c.kept_math, c.lost_math, c.kept_none, c.dropped_none
        );
    };
    for (site, confusion) in by_site {
        if confusion.kept_math + confusion.lost_math + confusion.kept_none == 0 {
            quiet.dropped_none += confusion.dropped_none;
        } else {
            show(site, confusion);
        }
    }
    show("sites with nothing but pages rightly dropped", quiet);
    show("all", all);
    println!("{part:?}: F1 {:.4}", all.f1());
    all.f1()
}

#[test]
fn labels_are_whole() {
    let labels = labels();
    let urls: BTreeSet<&str> = labels.iter().map(|label| label.url.as_str()).collect();
    assert_eq!(urls.len(), labels.len(), "a page is labelled twice");
    assert!(labels.len() >= 640);
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    for label in &labels {
        let part = *parts.entry(&label.site).or_insert(label.part);
        assert_eq!(part, label.part, "{} is in both parts", label.site);
        assert!(label.reason.len() >= 3, "{}", label.url);
    }
    let n_test = labels.iter().filter(|label| label.part == Part::Test);
    let n_test = n_test.count();
    assert!(n_test * 5 >= labels.len() * 2 && n_test * 3 <= labels.len() * 2);
}

#[test]
fn the_default_filter_keeps_what_people_call_mathematics() {
    let Some(folder) = pages() else { return };
    let verdicts = verdicts(&folder, "web");
    let labels = labels();
    let n_kept = verdicts
        .values()
        .filter(|dropped| dropped.is_none())
        .count();
    println!("{n_kept} of {} pages kept", verdicts.len());
    let tuning = score(&labels, Part::Tuning, &verdicts);
    let test = score(&labels, Part::Test, &verdicts);
    assert!(tuning >= MIN_TUNING_F1, "tuning: F1 {tuning:.4}");
    assert!(test >= MIN_TEST_F1, "test: F1 {test:.4}");
}

/// The languages kept are a setting: the list of the rule `language`.
#[test]
fn other_languages_are_kept_where_they_are_wanted() {
    let Some(folder) = pages() else { return };
    let wanted = ["en", "de", "es", "fr", "it", "ja", "pt", "ru"];
    let default = std::fs::read_to_string(crate::root().join("filters/web.toml")).unwrap();
    let list = r#"one_of = ["en"] }
when   = { signal = "language_probability""#;
    assert_eq!(default.matches(list).count(), 1, "the rule `language`");
    let changed = default.replace(list, &list.replace(r#"["en"]"#, &format!("{wanted:?}")));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("eight-languages.toml");
    std::fs::write(&file, changed).unwrap();

    let by_default = verdicts(&folder, "web");
    let kept = verdicts(&folder, &text(&file));
    let labels = labels();
    let others = labels
        .iter()
        .filter(|label| label.verdict == Verdict::Math && label.lang != "en");
    let (mut n_pages, mut n_kept) = (0.0, 0.0);
    let mut languages = BTreeSet::new();
    for label in others {
        assert!(by_default[&label.url].is_some(), "{}", label.url);
        let dropped = &kept[&label.url];
        n_pages += 1.0;
        n_kept += f64::from(u8::from(dropped.is_none()));
        languages.insert(label.lang.as_str());
        if let Some(rule) = dropped {
            println!("{} ({}): {rule}", label.url, label.lang);
        }
    }
    println!("{n_kept} of {n_pages} pages in {languages:?} kept");
    assert!(languages.contains("de") && languages.contains("fr"));
    assert!(n_kept >= MIN_KEPT_RATIO * n_pages);
}
