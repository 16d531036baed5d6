//! Column builders that several tables share.

use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryBuilder, StringBuilder, StructArray, UInt64Builder};
use arrow::datatypes::{DataType, Field, Fields};
use proofmill_types::{Digest, DocId, Location};

/// A field of the given type in which every row has a value.
pub(crate) fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

/// A field of the given type in which a value may be missing.
pub(crate) fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// The type of ids and digests.
pub(crate) fn digest_type() -> DataType {
    DataType::FixedSizeBinary(16)
}

/// Ids or digests.
pub(crate) struct DigestBuilder(FixedSizeBinaryBuilder);

impl Default for DigestBuilder {
    fn default() -> Self {
        Self(FixedSizeBinaryBuilder::new(16))
    }
}

impl DigestBuilder {
    pub(crate) fn push(&mut self, digest: Digest) {
        let bytes = DocId(digest).to_bytes();
        self.0
            .append_value(bytes)
            .expect("a digest has the 16 bytes of the column");
    }

    pub(crate) fn push_optional(&mut self, digest: Option<Digest>) {
        match digest {
            Some(digest) => self.push(digest),
            None => self.0.append_null(),
        }
    }

    pub(crate) fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

/// Where records lie.
#[derive(Default)]
pub(crate) struct LocationBuilder {
    file: StringBuilder,
    offset: UInt64Builder,
    length: UInt64Builder,
    row: UInt64Builder,
}

impl LocationBuilder {
    pub(crate) fn field() -> Field {
        required("location", DataType::Struct(Self::fields()))
    }

    fn fields() -> Fields {
        Fields::from(vec![
            required("file", DataType::Utf8),
            required("offset", DataType::UInt64),
            required("length", DataType::UInt64),
            optional("row", DataType::UInt64),
        ])
    }

    pub(crate) fn push(&mut self, location: &Location) {
        self.file.append_value(&*location.file);
        self.offset.append_value(location.offset);
        self.length.append_value(location.length);
        self.row.append_option(location.row);
    }

    pub(crate) fn take(&mut self) -> ArrayRef {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.file.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.length.finish()),
            Arc::new(self.row.finish()),
        ];
        Arc::new(StructArray::new(Self::fields(), columns, None))
    }
}

/// Bytes of an optional text.
pub(crate) fn n_bytes(text: Option<&str>) -> u64 {
    text.map_or(0, str::len) as u64
}
