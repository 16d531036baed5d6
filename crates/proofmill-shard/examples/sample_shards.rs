//! Writes shards with made-up tokens of both widths, and their ids as JSON lines, so that the
//! clients of other projects can be held against them: `sample_shards DIR`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use proofmill_shard::megatron::IndexedDataset;
use proofmill_shard::tables::{DocRow, ProvenanceRow, Split};
use proofmill_shard::{ShardSettings, ShardWriter, TokenizerFacts};
use proofmill_types::Document;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = env::args().nth(1).ok_or("usage: sample_shards DIR")?;
    fs::create_dir_all(&dir)?;
    for (name, vocab_tokens) in [("small", 32_016), ("large", 151_669)] {
        write_series(Path::new(&dir), name, vocab_tokens)?;
    }
    Ok(())
}

fn write_series(
    dir: &Path,
    name: &str,
    vocab_tokens: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    let eod = vocab_tokens - 1;
    let tokenizer = TokenizerFacts {
        name: name.to_owned(),
        vocab_tokens: vocab_tokens.into(),
        eod,
        special_ids: BTreeMap::from([("<|endoftext|>".to_owned(), eod)]),
        ..TokenizerFacts::default()
    };
    let settings = ShardSettings {
        tokenizer,
        target_tokens: 300_000,
    };
    let mut writer = ShardWriter::create(dir, name, settings)?;
    let mut state = 1_u64;
    let mut next = |below: u32| {
        // An LCG: made-up, but the same on every machine.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % u64::from(below)).unwrap_or(0)
    };
    for number in 0..2000 {
        let n_tokens = next(600);
        let mut tokens: Vec<u32> = (0..n_tokens).map(|_| next(eod)).collect();
        tokens.push(eod);
        let row = DocRow::new(Document::from_text(&format!("document {number}")));
        writer.push(&tokens, &ProvenanceRow::of(&row, Split::Train))?;
    }
    for shard in writer.finish()? {
        let pair = IndexedDataset::open(&shard.prefix)?;
        let mut path = shard.prefix.into_os_string();
        path.push(".ids.jsonl");
        let mut out = io::BufWriter::new(fs::File::create(path)?);
        let mut tokens = Vec::new();
        for doc_index in 0..pair.n_docs() {
            tokens.clear();
            pair.doc_into(doc_index, &mut tokens)?;
            serde_json::to_writer(&mut out, &tokens)?;
            writeln!(out)?;
        }
        out.flush()?;
    }
    Ok(())
}
