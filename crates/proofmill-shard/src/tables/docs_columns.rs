//! The columns of the `docs` table: one place for both directions.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Float64Builder, MapArray, MapBuilder, MapFieldNames,
    StringArray, StringBuilder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields};
use proofmill_types::{DocId, Document, Kind, Signals};

use super::Split;
use super::batch::{Batch, opt_u64, shared};
use super::columns::{DigestBuilder, LocationBuilder, digest_type, n_bytes, optional, required};
use super::docs::DocRow;
use super::file::Columns;
use super::meta::{self, MetaBuilder, MetaReader, MetaSchema};
use crate::error::ShardError;

/// Names of the columns that can be left out when reading.
pub(crate) const TEXT: &str = "text";
pub(crate) const SIGNALS: &str = "signals";

pub(crate) struct DocsColumns {
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
    /// The fields of `meta` that every row must have.
    pub(crate) fn meta_schema(&self) -> &MetaSchema {
        self.meta.schema()
    }

    pub(crate) fn new(meta: MetaSchema, is_final: bool) -> Self {
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

pub(crate) fn decode(batch: &Batch<'_>) -> Result<VecDeque<DocRow>, ShardError> {
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
