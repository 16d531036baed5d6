//! Any text as a manifest, a filter definition and a template: an error with a place, never a panic.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use proofmill_extract::Template;
use proofmill_filter::Definition;
use proofmill_manifest::Manifest;

fuzz_target!(|text: &str| {
    let _ = Manifest::parse(Path::new("fuzz.toml"), text);
    let _ = Definition::parse("fuzz.toml", text);
    let _ = Template::parse("fuzz.toml", text);
});
