//! Tables: what was written comes back, the same rows give the same bytes, and damage is an error.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proofmill_shard::ShardError;
use proofmill_shard::tables::{
    DocRow, DocsOptions, DocsProjection, DocsReader, DocsTexts, DocsWriter, LedgerReader,
    LedgerRow, LedgerWriter, MetaSchema, MetaType, ProvenanceReader, ProvenanceRow,
    ProvenanceWriter, Split,
};
use proofmill_types::{
    DocId, Document, Kind, Location, Meta, MetaValue, Reason, Stop, Value, Verdict,
};
use proptest::prelude::*;

fn location(row: u64) -> Location {
    let file = Arc::from("a/data.jsonl.gz");
    Location {
        file,
        offset: row * 7,
        length: 5,
        row: row.is_multiple_of(2).then_some(row),
    }
}

fn doc(number: u64, text: &str) -> DocRow {
    let mut doc = Document::from_text(text);
    doc.source = Arc::from("web");
    doc.kind = Kind::Web;
    doc.origin = format!("https://example.org/{number}");
    doc.location = location(number);
    doc.id = DocId::new("web", &doc.origin, &doc.location);
    doc.group.push_str("example.org");
    doc.family = number.is_multiple_of(3).then(|| format!("family {number}"));
    doc.language = Some("en".to_owned());
    doc.meta = Meta(vec![
        (
            "date",
            MetaValue::Text(number.is_multiple_of(2).then(|| "2024-01-01".to_owned())),
        ),
        (
            "n_formulas",
            MetaValue::Number((!number.is_multiple_of(5)).then_some(number)),
        ),
        (
            "imports",
            MetaValue::List((0..number % 3).map(|n| format!("import {n}")).collect()),
        ),
    ]);
    if !number.is_multiple_of(4) {
        doc.signals.set("mean_word_chars", 4.5);
        doc.signals
            .set_count("n_words", usize::try_from(number).unwrap());
    }
    DocRow::new(doc)
}

fn write_docs(path: &Path, rows: &[DocRow], is_final: bool) {
    let options = DocsOptions {
        is_final,
        ..DocsOptions::default()
    };
    let mut writer = DocsWriter::create(path, options).unwrap();
    for row in rows {
        writer.push(row).unwrap();
    }
    let info = writer.finish().unwrap();
    assert_eq!(info, proofmill_shard::measure_file(path).unwrap());
}

#[track_caller]
fn assert_same(left: &DocRow, right: &DocRow) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
    assert_eq!(left.document.meta, right.document.meta);
}

#[test]
fn docs_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    let rows: Vec<_> = (0..3000)
        .map(|n| doc(n, &format!("text {n} of ∫ x dx\n")))
        .collect();
    write_docs(&path, &rows, false);
    let reader = DocsReader::open(&path, DocsProjection::ALL).unwrap();
    assert_eq!(reader.n_rows(), 3000);
    let read: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(read.len(), rows.len());
    rows.iter()
        .zip(&read)
        .for_each(|(left, right)| assert_same(left, right));
}

#[test]
fn the_final_table_knows_split_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    let rows: Vec<_> = (0..5)
        .map(|n| DocRow {
            split: Some(Split::ALL[usize::try_from(n % 3).unwrap()]),
            n_tokens: Some(n + 1),
            ..doc(n, "x")
        })
        .collect();
    write_docs(&path, &rows, true);
    let read = DocsReader::open(&path, DocsProjection::ALL)
        .unwrap()
        .map(Result::unwrap);
    rows.iter()
        .zip(read)
        .for_each(|(left, right)| assert_same(left, &right));
}

#[test]
fn parts_that_are_not_projected_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    write_docs(&path, &[doc(1, "some text")], false);
    let row = DocsReader::open(&path, DocsProjection::NONE)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(row.n_text_bytes, 9);
    assert!(row.document.text.is_empty() && row.document.signals.is_empty());
    assert_eq!(row.document.meta, Meta::default());
    assert_eq!(row.document.origin, "https://example.org/1");
}

#[test]
fn an_empty_table_has_the_schema_of_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let meta = MetaSchema(vec![("date", MetaType::Text), ("imports", MetaType::List)]);
    for meta_when_empty in [meta, MetaSchema::default()] {
        let path = folder.path().join("docs.parquet");
        let options = DocsOptions {
            meta_when_empty,
            is_final: true,
        };
        DocsWriter::create(&path, options)
            .unwrap()
            .finish()
            .unwrap();
        let mut reader = DocsReader::open(&path, DocsProjection::ALL).unwrap();
        assert_eq!(reader.n_rows(), 0);
        assert!(reader.next().is_none());
        assert_eq!(
            DocsTexts::open(&path).unwrap().texts(&[]).unwrap(),
            Vec::<String>::new()
        );
    }
}

#[test]
fn single_texts_are_found_across_pages_and_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    // Long and short texts, in all more than one row group of 64 MiB.
    let text = |n: u64| match n % 100 {
        0 => format!("{n} ").repeat(600_000),
        _ => format!("short {n}"),
    };
    let rows: Vec<_> = (0..4000).map(|n| doc(n, &text(n))).collect();
    write_docs(&path, &rows, false);
    let texts = DocsTexts::open(&path).unwrap();
    assert_eq!(texts.n_rows(), 4000);
    for wanted in [
        vec![0],
        vec![3999],
        vec![1, 2, 63, 64, 65, 999, 1500, 2800, 3998],
        vec![],
    ] {
        let expected: Vec<_> = wanted.iter().map(|n| text(*n)).collect();
        assert!(texts.texts(&wanted).unwrap() == expected, "{wanted:?}");
    }
    assert!(matches!(
        texts.texts(&[4000]),
        Err(ShardError::Refused { .. })
    ));
    assert!(matches!(
        texts.texts(&[2, 1]),
        Err(ShardError::Refused { .. })
    ));
}

#[test]
fn other_meta_fields_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    let mut writer = DocsWriter::create(&path, DocsOptions::default()).unwrap();
    writer.push(&doc(1, "x")).unwrap();
    let error = writer
        .push(&DocRow::new(Document::from_text("y")))
        .unwrap_err()
        .to_string();
    assert!(error.contains("row 1") && error.contains("date"), "{error}");
    drop(writer);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

fn ledger_row(number: u64) -> LedgerRow {
    let verdict = match number % 3 {
        0 => Verdict::Keep,
        1 => Verdict::Drop(Reason::measured("mean-word-length", 2.25)),
        _ => Verdict::Drop(Reason {
            rule: Cow::Borrowed("language"),
            value: Value::Text("de".to_owned()),
        }),
    };
    let id = DocId::new("s", "o", &location(number));
    LedgerRow {
        record: number,
        doc_id: number.is_multiple_of(2).then_some(id),
        source: Arc::from("web"),
        origin: format!("https://example.org/{number}"),
        location: location(number),
        verdict,
        stop: Stop::ALL[usize::try_from(number % 7).unwrap()],
        detail: number.is_multiple_of(5).then(|| "found\nthis".to_owned()),
        n_bytes_in: number * 10,
        n_bytes_out: number,
        n_tokens: (number % 2 == 1).then_some(number),
        split: number.is_multiple_of(4).then_some(Split::Validation),
        survivor: number.is_multiple_of(6).then_some(id),
    }
}

fn write_ledger(path: &Path, n_rows: u64) {
    let mut writer = LedgerWriter::create(path).unwrap();
    (0..n_rows).for_each(|number| writer.push(&ledger_row(number)).unwrap());
    writer.finish().unwrap();
}

#[test]
fn the_ledger_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.parquet");
    write_ledger(&path, 5000);
    let reader = LedgerReader::open(&path).unwrap();
    assert_eq!(reader.n_rows(), 5000);
    let read: Vec<_> = reader.map(Result::unwrap).collect();
    let expected: Vec<_> = (0..5000).map(ledger_row).collect();
    assert!(read == expected);
}

fn provenance_row(number: u64) -> ProvenanceRow {
    let row = doc(number, "x");
    ProvenanceRow {
        ordinal: number,
        token_offset: number * 3,
        n_tokens: 3,
        ..ProvenanceRow::of(&row, Split::Train)
    }
}

#[test]
fn provenance_comes_back_and_is_found_by_ordinal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.docs.parquet");
    let mut writer = ProvenanceWriter::create(&path).unwrap();
    (0..66_000).for_each(|number| writer.push(&provenance_row(number)).unwrap());
    writer.finish().unwrap();
    for ordinal in [0, 1, 65_535, 65_536, 65_999] {
        assert_eq!(
            ProvenanceReader::row(&path, ordinal).unwrap(),
            provenance_row(ordinal)
        );
    }
    assert!(matches!(
        ProvenanceReader::row(&path, 66_000),
        Err(ShardError::Damaged { .. })
    ));
    let reader = ProvenanceReader::open(&path).unwrap();
    assert_eq!(reader.n_rows(), 66_000);
    assert!(
        reader
            .zip(0..)
            .all(|(row, number)| row.unwrap() == provenance_row(number))
    );
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (left, right) = (folder.path().join("left"), folder.path().join("right"));
    let rows: Vec<_> = (0..500).map(|n| doc(n, &format!("text {n}"))).collect();
    write_docs(&left, &rows, false);
    write_docs(&right, &rows, false);
    assert!(fs::read(&left).unwrap() == fs::read(&right).unwrap());
}

#[test]
fn another_table_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.parquet");
    write_ledger(&path, 1);
    let error = DocsReader::open(&path, DocsProjection::ALL)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("table `ledger`") && error.contains("`docs`"),
        "{error}"
    );
}

/// Reads all that can be read; only a panic fails.
fn read_hostile(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.parquet");
    fs::write(&path, bytes).unwrap();
    if let Ok(reader) = DocsReader::open(&path, DocsProjection::ALL) {
        for row in reader.take(10_000) {
            drop(row);
        }
    }
    if let Ok(texts) = DocsTexts::open(&path) {
        drop(texts.texts(&[0, 3]));
    }
    drop(LedgerReader::open(&path).map(|reader| reader.take(10_000).count()));
    drop(ProvenanceReader::row(&path, 3));
}

fn small_table() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    let rows: Vec<_> = (0..20)
        .map(|n| doc(n, &format!("text {n}").repeat(10)))
        .collect();
    write_docs(&path, &rows, true);
    fs::read(&path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_hostile(&bytes);
    }

    #[test]
    fn flipped_bytes_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local!(static TABLE: Vec<u8> = small_table());
        let mut bytes = TABLE.with(Clone::clone);
        for (index, flip) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_hostile(&bytes);
    }
}

fn sample_docs() -> Vec<DocRow> {
    let text = |n: u64| format!("Theorem {n}. Let $x_{n} \\in \\mathbb{{R}}$.\n");
    let end = |n: u64, row| DocRow {
        split: Some(Split::Train),
        n_tokens: Some(n + 9),
        ..row
    };
    (0..100).map(|n| end(n, doc(n, &text(n)))).collect()
}

fn formats() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// Run once per version of the tables, by name, to make their samples.
#[test]
#[ignore = "writes the samples of the present tables"]
fn write_the_samples_of_these_tables() {
    write_docs(&formats().join("v1-docs.parquet"), &sample_docs(), true);
    write_ledger(&formats().join("v1-ledger.parquet"), 100);
}

#[test]
fn every_table_ever_released_still_opens() {
    let docs = DocsReader::open(&formats().join("v1-docs.parquet"), DocsProjection::ALL).unwrap();
    let docs: Vec<_> = docs.map(Result::unwrap).collect();
    assert_eq!(docs.len(), 100);
    sample_docs()
        .iter()
        .zip(&docs)
        .for_each(|(left, right)| assert_same(left, right));
    let ledger = LedgerReader::open(&formats().join("v1-ledger.parquet")).unwrap();
    assert!(ledger.map(Result::unwrap).eq((0..100).map(ledger_row)));
}

/// Rows of each page of the column `text`, by row group.
fn text_pages(path: &Path) -> Vec<Vec<u64>> {
    use parquet::file::reader::FileReader as _;
    use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
    let options = ReadOptionsBuilder::new().with_page_index().build();
    let file = fs::File::open(path).unwrap();
    let reader = SerializedFileReader::new_with_options(file, options).unwrap();
    let metadata = reader.metadata();
    let pages = metadata
        .row_groups()
        .iter()
        .enumerate()
        .map(|(index, group)| {
            let is_text = |at: &usize| group.column(*at).column_path().string() == "text";
            let column = (0..group.num_columns()).find(is_text).unwrap();
            let pages = metadata.page_index_for_row_group(index);
            let pages = pages.offset_index(column).unwrap().page_locations();
            let mut starts: Vec<_> = pages.iter().map(|page| page.first_row_index).collect();
            starts.push(group.num_rows());
            starts
                .windows(2)
                .map(|pair| u64::try_from(pair[1] - pair[0]).unwrap())
                .collect()
        });
    pages.collect()
}

#[test]
fn a_page_of_text_holds_few_rows_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs.parquet");
    let short: Vec<_> = (0..3000).map(|n| doc(n, "short")).collect();
    write_docs(&path, &short, false);
    assert!(
        text_pages(&path)
            .concat()
            .iter()
            .all(|n_rows| *n_rows <= 64)
    );
    let long: Vec<_> = (0..300).map(|n| doc(n, &"x".repeat(100_000))).collect();
    write_docs(&path, &long, false);
    let pages = text_pages(&path).concat();
    assert!(pages.iter().all(|n_rows| *n_rows <= 4), "{pages:?}");
    let group_bytes = |pages: &Vec<u64>| 100_000 * pages.iter().sum::<u64>();
    let huge: Vec<_> = (0..12).map(|n| doc(n, &"x".repeat(10_000_000))).collect();
    write_docs(&path, &huge, false);
    let groups = text_pages(&path);
    assert!(groups.len() > 1, "row groups are bounded in bytes");
    assert!(
        groups
            .iter()
            .map(group_bytes)
            .all(|n_bytes| n_bytes < 100_000 * 12),
        "{groups:?}"
    );
}
