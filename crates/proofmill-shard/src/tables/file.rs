//! One Parquet file: pinned properties on the way out, a checked footer on the way in.

use std::collections::VecDeque;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::batch::Batch;
use crate::atomic::{AsideFile, FileInfo};
use crate::error::ShardError;

/// Bytes of text that one row may hold in all its columns: 1 GiB.
pub const MAX_ROW_BYTES: u64 = 1 << 30;

/// Version of all table schemas; grows when a column changes.
const VERSION: &str = "1";
/// Pinned, because it is part of the bytes; in the form that other readers can parse.
const CREATED_BY: &str = "proofmill version 1";
const ZSTD_LEVEL: i32 = 3;
/// Rows and bytes that wait in memory before they are encoded.
const BATCH_ROWS: usize = 1024;
const BATCH_BYTES: u64 = 16 << 20;
/// Bytes of text after which a row group ends, so that writers need bounded memory.
const GROUP_BYTES: u64 = 64 << 20;
/// A page of a bulky column holds about this much, so that one row costs one small page.
const BULKY_PAGE_BYTES: usize = 256 << 10;
const BULKY_PAGE_ROWS: usize = 64;

/// Name and layout of one table.
pub(crate) struct Layout {
    /// Name in the footer.
    pub(crate) table: &'static str,
    /// Columns that repeat few values, as dotted paths.
    pub(crate) repetitive: &'static [&'static str],
    /// Columns of long text, which are read row by row.
    pub(crate) bulky: &'static [&'static str],
    /// Rows of a row group at most.
    pub(crate) group_rows: usize,
}

/// The columns of one table while rows are gathered.
pub(crate) trait Columns {
    /// What one row is.
    type Row;
    /// Fields in file order.
    fn fields(&self) -> Vec<Field>;
    /// Bytes of text in `row`, for the limits.
    fn text_bytes(row: &Self::Row) -> u64;
    /// Takes one row.
    fn push(&mut self, row: &Self::Row);
    /// Gives up all rows gathered, in the order of [`Columns::fields`].
    fn take(&mut self) -> Vec<ArrayRef>;
}

/// A table that is being written.
pub(crate) struct TableWriter<C> {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<AsideFile>,
    columns: C,
    n_rows: u64,
    batch_rows: usize,
    batch_bytes: u64,
    group_bytes: u64,
}

impl<C: Columns> TableWriter<C> {
    pub(crate) fn create(path: &Path, layout: &Layout, columns: C) -> Result<Self, ShardError> {
        Self::start(AsideFile::create(path)?, layout, columns)
    }

    /// As [`TableWriter::create`], in a file that was started before its columns were known.
    pub(crate) fn start(file: AsideFile, layout: &Layout, columns: C) -> Result<Self, ShardError> {
        let path = file.target().to_owned();
        let schema = Arc::new(Schema::new(columns.fields()));
        let options = ArrowWriterOptions::new()
            .with_properties(properties(layout).map_err(|e| ShardError::table("write", &path, e))?)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)
            .map_err(|error| ShardError::table("write", &path, error))?;
        Ok(Self {
            path,
            schema,
            writer,
            columns,
            n_rows: 0,
            batch_rows: 0,
            batch_bytes: 0,
            group_bytes: 0,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn columns(&self) -> &C {
        &self.columns
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    pub(crate) fn push(&mut self, row: &C::Row) -> Result<(), ShardError> {
        let n_bytes = C::text_bytes(row);
        if n_bytes > MAX_ROW_BYTES {
            let what = format!("its {n_bytes} bytes exceed the limit of {MAX_ROW_BYTES}");
            return Err(ShardError::refused(
                &self.path,
                format!("row {}", self.n_rows),
                what,
            ));
        }
        self.columns.push(row);
        self.n_rows += 1;
        self.batch_rows += 1;
        self.batch_bytes += n_bytes;
        if self.batch_rows >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.write_batch()?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<FileInfo, ShardError> {
        self.write_batch()?;
        let Self { writer, path, .. } = self;
        let file = writer
            .into_inner()
            .map_err(|error| ShardError::table("write", &path, error))?;
        file.publish()
    }

    fn write_batch(&mut self) -> Result<(), ShardError> {
        if self.batch_rows == 0 {
            return Ok(());
        }
        let fail = |error| ShardError::table("write", &self.path, error);
        let arrays = self.columns.take();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| fail(ParquetError::from(error)))?;
        self.writer.write(&batch).map_err(fail)?;
        self.group_bytes += self.batch_bytes;
        self.batch_rows = 0;
        self.batch_bytes = 0;
        if self.group_bytes >= GROUP_BYTES {
            self.writer.flush().map_err(fail)?;
            self.group_bytes = 0;
        }
        Ok(())
    }
}

fn properties(layout: &Layout) -> Result<WriterProperties, ParquetError> {
    let footer = vec![
        KeyValue::new("proofmill.table".to_owned(), layout.table.to_owned()),
        KeyValue::new("proofmill.version".to_owned(), VERSION.to_owned()),
    ];
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(footer))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(layout.group_rows))
        .set_write_batch_size(BULKY_PAGE_ROWS);
    for name in layout.repetitive {
        builder = builder.set_column_dictionary_enabled(column_path(name), true);
    }
    for name in layout.bulky {
        builder = builder
            .set_column_statistics_enabled(column_path(name), EnabledStatistics::None)
            .set_column_data_page_size_limit(column_path(name), BULKY_PAGE_BYTES)
            .set_column_data_page_row_count_limit(column_path(name), BULKY_PAGE_ROWS);
    }
    Ok(builder.build())
}

fn column_path(name: &str) -> ColumnPath {
    ColumnPath::new(name.split('.').map(str::to_owned).collect())
}

/// An open table whose footer was read and checked.
pub(crate) struct TableFile {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
}

impl TableFile {
    pub(crate) fn open(path: &Path, layout: &Layout) -> Result<Self, ShardError> {
        let file = File::open(path).map_err(|error| ShardError::io("open", path, error))?;
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = guard("open", path, || ArrowReaderMetadata::load(&file, options))?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let value = |key: &str| {
            let pair = pairs?.iter().find(|pair| pair.key == key)?;
            pair.value.as_deref()
        };
        let table = value("proofmill.table").unwrap_or("(unnamed)");
        let version = value("proofmill.version").unwrap_or("(unknown)");
        if table != layout.table || version != VERSION {
            return Err(ShardError::Format {
                path: path.to_owned(),
                found: format!("table `{table}` version {version}"),
                expected: format!("table `{}` version {VERSION}", layout.table),
            });
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    /// Rows of the table as its footer states.
    pub(crate) fn n_rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.metadata.schema().column_with_name(name).is_some()
    }

    /// Starts reading; `roots` are the top-level columns wanted, `None` for all.
    pub(crate) fn read(
        &self,
        roots: Option<&[&str]>,
        batch_rows: usize,
        narrow: impl FnOnce(
            ParquetRecordBatchReaderBuilder<File>,
        ) -> ParquetRecordBatchReaderBuilder<File>,
    ) -> Result<Batches, ShardError> {
        let fail = |error| ShardError::io("open", &self.path, error);
        let file = self.file.try_clone().map_err(fail)?;
        let reader = guard("read", &self.path, || {
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
            let mask = match roots {
                Some(roots) => ProjectionMask::roots(
                    builder.parquet_schema(),
                    root_indices(builder.schema(), roots),
                ),
                None => ProjectionMask::all(),
            };
            narrow(builder.with_batch_size(batch_rows).with_projection(mask)).build()
        })?;
        Ok(Batches {
            path: self.path.clone(),
            reader: Some(reader),
            n_rows: 0,
        })
    }
}

fn root_indices(schema: &Schema, roots: &[&str]) -> Vec<usize> {
    roots
        .iter()
        .filter_map(|name| schema.column_with_name(name))
        .map(|(index, _)| index)
        .collect()
}

/// Record batches of one table in order; ends after the first error.
pub(crate) struct Batches {
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
    n_rows: u64,
}

impl Batches {
    /// The next batch and the row at which it starts, counted over what was selected.
    pub(crate) fn next(&mut self) -> Option<Result<(RecordBatch, u64), ShardError>> {
        let reader = self.reader.as_mut()?;
        let next = guard("read", &self.path, || {
            reader.next().transpose().map_err(ParquetError::from)
        });
        match next {
            Ok(Some(batch)) => {
                let first_row = self.n_rows;
                self.n_rows += batch.num_rows() as u64;
                Some(Ok((batch, first_row)))
            }
            Ok(None) => {
                self.reader = None;
                None
            }
            Err(error) => {
                self.reader = None;
                Some(Err(error))
            }
        }
    }
}

/// Rows of one table, decoded batch by batch.
pub(crate) struct Rows<R> {
    batches: Batches,
    decode: fn(&Batch<'_>) -> Result<VecDeque<R>, ShardError>,
    waiting: VecDeque<R>,
    failed: bool,
}

impl<R> Rows<R> {
    pub(crate) fn new(
        batches: Batches,
        decode: fn(&Batch<'_>) -> Result<VecDeque<R>, ShardError>,
    ) -> Self {
        Self {
            batches,
            decode,
            waiting: VecDeque::new(),
            failed: false,
        }
    }
}

impl<R> Iterator for Rows<R> {
    type Item = Result<R, ShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            if let Some(row) = self.waiting.pop_front() {
                return Some(Ok(row));
            }
            let decoded = self.batches.next()?.and_then(|(batch, first_row)| {
                (self.decode)(&Batch::new(&self.batches.path, &batch, first_row))
            });
            match decoded {
                Ok(rows) => self.waiting = rows,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// Runs Parquet code over bytes that may be damaged: the library reports most damage as errors,
/// but asserts in places, and one bad file must not end a run.
fn guard<T>(
    action: &'static str,
    path: &Path,
    work: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, ShardError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| ShardError::table(action, path, error)),
        Err(_) => Err(ShardError::damaged(
            path,
            "an unknown place",
            "its pages contradict its footer",
        )),
    }
}
