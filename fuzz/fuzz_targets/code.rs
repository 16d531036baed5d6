//! Any text as a notebook and as a source file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_code::{NotebookStyle, is_permissive, licenses, mask, notebook, secrets};

fuzz_target!(|text: &str| {
    let _ = notebook(text, NotebookStyle::default());
    let _ = licenses::header_license(text);
    let _ = licenses::license_of_text(text);
    let _ = is_permissive(&licenses::normalize(text));
    for found in [secrets(text), secrets::addresses(text)] {
        let _ = secrets::places(text, &found);
        let _ = mask(text, &found);
    }
});
