//! Looks into a finished corpus: documents by rule, one document's path, a token's origin.

use std::path::Path;

use anyhow::{Context as _, Result};
use proofmill_shard::tables::{DocsTexts, LedgerReader, LedgerRow, ProvenanceReader};
use proofmill_types::{Digest, Digester, DocId, Location, Stop, Value, Verdict};
use serde::Serialize;

use crate::corpus::Corpus;
use crate::failure::Failure;
use crate::packing::slice_name;
use crate::plan::Plan;
use crate::run::Run;
use crate::verify::files_of;

/// A row of the ledger, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Source.
    pub source: String,
    /// Id of the document, where the record became one.
    pub doc_id: Option<String>,
    /// URL, arXiv id, repository and path, or file and line.
    pub origin: String,
    /// Where it was read.
    pub location: Location,
    /// Whether it was kept.
    pub keep: bool,
    /// The stop that decided.
    pub stop: Stop,
    /// The rule that dropped it.
    pub rule: Option<String>,
    /// What the rule measured.
    pub value: Option<String>,
    /// What else the ledger tells, e.g. what was masked.
    pub detail: Option<String>,
    /// Bytes as read.
    pub n_bytes_in: u64,
    /// Bytes of text kept.
    pub n_bytes_out: u64,
    /// Tokens kept.
    pub n_tokens: Option<u64>,
    /// Side of the split.
    pub split: Option<String>,
    /// Who stays in its place.
    pub survivor: Option<String>,
    /// Its text; of a dropped document as far as it came.
    pub text: Option<String>,
    /// Shard and first token, if it was kept.
    pub shard: Option<(String, u64)>,
}

/// Which records [`inspect`] draws from.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only this source.
    pub source: Option<String>,
    /// Only what this rule dropped.
    pub rule: Option<String>,
    /// Only kept (true) or only dropped (false).
    pub keep: Option<bool>,
    /// How many.
    pub n: usize,
    /// Draws others.
    pub seed: u64,
}

/// Draws records at random, the same for the same seed, with their texts.
///
/// Texts of dropped documents are extracted again from the input.
///
/// # Errors
/// No finished corpus, an unreadable table.
pub fn inspect(run: &Run, wanted: &Wanted) -> Result<Vec<Found>> {
    let corpus = Corpus::read(run.out())?;
    let mut drawn: Vec<(Digest, Hit)> = Vec::new();
    for_each_row(run.out(), &corpus, wanted.source.as_deref(), &mut |hit| {
        let rule = match &hit.row.verdict {
            Verdict::Drop(reason) => Some(&*reason.rule),
            Verdict::Keep => None,
        };
        let fits = wanted.keep.is_none_or(|keep| keep == rule.is_none())
            && wanted
                .rule
                .as_deref()
                .is_none_or(|wanted| rule == Some(wanted));
        if fits {
            let mut digester = Digester::new();
            digester.update(&wanted.seed.to_le_bytes());
            digester.update(hit.file.as_bytes());
            digester.update(&hit.row.record.to_le_bytes());
            drawn.push((digester.finish(), hit));
            if drawn.len() > wanted.n.saturating_mul(4).max(1024) {
                drawn.sort_by_key(|(order, _)| *order);
                drawn.truncate(wanted.n);
            }
        }
        Ok(())
    })?;
    drawn.sort_by_key(|(order, _)| *order);
    drawn.truncate(wanted.n);
    drawn
        .into_iter()
        .map(|(_, hit)| with_text(run, hit))
        .collect()
}

/// The whole path of a document: its row, its text, its place in a shard, then the row of the
/// document that stays in its place.
///
/// # Errors
/// [`Failure::Usage`] if nothing has this id or origin.
pub fn explain(run: &Run, doc: &str) -> Result<Vec<Found>> {
    let corpus = Corpus::read(run.out())?;
    let id = Digest::from_hex(doc).map(DocId);
    let mut hits = Vec::new();
    for_each_row(run.out(), &corpus, None, &mut |hit| {
        if hit.row.origin == doc || (id.is_some() && hit.row.doc_id == id) {
            hits.push(hit);
        }
        Ok(())
    })?;
    if hits.is_empty() {
        return Err(Failure::Usage.error(format!(
            "no record of this corpus has the id or origin `{doc}`"
        )));
    }
    let survivors: Vec<DocId> = hits.iter().filter_map(|hit| hit.row.survivor).collect();
    for_each_row(run.out(), &corpus, None, &mut |hit| {
        let is_shown = || hits.iter().any(|shown| shown.row.doc_id == hit.row.doc_id);
        if hit.row.doc_id.is_some_and(|id| survivors.contains(&id)) && !is_shown() {
            hits.push(hit);
        }
        Ok(())
    })?;
    let mut found = Vec::new();
    for hit in hits {
        let doc_id = hit.row.doc_id;
        let split = hit.row.split;
        let mut one = with_text(run, hit)?;
        if let (Some(id), Some(split)) = (doc_id, split) {
            one.shard = place(run.out(), &corpus, &one.source, split.name(), id)?;
        }
        found.push(one);
    }
    Ok(found)
}

/// The document of token `offset` of the shard `prefix` (below the output directory).
///
/// # Errors
/// [`Failure::Usage`] for an unknown shard or an offset beyond its end.
pub fn locate(out: &Path, prefix: &str, offset: u64) -> Result<Found> {
    let corpus = Corpus::read(out)?;
    let name = prefix
        .trim_end_matches(".bin")
        .trim_end_matches(".idx")
        .trim_start_matches("./");
    let known = corpus
        .sequences
        .keys()
        .find(|known| *known == name || known.strip_prefix("shards/") == Some(name));
    let Some(prefix) = known else {
        let all: Vec<&str> = corpus.sequences.keys().map(String::as_str).collect();
        return Err(Failure::Usage.error(format!(
            "there is no shard `{prefix}`; there are {}",
            all.join(", ")
        )));
    };
    let row = proofmill_shard::locate(&out.join(prefix), offset)?.ok_or_else(|| {
        Failure::Usage.error(format!(
            "token {offset} lies beyond the end of shard `{prefix}`"
        ))
    })?;
    Ok(Found {
        source: row.source.to_string(),
        doc_id: Some(row.doc_id.to_string()),
        origin: row.origin,
        location: row.location,
        keep: true,
        stop: Stop::Tokenize,
        rule: None,
        value: None,
        detail: None,
        n_bytes_in: row.n_text_bytes,
        n_bytes_out: row.n_text_bytes,
        n_tokens: Some(u64::from(row.n_tokens)),
        split: Some(row.split.to_string()),
        survivor: None,
        text: None,
        shard: Some((prefix.clone(), row.token_offset)),
    })
}

/// A ledger row with its file, and its row in the `docs` table if it was kept.
struct Hit {
    file: String,
    doc_row: Option<u64>,
    row: LedgerRow,
}

fn for_each_row(
    out: &Path,
    corpus: &Corpus,
    source: Option<&str>,
    act: &mut dyn FnMut(Hit) -> Result<()>,
) -> Result<()> {
    if let Some(name) = source
        && !corpus.sources.iter().any(|source| source.name == name)
    {
        let names: Vec<&str> = corpus
            .sources
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        return Err(Failure::Usage.error(format!(
            "there is no source `{name}`; there are {}",
            names.join(", ")
        )));
    }
    for found in corpus
        .sources
        .iter()
        .filter(|found| source.is_none_or(|name| found.name == name))
    {
        for file in files_of(corpus, "ledger", &found.name) {
            let mut n_kept = 0;
            for row in LedgerReader::open(&out.join(file))? {
                let row = row?;
                let is_kept = row.verdict == Verdict::Keep;
                act(Hit {
                    file: file.to_owned(),
                    doc_row: is_kept.then_some(n_kept),
                    row,
                })?;
                n_kept += u64::from(is_kept);
            }
        }
    }
    Ok(())
}

fn with_text(run: &Run, hit: Hit) -> Result<Found> {
    let Hit { file, doc_row, row } = hit;
    let text = match doc_row {
        Some(doc_row) => {
            let docs = file.replacen("ledger/", "docs/", 1);
            DocsTexts::open(&run.out().join(docs))?
                .texts(&[doc_row])?
                .pop()
        }
        None if row.stop == Stop::Read => None,
        None => extract_again(run, &row.source, &row.location).unwrap_or_default(),
    };
    let (rule, value) = match row.verdict {
        Verdict::Drop(reason) => {
            let value = match reason.value {
                Value::Number(number) => number.to_string(),
                Value::Text(text) => text,
            };
            (Some(reason.rule.into_owned()), Some(value))
        }
        Verdict::Keep => (None, None),
    };
    Ok(Found {
        source: row.source.to_string(),
        doc_id: row.doc_id.map(|id| id.to_string()),
        origin: row.origin,
        location: row.location,
        keep: rule.is_none(),
        stop: row.stop,
        rule,
        value,
        detail: row.detail,
        n_bytes_in: row.n_bytes_in,
        n_bytes_out: row.n_bytes_out,
        n_tokens: row.n_tokens,
        split: row.split.map(|split| split.to_string()),
        survivor: row.survivor.map(|id| id.to_string()),
        text,
        shard: None,
    })
}

/// Text of the record at `location`, read and extracted again; `None` if the input is gone.
fn extract_again(run: &Run, source: &str, location: &Location) -> Result<Option<String>> {
    let plan: &Plan = run.plan();
    let number = plan
        .manifest
        .source
        .iter()
        .position(|found| found.name == source);
    let number = number.with_context(|| format!("the plan has no source `{source}`"))?;
    let options = run.read_options(number)?;
    let slices = plan.sources[number].groups.iter().flatten();
    for slice in slices.filter(|slice| slice.file.name == location.file) {
        let reader = proofmill_read::open(slice, options).with_context(|| slice_name(slice))?;
        for entry in reader {
            let entry = entry?;
            if entry.location() != location {
                continue;
            }
            if let proofmill_read::Entry::Record(record) = entry {
                let fate = run.line(number)?.process(record, run.times());
                return Ok(fate.doc.map(|doc| doc.text));
            }
        }
    }
    Ok(None)
}

/// Shard and first token of a document.
fn place(
    out: &Path,
    corpus: &Corpus,
    source: &str,
    split: &str,
    id: DocId,
) -> Result<Option<(String, u64)>> {
    let shards = corpus
        .sources
        .iter()
        .filter(|found| found.name == source)
        .filter_map(|found| found.shards.get(split));
    for prefix in shards.flatten() {
        for row in ProvenanceReader::open(&out.join(format!("{prefix}.docs.parquet")))? {
            let row = row?;
            if row.doc_id == id {
                return Ok(Some((prefix.clone(), row.token_offset)));
            }
        }
    }
    Ok(None)
}
