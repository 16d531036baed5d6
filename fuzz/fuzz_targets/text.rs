//! Any text through the stops that judge text: normalizing twice is normalizing once, and the
//! measures, words and shingles of any text end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_dedup::shingles;
use proofmill_filter::measure;
use proofmill_normalize::Normalize;
use proofmill_types::{Document, Kind};

fuzz_target!(|text: &str| {
    for kind in [Kind::Web, Kind::Code] {
        let normalize = Normalize::new(kind);
        let once = normalize.text(text).into_owned();
        assert_eq!(normalize.text(&once), once);
        let mut doc = Document {
            kind,
            ..Document::from_text(&once)
        };
        measure(&mut doc);
    }
    let _ = shingles(text, 5);
    let _ = proofmill_extract::detect(text);
});
