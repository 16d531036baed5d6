//! Any bytes as a tokenizer file; one that loads must encode.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_tokenize::{SpecialTokens, Tokenizer};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tokenizer) = Tokenizer::from_bytes("fuzz", bytes, SpecialTokens::AsText) {
        let mut ids = Vec::new();
        let _ = tokenizer.encode_into("let x = 12", &mut ids);
    }
});
