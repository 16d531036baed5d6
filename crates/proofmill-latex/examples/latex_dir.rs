//! Reads submissions unpacked as folders and writes their text beside a summary.
//!
//! `cargo run --release -p proofmill-latex --example latex_dir -- source|text FOLDER... [--out DIR]`
//! Each folder is one submission. Prints a line per submission and a total with the speed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proofmill_latex::{File, Mode, Options, extract};

fn collect(dir: &Path, root: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, root, files);
        } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(root), std::fs::read(&path)) {
            files.push((name.to_string_lossy().into_owned(), bytes));
        }
    }
}

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut out: Option<PathBuf> = None;
    if let Some(at) = args.iter().position(|arg| arg == "--out") {
        out = args.get(at + 1).map(PathBuf::from);
        args.truncate(at);
    }
    let mode = if args.first().is_some_and(|mode| mode == "text") {
        Mode::Text
    } else {
        Mode::Source
    };
    let mut unknown: BTreeMap<String, u32> = BTreeMap::new();
    let mut unresolved: BTreeMap<String, u32> = BTreeMap::new();
    let (mut bytes, mut time, mut words, mut slowest) = (0, Duration::ZERO, 0_u64, Duration::ZERO);
    for folder in args.iter().skip(1) {
        let root = Path::new(folder);
        let mut files = Vec::new();
        collect(root, root, &mut files);
        let files: Vec<File<'_>> = files
            .iter()
            .map(|(path, bytes)| File { path, bytes })
            .collect();
        let start = Instant::now();
        let result = extract(&files, &Options::for_mode(mode));
        let took = start.elapsed();
        time += took;
        slowest = slowest.max(took);
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        match result {
            Err(reason) => println!("{name}: {}", reason.name()),
            Ok(paper) => {
                let signals = &paper.signals;
                bytes += signals.bytes_in;
                words += u64::from(signals.math_control_words);
                println!(
                    "{name}: {} -> {} bytes, {:.1} ms, main {}, math {:.2}, {} sections, {} theorems, \
                     unknown {}, unresolved {}, recoveries b{} f{} e{} a{} c{} lossy {}, breaches {}, missing {}, {:?}",
                    signals.bytes_in,
                    paper.text.len(),
                    took.as_secs_f64() * 1e3,
                    paper.main_file,
                    signals.math_share,
                    signals.sections,
                    signals.theorems,
                    signals.unknown_commands,
                    signals.unresolved_macros,
                    signals.brace_recoveries,
                    signals.formula_recoveries,
                    signals.environment_recoveries,
                    signals.argument_recoveries,
                    signals.conditional_recoveries,
                    signals.lossy_recoveries,
                    signals.limit_breaches,
                    signals.missing_files,
                    signals.language,
                );
                for (name, count) in &paper.unknown_commands {
                    *unknown.entry(name.clone()).or_default() += count;
                }
                for (name, count) in &paper.unresolved_macros {
                    *unresolved.entry(name.clone()).or_default() += count;
                }
                if let Some(out) = &out {
                    let file = out.join(format!("{name}.{mode:?}.txt").to_lowercase());
                    if let Err(error) = std::fs::write(&file, &paper.text) {
                        eprintln!("{}: {error}", file.display());
                    }
                }
            }
        }
    }
    let top = |counts: BTreeMap<String, u32>| {
        let mut list: Vec<_> = counts.into_iter().collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        list.truncate(150);
        list
    };
    println!("unknown: {:?}", top(unknown));
    println!("unresolved: {:?}", top(unresolved));
    println!(
        "{bytes} bytes in {:.3} s: {:.1} MB/s; {words} control words in formulas; slowest {:.1} ms",
        time.as_secs_f64(),
        f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX))
            / 1e3
            / time.as_secs_f64().max(1e-9),
        slowest.as_secs_f64() * 1e3,
    );
}
