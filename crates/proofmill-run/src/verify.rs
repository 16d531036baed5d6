//! Checks everything that a finished corpus promises.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use proofmill_shard::tables::{DocsProjection, DocsReader, LedgerReader, ProvenanceReader};
use proofmill_shard::{measure_file, verify as verify_shard};
use proofmill_types::{Digest, Verdict};
use serde::Serialize;

use crate::corpus::{CORPUS, Corpus};

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// File below the output directory.
    pub file: PathBuf,
    /// Where in the file, in words; empty for the whole.
    pub position: String,
    /// What is wrong.
    pub what: String,
}

/// Verifies the corpus in `out`: files and digests, shards, counts, splits.
///
/// # Errors
/// There is no finished corpus. What is wrong with one is in the list.
pub fn verify(out: &Path) -> Result<Vec<Problem>> {
    let corpus = Corpus::read(out)?;
    let mut problems = Vec::new();
    for file in &corpus.files {
        match measure_file(&out.join(&file.path)) {
            Ok(info) if info.n_bytes != file.n_bytes => {
                problems.push(problem(
                    &file.path,
                    format!("has {} bytes, not {}", info.n_bytes, file.n_bytes),
                ));
            }
            Ok(info) if info.digest != file.digest => {
                problems.push(problem(
                    &file.path,
                    format!("has digest {}, not {}", info.digest, file.digest),
                ));
            }
            Ok(_) => {}
            Err(error) => problems.push(problem(&file.path, error.to_string())),
        }
    }
    for prefix in corpus.sequences.keys() {
        for finding in verify_shard(&out.join(prefix)) {
            let file = finding
                .file
                .strip_prefix(out)
                .map_or_else(|_| finding.file.clone(), Path::to_owned);
            problems.push(Problem {
                file,
                position: finding.position,
                what: finding.what,
            });
        }
    }
    check_counts(out, &corpus, &mut problems);
    check_splits(out, &corpus, &mut problems);
    Ok(problems)
}

fn problem(file: &str, what: String) -> Problem {
    Problem {
        file: PathBuf::from(file),
        position: String::new(),
        what,
    }
}

/// In = kept + dropped, in `corpus.json` and in the ledgers.
fn check_counts(out: &Path, corpus: &Corpus, problems: &mut Vec<Problem>) {
    for source in &corpus.sources {
        if let Err(what) = source.counts.check() {
            problems.push(problem(CORPUS, format!("source `{}`: {what}", source.name)));
        }
        let (mut n_rows, mut n_kept, mut n_tokens) = (0, 0, 0);
        for file in files_of(corpus, "ledger", &source.name) {
            let rows = LedgerReader::open(&out.join(file)).and_then(|ledger| {
                for row in ledger {
                    let row = row?;
                    n_rows += 1;
                    n_kept += u64::from(row.verdict == Verdict::Keep);
                    n_tokens += row.n_tokens.unwrap_or(0);
                }
                Ok(())
            });
            if let Err(error) = rows {
                problems.push(problem(file, error.to_string()));
            }
        }
        let mut kept = crate::counts::Tally::default();
        source.splits.values().for_each(|tally| kept.add(*tally));
        for (what, counted, ledger) in [
            ("records", source.counts.records.n_docs, n_rows),
            ("kept documents", kept.n_docs, n_kept),
            ("tokens", kept.n_tokens, n_tokens),
        ] {
            if counted != ledger {
                let what = format!(
                    "source `{}`: {counted} {what}, the ledger has {ledger}",
                    source.name
                );
                problems.push(problem(CORPUS, what));
            }
        }
    }
}

/// One document once, in one split; one group on one side where the manifest asks for it.
fn check_splits(out: &Path, corpus: &Corpus, problems: &mut Vec<Problem>) {
    let mut ids = BTreeSet::new();
    let mut texts = BTreeMap::new();
    for prefix in corpus.sequences.keys() {
        let file = format!("{prefix}.docs.parquet");
        let rows = ProvenanceReader::open(&out.join(&file)).and_then(|rows| {
            for row in rows {
                let row = row?;
                if !ids.insert(row.doc_id) {
                    problems.push(problem(
                        &file,
                        format!("document {} stands twice in the corpus", row.doc_id),
                    ));
                }
                if let Some(other) = texts.insert(row.text_digest, row.doc_id) {
                    let what = format!("documents {} and {other} have the same text", row.doc_id);
                    problems.push(problem(&file, what));
                }
            }
            Ok(())
        });
        if let Err(error) = rows {
            problems.push(problem(&file, error.to_string()));
        }
    }
    if is_grouped(out) {
        check_groups(out, corpus, problems);
    }
}

/// One group, one side.
fn check_groups(out: &Path, corpus: &Corpus, problems: &mut Vec<Problem>) {
    let mut sides = BTreeMap::new();
    for file in corpus
        .sources
        .iter()
        .flat_map(|source| files_of(corpus, "docs", &source.name))
    {
        let rows = DocsReader::open(&out.join(file), DocsProjection::NONE).and_then(|rows| {
            for row in rows {
                let row = row?;
                let group = row.document.group;
                let side = *sides
                    .entry(Digest::of(group.as_bytes()))
                    .or_insert(row.split);
                if side != row.split {
                    problems.push(problem(
                        file,
                        format!("group `{group}` stands on two sides of the split"),
                    ));
                }
            }
            Ok(())
        });
        if let Err(error) = rows {
            problems.push(problem(file, error.to_string()));
        }
    }
}

/// Whether the manifest asks for groups that stay together; true where the lock cannot tell.
fn is_grouped(out: &Path) -> bool {
    let lock = crate::store::read_json::<crate::corpus::Lock>(&out.join(crate::corpus::LOCK));
    lock.ok()
        .flatten()
        .is_none_or(|lock| lock.manifest.split.group)
}

/// Files of one source in one of the published folders.
pub(crate) fn files_of<'a>(
    corpus: &'a Corpus,
    folder: &str,
    source: &str,
) -> impl Iterator<Item = &'a str> {
    let start = format!("{folder}/{source}/");
    corpus
        .files
        .iter()
        .map(|file| file.path.as_str())
        .filter(move |path| path.starts_with(&start))
}
