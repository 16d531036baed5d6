//! Stage `encode`: drop duplicates, split, tokenize; one task per `prepare` task.
//!
//! Writes the final `docs` and `ledger` tables of the partition and one file of token ids per split:
//! little-endian `u16` or `i32`, documents in row order, each closed by the end-of-document id.

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result};
use proofmill_dedup::BandKind;
use proofmill_shard::AsideFile;
use proofmill_shard::tables::{
    DocRow, DocsOptions, DocsProjection, DocsReader, DocsWriter, LedgerReader, LedgerRow,
    LedgerWriter, Split,
};
use proofmill_types::{DocId, Reason, Stop, Verdict};
use rayon::prelude::*;

use crate::counts::{Counts, Tally};
use crate::duplicates::{Removed, read_removed};
use crate::prepare::{DOCS, LEDGER};
use crate::run::Run;
use crate::split::side;
use crate::stage::{Stage, Task};
use crate::store::{Commit, Output};

/// Text bytes in one batch, per thread.
const BATCH_BYTES_PER_THREAD: usize = 1 << 20;

/// File of the token ids of one split.
pub(crate) fn tokens_file(split: Split) -> String {
    format!("{split}.tokens")
}

/// What became of a row of the prepared `docs` table.
enum End {
    Duplicate(BandKind, DocId),
    Kept { split: Split, n_tokens: u64 },
    Refused(Reason),
}

/// Runs one `encode` task.
pub(crate) fn encode(
    run: &Run,
    task: &Task,
    prepared: &Commit,
    clustered: &Commit,
) -> Result<Commit> {
    let from = run.store().folder(Stage::Prepare, prepared.key);
    let folder = run.store().create_folder(task)?;
    let removed = read_removed(run, clustered, task.index)?;
    let mut sink = Sink {
        docs: DocsWriter::create(
            &folder.join(DOCS),
            DocsOptions {
                is_final: true,
                ..DocsOptions::default()
            },
        )?,
        tokens: Vec::new(),
        ends: Vec::new(),
        is_narrow: run.tokenizer()?.is_narrow(),
    };
    for split in Split::ALL {
        sink.tokens
            .push((AsideFile::create(&folder.join(tokens_file(split)))?, 0));
    }
    tokenize_rows(
        run,
        DocsReader::open(&from.join(DOCS), DocsProjection::ALL)?,
        &removed,
        &mut sink,
    )?;

    let started = Instant::now();
    let mut outputs = vec![Output::new(DOCS, &sink.docs.finish()?)];
    for (split, (file, n_tokens)) in Split::ALL.into_iter().zip(sink.tokens) {
        if n_tokens > 0 {
            outputs.push(Output::new(tokens_file(split), &file.publish()?));
        }
    }
    let mut counts = prepared.counts.clone();
    let ledger = LedgerReader::open(&from.join(LEDGER))?;
    let mut out = LedgerWriter::create(&folder.join(LEDGER))?;
    let mut ends = sink.ends.into_iter();
    for row in ledger {
        let mut row = row?;
        if row.verdict == Verdict::Keep {
            let end = ends.next().context("every kept record has a document")?;
            count(&end, &mut counts, row.n_bytes_out);
            end.apply(&mut row);
        }
        out.push(&row)?;
    }
    anyhow::ensure!(
        ends.next().is_none(),
        "every document has a record in `{}`",
        from.display()
    );
    outputs.push(Output::new(LEDGER, &out.finish()?));
    run.times().add_write(started);
    run.store().record(task, outputs, counts)
}

struct Sink {
    docs: DocsWriter,
    tokens: Vec<(AsideFile, u64)>, // one per split, with the number of tokens
    ends: Vec<End>,
    is_narrow: bool,
}

fn tokenize_rows(run: &Run, rows: DocsReader, removed: &[Removed], sink: &mut Sink) -> Result<()> {
    let mut removed = removed.iter().peekable();
    let mut batch: Vec<(DocRow, Option<(BandKind, DocId)>)> = Vec::new();
    let mut n_batch_bytes = 0;
    let max_bytes = BATCH_BYTES_PER_THREAD * run.threads_per_task();
    for (row, doc) in (0_u32..).zip(rows) {
        let doc = doc?;
        n_batch_bytes += doc.document.text.len() + 1024;
        let gone = removed
            .next_if(|gone| gone.row == row)
            .map(|gone| (gone.kind, gone.survivor));
        batch.push((doc, gone));
        if n_batch_bytes >= max_bytes {
            tokenize_batch(run, std::mem::take(&mut batch), sink)?;
            n_batch_bytes = 0;
        }
    }
    anyhow::ensure!(
        removed.next().is_none(),
        "a removal names a row that is not there"
    );
    tokenize_batch(run, batch, sink)
}

fn tokenize_batch(
    run: &Run,
    batch: Vec<(DocRow, Option<(BandKind, DocId)>)>,
    sink: &mut Sink,
) -> Result<()> {
    run.check_stop()?;
    let tokenizer = run.tokenizer()?;
    let n_bytes: usize = batch.iter().map(|(row, _)| row.document.text.len()).sum();
    let encoded: Vec<Result<Vec<u32>, Reason>> = run.pool().install(|| {
        let each = batch.par_iter().with_max_len(1);
        each.map(|(row, gone)| {
            if gone.is_some() {
                return Ok(Vec::new());
            }
            let started = Instant::now();
            let ids = tokenizer.document(&row.document.text);
            run.times().add(Stop::Tokenize, started);
            ids
        })
        .collect()
    });
    check_sample(run, &batch, &encoded)?;
    let started = Instant::now();
    let settings = &run.plan().manifest;
    for ((mut row, gone), ids) in batch.into_iter().zip(encoded) {
        let end = match (gone, ids) {
            (Some((kind, survivor)), _) => End::Duplicate(kind, survivor),
            (None, Err(reason)) => End::Refused(reason),
            (None, Ok(ids)) => {
                let split = side(&row.document, &settings.split, settings.corpus.seed);
                let n_tokens = ids.len() as u64;
                sink.write_tokens(split, &ids)?;
                row.split = Some(split);
                row.n_tokens = Some(n_tokens);
                sink.docs.push(&row)?;
                End::Kept { split, n_tokens }
            }
        };
        sink.ends.push(end);
    }
    run.times().add_write(started);
    run.progress().advance(n_bytes as u64);
    Ok(())
}

/// Texts longer than this are not given to the reference, whose time and memory can grow faster than a text.
const MAX_CHECKED_BYTES: usize = 1 << 20;

/// Has the reference encode the documents that fall to it by their id, so the same ones in every run.
fn check_sample(
    run: &Run,
    batch: &[(DocRow, Option<(BandKind, DocId)>)],
    encoded: &[Result<Vec<u32>, Reason>],
) -> Result<()> {
    let every = u128::from(run.plan().manifest.tokenizer.check_every);
    let tokenizer = run.tokenizer()?;
    let is_chosen = |row: &DocRow| {
        let document = &row.document;
        document.id.0.0.checked_rem(every) == Some(0) && document.text.len() <= MAX_CHECKED_BYTES
    };
    run.pool().install(|| {
        batch
            .par_iter()
            .zip(encoded)
            .try_for_each(|((row, gone), ids)| match ids {
                Ok(ids) if gone.is_none() && is_chosen(row) => tokenizer
                    .check(&row.document.text, ids)
                    .with_context(|| format!("document `{}`", row.document.origin)),
                _ => Ok(()),
            })
    })
}

impl Sink {
    fn write_tokens(&mut self, split: Split, ids: &[u32]) -> Result<()> {
        let (file, n_tokens) = &mut self.tokens[split as usize];
        let mut bytes = Vec::with_capacity(ids.len() * if self.is_narrow { 2 } else { 4 });
        for id in ids {
            if self.is_narrow {
                let id = u16::try_from(*id).context("a narrow vocabulary has ids below 65,536")?;
                bytes.extend_from_slice(&id.to_le_bytes());
            } else {
                bytes.extend_from_slice(&id.to_le_bytes());
            }
        }
        file.write_all(&bytes)
            .with_context(|| format!("cannot write `{}`", file.target().display()))?;
        *n_tokens += ids.len() as u64;
        Ok(())
    }
}

impl End {
    /// Amends the ledger row of a record that `prepare` kept.
    fn apply(self, row: &mut LedgerRow) {
        match self {
            Self::Duplicate(kind, survivor) => {
                row.verdict = Verdict::Drop(Reason::new(rule(kind), survivor.to_string()));
                row.stop = Stop::Dedup;
                row.n_bytes_out = 0;
                row.survivor = Some(survivor);
            }
            Self::Refused(reason) => {
                row.verdict = Verdict::Drop(reason);
                row.stop = Stop::Tokenize;
                row.n_bytes_out = 0;
            }
            Self::Kept { split, n_tokens } => {
                row.stop = Stop::Tokenize;
                row.n_tokens = Some(n_tokens);
                row.split = Some(split);
            }
        }
    }
}

/// Counts a document of `n_bytes` by how it ended.
fn count(end: &End, counts: &mut Counts, n_bytes: u64) {
    let tally = Tally::one(n_bytes);
    match end {
        End::Duplicate(kind, _) => counts.drop(Stop::Dedup, rule(*kind), tally),
        End::Refused(reason) => {
            counts.pass(Stop::Dedup, tally);
            counts.drop(Stop::Tokenize, &reason.rule, tally);
        }
        End::Kept { split, n_tokens } => {
            counts.pass(Stop::Dedup, tally);
            let tally = Tally {
                n_tokens: *n_tokens,
                ..tally
            };
            counts.pass(Stop::Tokenize, tally);
            counts
                .splits
                .entry(split.name().to_owned())
                .or_default()
                .add(tally);
        }
    }
}

/// The ledger's rule for a duplicate.
fn rule(kind: BandKind) -> &'static str {
    match kind {
        BandKind::Exact => "duplicate-exact",
        BandKind::Family => "superseded-version",
        BandKind::Near => "duplicate-near",
    }
}
