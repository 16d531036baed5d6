//! Typed columns out of a record batch that may hold anything.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, FixedSizeBinaryArray, Float64Array, RecordBatch, StringArray, StructArray, UInt32Array,
    UInt64Array,
};
use proofmill_types::{Digest, DocId, Kind, Location};

use super::Split;
use crate::error::ShardError;

/// A record batch, with its place for messages.
pub(crate) struct Batch<'a> {
    path: &'a Path,
    columns: &'a RecordBatch,
    first_row: u64,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(path: &'a Path, columns: &'a RecordBatch, first_row: u64) -> Self {
        Self {
            path,
            columns,
            first_row,
        }
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.columns.num_rows()
    }

    /// A complaint about row `row` of this batch.
    pub(crate) fn damaged(&self, name: &str, row: usize, what: impl Into<String>) -> ShardError {
        let position = format!("row {} column `{name}`", self.first_row + row as u64);
        ShardError::damaged(self.path, position, what)
    }

    /// The column `name`, if it was projected.
    pub(crate) fn find<T: 'static>(&self, name: &str) -> Result<Option<&'a T>, ShardError> {
        match self.columns.column_by_name(name) {
            Some(column) => self.cast(name, column.as_ref()).map(Some),
            None => Ok(None),
        }
    }

    /// A column in which every row has a value.
    fn required<T: Array + 'static>(&self, name: &str) -> Result<&'a T, ShardError> {
        let column: &T = self.optional(name)?;
        self.without_nulls(name, column)
    }

    fn optional<T: 'static>(&self, name: &str) -> Result<&'a T, ShardError> {
        self.find(name)?
            .ok_or_else(|| self.damaged(name, 0, "the column is missing"))
    }

    pub(crate) fn without_nulls<'b, T: Array>(
        &self,
        name: &str,
        column: &'b T,
    ) -> Result<&'b T, ShardError> {
        match (0..column.len()).find(|row| column.is_null(*row)) {
            Some(row) => Err(self.damaged(name, row, "the value is missing")),
            None => Ok(column),
        }
    }

    pub(crate) fn cast<'b, T: 'static>(
        &self,
        name: &str,
        column: &'b dyn Array,
    ) -> Result<&'b T, ShardError> {
        column.as_any().downcast_ref().ok_or_else(|| {
            self.damaged(
                name,
                0,
                format!("the column has the wrong type {}", column.data_type()),
            )
        })
    }

    pub(crate) fn texts(&self, name: &str) -> Result<&'a StringArray, ShardError> {
        self.required(name)
    }

    pub(crate) fn opt_texts(&self, name: &str) -> Result<OptTexts<'a>, ShardError> {
        self.optional(name).map(OptTexts)
    }

    pub(crate) fn u64s(&self, name: &str) -> Result<&'a UInt64Array, ShardError> {
        self.required(name)
    }

    pub(crate) fn u32s(&self, name: &str) -> Result<&'a UInt32Array, ShardError> {
        self.required(name)
    }

    pub(crate) fn opt_u64s(&self, name: &str) -> Result<&'a UInt64Array, ShardError> {
        self.optional(name)
    }

    pub(crate) fn opt_f64s(&self, name: &str) -> Result<&'a Float64Array, ShardError> {
        self.optional(name)
    }

    pub(crate) fn digests(&self, name: &str) -> Result<Digests<'a>, ShardError> {
        self.required::<FixedSizeBinaryArray>(name)?;
        self.opt_digests(name)
    }

    pub(crate) fn opt_digests(&self, name: &str) -> Result<Digests<'a>, ShardError> {
        let column: &FixedSizeBinaryArray = self.optional(name)?;
        if column.value_length() == 16 {
            Ok(Digests(column))
        } else {
            Err(self.damaged(name, 0, "its values are not 16 bytes long"))
        }
    }

    pub(crate) fn kind(&self, column: &StringArray, row: usize) -> Result<Kind, ShardError> {
        let name = column.value(row);
        Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| self.damaged("kind", row, format!("`{}` is no kind", clip(name))))
    }

    pub(crate) fn split(
        &self,
        column: &OptTexts<'_>,
        row: usize,
    ) -> Result<Option<Split>, ShardError> {
        match column.get(row) {
            None => Ok(None),
            Some(name) => Split::from_name(name)
                .map(Some)
                .ok_or_else(|| self.damaged("split", row, format!("`{}` is no split", clip(name)))),
        }
    }

    pub(crate) fn locations(&self) -> Result<Locations<'a>, ShardError> {
        let column: &StructArray = self.required("location")?;
        let child = |name: &str| {
            column
                .column_by_name(name)
                .ok_or_else(|| self.damaged("location", 0, format!("`{name}` is missing")))
        };
        let required = |name: &str| -> Result<&'a UInt64Array, ShardError> {
            self.without_nulls("location", self.cast("location", child(name)?.as_ref())?)
        };
        let file: &StringArray = self.cast("location", child("file")?.as_ref())?;
        Ok(Locations {
            file: self.without_nulls("location", file)?,
            offset: required("offset")?,
            length: required("length")?,
            row: self.cast("location", child("row")?.as_ref())?,
            last_file: Arc::from(""),
        })
    }
}

/// The head of a value, short enough for a message.
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A column of texts that may be missing.
pub(crate) struct OptTexts<'a>(&'a StringArray);

impl OptTexts<'_> {
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    pub(crate) fn owned(&self, row: usize) -> Option<String> {
        self.get(row).map(str::to_owned)
    }
}

/// A number that may be missing.
pub(crate) fn opt_u64(column: &UInt64Array, row: usize) -> Option<u64> {
    column.is_valid(row).then(|| column.value(row))
}

/// A column of sixteen bytes each.
pub(crate) struct Digests<'a>(&'a FixedSizeBinaryArray);

impl Digests<'_> {
    pub(crate) fn get(&self, row: usize) -> Option<Digest> {
        let bytes = self.0.is_valid(row).then(|| self.0.value(row))?;
        Some(DocId::from_bytes(bytes.try_into().ok()?).0)
    }

    /// The value of a column that was checked to have one in each row.
    pub(crate) fn value(&self, row: usize) -> Digest {
        self.get(row).unwrap_or_default()
    }
}

/// The location columns; equal neighbouring file names share one allocation.
pub(crate) struct Locations<'a> {
    file: &'a StringArray,
    offset: &'a UInt64Array,
    length: &'a UInt64Array,
    row: &'a UInt64Array,
    last_file: Arc<str>,
}

impl Locations<'_> {
    pub(crate) fn get(&mut self, row: usize) -> Location {
        Location {
            file: shared(&mut self.last_file, self.file.value(row)),
            offset: self.offset.value(row),
            length: self.length.value(row),
            row: opt_u64(self.row, row),
        }
    }
}

/// `text` as a shared string, the same allocation as last time where it is the same text.
pub(crate) fn shared(last: &mut Arc<str>, text: &str) -> Arc<str> {
    if **last != *text {
        *last = Arc::from(text);
    }
    Arc::clone(last)
}
