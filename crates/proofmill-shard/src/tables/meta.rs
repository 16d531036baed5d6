//! The `meta` column: fields that only one kind of document has, as a typed struct.
//!
//! All documents of one file have the same fields in the same order. Names of fields are part of
//! the program ([`proofmill_types::Meta`] holds static names); names read from a file are kept
//! for the life of the process, each once, up to a limit that no honest file reaches.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    Array, ArrayRef, ListArray, ListBuilder, StringArray, StringBuilder, StructArray, UInt64Array,
    UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields};
use proofmill_types::{Meta, MetaValue};

use super::batch::{Batch, opt_u64};
use super::columns::{optional, required};
use crate::error::ShardError;

/// Name of the column.
pub(crate) const META: &str = "meta";
/// Distinct field names that files may bring along in one process.
const MAX_NAMES: usize = 4096;

/// Type of one field of [`Meta`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetaType {
    /// [`MetaValue::Text`].
    Text,
    /// [`MetaValue::Number`].
    Number,
    /// [`MetaValue::List`].
    List,
}

/// Names and types of the fields of [`Meta`], in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaSchema(pub Vec<(&'static str, MetaType)>);

impl MetaSchema {
    /// The schema that `meta` has.
    #[must_use]
    pub fn of(meta: &Meta) -> Self {
        Self(
            meta.0
                .iter()
                .map(|(name, value)| (*name, type_of(value)))
                .collect(),
        )
    }

    pub(crate) fn fits(&self, meta: &Meta) -> bool {
        self.0.len() == meta.0.len()
            && self
                .0
                .iter()
                .zip(&meta.0)
                .all(|((name, kind), (other, value))| name == other && *kind == type_of(value))
    }

    fn fields(&self) -> Fields {
        let field = |(name, kind): &(&'static str, MetaType)| match kind {
            MetaType::Text => optional(name, DataType::Utf8),
            MetaType::Number => optional(name, DataType::UInt64),
            MetaType::List => required(name, DataType::List(Arc::new(element()))),
        };
        self.0.iter().map(field).collect()
    }
}

fn type_of(value: &MetaValue) -> MetaType {
    match value {
        MetaValue::Text(_) => MetaType::Text,
        MetaValue::Number(_) => MetaType::Number,
        MetaValue::List(_) => MetaType::List,
    }
}

fn element() -> Field {
    required("element", DataType::Utf8)
}

/// Gathers the metas of documents; gives no column where the schema has no field.
pub(crate) struct MetaBuilder {
    schema: MetaSchema,
    columns: Vec<MetaColumn>,
}

enum MetaColumn {
    Text(StringBuilder),
    Number(UInt64Builder),
    List(ListBuilder<StringBuilder>),
}

impl MetaBuilder {
    pub(crate) fn new(schema: MetaSchema) -> Self {
        let column = |kind: &MetaType| match kind {
            MetaType::Text => MetaColumn::Text(StringBuilder::new()),
            MetaType::Number => MetaColumn::Number(UInt64Builder::new()),
            MetaType::List => {
                MetaColumn::List(ListBuilder::new(StringBuilder::new()).with_field(element()))
            }
        };
        let columns = schema.0.iter().map(|(_, kind)| column(kind)).collect();
        Self { schema, columns }
    }

    pub(crate) fn schema(&self) -> &MetaSchema {
        &self.schema
    }

    pub(crate) fn field(&self) -> Option<Field> {
        (!self.columns.is_empty()).then(|| required(META, DataType::Struct(self.schema.fields())))
    }

    /// Takes one meta that fits the schema.
    pub(crate) fn push(&mut self, meta: &Meta) {
        for (column, (_, value)) in self.columns.iter_mut().zip(&meta.0) {
            match (column, value) {
                (MetaColumn::Text(column), MetaValue::Text(text)) => {
                    column.append_option(text.as_deref());
                }
                (MetaColumn::Number(column), MetaValue::Number(number)) => {
                    column.append_option(*number);
                }
                (MetaColumn::List(column), MetaValue::List(texts)) => {
                    for text in texts {
                        column.values().append_value(text);
                    }
                    column.append(true);
                }
                _ => unreachable!("the writer refuses a meta that does not fit"),
            }
        }
    }

    pub(crate) fn take(&mut self) -> Option<ArrayRef> {
        let finish = |column: &mut MetaColumn| -> ArrayRef {
            match column {
                MetaColumn::Text(column) => Arc::new(column.finish()),
                MetaColumn::Number(column) => Arc::new(column.finish()),
                MetaColumn::List(column) => Arc::new(column.finish()),
            }
        };
        if self.columns.is_empty() {
            return None;
        }
        let columns = self.columns.iter_mut().map(finish).collect();
        Some(Arc::new(StructArray::new(
            self.schema.fields(),
            columns,
            None,
        )))
    }
}

/// Bytes of text in `meta`.
pub(crate) fn text_bytes(meta: &Meta) -> u64 {
    let of = |value: &MetaValue| match value {
        MetaValue::Text(text) => text.as_ref().map_or(0, String::len),
        MetaValue::Number(_) => 8,
        MetaValue::List(texts) => texts.iter().map(|text| text.len() + 8).sum(),
    };
    meta.0.iter().map(|(_, value)| of(value) as u64).sum()
}

/// Reads the metas of a batch, if the column is there.
pub(crate) struct MetaReader<'a>(Vec<(&'static str, ReadColumn<'a>)>);

enum ReadColumn<'a> {
    Text(&'a StringArray),
    Number(&'a UInt64Array),
    List(&'a ListArray, &'a StringArray),
}

impl<'a> MetaReader<'a> {
    pub(crate) fn new(batch: &Batch<'a>) -> Result<Self, ShardError> {
        let Some(column) = batch.find::<StructArray>(META)? else {
            return Ok(Self(Vec::new()));
        };
        let mut columns = Vec::new();
        for (field, column) in column.fields().iter().zip(column.columns()) {
            let column = match field.data_type() {
                DataType::Utf8 => ReadColumn::Text(batch.cast(META, column.as_ref())?),
                DataType::UInt64 => ReadColumn::Number(batch.cast(META, column.as_ref())?),
                DataType::List(_) => {
                    let lists: &ListArray = batch.cast(META, column.as_ref())?;
                    ReadColumn::List(lists, batch.cast(META, lists.values().as_ref())?)
                }
                other => {
                    let what = format!("field `{}` has the type {other}", field.name());
                    return Err(batch.damaged(META, 0, what));
                }
            };
            let name = keep_name(field.name())
                .ok_or_else(|| batch.damaged(META, 0, "it has too many distinct fields"))?;
            columns.push((name, column));
        }
        Ok(Self(columns))
    }

    pub(crate) fn get(&self, row: usize) -> Meta {
        let value = |column: &ReadColumn<'_>| match column {
            ReadColumn::Text(texts) => {
                MetaValue::Text(texts.is_valid(row).then(|| texts.value(row).to_owned()))
            }
            ReadColumn::Number(numbers) => MetaValue::Number(opt_u64(numbers, row)),
            ReadColumn::List(lists, texts) => {
                let offsets = lists.value_offsets();
                let range = |at: usize| usize::try_from(offsets[at]).unwrap_or(0);
                let range = range(row)..range(row + 1);
                MetaValue::List(range.map(|at| texts.value(at).to_owned()).collect())
            }
        };
        Meta(
            self.0
                .iter()
                .map(|(name, column)| (*name, value(column)))
                .collect(),
        )
    }
}

/// `name` for the life of the process; `None` beyond [`MAX_NAMES`].
fn keep_name(name: &str) -> Option<&'static str> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MAX_NAMES {
        return None;
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    Some(name)
}
