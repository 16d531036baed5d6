//! Runs cases in the form of the probe sets and reports what fails.
//!
//! `cargo run -p proofmill-latex --example latex_probe -- FILE.jsonl [ID]` prints the faults and the
//! pass count; with an id also the output of that case.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

#[path = "../tests/judge/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod judge;

use judge::Case;

fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(list) => list
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        eprintln!("usage: latex_probe FILE.jsonl [ID]");
        return;
    };
    let only = args.next();
    let Ok(lines) = std::fs::read_to_string(&path) else {
        eprintln!("cannot read `{path}`");
        return;
    };
    let (mut passed, mut all) = (0, 0);
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else {
            eprintln!("not JSON: {line}");
            continue;
        };
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| value[key].as_array().cloned().unwrap_or_default();
        let case = Case {
            id: text("id"),
            kind: text("kind"),
            input: text("input"),
            must: list("must_contain").iter().map(strings).collect(),
            must_not: list("must_not_contain").iter().flat_map(strings).collect(),
            note: text("note"),
        };
        if only.as_ref().is_some_and(|only| *only != case.id) {
            continue;
        }
        all += 1;
        let faults = judge::judge(&case);
        passed += usize::from(faults.is_empty());
        for fault in faults {
            println!("{fault}");
        }
        if only.is_some() {
            for mode in [proofmill_latex::Mode::Source, proofmill_latex::Mode::Text] {
                println!("--- {mode:?}\n{}", judge::run(&case.input, mode));
            }
        }
    }
    println!("{passed} of {all} pass");
}
