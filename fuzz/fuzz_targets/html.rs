//! Any bytes as a page: no panic, no hang, and formulas that stand in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_html::{Input, Options, extract, gate};

fuzz_target!(|bytes: &[u8]| {
    let _ = gate(bytes);
    let page = extract(
        &Input {
            bytes,
            content_type: None,
            url: None,
        },
        &Options::default(),
    );
    for formula in &page.formulas {
        assert!(page.text.contains(&formula.latex));
    }
});
