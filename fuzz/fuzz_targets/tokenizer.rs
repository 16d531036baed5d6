//! Any bytes as a vocabulary file of every format; one that loads must encode and decode.
//!
//! The first byte says what the others are: a file as it is, a rank file of some family, or what
//! stands behind the start of a model or of a `tekken.json`, by which these are told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmill_tokenize::{Family, SpecialTokens, Tokenizer};

/// The pieces `<unk>` and `▁`, and that the model is of kind BPE.
const MODEL: &[u8] = b"\x0a\x09\x0a\x05<unk>\x18\x02\x0a\x05\x0a\x03\xe2\x96\x81\x12\x02\x18\x02";
const TEKKEN: &[u8] = br#"{"config":{"default_num_special_tokens":3,"#;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let (file, family) = match kind % 4 {
        0 => (bytes.to_vec(), None),
        1 => (
            bytes.to_vec(),
            Some(Family::ALL[usize::from(kind / 4) % Family::ALL.len()]),
        ),
        2 => ([MODEL, bytes].concat(), None),
        _ => ([TEKKEN, bytes].concat(), None),
    };
    for special in [SpecialTokens::AsText, SpecialTokens::Parse] {
        let tokenizer = Tokenizer::from_bytes_of_family("fuzz", &file, family, special);
        if let Ok(tokenizer) = tokenizer {
            let mut ids = Vec::new();
            if tokenizer
                .encode_into("let x = 12 <s> größer\n\n", &mut ids)
                .is_ok()
            {
                let _ = tokenizer.decode(&ids);
            }
        }
    }
});
