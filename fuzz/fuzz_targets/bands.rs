//! Any bytes as a file of band records and of edges: refused or read, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_dedup::{bands, decode_edges};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = bands::Header::parse(bytes) {
        let range = header.byte_range(0..bands::N_FINE_RANGES);
        let end = usize::try_from(range.end)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
        let _ = header.records(0..bands::N_FINE_RANGES, &bytes[start..end]);
    }
    let _ = decode_edges(bytes);
});
