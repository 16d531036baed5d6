//! How fast tokenizers are on documents of several kinds, one thread, nothing else compared.
//!
//! `cargo run --release -p proofmill-tokenize --example speed -- ROUNDS DOCUMENTS.jsonl TOKENIZER.json...`
//!
//! A document is a JSON line with `kind` and `text`. Each round reads the tokenizer anew: its
//! first pass over the documents is cold, its second warm. Each document counts with the fastest
//! of its rounds. Prints 10^6 bytes of text per second of processor time, and how much text and
//! how many ids there were. The program in `benches/peers/tokenizers` compares with other engines.

#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::cast_precision_loss, reason = "sums of bytes are below 2^52")]

use std::error::Error;

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;

#[derive(Deserialize)]
struct Document {
    kind: String,
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n_rounds: usize = arguments.next().ok_or("how many rounds?")?.parse()?;
    let lines = std::fs::read_to_string(arguments.next().ok_or("which documents?")?)?;
    let parse = |line| serde_json::from_str(line);
    let documents: Vec<Document> = lines.lines().map(parse).collect::<Result<_, _>>()?;
    let mut kinds: Vec<&str> = documents.iter().map(|document| &*document.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for path in arguments {
        let json = std::fs::read(&path)?;
        let mut load_s = f64::INFINITY;
        let mut fastest = vec![[f64::INFINITY; 2]; documents.len()];
        let mut n_ids = 0;
        for _ in 0..n_rounds {
            let start = cpu_seconds();
            let tokenizer = Tokenizer::from_bytes(&path, &json, SpecialTokens::Parse)?;
            load_s = load_s.min(cpu_seconds() - start);
            n_ids = two_passes(&tokenizer, &documents, &mut fastest)?;
        }
        println!("{path}: load {load_s:.3} s, {n_ids} ids; cold, warm MB/s");
        print_rates("all", documents.iter().zip(&fastest));
        for kind in &kinds {
            let both = documents.iter().zip(&fastest);
            print_rates(kind, both.filter(|(document, _)| document.kind == *kind));
        }
    }
    Ok(())
}

/// Encodes all documents twice and gives the number of ids.
fn two_passes(
    tokenizer: &Tokenizer,
    documents: &[Document],
    fastest: &mut [[f64; 2]],
) -> Result<usize, Box<dyn Error>> {
    let (mut ids, mut n_ids) = (Vec::new(), 0);
    for pass in 0..2 {
        n_ids = 0;
        for (document, fastest) in documents.iter().zip(&mut *fastest) {
            ids.clear();
            let start = cpu_seconds();
            tokenizer.encode_into(&document.text, &mut ids)?;
            fastest[pass] = fastest[pass].min(cpu_seconds() - start);
            n_ids += ids.len();
        }
    }
    Ok(n_ids)
}

fn print_rates<'d>(kind: &str, documents: impl Iterator<Item = (&'d Document, &'d [f64; 2])>) {
    let (mut mb, mut seconds) = (0.0, [0.0; 2]);
    for (document, times) in documents {
        mb += document.text.len() as f64 / 1e6;
        seconds[0] += times[0];
        seconds[1] += times[1];
    }
    let [cold, warm] = seconds.map(|seconds| mb / seconds);
    println!("  {kind:8} {mb:6.2} MB {cold:7.1} {warm:7.1}");
}

/// Processor time of this thread so far.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
