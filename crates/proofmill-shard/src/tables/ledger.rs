//! The `ledger` table: every record that was read, and its fate.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Builder, StringBuilder, UInt64Builder};
use arrow::datatypes::{DataType, Field};
use proofmill_types::{DocId, Location, Reason, Stop, Value, Verdict};

use super::Split;
use super::batch::{Batch, clip, opt_u64, shared};
use super::columns::{DigestBuilder, LocationBuilder, digest_type, n_bytes, optional, required};
use super::file::{Columns, Layout, Rows, TableFile, TableWriter};
use crate::atomic::FileInfo;
use crate::error::ShardError;

const LAYOUT: Layout = Layout {
    table: "ledger",
    repetitive: &[
        "source",
        "location.file",
        "verdict",
        "stop",
        "rule",
        "value_text",
        "split",
    ],
    bulky: &[],
    group_rows: 65_536,
};
const READ_ROWS: usize = 1024;

/// One record and its fate.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// Ordinal of the record in its task, from 0.
    pub record: u64,
    /// Id of the document, where the record became one.
    pub doc_id: Option<DocId>,
    /// Name of the source in the manifest.
    pub source: Arc<str>,
    /// URL, arXiv id, repository and path, or file and line.
    pub origin: String,
    /// Where it was read.
    pub location: Location,
    /// Kept or dropped, with rule and measured value.
    pub verdict: Verdict,
    /// The stop that decided; for a kept record the last one that it passed.
    pub stop: Stop,
    /// What else was found, for people.
    pub detail: Option<String>,
    /// Bytes of content as read.
    pub n_bytes_in: u64,
    /// Bytes of text that go on; 0 if dropped.
    pub n_bytes_out: u64,
    /// Tokens that go on, once tokenized.
    pub n_tokens: Option<u64>,
    /// Side of the split, once split.
    pub split: Option<Split>,
    /// The document that stays in its place, for duplicates and older versions.
    pub survivor: Option<DocId>,
}

/// Writes a ledger.
pub struct LedgerWriter(TableWriter<LedgerColumns>);

impl LedgerWriter {
    /// Starts the ledger `path`; the file appears when finished.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn create(path: &Path) -> Result<Self, ShardError> {
        TableWriter::create(path, &LAYOUT, LedgerColumns::default()).map(Self)
    }

    /// Adds one row.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Refused`] beyond [`super::MAX_ROW_BYTES`].
    pub fn push(&mut self, row: &LedgerRow) -> Result<(), ShardError> {
        self.0.push(row)
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn finish(self) -> Result<FileInfo, ShardError> {
        self.0.finish()
    }
}

/// Reads a ledger row by row; ends after the first error.
pub struct LedgerReader {
    rows: Rows<LedgerRow>,
    n_rows: u64,
}

impl LedgerReader {
    /// Opens the ledger `path`.
    ///
    /// # Errors
    /// [`ShardError::Io`], [`ShardError::Table`], [`ShardError::Format`].
    pub fn open(path: &Path) -> Result<Self, ShardError> {
        let file = TableFile::open(path, &LAYOUT)?;
        let batches = file.read(None, READ_ROWS, |builder| builder)?;
        Ok(Self {
            rows: Rows::new(batches, decode),
            n_rows: file.n_rows(),
        })
    }

    /// Rows of the table.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }
}

impl Iterator for LedgerReader {
    type Item = Result<LedgerRow, ShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

#[derive(Default)]
struct LedgerColumns {
    record: UInt64Builder,
    doc_id: DigestBuilder,
    source: StringBuilder,
    origin: StringBuilder,
    location: LocationBuilder,
    verdict: StringBuilder,
    stop: StringBuilder,
    rule: StringBuilder,
    value_number: Float64Builder,
    value_text: StringBuilder,
    detail: StringBuilder,
    n_bytes_in: UInt64Builder,
    n_bytes_out: UInt64Builder,
    n_tokens: UInt64Builder,
    split: StringBuilder,
    survivor: DigestBuilder,
}

impl Columns for LedgerColumns {
    type Row = LedgerRow;

    fn fields(&self) -> Vec<Field> {
        vec![
            required("record", DataType::UInt64),
            optional("doc_id", digest_type()),
            required("source", DataType::Utf8),
            required("origin", DataType::Utf8),
            LocationBuilder::field(),
            required("verdict", DataType::Utf8),
            required("stop", DataType::Utf8),
            optional("rule", DataType::Utf8),
            optional("value_number", DataType::Float64),
            optional("value_text", DataType::Utf8),
            optional("detail", DataType::Utf8),
            required("n_bytes_in", DataType::UInt64),
            required("n_bytes_out", DataType::UInt64),
            optional("n_tokens", DataType::UInt64),
            optional("split", DataType::Utf8),
            optional("survivor", digest_type()),
        ]
    }

    fn text_bytes(row: &LedgerRow) -> u64 {
        let reason = match &row.verdict {
            Verdict::Keep => 0,
            Verdict::Drop(reason) => {
                let value = match &reason.value {
                    Value::Number(_) => 8,
                    Value::Text(text) => text.len(),
                };
                (reason.rule.len() + value) as u64
            }
        };
        let texts = [&*row.source, &*row.origin, &*row.location.file];
        let n_text_bytes: usize = texts.iter().map(|text| text.len()).sum();
        n_text_bytes as u64 + reason + n_bytes(row.detail.as_deref()) + 128
    }

    fn push(&mut self, row: &LedgerRow) {
        self.record.append_value(row.record);
        self.doc_id.push_optional(row.doc_id.map(|id| id.0));
        self.source.append_value(&*row.source);
        self.origin.append_value(&row.origin);
        self.location.push(&row.location);
        self.stop.append_value(row.stop.name());
        match &row.verdict {
            Verdict::Keep => {
                self.verdict.append_value("keep");
                self.rule.append_null();
                self.value_number.append_null();
                self.value_text.append_null();
            }
            Verdict::Drop(reason) => {
                self.verdict.append_value("drop");
                self.rule.append_value(&reason.rule);
                match &reason.value {
                    Value::Number(number) => {
                        self.value_number.append_value(*number);
                        self.value_text.append_null();
                    }
                    Value::Text(text) => {
                        self.value_number.append_null();
                        self.value_text.append_value(text);
                    }
                }
            }
        }
        self.detail.append_option(row.detail.as_deref());
        self.n_bytes_in.append_value(row.n_bytes_in);
        self.n_bytes_out.append_value(row.n_bytes_out);
        self.n_tokens.append_option(row.n_tokens);
        self.split.append_option(row.split.map(Split::name));
        self.survivor.push_optional(row.survivor.map(|id| id.0));
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        vec![
            Arc::new(self.record.finish()),
            self.doc_id.take(),
            Arc::new(self.source.finish()),
            Arc::new(self.origin.finish()),
            self.location.take(),
            Arc::new(self.verdict.finish()),
            Arc::new(self.stop.finish()),
            Arc::new(self.rule.finish()),
            Arc::new(self.value_number.finish()),
            Arc::new(self.value_text.finish()),
            Arc::new(self.detail.finish()),
            Arc::new(self.n_bytes_in.finish()),
            Arc::new(self.n_bytes_out.finish()),
            Arc::new(self.n_tokens.finish()),
            Arc::new(self.split.finish()),
            self.survivor.take(),
        ]
    }
}

fn decode(batch: &Batch<'_>) -> Result<VecDeque<LedgerRow>, ShardError> {
    let record = batch.u64s("record")?;
    let doc_id = batch.opt_digests("doc_id")?;
    let source = batch.texts("source")?;
    let origin = batch.texts("origin")?;
    let mut location = batch.locations()?;
    let verdict = batch.texts("verdict")?;
    let stop = batch.texts("stop")?;
    let rule = batch.opt_texts("rule")?;
    let value_number = batch.opt_f64s("value_number")?;
    let value_text = batch.opt_texts("value_text")?;
    let detail = batch.opt_texts("detail")?;
    let n_bytes_in = batch.u64s("n_bytes_in")?;
    let n_bytes_out = batch.u64s("n_bytes_out")?;
    let n_tokens = batch.opt_u64s("n_tokens")?;
    let split = batch.opt_texts("split")?;
    let survivor = batch.opt_digests("survivor")?;
    let mut last_source = Arc::from("");
    let mut rows = VecDeque::with_capacity(batch.n_rows());
    for row in 0..batch.n_rows() {
        let verdict = match (verdict.value(row), rule.owned(row)) {
            ("keep", None) => Verdict::Keep,
            ("drop", Some(rule)) => {
                let value = match value_text.owned(row) {
                    Some(text) => Value::Text(text),
                    None if value_number.is_valid(row) => Value::Number(value_number.value(row)),
                    None => return Err(batch.damaged("rule", row, "a drop without its value")),
                };
                Verdict::Drop(Reason {
                    rule: Cow::Owned(rule),
                    value,
                })
            }
            (other, _) => {
                let what = format!("verdict `{}` does not fit its rule", clip(other));
                return Err(batch.damaged("verdict", row, what));
            }
        };
        let stop = Stop::from_name(stop.value(row)).ok_or_else(|| {
            batch.damaged(
                "stop",
                row,
                format!("`{}` is no stop", clip(stop.value(row))),
            )
        })?;
        rows.push_back(LedgerRow {
            record: record.value(row),
            doc_id: doc_id.get(row).map(DocId),
            source: shared(&mut last_source, source.value(row)),
            origin: origin.value(row).to_owned(),
            location: location.get(row),
            verdict,
            stop,
            detail: detail.owned(row),
            n_bytes_in: n_bytes_in.value(row),
            n_bytes_out: n_bytes_out.value(row),
            n_tokens: opt_u64(n_tokens, row),
            split: batch.split(&split, row)?,
            survivor: survivor.get(row).map(DocId),
        });
    }
    Ok(rows)
}
