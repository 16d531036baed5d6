//! Stage `prepare`: one streaming pass over the records of a partition.
//!
//! Records are read in order, processed in parallel in batches, and written in order, so the bytes
//! do not depend on the number of threads. Memory is bounded by one batch and the band records.

use std::time::Instant;

use anyhow::{Context as _, Result};
use proofmill_dedup::{BandKind, BandRecord, Scratch, bands, exact_key, family_key};
use proofmill_read::Entry;
use proofmill_shard::publish_bytes;
use proofmill_shard::tables::{DocRow, DocsOptions, DocsWriter, LedgerRow, LedgerWriter};
use proofmill_types::{BadRecord, Document, MetaValue, Reason, Stop, Value, Verdict};
use rayon::prelude::*;

use crate::counts::{Counts, Tally};
use crate::line::Fate;
use crate::packing::slice_bytes;
use crate::plan::{Partition, Plan};
use crate::run::Run;
use crate::stage::Task;
use crate::store::{Commit, Output};

/// File names of the outputs.
pub(crate) const DOCS: &str = "docs.parquet";
pub(crate) const LEDGER: &str = "ledger.parquet";
pub(crate) const BANDS: &str = "bands.bin";

/// Records in one batch at most.
const BATCH_RECORDS: usize = 1024;

/// Raw bytes in one batch, per thread.
const BATCH_BYTES_PER_THREAD: u64 = 4 << 20;

/// A processed entry, ready to be written.
enum Done {
    Bad(BadRecord),
    Fate(Box<Fate>, Vec<(u64, BandKind)>),
}

/// Runs one `prepare` task.
pub(crate) fn prepare(run: &Run, task: &Task, partition: Partition) -> Result<Commit> {
    let folder = run.store().create_folder(task)?;
    let mut sink = Sink {
        docs: DocsWriter::create(&folder.join(DOCS), DocsOptions::default())?,
        ledger: LedgerWriter::create(&folder.join(LEDGER))?,
        bands: Vec::new(),
        counts: Counts::default(),
        n_records: 0,
        n_docs: 0,
        source: run.plan().manifest.source[partition.source]
            .name
            .as_str()
            .into(),
    };
    let options = run.read_options(partition.source)?;
    for slice in &run.plan().sources[partition.source].groups[partition.group] {
        Plan::check_input(&slice.file)?;
        let mut reader = proofmill_read::open(slice, options)?;
        let mut n_reported = 0;
        loop {
            run.check_stop()?;
            let (batch, is_last) = read_batch(run, &mut reader)?;
            let processed = process(run, partition.source, batch)?;
            let started = Instant::now();
            for done in processed {
                sink.write(done)?;
            }
            run.times().add_write(started);
            let n_read = reader.bytes_read();
            run.progress().advance(n_read.saturating_sub(n_reported));
            n_reported = n_read;
            if is_last {
                break;
            }
        }
        run.progress().advance(
            slice_bytes(slice, run.plan().manifest.limits.slice_bytes).saturating_sub(n_reported),
        );
    }
    let started = Instant::now();
    let outputs = vec![
        Output::new(DOCS, &sink.docs.finish()?),
        Output::new(LEDGER, &sink.ledger.finish()?),
        Output::new(
            BANDS,
            &publish_bytes(&folder.join(BANDS), &bands::encode(sink.bands))?,
        ),
    ];
    run.times().add_write(started);
    run.store().record(task, outputs, sink.counts)
}

/// What was masked in `doc`, for the ledger: `masked github-token line 3`.
fn masked(doc: &Document) -> Option<String> {
    const MAX_PLACES: usize = 8;
    let Some(MetaValue::List(places)) = doc.meta.get("masked") else {
        return None;
    };
    let named = places[..places.len().min(MAX_PLACES)].join(", ");
    match places.len() {
        0 => None,
        1..=MAX_PLACES => Some(format!("masked {named}")),
        n_places => Some(format!("masked {named} and {} more", n_places - MAX_PLACES)),
    }
}

/// Reads the next batch; true when the slice is at its end.
fn read_batch(run: &Run, reader: &mut proofmill_read::Reader) -> Result<(Vec<Entry>, bool)> {
    let started = Instant::now();
    let max_bytes = BATCH_BYTES_PER_THREAD * run.threads_per_task() as u64;
    let mut batch = Vec::new();
    let mut n_bytes = 0;
    let mut is_last = false;
    while batch.len() < BATCH_RECORDS && n_bytes < max_bytes {
        let Some(entry) = reader.next() else {
            is_last = true;
            break;
        };
        let entry = entry?;
        if let Entry::Record(record) = &entry {
            n_bytes += record.n_bytes;
        }
        batch.push(entry);
    }
    run.times().add(Stop::Read, started);
    Ok((batch, is_last))
}

fn process(run: &Run, source: usize, batch: Vec<Entry>) -> Result<Vec<Done>> {
    let line = run.line(source)?;
    let signer = run.signer()?;
    let times = run.times();
    let sign = |scratch: &mut Scratch, doc: &Document| {
        let started = Instant::now();
        let mut keys = vec![(exact_key(&doc.text), BandKind::Exact)];
        if let Some(family) = &doc.family {
            keys.push((family_key(doc.kind.name(), family), BandKind::Family));
        }
        if let Some(signer) = signer {
            let mut hashes = Vec::new();
            signer.band_hashes(&doc.text, scratch, &mut hashes);
            keys.extend(hashes.into_iter().map(|hash| (hash, BandKind::Near)));
        }
        times.add_sign(started);
        keys
    };
    let done = run.pool().install(|| {
        let each = batch.into_par_iter().with_max_len(1);
        each.map_init(Scratch::default, |scratch, entry| match entry {
            Entry::Bad(bad) => Done::Bad(bad),
            Entry::Record(record) => {
                let fate = Box::new(line.process(record, times));
                let keys = match (&fate.doc, &fate.dropped) {
                    (Some(doc), None) => sign(scratch, doc),
                    _ => Vec::new(),
                };
                Done::Fate(fate, keys)
            }
        })
        .collect()
    });
    Ok(done)
}

/// Takes processed entries in order.
struct Sink {
    docs: DocsWriter,
    ledger: LedgerWriter,
    bands: Vec<BandRecord>,
    counts: Counts,
    n_records: u64,
    n_docs: u32,
    source: std::sync::Arc<str>,
}

impl Sink {
    fn write(&mut self, done: Done) -> Result<()> {
        match done {
            Done::Bad(bad) => self.write_bad(bad)?,
            Done::Fate(fate, keys) => self.write_fate(*fate, &keys)?,
        }
        self.n_records += 1;
        Ok(())
    }

    fn write_bad(&mut self, bad: BadRecord) -> Result<()> {
        let tally = Tally::one(bad.n_bytes);
        self.counts.records.add(tally);
        self.counts.n_damaged += u64::from(bad.damaged);
        self.counts.drop(Stop::Read, bad.rule, tally);
        let reason = Reason {
            rule: bad.rule.into(),
            value: Value::Text(bad.detail.clone()),
        };
        self.ledger.push(&LedgerRow {
            record: self.n_records,
            doc_id: None,
            source: std::sync::Arc::clone(&self.source),
            origin: bad.origin,
            location: bad.location,
            verdict: Verdict::Drop(reason),
            stop: Stop::Read,
            detail: bad.damaged.then(|| "damaged input".to_owned()),
            n_bytes_in: bad.n_bytes,
            n_bytes_out: 0,
            n_tokens: None,
            split: None,
            survivor: None,
        })?;
        Ok(())
    }

    fn write_fate(&mut self, fate: Fate, keys: &[(u64, BandKind)]) -> Result<()> {
        self.counts.records.add(Tally::one(fate.n_bytes));
        self.counts.n_without_score += u64::from(fate.is_without_score);
        for (stop, n_bytes) in &fate.passed {
            self.counts.pass(*stop, Tally::one(*n_bytes));
        }
        let n_bytes_now = fate.passed.last().map_or(0, |(_, n_bytes)| *n_bytes);
        let mut row = LedgerRow {
            record: self.n_records,
            doc_id: Some(fate.id),
            source: std::sync::Arc::clone(&self.source),
            origin: fate.origin,
            location: fate.location,
            verdict: Verdict::Keep,
            stop: Stop::Decontaminate,
            detail: None,
            n_bytes_in: fate.n_bytes,
            n_bytes_out: n_bytes_now,
            n_tokens: None,
            split: None,
            survivor: None,
        };
        match (fate.dropped, fate.doc) {
            (Some((stop, reason)), _) => {
                self.counts
                    .drop(stop, &reason.rule, Tally::one(n_bytes_now));
                row.stop = stop;
                row.n_bytes_out = 0;
                row.verdict = Verdict::Drop(reason);
            }
            (None, Some(doc)) => {
                row.detail = masked(&doc);
                let n_docs = self.n_docs;
                let record = |&(hash, kind): &(u64, BandKind)| BandRecord {
                    hash,
                    row: n_docs,
                    kind,
                };
                self.bands.extend(keys.iter().map(record));
                self.docs.push(&DocRow::new(*doc))?;
                self.n_docs = n_docs
                    .checked_add(1)
                    .context("a task holds fewer than 2^32 documents")?;
            }
            (None, None) => anyhow::bail!("a kept record has a document"),
        }
        self.ledger.push(&row)?;
        Ok(())
    }
}
