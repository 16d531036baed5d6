//! The whole line: a manifest to a finished corpus in an empty folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use anyhow::{Context as _, Result};
use divan::Bencher;
use proofmill_benches::{Answer, Stop, Work, works};
use proofmill_run::{Corpus, Plan, Quiet, Run, RunOptions};

use crate::timed::{checked, process_clock, timed};

/// Samples of a case, and seconds after which no further one is begun.
const N_SAMPLES: u32 = 5;
const MAX_S: u64 = 45;

#[divan::bench(args = works(Stop::Build), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn build_on_one_thread(bencher: Bencher, work: &Work) {
    checked(work, || build(bencher, work, 1));
}

#[divan::bench(args = works(Stop::Build), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn build_on_all_threads(bencher: Bencher, work: &Work) {
    checked(work, || {
        build(bencher, work, available_parallelism()?.get())
    });
}

fn build(bencher: Bencher, work: &Work, n_threads: usize) -> Result<Answer> {
    let manifest = work.manifest().context("the case names no manifest")?;
    let plan = Plan::make(&manifest, None)?;
    plan.require_complete()?;
    let run = |out: &Path| -> Result<Corpus> {
        let options = RunOptions {
            n_threads,
            stop: Arc::new(AtomicBool::new(false)),
            progress: Arc::new(Quiet),
            shows_refused: false,
        };
        Run::open(plan.clone(), out, options)?.build()?;
        Corpus::read(out)
    };
    // Raw bytes are known only when all was read, so the clock takes them from the answer.
    let n_bytes = work
        .corpus
        .answer
        .get("raw_bytes")
        .copied()
        .unwrap_or_default();
    let name = format!("{work}, threads: {n_threads}");
    timed(
        name,
        bencher,
        process_clock,
        n_bytes,
        tempfile::tempdir,
        |folder| {
            let corpus = run(folder?.path())?;
            let splits = || {
                corpus
                    .sources
                    .iter()
                    .flat_map(|source| source.splits.values())
            };
            Ok(Answer::from([
                (
                    "raw_bytes",
                    corpus
                        .sources
                        .iter()
                        .map(|source| source.counts.records.n_bytes)
                        .sum(),
                ),
                (
                    "records",
                    corpus
                        .sources
                        .iter()
                        .map(|source| source.counts.records.n_docs)
                        .sum(),
                ),
                ("documents", splits().map(|tally| tally.n_docs).sum()),
                ("tokens", splits().map(|tally| tally.n_tokens).sum()),
            ]))
        },
    )
}
