//! How fast tokenizers are on documents of several kinds, one thread, nothing else compared.
//!
//! `cargo run --release -p proofmill-tokenize --example speed -- ROUNDS DOCUMENTS.jsonl TOKENIZER.json...`
//!
//! A document is a JSON line with `kind` and `text`. Each round reads the tokenizer anew: its
//! first pass over the documents is cold, its second warm. Prints medians of 10^6 bytes of text
//! per second of processor time, and how much text and how many ids there were. The program in
//! `benches/peers/tokenizers` compares with other engines.

#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::cast_precision_loss, reason = "sums of bytes are below 2^52")]

use std::collections::BTreeMap;
use std::error::Error;

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;

#[derive(Deserialize)]
struct Document {
    kind: String,
    text: String,
}

/// Seconds of each pass, by kind of document; the empty kind is all of them.
type Seconds<'d> = BTreeMap<(&'d str, usize), f64>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n_rounds: usize = arguments.next().ok_or("how many rounds?")?.parse()?;
    let lines = std::fs::read_to_string(arguments.next().ok_or("which documents?")?)?;
    let parse = |line| serde_json::from_str(line);
    let documents: Vec<Document> = lines.lines().map(parse).collect::<Result<_, _>>()?;
    let mut mb: BTreeMap<&str, f64> = BTreeMap::new();
    for document in &documents {
        for kind in ["", &document.kind] {
            *mb.entry(kind).or_default() += document.text.len() as f64 / 1e6;
        }
    }
    for path in arguments {
        let json = std::fs::read(&path)?;
        let (mut loads, mut rounds, mut n_ids) = (Vec::new(), Vec::new(), 0);
        for _ in 0..n_rounds {
            let start = cpu_seconds();
            let tokenizer = Tokenizer::from_bytes(&path, &json, SpecialTokens::Parse)?;
            loads.push(cpu_seconds() - start);
            let (seconds, n) = passes(&tokenizer, &documents)?;
            rounds.push(seconds);
            n_ids = n;
        }
        println!(
            "{path}: load {:.3} s, {n_ids} ids; cold, warm MB/s",
            median(loads)
        );
        for (kind, mb) in &mb {
            let rate =
                |pass| mb / median(rounds.iter().map(|round| round[&(*kind, pass)]).collect());
            println!("  {kind:8} {mb:6.2} MB {:7.1} {:7.1}", rate(0), rate(1));
        }
    }
    Ok(())
}

/// Encodes all documents twice.
fn passes<'d>(
    tokenizer: &Tokenizer,
    documents: &'d [Document],
) -> Result<(Seconds<'d>, usize), Box<dyn Error>> {
    let mut seconds = Seconds::new();
    let (mut ids, mut n_ids) = (Vec::new(), 0);
    for pass in 0..2 {
        for document in documents {
            ids.clear();
            let start = cpu_seconds();
            tokenizer.encode_into(&document.text, &mut ids)?;
            let taken = cpu_seconds() - start;
            for kind in ["", &document.kind] {
                *seconds.entry((kind, pass)).or_default() += taken;
            }
            n_ids += ids.len() * (1 - pass);
        }
    }
    Ok((seconds, n_ids))
}

/// Processor time of this thread so far.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
