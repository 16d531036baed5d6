//! How fast models score: `cargo run --release -p proofmill-score --example speed -- MODEL FILE...`.
//!
//! MODEL is a `.pmlm`, `.bin` or `.ftz` file; each FILE is one text. Prints MB/s of UTF-8 on one thread, the
//! median of eleven runs by the clock: run it on an idle machine.

#![expect(clippy::print_stdout, reason = "a program")]

use std::path::Path;
use std::time::Instant;

use proofmill_score::fasttext::Model;
use proofmill_score::linear::Classifier;

const N_RUNS: usize = 11;

/// The score of a text, if it has one.
type Score = Box<dyn Fn(&str) -> Option<f64>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("name a model and texts")?;
    let texts: Vec<String> = args
        .map(std::fs::read_to_string)
        .collect::<Result<_, _>>()?;
    let model = std::fs::read(&path)?;
    let score: Score = if Path::new(&path).extension().is_some_and(|e| e == "pmlm") {
        let classifier = Classifier::parse(&model)?;
        Box::new(move |text| classifier.score(text))
    } else {
        let model = Model::parse(&model)?;
        Box::new(move |text| model.predict(text).map(|found| found.probability))
    };
    let n_bytes: usize = texts.iter().map(String::len).sum();
    let mut speeds: Vec<f64> = Vec::new();
    for _ in 0..N_RUNS {
        let started = Instant::now();
        let n_scored = texts.iter().filter_map(|text| score(text)).count();
        let seconds = started.elapsed().as_secs_f64();
        assert!(n_scored <= texts.len());
        #[expect(clippy::cast_precision_loss, reason = "a size for people")]
        speeds.push(n_bytes as f64 / 1e6 / seconds);
    }
    speeds.sort_by(f64::total_cmp);
    println!("{:.0} MB/s", speeds[N_RUNS / 2]);
    Ok(())
}
