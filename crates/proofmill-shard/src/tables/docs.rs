//! The `docs` table: kept documents with their text, signals and origin.
//!
//! The same table serves between stages and as the final data set; the final one also has
//! `split` and `n_tokens`. Text lies in pages of about 64 rows or 256 KiB, so that one document can
//! be fetched without reading its neighbours' row group ([`DocsTexts`]).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Float64Builder, MapArray, MapBuilder, MapFieldNames,
    StringArray, StringBuilder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields};
use parquet::arrow::arrow_reader::{RowSelection, RowSelectionPolicy};
use proofmill_types::{Digest, DocId, Document, Kind, Signals};

use super::Split;
use super::batch::{Batch, opt_u64, shared};
use super::columns::{DigestBuilder, LocationBuilder, digest_type, n_bytes, optional, required};
use super::file::{Columns, Layout, Rows, TableFile, TableWriter};
use super::meta::{self, META, MetaBuilder, MetaReader, MetaSchema};
use crate::atomic::{AsideFile, FileInfo};
use crate::error::ShardError;

const LAYOUT: Layout = Layout {
    table: "docs",
    repetitive: &[
        "source",
        "kind",
        "location.file",
        "license",
        "language",
        "signals.key_value.key",
        "split",
    ],
    bulky: &["text"],
    group_rows: 65_536,
};
/// Rows decoded at a time: few where there is text, since each may be long.
const READ_ROWS_WITH_TEXT: usize = 64;
const READ_ROWS: usize = 1024;
const TEXT: &str = "text";
const SIGNALS: &str = "signals";

/// One document of the table.
#[derive(Clone, Debug)]
pub struct DocRow {
    /// The document; parts that were not projected are empty.
    pub document: Document,
    /// Bytes of its text.
    pub n_text_bytes: u64,
    /// Digest of its text.
    pub text_digest: Digest,
    /// Side of the split, in the final table.
    pub split: Option<Split>,
    /// Tokens with end-of-document id, in the final table.
    pub n_tokens: Option<u64>,
}

impl DocRow {
    /// The row of a document that is neither split nor tokenized yet.
    #[must_use]
    pub fn new(document: Document) -> Self {
        let text_digest = Digest::of(document.text.as_bytes());
        let n_text_bytes = document.text.len() as u64;
        Self {
            document,
            n_text_bytes,
            text_digest,
            split: None,
            n_tokens: None,
        }
    }
}

/// How a `docs` table is written.
#[derive(Clone, Debug, Default)]
pub struct DocsOptions {
    /// Fields of `meta` if no document comes; else the first document decides.
    pub meta_when_empty: MetaSchema,
    /// Whether the table has `split` and `n_tokens`, as the final one does.
    pub is_final: bool,
}

/// Writes a `docs` table.
pub struct DocsWriter {
    options: DocsOptions,
    state: State,
}

enum State {
    /// No document yet, so the schema is not known.
    Empty(AsideFile),
    Started(Box<TableWriter<DocsColumns>>),
    /// An error consumed the file.
    Failed(PathBuf),
}

impl DocsWriter {
    /// Starts the table `path`; the file appears when finished.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn create(path: &Path, options: DocsOptions) -> Result<Self, ShardError> {
        Ok(Self {
            options,
            state: State::Empty(AsideFile::create(path)?),
        })
    }

    /// Adds one row.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Refused`] beyond [`super::MAX_ROW_BYTES`] or if `meta` has
    /// other fields than that of the first document.
    pub fn push(&mut self, row: &DocRow) -> Result<(), ShardError> {
        let table = self.start(|| MetaSchema::of(&row.document.meta))?;
        let schema = table.columns().meta.schema();
        if !schema.fits(&row.document.meta) {
            let what = format!(
                "its meta fields {:?} are not those of the first row, {:?}",
                MetaSchema::of(&row.document.meta).0,
                schema.0
            );
            let position = format!("row {}", table.n_rows());
            return Err(ShardError::refused(table.path(), position, what));
        }
        table.push(row)
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn finish(mut self) -> Result<FileInfo, ShardError> {
        let schema = self.options.meta_when_empty.clone();
        self.start(|| schema)?;
        match self.state {
            State::Started(table) => table.finish(),
            State::Empty(file) => Err(failed(file.target())),
            State::Failed(path) => Err(failed(&path)),
        }
    }

    /// The table, begun with the schema of `meta` if it is not begun yet.
    fn start(
        &mut self,
        meta: impl FnOnce() -> MetaSchema,
    ) -> Result<&mut TableWriter<DocsColumns>, ShardError> {
        if let State::Empty(file) = &self.state {
            let path = file.target().to_owned();
            let state = std::mem::replace(&mut self.state, State::Failed(path));
            if let State::Empty(file) = state {
                let columns = DocsColumns::new(meta(), self.options.is_final);
                self.state = State::Started(Box::new(TableWriter::start(file, &LAYOUT, columns)?));
            }
        }
        match &mut self.state {
            State::Started(table) => Ok(table),
            State::Empty(file) => Err(failed(file.target())),
            State::Failed(path) => Err(failed(path)),
        }
    }
}

fn failed(path: &Path) -> ShardError {
    ShardError::refused(path, "a row", "an earlier error ended the file")
}

/// Which parts of the documents are read; the small columns always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocsProjection {
    /// The text.
    pub text: bool,
    /// The fields of the kind.
    pub meta: bool,
    /// The signals.
    pub signals: bool,
}

impl DocsProjection {
    /// Everything.
    pub const ALL: Self = Self {
        text: true,
        meta: true,
        signals: true,
    };
    /// Only the small columns.
    pub const NONE: Self = Self {
        text: false,
        meta: false,
        signals: false,
    };
}

/// Reads a `docs` table row by row; ends after the first error.
pub struct DocsReader {
    rows: Rows<DocRow>,
    n_rows: u64,
}

impl DocsReader {
    /// Opens the table `path`.
    ///
    /// # Errors
    /// [`ShardError::Io`], [`ShardError::Table`], [`ShardError::Format`].
    pub fn open(path: &Path, projection: DocsProjection) -> Result<Self, ShardError> {
        let file = TableFile::open(path, &LAYOUT)?;
        let schema = file.metadata().schema();
        let wanted = |name: &str| match name {
            TEXT => projection.text,
            META => projection.meta,
            SIGNALS => projection.signals,
            _ => true,
        };
        let names: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .filter(|name| wanted(name))
            .collect();
        for (name, is_wanted) in [(TEXT, projection.text), (SIGNALS, projection.signals)] {
            if is_wanted && !file.has_column(name) {
                return Err(ShardError::damaged(
                    path,
                    format!("column `{name}`"),
                    "it is missing",
                ));
            }
        }
        let n_rows = if projection.text {
            READ_ROWS_WITH_TEXT
        } else {
            READ_ROWS
        };
        let batches = file.read(Some(&names), n_rows, |builder| builder)?;
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

impl Iterator for DocsReader {
    type Item = Result<DocRow, ShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

/// Fetches the texts of single rows; each costs about one page.
pub struct DocsTexts(TableFile);

impl DocsTexts {
    /// Opens the table `path`.
    ///
    /// # Errors
    /// [`ShardError::Io`], [`ShardError::Table`], [`ShardError::Format`].
    pub fn open(path: &Path) -> Result<Self, ShardError> {
        TableFile::open(path, &LAYOUT).map(Self)
    }

    /// Rows of the table.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.0.n_rows()
    }

    /// The texts of `rows`, which ascend strictly; all of them in memory at once.
    ///
    /// # Errors
    /// As [`DocsTexts::open`]; [`ShardError::Refused`] if `rows` do not ascend or are not there.
    pub fn texts(&self, rows: &[u64]) -> Result<Vec<String>, ShardError> {
        let path = self.0.path();
        let ascends = rows.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascends || rows.last().is_some_and(|row| *row >= self.n_rows()) {
            let what = format!("rows must ascend and stay below {}", self.n_rows());
            return Err(ShardError::refused(path, "a request", what));
        }
        let Selected { groups, selection } = self.select(rows)?;
        let batches = self.0.read(Some(&[TEXT]), READ_ROWS_WITH_TEXT, |builder| {
            builder
                .with_row_groups(groups)
                .with_row_selection(selection)
                .with_row_selection_policy(RowSelectionPolicy::Selectors)
        })?;
        let decode = |batch: &Batch<'_>| -> Result<VecDeque<String>, ShardError> {
            Ok(batch
                .texts(TEXT)?
                .iter()
                .flatten()
                .map(str::to_owned)
                .collect())
        };
        let texts: Vec<String> = Rows::new(batches, decode).collect::<Result<_, _>>()?;
        if texts.len() == rows.len() {
            Ok(texts)
        } else {
            let what = format!("{} of {} texts are there", texts.len(), rows.len());
            Err(ShardError::damaged(path, "column `text`", what))
        }
    }

    /// The row groups that hold `rows`, and the rows within these groups end to end.
    fn select(&self, rows: &[u64]) -> Result<Selected, ShardError> {
        let mut groups = Vec::new();
        let mut ranges = Vec::new();
        let mut rest = rows;
        let mut group_start = 0_u64; // first row of the group, in the file
        let mut selected_start = 0_usize; // and among the groups selected
        for (index, group) in self.0.metadata().metadata().row_groups().iter().enumerate() {
            let damaged = || {
                let position = format!("row group {index}");
                ShardError::damaged(self.0.path(), position, "its number of rows is impossible")
            };
            let n_rows = u64::try_from(group.num_rows()).map_err(|_| damaged())?;
            let group_end = group_start.checked_add(n_rows).ok_or_else(damaged)?;
            let (here, later) = rest.split_at(rest.partition_point(|row| *row < group_end));
            rest = later;
            if !here.is_empty() {
                for row in here {
                    let at = usize::try_from(row - group_start).map_err(|_| damaged())?;
                    let at = selected_start.checked_add(at).ok_or_else(damaged)?;
                    ranges.push(at..at + 1);
                }
                groups.push(index);
                let n_rows = usize::try_from(n_rows).map_err(|_| damaged())?;
                selected_start = selected_start.checked_add(n_rows).ok_or_else(damaged)?;
            }
            group_start = group_end;
        }
        let selection = RowSelection::from_consecutive_ranges(ranges.into_iter(), selected_start);
        Ok(Selected { groups, selection })
    }
}

struct Selected {
    groups: Vec<usize>,
    selection: RowSelection,
}

struct DocsColumns {
    doc_id: DigestBuilder,
    source: StringBuilder,
    kind: StringBuilder,
    origin: StringBuilder,
    location: LocationBuilder,
    group: StringBuilder,
    family: StringBuilder,
    version: StringBuilder,
    license: StringBuilder,
    language: StringBuilder,
    text: StringBuilder,
    n_text_bytes: UInt64Builder,
    text_digest: DigestBuilder,
    meta: MetaBuilder,
    signals: MapBuilder<StringBuilder, Float64Builder>,
    end: Option<FinalColumns>,
}

#[derive(Default)]
struct FinalColumns {
    split: StringBuilder,
    n_tokens: UInt64Builder,
}

impl DocsColumns {
    fn new(meta: MetaSchema, is_final: bool) -> Self {
        let names = MapFieldNames {
            entry: "key_value".to_owned(),
            key: "key".to_owned(),
            value: "value".to_owned(),
        };
        let signals = MapBuilder::new(Some(names), StringBuilder::new(), Float64Builder::new());
        Self {
            doc_id: DigestBuilder::default(),
            source: StringBuilder::new(),
            kind: StringBuilder::new(),
            origin: StringBuilder::new(),
            location: LocationBuilder::default(),
            group: StringBuilder::new(),
            family: StringBuilder::new(),
            version: StringBuilder::new(),
            license: StringBuilder::new(),
            language: StringBuilder::new(),
            text: StringBuilder::new(),
            n_text_bytes: UInt64Builder::new(),
            text_digest: DigestBuilder::default(),
            meta: MetaBuilder::new(meta),
            signals: signals
                .with_keys_field(required("key", DataType::Utf8))
                .with_values_field(required("value", DataType::Float64)),
            end: is_final.then(FinalColumns::default),
        }
    }
}

fn signals_type() -> DataType {
    let entries = Fields::from(vec![
        required("key", DataType::Utf8),
        required("value", DataType::Float64),
    ]);
    DataType::Map(
        Arc::new(required("key_value", DataType::Struct(entries))),
        false,
    )
}

impl Columns for DocsColumns {
    type Row = DocRow;

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            required("doc_id", digest_type()),
            required("source", DataType::Utf8),
            required("kind", DataType::Utf8),
            required("origin", DataType::Utf8),
            LocationBuilder::field(),
            required("group", DataType::Utf8),
            optional("family", DataType::Utf8),
            optional("version", DataType::Utf8),
            optional("license", DataType::Utf8),
            optional("language", DataType::Utf8),
            required(TEXT, DataType::Utf8),
            required("n_text_bytes", DataType::UInt64),
            required("text_digest", digest_type()),
        ];
        fields.extend(self.meta.field());
        fields.push(required(SIGNALS, signals_type()));
        if self.end.is_some() {
            fields.push(optional("split", DataType::Utf8));
            fields.push(optional("n_tokens", DataType::UInt64));
        }
        fields
    }

    fn text_bytes(row: &DocRow) -> u64 {
        let doc = &row.document;
        let texts = [
            &*doc.source,
            &*doc.origin,
            &*doc.location.file,
            &*doc.group,
            &*doc.text,
        ];
        let n_text_bytes: usize = texts.iter().map(|text| text.len()).sum();
        let optional: u64 = [&doc.family, &doc.version, &doc.license, &doc.language]
            .iter()
            .map(|text| n_bytes(text.as_deref()))
            .sum();
        let signals: usize = doc.signals.iter().map(|(name, _)| name.len() + 8).sum();
        n_text_bytes as u64 + optional + signals as u64 + meta::text_bytes(&doc.meta) + 128
    }

    fn push(&mut self, row: &DocRow) {
        let doc = &row.document;
        self.doc_id.push(doc.id.0);
        self.source.append_value(&*doc.source);
        self.kind.append_value(doc.kind.name());
        self.origin.append_value(&doc.origin);
        self.location.push(&doc.location);
        self.group.append_value(&doc.group);
        self.family.append_option(doc.family.as_deref());
        self.version.append_option(doc.version.as_deref());
        self.license.append_option(doc.license.as_deref());
        self.language.append_option(doc.language.as_deref());
        self.text.append_value(&doc.text);
        self.n_text_bytes.append_value(row.n_text_bytes);
        self.text_digest.push(row.text_digest);
        self.meta.push(&doc.meta);
        for (name, value) in doc.signals.iter() {
            self.signals.keys().append_value(name);
            self.signals.values().append_value(value);
        }
        self.signals
            .append(true)
            .expect("each key above came with its value");
        if let Some(end) = &mut self.end {
            end.split.append_option(row.split.map(Split::name));
            end.n_tokens.append_option(row.n_tokens);
        }
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        let mut arrays: Vec<ArrayRef> = vec![
            self.doc_id.take(),
            Arc::new(self.source.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.origin.finish()),
            self.location.take(),
            Arc::new(self.group.finish()),
            Arc::new(self.family.finish()),
            Arc::new(self.version.finish()),
            Arc::new(self.license.finish()),
            Arc::new(self.language.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.n_text_bytes.finish()),
            self.text_digest.take(),
        ];
        arrays.extend(self.meta.take());
        arrays.push(Arc::new(self.signals.finish()));
        if let Some(end) = &mut self.end {
            arrays.push(Arc::new(end.split.finish()));
            arrays.push(Arc::new(end.n_tokens.finish()));
        }
        arrays
    }
}

fn decode(batch: &Batch<'_>) -> Result<VecDeque<DocRow>, ShardError> {
    let doc_id = batch.digests("doc_id")?;
    let source = batch.texts("source")?;
    let kind = batch.texts("kind")?;
    let origin = batch.texts("origin")?;
    let mut location = batch.locations()?;
    let group = batch.texts("group")?;
    let family = batch.opt_texts("family")?;
    let version = batch.opt_texts("version")?;
    let license = batch.opt_texts("license")?;
    let language = batch.opt_texts("language")?;
    let n_text_bytes = batch.u64s("n_text_bytes")?;
    let text_digest = batch.digests("text_digest")?;
    let text = match batch.find::<StringArray>(TEXT)? {
        Some(column) => Some(batch.without_nulls(TEXT, column)?),
        None => None,
    };
    let meta = MetaReader::new(batch)?;
    let signals = SignalsReader::new(batch)?;
    let has_end = batch.find::<StringArray>("split")?.is_some();
    let end = if has_end {
        Some((batch.opt_texts("split")?, batch.opt_u64s("n_tokens")?))
    } else {
        None
    };
    let mut last_source = Arc::from("");
    let mut rows = VecDeque::with_capacity(batch.n_rows());
    for row in 0..batch.n_rows() {
        let (split, n_tokens) = match &end {
            Some((split, n_tokens)) => (batch.split(split, row)?, opt_u64(n_tokens, row)),
            None => (None, None),
        };
        let kind: Kind = batch.kind(kind, row)?;
        let document = Document {
            id: DocId(doc_id.value(row)),
            source: shared(&mut last_source, source.value(row)),
            kind,
            origin: origin.value(row).to_owned(),
            location: location.get(row),
            group: group.value(row).to_owned(),
            family: family.owned(row),
            version: version.owned(row),
            license: license.owned(row),
            language: language.owned(row),
            text: text.map_or_else(String::new, |text| text.value(row).to_owned()),
            meta: meta.get(row),
            signals: signals
                .as_ref()
                .map_or_else(Signals::new, |signals| signals.get(row)),
        };
        rows.push_back(DocRow {
            document,
            n_text_bytes: n_text_bytes.value(row),
            text_digest: text_digest.value(row),
            split,
            n_tokens,
        });
    }
    Ok(rows)
}

/// Reads the signals of a batch, if the column was projected.
struct SignalsReader<'a> {
    maps: &'a MapArray,
    names: &'a StringArray,
    values: &'a Float64Array,
}

impl<'a> SignalsReader<'a> {
    fn new(batch: &Batch<'a>) -> Result<Option<Self>, ShardError> {
        let Some(maps) = batch.find::<MapArray>(SIGNALS)? else {
            return Ok(None);
        };
        let names = batch.cast(SIGNALS, maps.keys().as_ref())?;
        let values = batch.cast(SIGNALS, maps.values().as_ref())?;
        Ok(Some(Self {
            maps,
            names,
            values,
        }))
    }

    fn get(&self, row: usize) -> Signals {
        let offsets = self.maps.value_offsets();
        let at = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
        let mut signals = Signals::new();
        for index in at(row)..at(row + 1) {
            if self.values.is_valid(index) {
                signals.set(self.names.value(index).to_owned(), self.values.value(index));
            }
        }
        signals
    }
}
