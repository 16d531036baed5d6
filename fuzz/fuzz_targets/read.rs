//! Any bytes as a file of every kind: each entry is a record or a counted drop, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_read::{Options, open_bytes};
use proofmill_types::Kind;

fuzz_target!(|bytes: &[u8]| {
    for kind in Kind::ALL {
        if let Ok(reader) = open_bytes("fuzz", bytes, &Options::new(kind)) {
            for entry in reader {
                let _ = entry;
            }
        }
    }
});
