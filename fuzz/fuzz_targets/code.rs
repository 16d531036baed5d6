//! Any text as a notebook and as a source file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_code::{NotebookStyle, licenses, notebook, secrets};

fuzz_target!(|text: &str| {
    let _ = notebook(text, NotebookStyle::default());
    let _ = licenses(text);
    let _ = secrets(text);
});
