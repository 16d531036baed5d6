//! Golden cases: what each mode makes of each input of `tests/golden/*.txt`, to the byte; and the
//! probe set, judged as its README says, where it is at hand.

mod judge;

use std::path::PathBuf;

use judge::{Case, golden, run};
use proofmill_latex::Mode;

fn golden_files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    files.sort();
    files
}

#[test]
fn golden_cases() {
    let mut checked = 0;
    let mut faults = Vec::new();
    for path in golden_files() {
        let file = std::fs::read_to_string(&path).unwrap();
        for case in golden(&file) {
            for (mode, expected) in [(Mode::Source, case.source), (Mode::Text, case.text)] {
                checked += 1;
                let output = run(case.input, mode);
                if output != expected {
                    faults.push(format!(
                        "{} / {} {mode:?}\n--- expected\n{expected}\n--- got\n{output}\n",
                        path.display(),
                        case.name
                    ));
                }
            }
        }
    }
    assert!(checked >= 600, "only {checked} golden cases");
    assert!(
        faults.is_empty(),
        "{} of {checked} fail:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn probes() {
    let shared = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let Ok(lines) = std::fs::read_to_string(shared.join("probes/latex_probes.jsonl")) else {
        println!("SKIPPED: no probe set at `{}`", shared.display());
        return;
    };
    let strings = |value: &serde_json::Value| -> Vec<String> {
        match value {
            serde_json::Value::Array(list) => list
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            value => value.as_str().map(str::to_owned).into_iter().collect(),
        }
    };
    let mut faults = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| value[key].as_array().cloned().unwrap_or_default();
        faults.extend(judge::judge(&Case {
            id: text("id"),
            kind: text("kind"),
            input: text("input"),
            must: list("must_contain").iter().map(strings).collect(),
            must_not: list("must_not_contain").iter().flat_map(strings).collect(),
            note: text("note"),
        }));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
