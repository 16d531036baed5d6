//! Real benchmarks against real documents, where the shared corpus is at hand.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail and tells figures"
)]

use std::fs;
use std::path::{Path, PathBuf};

use proofmill_decontaminate::{Index, IndexBuilder, Item, Preset, Scratch};
use serde_json::Value;

/// The shared corpus, or a loud word that there is none.
fn corpus() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared = std::env::var("PROOFMILL_SHARED").unwrap_or_else(|_| default.to_owned());
    let corpus = PathBuf::from(shared).join("corpus");
    if corpus.join("eval").is_dir() {
        return Some(corpus);
    }
    println!("SKIPPED: no shared corpus at {}", corpus.display());
    None
}

fn rows(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// String fields of a row by path, e.g. `choices[2]`, `other.solution`.
fn flatten(value: &Value, name: String, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                flatten(value, name, fields);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                flatten(value, format!("{name}[{index}]"), fields);
            }
        }
        Value::String(text) => fields.push((name, text.clone())),
        _ => {}
    }
}

/// An index of the benchmarks whose file name contains `name`.
fn index(corpus: &Path, name: &str, preset: Preset) -> Index {
    let mut builder = IndexBuilder::new(preset.rules());
    let mut files: Vec<PathBuf> = fs::read_dir(corpus.join("eval"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let benchmark = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !benchmark.contains(name) {
            continue;
        }
        for (line, row) in rows(&file).iter().enumerate() {
            let mut fields = Vec::new();
            flatten(row, String::new(), &mut fields);
            builder.add(&Item {
                benchmark: &benchmark,
                item: &line.to_string(),
                fields: &fields,
            });
        }
    }
    builder.finish().unwrap()
}

fn text_of(row: &Value) -> String {
    let mut fields = Vec::new();
    flatten(row, String::new(), &mut fields);
    let texts: Vec<String> = fields.into_iter().map(|field| field.1).collect();
    texts.join("\n\n")
}

fn count_hits(index: &Index, texts: impl Iterator<Item = String>) -> usize {
    let mut scratch = Scratch::default();
    texts
        .filter(|text| !index.scan(text, &mut scratch).is_empty())
        .count()
}

#[test]
fn every_question_with_solutions_is_caught() {
    let Some(corpus) = corpus() else { return };
    let solutions = rows(&corpus.join("instruct/gsm8k_model_solutions.jsonl"));
    for preset in [Preset::Ngram13, Preset::Ngram10] {
        let index = index(&corpus, "gsm8k_test", preset);
        let found = count_hits(&index, solutions.iter().map(text_of));
        println!("{preset}: {found} of {}", solutions.len());
        assert_eq!(found, solutions.len(), "{preset}");
    }
}

#[test]
fn items_are_found_in_other_mark_up() {
    let Some(corpus) = corpus() else { return };
    let preset = Preset::Ngram13;
    let index = index(&corpus, "math_test", preset);
    let mut scratch = Scratch::default();
    let mut n_items = 0;
    let mut missed = [0; 3];
    for row in rows(&corpus.join("eval/math_test.jsonl")) {
        let problem = row["problem"].as_str().unwrap();
        if index.scan(problem, &mut scratch).is_empty() {
            continue; // too short, or a template
        }
        n_items += 1;
        let latex = format!(
            "\\begin{{exercise}}\\label{{ex:1}} {}\n\\end{{exercise}}",
            problem
                .replace("\\frac", "\\dfrac")
                .replace("\\le ", "\\leq ")
                .replace('$', "\\)")
        );
        let escaped = problem.replace('&', "&amp;").replace('<', "&lt;");
        let html = format!(
            "<li>{}</li>",
            escaped.replace('\n', "<br/>").replace(' ', "&nbsp; ")
        );
        let plain = problem.replace("}{", "/").replace(['$', '{', '}'], " ");
        let plain = plain
            .replace("\\frac", "")
            .replace("\\sqrt", "√")
            .replace("\\theta", "θ");
        let plain = if problem.contains("\\begin") {
            problem.to_owned()
        } else {
            plain
        };
        for (missed, text) in missed.iter_mut().zip([latex, html, plain]) {
            *missed += usize::from(index.scan(&text, &mut scratch).is_empty());
        }
    }
    println!(
        "missed of {n_items}: LaTeX {}, HTML {}, plain {}",
        missed[0], missed[1], missed[2]
    );
    assert!(n_items > 3000, "{n_items}");
    assert!(
        missed.iter().all(|missed| missed * 100 < n_items),
        "{missed:?} of {n_items}"
    );
}

#[test]
fn training_rows_are_left_alone() {
    let Some(corpus) = corpus() else { return };
    let training = rows(&corpus.join("instruct/mathinstruct_style.jsonl"));
    let index = index(&corpus, "", Preset::Ngram13);
    let found = count_hits(&index, training.iter().map(text_of));
    println!(
        "{found} of {} training rows; {:?}",
        training.len(),
        index.statistics()
    );
    assert!(found * 200 < training.len(), "{found}");
}
