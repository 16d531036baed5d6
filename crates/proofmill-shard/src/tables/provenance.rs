//! The `provenance` table beside each shard: its documents, in the order of the `.idx`.
//!
//! Row groups hold [`PROVENANCE_GROUP_ROWS`] rows, so an ordinal finds its row group by division.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt32Builder, UInt64Builder};
use arrow::datatypes::{DataType, Field};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use proofmill_types::{Digest, DocId, Kind, Location};

use super::batch::{Batch, shared};
use super::columns::{DigestBuilder, LocationBuilder, digest_type, n_bytes, optional, required};
use super::file::{Columns, Layout, Rows, TableFile, TableWriter};
use super::{DocRow, Split};
use crate::atomic::FileInfo;
use crate::error::ShardError;

/// Rows of one row group, the last one excepted.
pub const PROVENANCE_GROUP_ROWS: usize = 65_536;

const LAYOUT: Layout = Layout {
    table: "provenance",
    repetitive: &[
        "source",
        "kind",
        "location.file",
        "license",
        "language",
        "split",
    ],
    bulky: &[],
    group_rows: PROVENANCE_GROUP_ROWS,
};
const READ_ROWS: usize = 1024;

/// One document of a shard.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvenanceRow {
    /// Ordinal in the shard, from 0; the sequence number in the `.idx`.
    pub ordinal: u64,
    /// Tokens of the shard before this document.
    pub token_offset: u64,
    /// Tokens of this document, its end-of-document id included.
    pub n_tokens: u32,
    /// Stable id.
    pub doc_id: DocId,
    /// Name of the source in the manifest.
    pub source: Arc<str>,
    /// What the source holds.
    pub kind: Kind,
    /// URL, arXiv id, repository and path, or file and line.
    pub origin: String,
    /// Where the record was read.
    pub location: Location,
    /// SPDX identifier or URL of the licence.
    pub license: Option<String>,
    /// Language of the prose or programming language.
    pub language: Option<String>,
    /// Bytes of text before tokenizing.
    pub n_text_bytes: u64,
    /// Digest of that text.
    pub text_digest: Digest,
    /// Side of the split.
    pub split: Split,
}

impl ProvenanceRow {
    /// The row of a document, with ordinal, offset and tokens still 0:
    /// [`crate::ShardWriter`] knows them.
    #[must_use]
    pub fn of(row: &DocRow, split: Split) -> Self {
        let doc = &row.document;
        Self {
            ordinal: 0,
            token_offset: 0,
            n_tokens: 0,
            doc_id: doc.id,
            source: Arc::clone(&doc.source),
            kind: doc.kind,
            origin: doc.origin.clone(),
            location: doc.location.clone(),
            license: doc.license.clone(),
            language: doc.language.clone(),
            n_text_bytes: row.n_text_bytes,
            text_digest: row.text_digest,
            split,
        }
    }
}

/// Writes a provenance table.
pub struct ProvenanceWriter(TableWriter<ProvenanceColumns>);

impl ProvenanceWriter {
    /// Starts the table `path`; the file appears when finished.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn create(path: &Path) -> Result<Self, ShardError> {
        TableWriter::create(path, &LAYOUT, ProvenanceColumns::default()).map(Self)
    }

    /// Adds one row.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Refused`] beyond [`super::MAX_ROW_BYTES`].
    pub fn push(&mut self, row: &ProvenanceRow) -> Result<(), ShardError> {
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

/// Reads a provenance table row by row; ends after the first error.
pub struct ProvenanceReader {
    rows: Rows<ProvenanceRow>,
    n_rows: u64,
}

impl ProvenanceReader {
    /// Opens the table `path`.
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

    /// The one row `ordinal` of the table `path`, without reading the others' row groups.
    ///
    /// # Errors
    /// As [`ProvenanceReader::open`]; [`ShardError::Damaged`] if the row is not there or is
    /// another one.
    pub fn row(path: &Path, ordinal: u64) -> Result<ProvenanceRow, ShardError> {
        let file = TableFile::open(path, &LAYOUT)?;
        let missing =
            || ShardError::damaged(path, format!("row {ordinal}"), "there is no such row");
        let at = usize::try_from(ordinal).map_err(|_| missing())?;
        let (group, skipped) = (at / PROVENANCE_GROUP_ROWS, at % PROVENANCE_GROUP_ROWS);
        if group >= file.metadata().metadata().num_row_groups() {
            return Err(missing());
        }
        let selection =
            RowSelection::from(vec![RowSelector::skip(skipped), RowSelector::select(1)]);
        let batches = file.read(None, 1, |builder| {
            builder
                .with_row_groups(vec![group])
                .with_row_selection(selection)
        })?;
        let row = Rows::new(batches, decode).next().ok_or_else(missing)??;
        if row.ordinal == ordinal {
            Ok(row)
        } else {
            Err(missing())
        }
    }
}

impl Iterator for ProvenanceReader {
    type Item = Result<ProvenanceRow, ShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

#[derive(Default)]
struct ProvenanceColumns {
    ordinal: UInt64Builder,
    token_offset: UInt64Builder,
    n_tokens: UInt32Builder,
    doc_id: DigestBuilder,
    source: StringBuilder,
    kind: StringBuilder,
    origin: StringBuilder,
    location: LocationBuilder,
    license: StringBuilder,
    language: StringBuilder,
    n_text_bytes: UInt64Builder,
    text_digest: DigestBuilder,
    split: StringBuilder,
}

impl Columns for ProvenanceColumns {
    type Row = ProvenanceRow;

    fn fields(&self) -> Vec<Field> {
        vec![
            required("ordinal", DataType::UInt64),
            required("token_offset", DataType::UInt64),
            required("n_tokens", DataType::UInt32),
            required("doc_id", digest_type()),
            required("source", DataType::Utf8),
            required("kind", DataType::Utf8),
            required("origin", DataType::Utf8),
            LocationBuilder::field(),
            optional("license", DataType::Utf8),
            optional("language", DataType::Utf8),
            required("n_text_bytes", DataType::UInt64),
            required("text_digest", digest_type()),
            required("split", DataType::Utf8),
        ]
    }

    fn text_bytes(row: &ProvenanceRow) -> u64 {
        let texts = [&*row.source, &*row.origin, &*row.location.file];
        let n_text_bytes: usize = texts.iter().map(|text| text.len()).sum();
        let optional = n_bytes(row.license.as_deref()) + n_bytes(row.language.as_deref());
        n_text_bytes as u64 + optional + 128
    }

    fn push(&mut self, row: &ProvenanceRow) {
        self.ordinal.append_value(row.ordinal);
        self.token_offset.append_value(row.token_offset);
        self.n_tokens.append_value(row.n_tokens);
        self.doc_id.push(row.doc_id.0);
        self.source.append_value(&*row.source);
        self.kind.append_value(row.kind.name());
        self.origin.append_value(&row.origin);
        self.location.push(&row.location);
        self.license.append_option(row.license.as_deref());
        self.language.append_option(row.language.as_deref());
        self.n_text_bytes.append_value(row.n_text_bytes);
        self.text_digest.push(row.text_digest);
        self.split.append_value(row.split.name());
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        vec![
            Arc::new(self.ordinal.finish()),
            Arc::new(self.token_offset.finish()),
            Arc::new(self.n_tokens.finish()),
            self.doc_id.take(),
            Arc::new(self.source.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.origin.finish()),
            self.location.take(),
            Arc::new(self.license.finish()),
            Arc::new(self.language.finish()),
            Arc::new(self.n_text_bytes.finish()),
            self.text_digest.take(),
            Arc::new(self.split.finish()),
        ]
    }
}

fn decode(batch: &Batch<'_>) -> Result<VecDeque<ProvenanceRow>, ShardError> {
    let ordinal = batch.u64s("ordinal")?;
    let token_offset = batch.u64s("token_offset")?;
    let n_tokens = batch.u32s("n_tokens")?;
    let doc_id = batch.digests("doc_id")?;
    let source = batch.texts("source")?;
    let kind = batch.texts("kind")?;
    let origin = batch.texts("origin")?;
    let mut location = batch.locations()?;
    let license = batch.opt_texts("license")?;
    let language = batch.opt_texts("language")?;
    let n_text_bytes = batch.u64s("n_text_bytes")?;
    let text_digest = batch.digests("text_digest")?;
    let split = batch.opt_texts("split")?;
    let mut last_source = Arc::from("");
    let mut rows = VecDeque::with_capacity(batch.n_rows());
    for row in 0..batch.n_rows() {
        let split = batch.split(&split, row)?;
        rows.push_back(ProvenanceRow {
            ordinal: ordinal.value(row),
            token_offset: token_offset.value(row),
            n_tokens: n_tokens.value(row),
            doc_id: DocId(doc_id.value(row)),
            source: shared(&mut last_source, source.value(row)),
            kind: batch.kind(kind, row)?,
            origin: origin.value(row).to_owned(),
            location: location.get(row),
            license: license.owned(row),
            language: language.owned(row),
            n_text_bytes: n_text_bytes.value(row),
            text_digest: text_digest.value(row),
            split: split.ok_or_else(|| batch.damaged("split", row, "the value is missing"))?,
        });
    }
    Ok(rows)
}
