//! The `docs` table: kept documents with their text, signals and origin.
//!
//! The same table serves between stages and as the final data set; the final one also has
//! `split` and `n_tokens`. Text lies in pages of about 64 rows or 256 KiB, so that one document can
//! be fetched without reading its neighbours' row group ([`super::DocsTexts`]).

use std::path::{Path, PathBuf};

use proofmill_types::{Digest, Document};

use super::Split;
use super::docs_columns::{DocsColumns, SIGNALS, TEXT, decode};
use super::file::{Layout, Rows, TableFile, TableWriter};
use super::meta::{META, MetaSchema};
use crate::atomic::{AsideFile, FileInfo};
use crate::error::ShardError;

pub(crate) const LAYOUT: Layout = Layout {
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
pub(crate) const READ_ROWS_WITH_TEXT: usize = 64;
const READ_ROWS: usize = 1024;

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
        let schema = table.columns().meta_schema();
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
