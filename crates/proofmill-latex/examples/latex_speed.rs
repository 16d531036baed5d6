//! Measures the speed of the reader over submissions unpacked as folders.
//!
//! `cargo run --release -p proofmill-latex --example latex_speed -- source|text ROUNDS FOLDER` takes
//! every folder in FOLDER for one submission, loads them all and reads them ROUNDS times. It prints
//! MB (10^6 bytes) of `.tex` files per second, by the fastest time of each submission; the median,
//! the 99th percentile and the longest of these times; and a digest of all that came out, to compare
//! two builds by.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proofmill_latex::{File, Mode, Options, extract};

/// Files of one submission, paths relative to its folder.
fn collect(dir: &Path, root: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for path in entries(dir) {
        if path.is_dir() {
            collect(&path, root, files);
        } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(root), std::fs::read(&path)) {
            files.push((name.to_string_lossy().into_owned(), bytes));
        }
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// Folds `text` into `digest` (FNV-1a).
fn fold(digest: u64, text: &str) -> u64 {
    text.bytes().fold(digest, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [mode, rounds, folder] = args.as_slice() else {
        eprintln!("wanted: source|text ROUNDS FOLDER");
        return;
    };
    let mode = if mode == "text" {
        Mode::Text
    } else {
        Mode::Source
    };
    let rounds: usize = rounds.parse().unwrap_or(1).max(1);
    let options = Options::for_mode(mode);
    let (mut bytes, mut digest) = (0_usize, 0xcbf2_9ce4_8422_2325_u64);
    let mut times: Vec<(Duration, String)> = Vec::new();
    for root in entries(Path::new(folder)) {
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        let files: Vec<File<'_>> = files
            .iter()
            .map(|(path, bytes)| File { path, bytes })
            .collect();
        bytes += files
            .iter()
            .filter(|file| {
                Path::new(file.path)
                    .extension()
                    .is_some_and(|end| end == "tex")
            })
            .map(|file| file.bytes.len())
            .sum::<usize>();
        let mut best = Duration::MAX;
        for round in 0..rounds {
            let start = Instant::now();
            let result = extract(&files, &options);
            best = best.min(start.elapsed());
            if round == 0 {
                digest = fold(digest, &format!("{result:?}"));
            }
        }
        times.push((best, root.display().to_string()));
    }
    times.sort();
    let total: Duration = times.iter().map(|time| time.0).sum();
    let milliseconds = |at: usize| times.get(at).map_or(0.0, |time| time.0.as_secs_f64() * 1e3);
    println!(
        "{} submissions, {bytes} bytes of .tex, {:.1} ms: {:.1} MB/s; p50 {:.2} ms, p99 {:.2} ms, \
         longest {:.2} ms ({}); digest {digest:016x}",
        times.len(),
        total.as_secs_f64() * 1e3,
        f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6 / total.as_secs_f64().max(1e-9),
        milliseconds(times.len() / 2),
        milliseconds(times.len() * 99 / 100),
        milliseconds(times.len().saturating_sub(1)),
        times.last().map_or("", |time| &time.1),
    );
}
