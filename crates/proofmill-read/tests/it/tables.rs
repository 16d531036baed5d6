//! Parquet: what writers store, row groups as slices, damage.

use std::fs;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proofmill_read::{Entry, Options, list, open, slices};
use proofmill_types::{Body, Kind};
use proptest::prelude::*;

use crate::common::{entries, read, short};

/// A table of `n_rows` texts in row groups of `group_rows`.
fn texts(n_rows: usize, group_rows: usize) -> Vec<u8> {
    let text = |n| (n % 5 != 3).then(|| format!("text {n}"));
    let texts: StringArray = (0..n_rows).map(text).collect();
    let meta = |n| Some(format!("{{\"url\": \"http://{n}.example/\", \"id\": {n}}}"));
    let metas: StringArray = (0..n_rows).map(meta).collect();
    let numbers: Int64Array = (0..n_rows).map(|n| i64::try_from(n).ok()).collect();
    let (texts, metas, numbers) = (Arc::new(texts), Arc::new(metas), Arc::new(numbers));
    write(
        &[("text", texts), ("meta", metas), ("number", numbers)],
        group_rows,
    )
}

fn write(columns: &[(&str, ArrayRef)], group_rows: usize) -> Vec<u8> {
    let columns = columns
        .iter()
        .map(|(name, array)| (*name, Arc::clone(array), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_row_group_that_unpacks_to_far_more_than_it_stores_is_refused() {
    let zeros = Arc::new(StringArray::from(vec!["x".repeat(40 << 20)]));
    let batch = RecordBatch::try_from_iter([("text", zeros as ArrayRef)]).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert!(bytes.len() < 1 << 20);
    let found = entries(&Options::new(Kind::Text), "t.parquet", &bytes);
    let found: Vec<String> = found.iter().map(short).collect();
    assert_eq!(found, ["t.parquet row 0 archive-bomb"]);
}

#[test]
fn texts_with_metadata_and_nulls() {
    let all = entries(&Options::new(Kind::Text), "t.parquet", &texts(5, 2));
    let found: Vec<String> = all.iter().map(short).collect();
    let expected = [
        "http://0.example/ ok",
        "http://1.example/ ok",
        "http://2.example/ ok",
        "t.parquet row 3 null-text",
        "http://4.example/ ok",
    ];
    assert_eq!(found, expected);
    let rows: Vec<Option<u64>> = all.iter().map(|entry| entry.location().row).collect();
    assert_eq!(rows, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
    let Entry::Record(record) = &all[4] else {
        panic!("a record")
    };
    let Body::Text(row) = &record.body else {
        panic!("a text")
    };
    assert_eq!(
        (row.text.as_str(), row.id.as_deref()),
        ("text 4", Some("4"))
    );
}

#[test]
fn source_code_with_lists_and_bytes() {
    let mut licenses = ListBuilder::new(StringBuilder::new());
    licenses.append_value([Some("MIT"), Some("Apache-2.0")]);
    licenses.append_null();
    let columns: [(&str, ArrayRef); 4] = [
        (
            "content",
            Arc::new(BinaryArray::from(vec![&b"x = 1"[..], b"\xff\xfe"])),
        ),
        (
            "max_stars_repo_name",
            Arc::new(StringArray::from(vec!["a/b", "c/d"])),
        ),
        (
            "max_stars_repo_path",
            Arc::new(StringArray::from(vec!["x.py", "y.py"])),
        ),
        ("max_stars_repo_licenses", Arc::new(licenses.finish())),
    ];
    let all = entries(
        &Options::new(Kind::Code),
        "c.parquet",
        &write(&columns, 100),
    );
    let files: Vec<_> = all
        .iter()
        .map(|entry| match entry {
            Entry::Record(record) => match &record.body {
                Body::Code(file) => (
                    record.origin.as_str(),
                    file.licenses.len(),
                    file.bytes.len(),
                ),
                other => panic!("no code: {other:?}"),
            },
            Entry::Bad(bad) => panic!("{bad:?}"),
        })
        .collect();
    assert_eq!(files, [("a/b/x.py", 2, 5), ("c/d/y.py", 0, 2)]);
}

#[test]
fn row_groups_are_slices() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.parquet"), texts(1000, 64)).unwrap();
    let file = list(Kind::Text, &["t.parquet".into()], folder.path())
        .unwrap()
        .remove(0);
    let options = Options::new(Kind::Text);
    let read = |target_bytes| -> Vec<String> {
        let parts = slices(&file, Kind::Text, target_bytes).unwrap();
        let all = parts.iter().flat_map(|part| open(part, &options).unwrap());
        all.map(|entry| format!("{:?}", entry.unwrap())).collect()
    };
    assert_eq!(slices(&file, Kind::Text, 1).unwrap().len(), 16);
    assert_eq!(read(u64::MAX).len(), 1000);
    for target_bytes in [1, 700, 3000] {
        assert_eq!(read(target_bytes), read(u64::MAX));
    }
}

#[test]
fn a_damaged_row_group_loses_its_rows_only() {
    let mut bytes = texts(100, 10);
    let sound = read(Kind::Text, "t.parquet", &bytes);
    bytes[40..60].fill(0xff); // the first page of the first group
    let found = read(Kind::Text, "t.parquet", &bytes);
    assert_eq!(found[0], "t.parquet row 0 parquet-damaged", "{found:?}");
    assert_eq!(found[found.len() - 90..], sound[10..]);
}

/// A footer whose schema nests `depth` groups, in Thrift's compact form.
fn nested(depth: usize) -> Vec<u8> {
    let mut footer = vec![0x15, 2, 0x19, 0xfc]; // version 1; a long list of structs
    let mut n_left = depth + 1;
    while n_left > 0x7f {
        footer.push(u8::try_from(n_left & 0x7f).unwrap() | 0x80);
        n_left >>= 7;
    }
    footer.push(u8::try_from(n_left).unwrap());
    for _ in 0..depth {
        footer.extend([0x35, 0, 0x18, 1, b'x', 0x15, 2, 0]); // required group `x` of one child
    }
    footer.extend([0x15, 12, 0x25, 0, 0x18, 1, b'y', 0]); // required bytes `y`
    footer.extend([0x16, 0, 0x19, 0x0c, 0]); // no rows, no row groups
    let length = u32::try_from(footer.len()).unwrap();
    [b"PAR1", &footer[..], &length.to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn a_schema_without_bottom_is_refused() {
    assert_eq!(read(Kind::Text, "t.parquet", &nested(3)), [""; 0]);
    for depth in [100, 10_000, 1_000_000] {
        assert_eq!(
            read(Kind::Text, "t.parquet", &nested(depth)),
            ["t.parquet parquet-damaged"]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_tables_never_fail(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        is_footer in any::<bool>(),
    ) {
        let mut bytes = texts(60, 16);
        for (index, value) in flips {
            // Most of what can go wrong stands in the footer.
            let from = if is_footer { bytes.len() - bytes.len() / 3 } else { 0 };
            let index = from + index.index(bytes.len() - from);
            bytes[index] = value;
        }
        let found = entries(&Options::new(Kind::Text), "t.parquet", &bytes);
        prop_assert!(!found.is_empty());
    }
}
