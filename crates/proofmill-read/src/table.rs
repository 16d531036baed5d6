//! Parquet: rows of the columns that a kind needs, row group by row group.
//!
//! Nothing that a footer or a page header claims is believed: places are checked against the size of
//! the file, the Arrow schema that writers embed is not read, and a panic of the decoder is a damaged
//! row group like any other. Rows behind a damage in a group are counted as lost, and the next group
//! is read.

use std::collections::VecDeque;
use std::fmt::Display;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use proofmill_types::Kind;

use crate::cell::Row;
use crate::chunks::Chunks;
use crate::column;
use crate::disk::{Progress, Raw};
use crate::entry::{Entry, at_row};
use crate::reader::Entries;
use crate::stream::Fault;
use crate::{InputFile, Options, Slice, SliceUnit, footer, rows, rules};

/// Columns that mean something to each kind, beside those that the manifest names.
const CODE_COLUMNS: &[&str] = &[
    "max_stars_repo_name",
    "repo_name",
    "repository_name",
    "repo",
    "repository",
    "max_stars_repo_path",
    "path",
    "file_path",
    "filename",
    "lang",
    "language",
    "programming_language",
    "hexsha",
    "blob_id",
    "sha",
    "max_stars_repo_licenses",
    "licenses",
    "detected_licenses",
    "license",
    "content",
    "text",
    "code",
];
const TEXT_COLUMNS: &[&str] = &[
    "text",
    "content",
    "meta",
    "metadata",
    "id",
    "doc_id",
    "arxiv_id",
    "url",
    "uri",
    "source_url",
    "license",
    "licence",
    "language",
    "lang",
    "date",
    "timestamp",
    "created",
];
/// Decoded bytes that one batch of rows should take.
const BATCH_BYTES: u64 = 8 << 20;
const MAX_BATCH_ROWS: u64 = 1024;

/// Why a table cannot be opened.
pub(crate) enum Refusal {
    Disk(io::Error),
    Damage(String),
}

/// The rows of some row groups.
pub(crate) struct Table {
    file: Arc<str>,
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    options: Arc<Options>,
    /// Groups still to read: index, first row, rows.
    groups: VecDeque<(usize, u64, u64)>,
    current: Option<Group>,
}

/// A row group being read.
struct Group {
    reader: ParquetRecordBatchReader,
    next_row: u64,
    end_row: u64,
}

impl Table {
    /// Opens the row groups of `slice`; all of them if it counts bytes.
    pub(crate) fn open(
        raw: Box<dyn Raw>,
        size: u64,
        slice: &Slice,
        progress: &Progress,
        options: Arc<Options>,
    ) -> Result<Self, Refusal> {
        let chunks = Chunks::new(raw, size, &options.limits, Arc::clone(progress));
        let metadata = load(&chunks)?;
        let mut groups = VecDeque::new();
        let mut first_row = 0;
        for (index, n_rows) in group_rows(metadata.metadata()).enumerate() {
            let is_wanted = slice.unit == SliceUnit::Bytes
                || (slice.start..slice.end).contains(&(index as u64));
            if is_wanted {
                groups.push_back((index, first_row, n_rows));
            }
            first_row += n_rows;
        }
        let file = Arc::clone(&slice.file.name);
        Ok(Self {
            file,
            chunks,
            metadata,
            options,
            groups,
            current: None,
        })
    }

    /// Steps into row group `index`.
    fn begin(&self, index: usize, n_rows: u64) -> Result<ParquetRecordBatchReader, Refusal> {
        let group = self.metadata.metadata().row_group(index);
        let n_bytes = u64::try_from(group.total_byte_size()).unwrap_or(0);
        let row_bytes = (n_bytes / n_rows.max(1)).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, MAX_BATCH_ROWS);
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let roots = schema.root_schema().get_fields().iter().enumerate();
        let wanted = roots
            .filter(|(_, field)| self.is_wanted(field.name()))
            .map(|(index, _)| index);
        let mask = ProjectionMask::roots(schema, wanted);
        guarded(&self.chunks, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.chunks.clone(),
                self.metadata.clone(),
            )
            .with_row_groups(vec![index])
            .with_projection(mask)
            .with_batch_size(usize::try_from(batch_rows).unwrap_or(1))
            .build()
        })
    }

    fn is_wanted(&self, name: &str) -> bool {
        let options = &self.options;
        let named = [
            &options.text_column,
            &options.id_column,
            &options.group_column,
        ];
        named.into_iter().flatten().any(|column| column == name)
            || match options.kind {
                Kind::Instruct | Kind::ProofSteps => true,
                Kind::Code => CODE_COLUMNS.contains(&name),
                Kind::Text | Kind::Web | Kind::Arxiv => TEXT_COLUMNS.contains(&name),
            }
    }

    /// Why row group `index` must not be unpacked, by what its own footer says.
    fn bomb(&self, index: usize) -> Option<String> {
        let limits = &self.options.limits;
        for column in self.metadata.metadata().row_group(index).columns() {
            let root = column.column_path().parts().first();
            if !root.is_some_and(|name| self.is_wanted(name)) {
                continue;
            }
            let unpacked = u64::try_from(column.uncompressed_size()).unwrap_or(u64::MAX);
            let stored = u64::try_from(column.compressed_size()).unwrap_or(0);
            let is_huge = unpacked > limits.max_unpacked_bytes.saturating_mul(2);
            let is_steep =
                unpacked > limits.ratio_floor_bytes && unpacked / stored.max(1) > limits.max_ratio;
            if is_huge || is_steep {
                let name = column.column_path().string();
                return Some(format!(
                    "column `{name}` unpacks from {stored} to {unpacked} bytes"
                ));
            }
        }
        None
    }

    /// Counts the rows `from..to` as lost.
    fn lost(&self, rule: &'static rules::Rule, from: u64, to: u64, detail: &str) -> Entry {
        let location = at_row(&self.file, 0, 0, from);
        let detail = format!("rows {from} to {}: {detail}", to.saturating_sub(1));
        Entry::bad(rule, location.to_string(), location, 0, detail)
    }

    fn entries(&self, batch: &RecordBatch, first_row: u64, out: &mut VecDeque<Entry>) {
        let schema = batch.schema();
        for index in 0..batch.num_rows() {
            let cells = schema.fields().iter().zip(batch.columns());
            let row: Row = cells
                .map(|(field, array)| (field.name().clone(), column::cell(array.as_ref(), index)))
                .collect();
            let n_bytes = row.values().map(column::n_bytes).sum();
            let location = at_row(&self.file, 0, 0, first_row + index as u64);
            out.push_back(rows::entry(row, &self.options, location, n_bytes));
        }
    }
}

impl Entries for Table {
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        let Some(mut group) = self.current.take() else {
            let Some((index, first_row, n_rows)) = self.groups.pop_front() else {
                return Ok(false);
            };
            if let Some(detail) = self.bomb(index) {
                let end_row = first_row + n_rows;
                out.push_back(self.lost(rules::ARCHIVE_BOMB, first_row, end_row, &detail));
                return Ok(true);
            }
            match self.begin(index, n_rows) {
                Ok(reader) => {
                    let end_row = first_row + n_rows;
                    self.current = Some(Group {
                        reader,
                        next_row: first_row,
                        end_row,
                    });
                }
                Err(Refusal::Disk(error)) => return Err(Fault::Disk(error)),
                Err(Refusal::Damage(detail)) => {
                    out.push_back(self.lost(
                        rules::PARQUET_DAMAGED,
                        first_row,
                        first_row + n_rows,
                        &detail,
                    ));
                }
            }
            return Ok(true);
        };
        let result = guarded(&self.chunks, || {
            group.reader.next().transpose().map(|batch| {
                let mut entries = VecDeque::new();
                if let Some(batch) = &batch {
                    self.entries(batch, group.next_row, &mut entries);
                }
                batch.map(|batch| (batch.num_rows() as u64, entries))
            })
        });
        match result {
            Ok(Some((n_rows, entries))) => {
                out.extend(entries);
                group.next_row += n_rows;
                self.current = Some(group);
            }
            Ok(None) if group.next_row < group.end_row => {
                let detail = "the row group ends before its stated number of rows";
                out.push_back(self.lost(
                    rules::PARQUET_DAMAGED,
                    group.next_row,
                    group.end_row,
                    detail,
                ));
            }
            Ok(None) => {}
            Err(Refusal::Disk(error)) => return Err(Fault::Disk(error)),
            Err(Refusal::Damage(detail)) => {
                out.push_back(self.lost(
                    rules::PARQUET_DAMAGED,
                    group.next_row,
                    group.end_row,
                    &detail,
                ));
            }
        }
        Ok(true)
    }
}

/// Cuts a Parquet file between row groups; none if its footer is damaged.
pub(crate) fn slices(
    file: &InputFile,
    raw: Box<dyn Raw>,
    target_bytes: u64,
) -> Result<Vec<Slice>, Fault> {
    let limits = crate::Limits::default();
    let chunks = Chunks::new(raw, file.n_bytes, &limits, Progress::default());
    let metadata = match load(&chunks) {
        Ok(metadata) => metadata,
        Err(Refusal::Disk(error)) => return Err(Fault::Disk(error)),
        Err(Refusal::Damage(_)) => return Ok(Vec::new()),
    };
    let metadata = metadata.metadata();
    let n_groups = metadata.num_row_groups() as u64;
    let slice = |start, end, first_row| Slice {
        file: file.clone(),
        start,
        end,
        unit: SliceUnit::RowGroups,
        first_row,
    };
    let mut slices = Vec::new();
    let (mut start, mut start_row, mut n_bytes, mut row) = (0, 0, 0_u64, 0);
    for (index, n_rows) in group_rows(metadata).enumerate() {
        let stored = metadata.row_group(index).compressed_size();
        n_bytes = n_bytes.saturating_add(u64::try_from(stored).unwrap_or(0));
        row += n_rows;
        let end = index as u64 + 1;
        if n_bytes >= target_bytes || end == n_groups {
            slices.push(slice(start, end, start_row));
            (start, start_row, n_bytes) = (end, row, 0);
        }
    }
    Ok(slices)
}

/// Reads and checks the footer.
fn load(chunks: &Chunks) -> Result<ArrowReaderMetadata, Refusal> {
    check_footer(chunks)?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = guarded(chunks, || ArrowReaderMetadata::load(chunks, options))?;
    match contradiction(metadata.metadata(), chunks.size()) {
        Some(detail) => Err(Refusal::Damage(detail)),
        None => Ok(metadata),
    }
}

/// Checks what the decoder itself would not survive.
fn check_footer(chunks: &Chunks) -> Result<(), Refusal> {
    const TAIL_BYTES: u64 = 8; // the footer's length and the magic
    let size = chunks.size();
    let from = size.saturating_sub(TAIL_BYTES);
    let tail = guarded(chunks, || chunks.get_bytes(from, 8))?;
    let Some((length, b"PAR1")) = tail.split_first_chunk::<4>() else {
        return Err(Refusal::Damage(
            "no magic at the end: cut short, or encrypted".to_owned(),
        ));
    };
    let length = u64::from(u32::from_le_bytes(*length));
    let Some(start) = from.checked_sub(length) else {
        return Err(Refusal::Damage(format!(
            "a footer of {length} bytes in a file of {size}"
        )));
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let footer = guarded(chunks, || chunks.get_bytes(start, length))?;
    footer::check(&footer).map_err(Refusal::Damage)
}

/// What in the footer cannot be true of a file of `size` bytes.
fn contradiction(metadata: &ParquetMetaData, size: u64) -> Option<String> {
    for (index, group) in metadata.row_groups().iter().enumerate() {
        if group.num_rows() < 0 {
            return Some(format!("row group {index} has {} rows", group.num_rows()));
        }
        for column in group.columns() {
            // Not `byte_range`, which panics on negative claims.
            let data = column.data_page_offset();
            let start = column
                .dictionary_page_offset()
                .map_or(data, |dictionary| dictionary.min(data));
            let end = start.checked_add(column.compressed_size());
            let is_inside = start >= 0
                && column.compressed_size() >= 0
                && end
                    .and_then(|end| u64::try_from(end).ok())
                    .is_some_and(|end| end <= size);
            if !is_inside {
                let name = column.column_path();
                return Some(format!(
                    "row group {index}: column `{name}` lies outside the file"
                ));
            }
        }
    }
    None
}

/// Rows of each row group.
fn group_rows(metadata: &ParquetMetaData) -> impl Iterator<Item = u64> {
    metadata
        .row_groups()
        .iter()
        .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
}

/// Runs a piece of the decoder on untrusted bytes.
///
/// The decoder panics on some malformed pages. Nothing of ours is half-changed then: what it was
/// building is thrown away.
fn guarded<T, E: Display>(
    chunks: &Chunks,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, Refusal> {
    let result = catch_unwind(AssertUnwindSafe(decode));
    if let Some(error) = chunks.take_fault() {
        return Err(Refusal::Disk(error));
    }
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Refusal::Damage(error.to_string())),
        Err(_) => Err(Refusal::Damage(
            "the decoder gave up on malformed data".to_owned(),
        )),
    }
}
