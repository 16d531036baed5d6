//! Scores the default preset on the files that people labelled, and recognition on the whole corpus.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use proofmill_code::{Input, Languages};
use serde::Deserialize;

use crate::rules::{Rule, languages, rules, shared, signals, verdict};

/// Least F1 of keep and drop over all labels.
const MIN_F1: f64 = 0.95;
/// Least F1 of a language with more than ten labels.
const MIN_LANGUAGE_F1: f64 = 0.85;
/// Least share of files recognised.
const MIN_RECOGNIZED_RATIO: f64 = 0.99;

#[derive(Deserialize)]
struct Label {
    lang: String,
    hexsha: String,
    path: String,
    keep: bool,
    reason: String,
    /// Which time files were labelled; those of a later part were labelled blind, before any rule was
    /// changed for them.
    #[serde(default = "first")]
    part: String,
}

fn first() -> String {
    "first".to_owned()
}

#[derive(Deserialize)]
struct Entry {
    lang: String,
    hexsha: String,
    category: String,
}

struct Row {
    hexsha: String,
    path: String,
    repo: String,
    language: String,
    text: String,
}

fn rows(folder: &Path) -> Vec<Row> {
    let file = File::open(folder.join("data-00000-of-00001.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let text = |name: &str| {
            row.get_column_iter()
                .find(|(column, _)| *column == name)
                .and_then(|(_, field)| match field {
                    Field::Str(text) => Some(text.clone()),
                    _ => None,
                })
                .unwrap_or_default()
        };
        rows.push(Row {
            hexsha: text("hexsha"),
            path: text("max_stars_repo_path"),
            repo: text("max_stars_repo_name"),
            language: text("lang"),
            text: text("content"),
        });
    }
    rows
}

fn judge(languages: &Languages, rules: &BTreeMap<String, Vec<Rule>>, row: &Row) -> Option<String> {
    let input = Input {
        path: &row.path,
        text: &row.text,
        claimed_language: Some(&row.language),
    };
    let found = languages.recognize(&input);
    let Some(name) = found.language() else {
        return Some(found.reason().unwrap().rule.into_owned());
    };
    let mut signals = signals(languages.get(name).unwrap(), &row.text, &row.path);
    proofmill_code::add_repository(&mut signals, &row.repo);
    verdict(&rules[name], &signals).map(str::to_owned)
}

#[expect(
    clippy::struct_field_names,
    reason = "`n_` is the house word for a count"
)]
#[derive(Clone, Copy, Default)]
struct Score {
    n_right_keeps: f64,
    n_false_keeps: f64,
    n_lost: f64,
    n_labels: usize,
}

impl Score {
    fn add(&mut self, label: bool, kept: bool) {
        self.n_labels += 1;
        match (label, kept) {
            (true, true) => self.n_right_keeps += 1.0,
            (false, true) => self.n_false_keeps += 1.0,
            (true, false) => self.n_lost += 1.0,
            (false, false) => {}
        }
    }

    fn f1(&self) -> f64 {
        let wrong = self.n_false_keeps + self.n_lost;
        2.0 * self.n_right_keeps / (2.0 * self.n_right_keeps + wrong).max(1.0)
    }
}

#[test]
fn labels() {
    let Some(shared) = shared() else { return };
    let languages = languages(&["code"]);
    let rules = rules("code");
    let labels: Vec<Label> = include_str!("../labels.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(labels.len() >= 300);
    let mut by_language: BTreeMap<&str, Vec<&Label>> = BTreeMap::new();
    for label in &labels {
        by_language.entry(&label.lang).or_default().push(label);
    }
    let mut all = Score::default();
    let mut parts: BTreeMap<&str, Score> = BTreeMap::new();
    let mut weak = Vec::new();
    for (language, labels) in by_language {
        let rows = rows(&shared.join("corpus/code").join(language));
        let mut score = Score::default();
        for label in labels {
            let row = rows
                .iter()
                .find(|row| row.hexsha == label.hexsha && row.path == label.path)
                .unwrap_or_else(|| panic!("no file {} {}", label.lang, label.path));
            let dropped = judge(&languages, &rules, row);
            if dropped.is_none() != label.keep {
                println!("{language} {} {dropped:?}: {}", label.path, label.reason);
            }
            score.add(label.keep, dropped.is_none());
            all.add(label.keep, dropped.is_none());
            let part = parts.entry(&label.part).or_default();
            part.add(label.keep, dropped.is_none());
        }
        println!(
            "{language}: F1 {:.3} of {} labels",
            score.f1(),
            score.n_labels
        );
        let has_keeps = score.n_right_keeps + score.n_lost > 0.0;
        if score.n_labels > 10 && has_keeps && score.f1() < MIN_LANGUAGE_F1 {
            weak.push(format!("{language} {:.3}", score.f1()));
        }
    }
    for (part, score) in parts {
        println!(
            "{part} part: F1 {:.3} of {} labels",
            score.f1(),
            score.n_labels
        );
    }
    println!("all: F1 {:.3} of {} labels", all.f1(), all.n_labels);
    assert!(all.f1() >= MIN_F1, "F1 {:.3}", all.f1());
    assert!(weak.is_empty(), "{weak:?}");
}

#[test]
fn recognition_of_the_corpus() {
    let Some(shared) = shared() else { return };
    let languages = languages(&["code"]);
    let manifest = std::fs::read_to_string(shared.join("corpus/code/manifest.jsonl")).unwrap();
    let mut category = BTreeMap::new();
    for line in manifest.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        category.insert((entry.lang, entry.hexsha), entry.category);
    }
    let (mut n_files, mut n_right) = (0.0, 0.0);
    let folders: std::collections::BTreeSet<String> =
        category.keys().map(|(lang, _)| lang.clone()).collect();
    for folder in folders {
        let expected = if folder == "jupyter-notebook" {
            "jupyter"
        } else {
            folder.as_str()
        };
        for row in rows(&shared.join("corpus/code").join(&folder)) {
            let input = Input {
                path: &row.path,
                text: &row.text,
                claimed_language: Some(&row.language),
            };
            let found = languages.recognize(&input);
            let extension = row.path.rsplit('.').next().unwrap_or_default();
            let kind = category.get(&(folder.clone(), row.hexsha.clone()));
            let is_other = kind.is_some_and(|kind| kind == "look-alike")
                || ["agdai", "vo", "glob"].contains(&extension);
            let is_right = (found.language() == Some(expected)) != is_other;
            n_files += 1.0;
            n_right += f64::from(u8::from(is_right));
            if !is_right {
                println!("{folder} {}: {found:?}", row.path);
            }
        }
    }
    let ratio = n_right / n_files;
    println!("recognised {ratio:.4} of {n_files} files");
    assert!(ratio >= MIN_RECOGNIZED_RATIO, "{ratio}");
}

/// Prints what both presets keep of the corpus, and by which rules they drop the rest.
#[test]
fn yields_of_both_presets() {
    let Some(shared) = shared() else { return };
    let presets = [
        (languages(&["code"]), rules("code")),
        (
            languages(&["code", "code/algebraic-stack"]),
            rules("code/algebraic-stack"),
        ),
    ];
    let mut dropped: [BTreeMap<String, usize>; 2] = [BTreeMap::new(), BTreeMap::new()];
    println!(
        "| language | files | `code` | `algebraic-stack` | both | only `code` | only `algebraic-stack` |"
    );
    let mut all = [0_usize; 4];
    for entry in std::fs::read_dir(shared.join("corpus/code")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let mut n = [0_usize; 4]; // files; kept by the default, by the published, by both
        for row in rows(&folder) {
            let reasons = presets
                .each_ref()
                .map(|(languages, rules)| judge(languages, rules, &row));
            let kept = reasons
                .each_ref()
                .map(|reason| usize::from(reason.is_none()));
            for (reason, dropped) in reasons.into_iter().zip(&mut dropped) {
                if let Some(rule) = reason {
                    *dropped.entry(rule).or_default() += 1;
                }
            }
            for (count, more) in n.iter_mut().zip([1, kept[0], kept[1], kept[0] * kept[1]]) {
                *count += more;
            }
        }
        println!(
            "{}",
            yield_row(&folder.file_name().unwrap().to_string_lossy(), n)
        );
        for (sum, more) in all.iter_mut().zip(n) {
            *sum += more;
        }
    }
    println!("{}", yield_row("all", all));
    for (name, dropped) in ["code", "algebraic-stack"].iter().zip(&dropped) {
        println!("{name}: {dropped:?}");
        let n_dropped: usize = dropped.values().sum();
        assert!(
            n_dropped > 0 && n_dropped < all[0],
            "{name} drops {n_dropped}"
        );
    }
}

fn yield_row(language: &str, [n_files, n_own, n_published, n_both]: [usize; 4]) -> String {
    let (only_own, only_published) = (n_own - n_both, n_published - n_both);
    format!(
        "| {language} | {n_files} | {n_own} | {n_published} | {n_both} | {only_own} | {only_published} |"
    )
}
