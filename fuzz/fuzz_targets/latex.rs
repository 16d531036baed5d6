//! Any bytes as a one-file submission, in both modes: no panic, no hang, no unbounded memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_latex::{File, Mode, Options, extract};

fuzz_target!(|bytes: &[u8]| {
    let file = File {
        path: "main.tex",
        bytes,
    };
    for mode in [Mode::Source, Mode::Text] {
        if let Ok(paper) = extract(&[file], &Options::for_mode(mode)) {
            for section in &paper.sections {
                assert!(paper.text.is_char_boundary(section.offset));
            }
            for theorem in &paper.theorems {
                assert!(
                    paper
                        .text
                        .get(theorem.start..theorem.end.max(theorem.start))
                        .is_some()
                );
            }
        }
    }
});
