//! Agreement with the program itself, and models that lie.
//!
//! `tests/data/*.bin` and `*.ftz` were trained by fastText 0.9.2 on `tests/data/sentences.tsv`; the
//! `.jsonl` file beside each holds what that program answers: label and probability, the same offset
//! of 1e-5 included.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 4] = ["softmax.bin", "words.bin", "pruned.ftz", "uneven.ftz"];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Compares all answers of one model; the labels beyond those listed are not looked at.
fn compare(model: &Model, expected: &Path) {
    let lines = std::fs::read_to_string(expected).unwrap();
    let mut n_lines = 0;
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let found: BTreeMap<&str, f64> = match model.probabilities(text) {
            Some(all) => model.labels().iter().map(String::as_str).zip(all).collect(),
            None => BTreeMap::new(),
        };
        let best = case["best"].as_object().unwrap();
        assert_eq!(found.is_empty(), best.is_empty(), "{text:?}");
        for (label, probability) in best {
            let expected = probability.as_f64().unwrap();
            let found = found[label.as_str()];
            assert!(
                (found - expected.min(1.0)).abs() < 1e-4,
                "{label}: {found} for {expected}, {text:?}"
            );
        }
        let most = best
            .values()
            .filter_map(serde_json::Value::as_f64)
            .fold(0.0, f64::max);
        if let Some(prediction) = model.predict(text) {
            assert!(
                (prediction.probability - most.min(1.0)).abs() < 1e-4,
                "{text:?}"
            );
        }
        n_lines += 1;
    }
    assert!(n_lines > 100);
}

#[test]
fn small_models_agree_with_the_program() {
    for name in NAMES {
        let model = Model::parse(&std::fs::read(data(name)).unwrap()).unwrap();
        compare(&model, &data(&format!("{name}.jsonl")));
    }
}

/// The published language identifier is not part of this repository (CC-BY-SA-3.0): the environment
/// variable says where it lies.
#[test]
fn the_published_language_identifier_agrees_with_the_program() {
    let Ok(path) = std::env::var("PROOFMILL_LID_MODEL") else {
        eprintln!("SKIPPED: set PROOFMILL_LID_MODEL to the path of lid.176.ftz");
        return;
    };
    let model = Model::parse(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(model.labels().len(), 176);
    compare(&model, &data("lid.176.ftz.jsonl"));
}

#[test]
fn a_model_cut_anywhere_is_refused_with_the_place() {
    for name in NAMES {
        let file = std::fs::read(data(name)).unwrap();
        for length in (0..file.len()).step_by(7) {
            match Model::parse(&file[..length]).unwrap_err() {
                FastTextError::Truncated { at, .. } | FastTextError::Value { at, .. } => {
                    assert!(at <= length, "{name} cut at {length}");
                }
            }
        }
    }
}

#[test]
fn counts_that_lie_are_refused_before_memory_is_taken() {
    let file = std::fs::read(data("pruned.ftz")).unwrap();
    for at in (0..1200).step_by(4) {
        for lie in [[0xFF, 0xFF, 0xFF, 0x7F], [0xFF; 4], [0; 4]] {
            let mut file = file.clone();
            file[at..at + 4].copy_from_slice(&lie);
            if let Ok(model) = Model::parse(&file) {
                let _ = model.predict("We show that every text gets an answer. テスト");
            }
        }
    }
}

#[test]
fn other_files_are_named() {
    let error = Model::parse(b"PK\x03\x04 not a model")
        .unwrap_err()
        .to_string();
    assert!(error.contains("magic number at byte 0"), "{error}");
}

proptest! {
    #[test]
    fn any_damage_is_survived(at in 0_usize..12_000, byte in any::<u8>(), text in any::<String>()) {
        let mut file = std::fs::read(data("pruned.ftz")).unwrap();
        let at = at % file.len();
        file[at] = byte;
        if let Ok(model) = Model::parse(&file) {
            for probability in model.probabilities(&text).unwrap_or_default() {
                prop_assert!((0.0..=1.0).contains(&probability));
            }
        }
    }

    #[test]
    fn any_text_gets_probabilities(text in any::<String>()) {
        for name in NAMES {
            let model = Model::parse(&std::fs::read(data(name)).unwrap()).unwrap();
            for probability in model.probabilities(&text).unwrap_or_default() {
                prop_assert!((0.0..=1.0).contains(&probability));
            }
        }
    }
}
