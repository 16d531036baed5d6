//! The engines, each as a function from text to ids.
//!
//! All of them match special tokens that stand in a text, and add none around it.

use std::cell::RefCell;

use anyhow::{Result, anyhow};
use proofmill_tokenize::{SpecialTokens, Tokenizer};
use rustix::time::{ClockId, clock_gettime};
use xxhash_rust::xxh3::xxh3_64;

/// Appends the ids of a text; threads share it.
pub type Encode = Box<dyn Fn(&str, &mut Vec<u32>) -> Result<()> + Send + Sync>;

/// One engine.
pub struct Engine {
    pub name: &'static str,
    /// Its ids are right by definition.
    pub is_reference: bool,
    pub load: fn(&[u8]) -> Result<Encode>,
}

/// All engines, the reference first.
pub const ENGINES: [Engine; 4] = [
    Engine {
        name: "tokenizers-0.23.2",
        is_reference: true,
        load: hf_0_23,
    },
    Engine {
        name: "tokenizers-1.0.0-rc.3",
        is_reference: false,
        load: hf_1_0,
    },
    Engine {
        name: "fastokens-0.3.5",
        is_reference: false,
        load: fastokens,
    },
    Engine {
        name: "proofmill",
        is_reference: false,
        load: proofmill,
    },
];

fn hf_0_23(json: &[u8]) -> Result<Encode> {
    let tokenizer = hf::Tokenizer::from_bytes(json).map_err(|error| anyhow!("{error}"))?;
    Ok(Box::new(move |text, ids| {
        let encoding = tokenizer
            .encode_fast(text, false)
            .map_err(|error| anyhow!("{error}"))?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }))
}

fn hf_1_0(json: &[u8]) -> Result<Encode> {
    let canonical =
        hf1::canonicalize_str(std::str::from_utf8(json)?).map_err(|error| anyhow!("{error}"))?;
    let tokenizer = hf1::from_json(&canonical).map_err(|error| anyhow!("{error}"))?;
    let options = hf1::pipeline::EncodeOptions::no_specials();
    thread_local! {
        static TOKENS: RefCell<Vec<hf1::pipeline::PipelineToken>> = RefCell::default();
    }
    Ok(Box::new(move |text, ids| {
        TOKENS.with_borrow_mut(|tokens| {
            tokens.clear();
            tokenizer
                .encode_into(text, &options, tokens)
                .map_err(|error| anyhow!("{error}"))?;
            ids.extend_from_slice(hf1::pipeline::PipelineToken::cast_slice(tokens));
            Ok(())
        })
    }))
}

fn fastokens(json: &[u8]) -> Result<Encode> {
    let tokenizer = fastokens::Tokenizer::from_json(serde_json::from_slice(json)?)
        .map_err(|error| anyhow!("{error}"))?;
    Ok(Box::new(move |text, ids| {
        ids.extend(tokenizer.encode(text).map_err(|error| anyhow!("{error}"))?);
        Ok(())
    }))
}

fn proofmill(json: &[u8]) -> Result<Encode> {
    let tokenizer = Tokenizer::from_bytes("bench", json, SpecialTokens::Parse)?;
    Ok(Box::new(move |text, ids| {
        Ok(tokenizer.encode_into(text, ids)?)
    }))
}

/// Processor time of this thread so far.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A hash of ids.
pub fn digest(ids: &[u32]) -> u64 {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    xxh3_64(&bytes)
}
