//! Throws random input at the reader: soups of TeX fragments, golden inputs and pieces of real
//! papers with random changes, and single formulas with random macros.
//!
//! `cargo run --release -p proofmill-latex --example latex_fuzz -- COUNT SEED [FOLDER]` makes the input
//! of each execution from SEED plus its number, so that one that fails is made again by its seed and
//! a COUNT of 1, and printed if it is slow. FOLDER holds submissions unpacked as folders. Prints the seed of every input that
//! panics or takes longer than 100 ms, then the count, the slowest and the peak of memory. With `pieces`
//! in place of all this it reads 1 MB of each repeated piece of the hostile tests, in both modes, and
//! prints those that take longer than 300 ms.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/judge/mod.rs"]
mod judge;
#[path = "../tests/soup/mod.rs"]
mod soup;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use proofmill_latex::{File, Limits, Macros, Mode, Options, extract};
use soup::Random;

/// An input that takes longer is printed.
const SLOW: Duration = Duration::from_millis(100);

/// Bytes of a piece of a paper.
const PIECE_BYTES: usize = 700;

/// All that inputs are made of.
struct Stock {
    golden: Vec<String>,
    papers: Vec<Vec<u8>>,
}

fn collect(dir: &Path, ending: &str, files: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, ending, files);
        } else if path.extension().is_some_and(|end| end == ending) {
            files.extend(std::fs::read(&path));
        }
    }
}

impl Stock {
    fn new(papers_in: Option<&String>) -> Self {
        let mut texts = Vec::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        collect(&here.join("tests/golden"), "txt", &mut texts);
        let golden = texts
            .iter()
            .flat_map(|text| {
                let text = String::from_utf8_lossy(text);
                let inputs: Vec<String> = judge::golden(&text)
                    .iter()
                    .map(|case| case.input.to_owned())
                    .collect();
                inputs
            })
            .collect();
        let mut papers = Vec::new();
        if let Some(folder) = papers_in {
            collect(Path::new(folder), "tex", &mut papers);
        }
        papers.retain(|paper| !paper.is_empty());
        Self { golden, papers }
    }

    /// The input of one seed.
    fn input(&self, seed: u64) -> Vec<u8> {
        let mut random = Random(seed);
        match random.below(4) {
            0 if !self.golden.is_empty() => {
                let mut text = self.golden[random.below(self.golden.len())]
                    .clone()
                    .into_bytes();
                mutate(&mut text, &mut random);
                text
            }
            1 if !self.papers.is_empty() => {
                let paper = &self.papers[random.below(self.papers.len())];
                let start = random.below(paper.len());
                let length = random.below(PIECE_BYTES) + 1;
                let mut text = paper[start..paper.len().min(start + length)].to_vec();
                mutate(&mut text, &mut random);
                text
            }
            _ => soup::soup(seed),
        }
    }
}

/// Removes, doubles, moves and changes some of the text.
fn mutate(text: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(8) {
        if text.is_empty() || text.len() > 20_000 {
            return;
        }
        let at = random.below(text.len());
        let end = (at + 1 + random.below(40)).min(text.len());
        match random.below(6) {
            0 => {
                text.drain(at..end);
            }
            1 => {
                let piece = text[at..end].to_vec();
                let to = random.below(text.len());
                text.splice(to..to, piece);
            }
            2 => text[at] = u8::try_from(random.below(256)).unwrap_or(0),
            3 => {
                let specials = b"\\{}$&#^_~%[] \n";
                text[at] = specials[random.below(specials.len())];
            }
            4 => text.truncate(at),
            _ => {
                let seed = random.below(1 << 40) as u64;
                text.splice(at..at, soup::soup(seed));
            }
        }
    }
}

/// Reads `text` in the way that its seed says.
fn execute(text: &[u8], seed: u64, limits: &Limits) {
    let file = File {
        path: "main.tex",
        bytes: text,
    };
    match seed % 5 {
        0 | 1 => drop(extract(&[file], &Options::for_mode(Mode::Source))),
        2 | 3 => drop(extract(&[file], &Options::for_mode(Mode::Text))),
        _ => {
            let text = String::from_utf8_lossy(text);
            let mut middle = text.len() / 2;
            while !text.is_char_boundary(middle) {
                middle -= 1;
            }
            let (definitions, formula) = text.split_at(middle);
            let mut macros = Macros::new();
            macros.define_from(definitions);
            macros.define("a", 1, None, "x_{#1}");
            drop(macros.expand_formula(formula, limits));
        }
    }
}

/// Time that this process had the processor, to a few milliseconds, where the system tells it.
fn processor_time() -> Duration {
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

/// Greatest memory of this process in kB, where the system tells it.
fn peak_kilobytes() -> String {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            Some(line.split_whitespace().nth(1)?.to_owned())
        })
        .unwrap_or_else(|| "?".to_owned())
}

/// Reads long repetitions.
fn read_pieces() {
    let mut slowest = (Duration::ZERO, "", Mode::Source);
    for (prelude, piece) in soup::PIECES {
        let text = soup::repeated(prelude, piece, 1 << 20);
        let file = File {
            path: "main.tex",
            bytes: text.as_bytes(),
        };
        for mode in [Mode::Source, Mode::Text] {
            let start = processor_time();
            drop(extract(&[file], &Options::for_mode(mode)));
            let took = processor_time().saturating_sub(start);
            if took > 3 * SLOW {
                println!("slow: {piece:?} {mode:?}, {} ms", took.as_millis());
            }
            if took > slowest.0 {
                slowest = (took, *piece, mode);
            }
        }
    }
    println!(
        "{} pieces, slowest {} ms ({:?} {:?}), peak {} kB",
        soup::PIECES.len(),
        slowest.0.as_millis(),
        slowest.1,
        slowest.2,
        peak_kilobytes()
    );
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|first| first == "pieces") {
        read_pieces();
        return;
    }
    let number = |at: usize| args.get(at).and_then(|number| number.parse::<u64>().ok());
    let (Some(count), Some(seed)) = (number(0), number(1)) else {
        eprintln!("wanted: COUNT SEED [FOLDER], or pieces");
        return;
    };
    let stock = Stock::new(args.get(2));
    let limits = Limits::default();
    let (mut slowest, mut slowest_seed, mut panics) = (Duration::ZERO, 0, 0_u64);
    for seed in seed..seed.saturating_add(count) {
        let text = stock.input(seed);
        let start = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| execute(&text, seed, &limits))).is_err() {
            panics += 1;
            println!("panic: seed {seed}");
        }
        let mut took = start.elapsed();
        if took > SLOW / 4 {
            // Another program may have had the processor: what counts is our time on it.
            let start = processor_time();
            let _ = catch_unwind(AssertUnwindSafe(|| execute(&text, seed, &limits)));
            took = took.min(processor_time().saturating_sub(start));
        }
        if took > SLOW {
            println!("slow: seed {seed}, {} ms", took.as_millis());
            if count == 1 {
                println!("{}", String::from_utf8_lossy(&text));
            }
        }
        if took > slowest {
            (slowest, slowest_seed) = (took, seed);
        }
    }
    println!(
        "{count} executions, {panics} panics, slowest {} us (seed {slowest_seed}), peak {} kB",
        slowest.as_micros(),
        peak_kilobytes(),
    );
}
