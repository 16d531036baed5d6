//! Stage `assemble`: the encoded parts of one source and split, concatenated to shards.
//!
//! Parts come in task order and shards are cut at document boundaries by cumulative tokens, so the
//! bytes depend on the documents alone.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use proofmill_shard::tables::{DocsProjection, DocsReader, ProvenanceRow, Split};
use proofmill_shard::{ShardSettings, ShardWriter, TokenizerFacts};

use crate::counts::Counts;
use crate::encode::tokens_file;
use crate::prepare::DOCS;
use crate::run::Run;
use crate::stage::{Stage, Task};
use crate::store::{Commit, Output};

/// Runs one `assemble` task: all shards of one source and split.
pub(crate) fn assemble(run: &Run, task: &Task, encoded: &[Commit]) -> Result<Commit> {
    let (source, split) = (
        task.index / Split::ALL.len(),
        Split::ALL[task.index % Split::ALL.len()],
    );
    let folder = run.store().create_folder(task)?;
    let started = Instant::now();
    let settings = ShardSettings {
        tokenizer: facts(run)?,
        target_tokens: run.plan().manifest.shards.target_tokens,
    };
    let mut writer = ShardWriter::create(&folder, split.name(), settings)?;
    for (partition, commit) in run.plan().partitions().iter().zip(encoded) {
        if partition.source == source && commit.output(&tokens_file(split)).is_some() {
            run.check_stop()?;
            add_part(
                run,
                &run.store().folder(Stage::Encode, commit.key),
                split,
                &mut writer,
            )?;
        }
    }
    let mut outputs = Vec::new();
    for shard in writer.finish()? {
        for (name, info) in &shard.info.files {
            outputs.push(Output::new(name.clone(), info));
        }
        let json = shard
            .prefix
            .file_name()
            .context("a shard has a name")?
            .to_string_lossy();
        outputs.push(Output::new(format!("{json}.json"), &shard.json));
    }
    run.times().add_write(started);
    run.store().record(task, outputs, Counts::default())
}

/// Appends the documents of one encoded part.
fn add_part(run: &Run, folder: &Path, split: Split, writer: &mut ShardWriter) -> Result<()> {
    let width = if run.tokenizer()?.is_narrow() { 2 } else { 4 };
    let path = folder.join(tokens_file(split));
    let reading = || format!("cannot read `{}`", path.display());
    let mut tokens = BufReader::with_capacity(1 << 20, File::open(&path).with_context(reading)?);
    let mut bytes = Vec::new();
    let mut ids = Vec::new();
    for row in DocsReader::open(&folder.join(DOCS), DocsProjection::NONE)? {
        let row = row?;
        if row.split != Some(split) {
            continue;
        }
        let n_tokens = row.n_tokens.context("an encoded document has tokens")?;
        bytes.resize(usize::try_from(n_tokens * width).with_context(reading)?, 0);
        tokens.read_exact(&mut bytes).with_context(reading)?;
        ids.clear();
        if width == 2 {
            let (pairs, _) = bytes.as_chunks::<2>();
            ids.extend(
                pairs
                    .iter()
                    .map(|pair| u32::from(u16::from_le_bytes(*pair))),
            );
        } else {
            let (words, _) = bytes.as_chunks::<4>();
            ids.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
        }
        writer.push(&ids, &ProvenanceRow::of(&row, split))?;
    }
    anyhow::ensure!(
        tokens.read(&mut [0]).with_context(reading)? == 0,
        "`{}` holds more tokens than its documents",
        path.display()
    );
    Ok(())
}

/// What the description of a shard says about its tokenizer.
fn facts(run: &Run) -> Result<TokenizerFacts> {
    let coder = run.tokenizer()?;
    let tokenizer = coder.tokenizer();
    Ok(TokenizerFacts {
        name: coder.name().to_owned(),
        sha256: tokenizer.sha256().to_owned(),
        engine: tokenizer.engine().to_owned(),
        unicode_version: tokenizer.unicode_version().to_owned(),
        special_tokens: coder.special_tokens().to_owned(),
        vocab_tokens: tokenizer.vocab_tokens(),
        eod: coder.eod().0,
        special_ids: tokenizer.special_tokens().iter().cloned().collect(),
    })
}

/// Documents of a shard, from the size of its `.idx`: 42 bytes and 20 per document.
pub(crate) fn n_docs(idx: &Output) -> u64 {
    idx.n_bytes.saturating_sub(42) / 20
}
