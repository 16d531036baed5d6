//! Any bytes as a model and as a text; one that loads must score.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_score::fasttext::Model;
use proofmill_score::linear::Classifier;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(model) = Model::parse(bytes) {
        let _ = model.probabilities("let x = 12 be the sum");
    }
    let _ = Classifier::parse(bytes);
    if let Ok(classifier) = Classifier::parse(include_bytes!("../../filters/models/math.pmlm")) {
        let _ = classifier.score(&text);
    }
});
