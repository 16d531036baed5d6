//! Measures tokenizers beside each other: same process, same documents, turn by turn.
//!
//! Rates are bytes of text per second of processor time of the measuring thread, so that other
//! work on the machine disturbs them little. An engine runs in a fresh thread with a freshly read
//! tokenizer, so its first pass over the documents is cold and its second one warm, for every
//! engine alike. Ids are compared with the reference's, document by document, before a rate is
//! printed; a difference is printed with it.

mod documents;
mod engines;
mod scaling;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;

use documents::Document;
use engines::{ENGINES, Engine};

/// Measures tokenizers beside each other
#[derive(Parser)]
struct Arguments {
    /// Documents as JSON lines with `kind` and `text`; `mix.py` makes some
    documents: PathBuf,
    /// Tokenizers to measure, as `tokenizer.json`
    #[arg(required = true)]
    tokenizers: Vec<PathBuf>,
    /// Rounds; each runs every engine once, and medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Text for the reference, in MB; it is so slow that it gets only every n-th document
    #[arg(long, default_value_t = 2.0)]
    reference_mb: f64,
    /// Leave out engines by name
    #[arg(long)]
    skip: Vec<String>,
    /// Measure one and two threads by the clock on the wall instead
    #[arg(long)]
    scaling: bool,
}

impl Arguments {
    fn skips(&self, engine: &Engine) -> bool {
        self.skip.iter().any(|skipped| skipped == engine.name)
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let documents = documents::read(&arguments.documents)?;
    let n_bytes: usize = documents.iter().map(|document| document.text.len()).sum();
    println!(
        "{} documents, {:.1} MB\n",
        documents.len(),
        n_bytes as f64 / 1e6
    );
    for path in &arguments.tokenizers {
        let json =
            std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if arguments.scaling {
            scaling::print(&name, &json, &documents, &arguments)?;
        } else {
            compare(&name, &json, &documents, &arguments)?;
        }
    }
    Ok(())
}

/// What one run of one engine gave.
struct Run {
    load_s: f64,
    /// Seconds per document, of both passes.
    seconds: [Vec<f64>; 2],
    /// A hash of each document's ids.
    digests: Vec<u64>,
    n_tokens: usize,
}

fn run(engine: &Engine, json: &[u8], documents: &[&Document]) -> Result<Run> {
    let work = || -> Result<Run> {
        let start = engines::cpu_seconds();
        let encode = (engine.load)(json)?;
        let load_s = engines::cpu_seconds() - start;
        let mut run = Run {
            load_s,
            seconds: [Vec::new(), Vec::new()],
            digests: Vec::new(),
            n_tokens: 0,
        };
        let mut ids = Vec::new();
        for pass in 0..2 {
            for document in documents {
                ids.clear();
                let start = engines::cpu_seconds();
                encode(&document.text, &mut ids)?;
                run.seconds[pass].push(engines::cpu_seconds() - start);
                if pass == 0 {
                    run.digests.push(engines::digest(&ids));
                    run.n_tokens += ids.len();
                }
            }
        }
        Ok(run)
    };
    std::thread::scope(|scope| scope.spawn(work).join().expect("an engine panicked"))
}

fn compare(name: &str, json: &[u8], documents: &[Document], arguments: &Arguments) -> Result<()> {
    let all: Vec<&Document> = documents.iter().collect();
    let n_bytes: usize = all.iter().map(|document| document.text.len()).sum();
    let step = (n_bytes as f64 / 1e6 / arguments.reference_mb)
        .ceil()
        .max(1.0) as usize;
    let some: Vec<&Document> = all.iter().step_by(step).copied().collect();
    let chosen: Vec<_> = ENGINES
        .iter()
        .filter(|engine| !arguments.skips(engine))
        .collect();
    let mut runs: Vec<Vec<Run>> = chosen.iter().map(|_| Vec::new()).collect();
    for _ in 0..arguments.rounds {
        for (engine, runs) in chosen.iter().zip(&mut runs) {
            let documents = if engine.is_reference { &some } else { &all };
            match run(engine, json, documents) {
                Ok(run) => runs.push(run),
                Err(error) => println!("{name}: {} fails: {error:#}", engine.name),
            }
        }
    }
    let kinds = documents::kinds(documents);
    println!(
        "| {name} | load s | cold MB/s | warm MB/s | warm Mtok/s | {} | other ids |",
        kinds.join(" | ")
    );
    println!("|---|---|---|---|---|{}---|", "---|".repeat(kinds.len()));
    let expected = &runs[0]
        .first()
        .context("the reference gives no ids")?
        .digests;
    for (engine, runs) in chosen.iter().zip(&runs) {
        let Some(first) = runs.first() else { continue };
        let documents = if engine.is_reference { &some } else { &all };
        let seconds = |pass: usize, kind: Option<&str>| {
            median(runs.iter().map(|run| {
                let times = documents.iter().zip(&run.seconds[pass]);
                let of_kind =
                    times.filter(|(document, _)| kind.is_none_or(|kind| document.kind == kind));
                of_kind.map(|(_, seconds)| seconds).sum()
            }))
        };
        let mb = |kind: Option<&str>| {
            let of_kind = documents
                .iter()
                .filter(|document| kind.is_none_or(|kind| document.kind == kind));
            of_kind.map(|document| document.text.len()).sum::<usize>() as f64 / 1e6
        };
        let of_reference = |(index, digest): (usize, &u64)| {
            (index % step == 0)
                .then_some(*digest)
                .filter(|_| !engine.is_reference)
        };
        let digests: Vec<u64> = first
            .digests
            .iter()
            .enumerate()
            .filter_map(of_reference)
            .collect();
        let n_other = digests
            .iter()
            .zip(expected)
            .filter(|(found, expected)| found != expected)
            .count();
        let by_kind: Vec<_> = kinds
            .iter()
            .map(|kind| format!("{:.1}", mb(Some(kind)) / seconds(1, Some(kind))))
            .collect();
        println!(
            "| {} | {:.2} | {:.1} | {:.1} | {:.2} | {} | {n_other} of {} |",
            engine.name,
            median(runs.iter().map(|run| run.load_s)),
            mb(None) / seconds(0, None),
            mb(None) / seconds(1, None),
            first.n_tokens as f64 / 1e6 / seconds(1, None),
            by_kind.join(" | "),
            digests.len(),
        );
    }
    println!();
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
