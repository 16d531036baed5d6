//! Counts over the sample corpus: every submission, page, file and row is a record or a counted
//! drop. Needs the corpus beside the repository, or where `PROOFMILL_SHARED` says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proofmill_read::{Entry, Options, eval_items, list, open, slices};
use proofmill_types::Kind;

/// The sample corpus, or `None` with a loud word.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn corpus() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("PROOFMILL_SHARED").map_or_else(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("SKIPPED: no sample corpus at {}", corpus.display());
    None
}

/// All entries of `patterns`, read in slices of `target_bytes`.
fn read(kind: Kind, patterns: &[&str], target_bytes: u64) -> Option<Vec<Entry>> {
    let corpus = corpus()?;
    let patterns: Vec<String> = patterns.iter().map(|&text| text.to_owned()).collect();
    let mut entries = Vec::new();
    for file in list(kind, &patterns, &corpus).unwrap() {
        for slice in slices(&file, kind, target_bytes).unwrap() {
            for entry in open(&slice, &Options::new(kind)).unwrap() {
                entries.push(entry.unwrap());
            }
        }
    }
    Some(entries)
}

/// Counts by file and rule, `record` for what was read.
fn counts(entries: &[Entry]) -> String {
    let mut counts: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for entry in entries {
        let rule = match entry {
            Entry::Record(_) => "record",
            Entry::Bad(bad) => bad.rule,
        };
        *counts
            .entry((entry.location().file.to_string(), rule))
            .or_default() += 1;
    }
    let lines = counts
        .iter()
        .map(|((file, rule), n)| format!("{file} {rule} {n}\n"));
    lines.collect::<Vec<String>>().concat()
}

#[track_caller]
fn check(kind: Kind, patterns: &[&str], golden: &str) {
    for target_bytes in [u64::MAX, 100_000] {
        let Some(entries) = read(kind, patterns, target_bytes) else {
            return;
        };
        let found = counts(&entries);
        assert_eq!(
            found, golden,
            "in slices of {target_bytes}; found:\n{found}"
        );
    }
}

#[test]
fn arxiv() {
    check(
        Kind::Arxiv,
        &["arxiv/*.tar"],
        include_str!("../golden/corpus-arxiv.txt"),
    );
}

#[test]
fn web() {
    check(
        Kind::Web,
        &["web/*.warc.gz"],
        include_str!("../golden/corpus-web.txt"),
    );
}

#[test]
fn web_of_real_crawlers() {
    check(
        Kind::Web,
        &["web/genuine"],
        include_str!("../golden/corpus-web-genuine.txt"),
    );
}

#[test]
fn code() {
    check(
        Kind::Code,
        &["code/*/*.parquet"],
        include_str!("../golden/corpus-code.txt"),
    );
}

#[test]
fn instruct() {
    check(
        Kind::Instruct,
        &["instruct"],
        include_str!("../golden/corpus-instruct.txt"),
    );
}

#[test]
fn benchmarks() {
    let Some(corpus) = corpus() else { return };
    let files = list(Kind::Text, &["eval".to_owned()], &corpus).unwrap();
    let items: Vec<_> = files
        .iter()
        .flat_map(|file| eval_items(file).unwrap())
        .collect();
    assert_eq!((files.len(), items.len()), (13, 16047));
    assert!(items.iter().all(|item| {
        item.texts
            .iter()
            .any(|(field, _)| field == "question" || field == "problem")
    }));
}
