//! Stages `match` and `cluster`: which documents are duplicates, and which of them stays.
//!
//! A document's ordinal is its task in the upper 32 bits and its row in the lower, so ordinals follow
//! the order of sources and inputs. `match` reads the band records of a range of hashes from every
//! `prepare` task, and the texts of candidates; `cluster` joins the edges of all ranges.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use proofmill_dedup::{
    Attributes, BandKind, Entry, KeepRule, Removal, Texts, bands, cluster, decode_edges,
    encode_edges, find_edges, match_records, shingles,
};
use proofmill_shard::publish_bytes;
use proofmill_shard::tables::{DocsProjection, DocsReader, DocsTexts};
use proofmill_types::DocId;
use rayon::prelude::*;

use crate::counts::Counts;
use crate::failure::Failure;
use crate::prepare::{BANDS, DOCS};
use crate::run::Run;
use crate::stage::{Stage, Task};
use crate::store::{Commit, Output};

/// File name of the edges of a `match` task.
pub(crate) const EDGES: &str = "edges.bin";

/// Words of a shingle when the manifest asks for no near-duplicates; never looked at then.
const DEFAULT_NGRAM_WORDS: u32 = 5;

/// Runs one `match` task: the fine hash ranges that fall to task `index` of `n_tasks`.
pub(crate) fn match_range(
    run: &Run,
    task: &Task,
    prepared: &[Commit],
    n_tasks: usize,
) -> Result<Commit> {
    let fine = fine_ranges(task.index, n_tasks);
    let mut entries = Vec::new();
    for (number, commit) in prepared.iter().enumerate() {
        run.check_stop()?;
        let path = run.store().folder(Stage::Prepare, commit.key).join(BANDS);
        for record in read_bands(&path, fine.clone())? {
            entries.push(Entry {
                hash: record.hash,
                ordinal: ordinal(number, record.row),
                kind: record.kind,
            });
        }
    }
    let dedup = run.plan().manifest.dedup.as_ref();
    let mut texts = StoredTexts {
        run,
        prepared,
        ngram_words: dedup.map_or(DEFAULT_NGRAM_WORDS, |dedup| dedup.ngram_words),
        open: BTreeMap::new(),
    };
    let groups = match_records(entries);
    let min_jaccard = dedup.map_or(0.0, |dedup| dedup.min_jaccard);
    let found = find_edges(&groups, min_jaccard, &mut texts)?;
    let folder = run.store().create_folder(task)?;
    let info = publish_bytes(&folder.join(EDGES), &encode_edges(found.edges)?)?;
    run.store()
        .record(task, vec![Output::new(EDGES, &info)], Counts::default())
}

/// The fine ranges of `bands` that fall to one of `n_tasks` tasks.
fn fine_ranges(index: usize, n_tasks: usize) -> std::ops::Range<usize> {
    let n = bands::N_FINE_RANGES;
    index * n / n_tasks..(index + 1) * n / n_tasks
}

fn read_bands(path: &Path, ranges: std::ops::Range<usize>) -> Result<Vec<bands::BandRecord>> {
    let reading = || format!("cannot read `{}`", path.display());
    let mut file = File::open(path).with_context(reading)?;
    let mut header = vec![0; bands::HEADER_BYTES];
    file.read_exact(&mut header).with_context(reading)?;
    let header = bands::Header::parse(&header).with_context(reading)?;
    let stretch = header.byte_range(ranges.clone());
    file.seek(SeekFrom::Start(stretch.start))
        .with_context(reading)?;
    let mut bytes = Vec::new();
    file.take(stretch.end - stretch.start)
        .read_to_end(&mut bytes)
        .with_context(reading)?;
    header.records(ranges, &bytes).with_context(reading)
}

fn ordinal(task: usize, row: u32) -> u64 {
    (task as u64) << 32 | u64::from(row)
}

/// Task and row of an ordinal.
fn place(ordinal: u64) -> (usize, u64) {
    (
        usize::try_from(ordinal >> 32).unwrap_or(usize::MAX),
        ordinal & 0xffff_ffff,
    )
}

/// Texts of candidates, from the `docs` tables.
struct StoredTexts<'a> {
    run: &'a Run,
    prepared: &'a [Commit],
    ngram_words: u32,
    open: BTreeMap<usize, DocsTexts>,
}

impl Texts for StoredTexts<'_> {
    type Error = anyhow::Error;

    fn shingles(&mut self, ordinals: &[u64]) -> Result<Vec<Arc<[u64]>>> {
        /// Tables kept open at once.
        const MAX_OPEN: usize = 64;
        let mut sets = Vec::with_capacity(ordinals.len());
        for run_of_task in ordinals.chunk_by(|left, right| left >> 32 == right >> 32) {
            self.run.check_stop()?;
            let (task, _) = place(run_of_task[0]);
            if !self.open.contains_key(&task) {
                if self.open.len() >= MAX_OPEN {
                    self.open.pop_first();
                }
                let commit = self
                    .prepared
                    .get(task)
                    .context("a band record names no task")?;
                let path = self
                    .run
                    .store()
                    .folder(Stage::Prepare, commit.key)
                    .join(DOCS);
                self.open.insert(task, DocsTexts::open(&path)?);
            }
            let table = &self.open[&task];
            let rows: Vec<u64> = run_of_task
                .iter()
                .map(|ordinal| place(*ordinal).1)
                .collect();
            let texts = table.texts(&rows)?;
            let n = self.ngram_words;
            let found: Vec<Arc<[u64]>> = self.run.pool().install(|| {
                texts
                    .par_iter()
                    .map(|text| Arc::from(shingles(text, n)))
                    .collect()
            });
            sets.extend(found);
        }
        Ok(sets)
    }
}

/// A removed document of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Removed {
    /// Row in the partition's `docs` table.
    pub(crate) row: u32,
    /// Why it goes.
    pub(crate) kind: BandKind,
    /// Who stays in its place.
    pub(crate) survivor: DocId,
}

/// Bytes of one [`Removed`] on disk.
const REMOVED_BYTES: usize = 21;

/// File of the documents that go from partition `index`; absent when none does.
pub(crate) fn removed_file(index: usize) -> String {
    format!("removed-{index:05}.bin")
}

/// Runs the `cluster` task.
pub(crate) fn cluster_all(
    run: &Run,
    task: &Task,
    prepared: &[Commit],
    matched: &[Commit],
) -> Result<Commit> {
    let mut edges = Vec::new();
    for commit in matched {
        let path = run.store().folder(Stage::Match, commit.key).join(EDGES);
        let bytes =
            std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        edges.extend(
            decode_edges(&bytes).with_context(|| format!("cannot read `{}`", path.display()))?,
        );
    }
    let mut ordinals: Vec<u64> = edges
        .iter()
        .flat_map(|edge| [edge.low, edge.high])
        .collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    let members = read_members(run, prepared, &ordinals)?;
    let at = |ordinal: u64| {
        ordinals
            .binary_search(&ordinal)
            .ok()
            .and_then(|at| members.get(at))
    };
    let attributes = |ordinal: u64| {
        at(ordinal)
            .map(|(attributes, _)| attributes.clone())
            .unwrap_or_default()
    };
    let removals = cluster(&edges, &attributes, &keep_rules(run));

    let folder = run.store().create_folder(task)?;
    let mut outputs = Vec::new();
    for of_task in removals.chunk_by(|left, right| left.ordinal >> 32 == right.ordinal >> 32) {
        let (partition, _) = place(of_task[0].ordinal);
        let mut bytes = Vec::with_capacity(of_task.len() * REMOVED_BYTES);
        for Removal {
            ordinal,
            survivor,
            kind,
        } in of_task
        {
            let (_, survivor) = at(*survivor).context("a survivor has an edge")?;
            let row = u32::try_from(place(*ordinal).1).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&row.to_le_bytes());
            bytes.push(*kind as u8);
            bytes.extend_from_slice(&survivor.to_bytes());
        }
        let name = removed_file(partition);
        let info = publish_bytes(&folder.join(&name), &bytes)?;
        outputs.push(Output::new(name, &info));
    }
    run.store().record(task, outputs, Counts::default())
}

/// Reads the list that [`cluster_all`] wrote for partition `index`.
pub(crate) fn read_removed(run: &Run, clustered: &Commit, index: usize) -> Result<Vec<Removed>> {
    let name = removed_file(index);
    let Some(output) = clustered.output(&name) else {
        return Ok(Vec::new());
    };
    let path = run
        .store()
        .folder(Stage::Cluster, clustered.key)
        .join(&name);
    let bytes =
        std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    if proofmill_types::Digest::of(&bytes) != output.digest {
        return Err(Failure::TryAgain.error(format!(
            "`{}` is damaged; delete its folder",
            path.display()
        )));
    }
    let (records, _) = bytes.as_chunks::<REMOVED_BYTES>();
    let read = |record: &[u8; REMOVED_BYTES]| {
        let row = record.first_chunk::<4>().copied().map(u32::from_le_bytes)?;
        let survivor = record.last_chunk::<16>().copied().map(DocId::from_bytes)?;
        Some(Removed {
            row,
            kind: BandKind::from_byte(record[4])?,
            survivor,
        })
    };
    records
        .iter()
        .map(read)
        .collect::<Option<_>>()
        .context("a removal has a known kind")
}

/// Attributes and ids of the documents `ordinals`, which rise.
fn read_members(
    run: &Run,
    prepared: &[Commit],
    ordinals: &[u64],
) -> Result<Vec<(Attributes, DocId)>> {
    let partitions = run.plan().partitions();
    let mut members = Vec::with_capacity(ordinals.len());
    for of_task in ordinals.chunk_by(|left, right| left >> 32 == right >> 32) {
        run.check_stop()?;
        let (task, _) = place(of_task[0]);
        let commit = prepared.get(task).context("an edge names no task")?;
        let path = run.store().folder(Stage::Prepare, commit.key).join(DOCS);
        let mut wanted = of_task.iter().map(|ordinal| place(*ordinal).1).peekable();
        for (row, found) in (0_u64..).zip(DocsReader::open(&path, DocsProjection::NONE)?) {
            let found = found?;
            if wanted.next_if_eq(&row).is_some() {
                let attributes = Attributes {
                    source_index: u32::try_from(partitions[task].source).unwrap_or(u32::MAX),
                    version: found.document.version,
                    n_bytes: found.n_text_bytes,
                };
                members.push((attributes, found.document.id));
            }
            if wanted.peek().is_none() {
                break;
            }
        }
        anyhow::ensure!(
            wanted.peek().is_none(),
            "an edge names a row beyond `{}`",
            path.display()
        );
    }
    Ok(members)
}

fn keep_rules(run: &Run) -> Vec<KeepRule> {
    use proofmill_manifest::KeepRule as From;
    let default = proofmill_manifest::Dedup::default();
    let dedup = run.plan().manifest.dedup.as_ref().unwrap_or(&default);
    let rule = |rule: &From| match rule {
        From::SourceOrder => KeepRule::SourceOrder,
        From::Newest => KeepRule::Newest,
        From::Longest => KeepRule::Longest,
    };
    dedup.keep.iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_ranges_cover_all_hashes_once() {
        for n_tasks in [1, 3, 4, 100, 256] {
            let all: Vec<usize> = (0..n_tasks)
                .flat_map(|index| fine_ranges(index, n_tasks))
                .collect();
            assert_eq!(
                all,
                (0..bands::N_FINE_RANGES).collect::<Vec<_>>(),
                "{n_tasks} tasks"
            );
        }
    }

    #[test]
    fn ordinals_round_trip_and_follow_the_order_of_tasks() {
        assert_eq!(place(ordinal(7, 9)), (7, 9));
        assert!(ordinal(0, u32::MAX) < ordinal(1, 0));
    }
}
