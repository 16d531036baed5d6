//! Whole shards: cuts, descriptions, findings for every kind of damage, and old formats.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmill_shard::megatron::IndexedDataset;
use proofmill_shard::tables::{DocRow, ProvenanceRow, Split};
use proofmill_shard::{
    Shard, ShardError, ShardInfo, ShardSettings, ShardWriter, TokenizerFacts, locate,
    publish_bytes, verify,
};
use proofmill_types::{DocId, Document, Kind, Location};

const EOD: u32 = 2;

fn settings(target_tokens: u64) -> ShardSettings {
    let tokenizer = TokenizerFacts {
        name: "own".to_owned(),
        sha256: "00".repeat(32),
        engine: "tests".to_owned(),
        unicode_version: "16.0".to_owned(),
        special_tokens: "as-text".to_owned(),
        vocab_tokens: 1000,
        eod: EOD,
        special_ids: BTreeMap::from([("</s>".to_owned(), EOD)]),
    };
    ShardSettings {
        tokenizer,
        target_tokens,
    }
}

fn row(number: u32) -> ProvenanceRow {
    let mut doc = Document::from_text(&format!("text {number}"));
    doc.source = Arc::from("code");
    doc.kind = Kind::Code;
    doc.origin = format!("owner/repo/{number}.lean");
    doc.location = Location {
        file: Arc::from("data.parquet"),
        offset: 0,
        length: 0,
        row: Some(number.into()),
    };
    doc.id = DocId::new("code", &doc.origin, &doc.location);
    doc.license = Some("Apache-2.0".to_owned());
    doc.language = Some("lean".to_owned());
    ProvenanceRow::of(&DocRow::new(doc), Split::Train)
}

/// Document `number`: from 1 to 8 tokens.
fn tokens(number: u32) -> Vec<u32> {
    let mut tokens: Vec<u32> = (0..number * 7 % 8)
        .map(|at| 3 + (number * 31 + at) % 997)
        .collect();
    tokens.push(EOD);
    tokens
}

fn write(dir: &Path, n_docs: u32, target_tokens: u64) -> Vec<Shard> {
    let mut writer = ShardWriter::create(dir, "train", settings(target_tokens)).unwrap();
    (0..n_docs).for_each(|number| writer.push(&tokens(number), &row(number)).unwrap());
    writer.finish().unwrap()
}

#[test]
fn shards_are_cut_at_documents_and_sound() {
    let dir = tempfile::tempdir().unwrap();
    let shards = write(dir.path(), 200, 100);
    assert!(shards.len() > 5);
    let mut number = 0;
    for (shard, index) in shards.iter().zip(0..) {
        assert_eq!(shard.prefix, dir.path().join(format!("train-{index:05}")));
        assert_eq!(verify(&shard.prefix), [], "{}", shard.prefix.display());
        assert_eq!(ShardInfo::open(&shard.prefix).unwrap(), shard.info);
        let is_last = index + 1 == shards.len();
        assert!(
            is_last || (100..108).contains(&shard.info.n_tokens),
            "{}",
            shard.info.n_tokens
        );
        let pair = IndexedDataset::open(&shard.prefix).unwrap();
        let mut start = 0;
        for doc_index in 0..pair.n_docs() {
            let mut read = Vec::new();
            pair.doc_into(doc_index, &mut read).unwrap();
            assert_eq!(read, tokens(number));
            let n_tokens = u32::try_from(read.len()).unwrap();
            let expected = ProvenanceRow {
                ordinal: doc_index,
                token_offset: start,
                n_tokens,
                ..row(number)
            };
            for offset in [start, start + u64::from(n_tokens) - 1] {
                assert_eq!(
                    locate(&shard.prefix, offset).unwrap().as_ref(),
                    Some(&expected)
                );
            }
            start += u64::from(n_tokens);
            number += 1;
        }
        assert_eq!(locate(&shard.prefix, start).unwrap(), None);
    }
    assert_eq!(number, 200);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4 * shards.len());
}

#[test]
fn the_same_documents_give_the_same_bytes() {
    let (left, right) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (left, right) = (write(left.path(), 50, 60), write(right.path(), 50, 60));
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(&right) {
        assert_eq!((&left.info, &left.json), (&right.info, &right.json));
    }
}

#[test]
fn no_document_gives_no_shard() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(write(dir.path(), 0, 100), []);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn documents_that_break_the_rules_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = ShardWriter::create(dir.path(), "train", settings(100)).unwrap();
    writer.push(&[5, EOD], &row(0)).unwrap();
    for (bad, words) in [
        (&[][..], "missing"),
        (&[5], "missing"),
        (&[5, EOD, 6, EOD], "inside, as token 1"),
        (&[1000, EOD], "vocabulary"),
    ] {
        let error = writer.push(bad, &row(1)).unwrap_err();
        assert!(matches!(error, ShardError::Refused { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let shards = writer.finish().unwrap();
    assert_eq!(
        verify(&shards[0].prefix),
        [],
        "what was refused left no trace"
    );
    let mut bad = settings(100);
    bad.tokenizer.eod = 1000;
    assert!(ShardWriter::create(dir.path(), "x", bad).is_err());
    assert!(ShardWriter::create(dir.path(), "x", settings(0)).is_err());
}

#[test]
fn an_interrupted_writer_leaves_no_half_shard() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = ShardWriter::create(dir.path(), "train", settings(10)).unwrap();
    (0..5).for_each(|number| writer.push(&tokens(number), &row(number)).unwrap());
    drop(writer);
    let mut names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert!(
        names.len().is_multiple_of(4) && !names.is_empty(),
        "{names:?}"
    );
    for name in names
        .iter()
        .filter_map(|name| name.to_str()?.strip_suffix(".json"))
    {
        assert_eq!(verify(&dir.path().join(name)), []);
    }
}

/// One shard of 20 documents, and its prefix.
fn one_shard() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let prefix = write(dir.path(), 20, 1_000_000).remove(0).prefix;
    (dir, prefix)
}

/// Changes one file, and expects a finding in it with these words.
#[track_caller]
fn check_damage(suffix: &str, change: impl FnOnce(&mut Vec<u8>), words: &str) {
    let (_dir, prefix) = one_shard();
    let path = prefix.with_extension(suffix);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    publish_bytes(&path, &bytes).unwrap();
    let findings = verify(&prefix);
    let found = findings
        .iter()
        .any(|finding| finding.to_string().contains(words));
    assert!(found, "{suffix}: no `{words}` in {findings:#?}");
}

#[test]
fn every_kind_of_damage_is_found() {
    // The first document has one token, the second eight.
    check_damage(
        "bin",
        |bytes| bytes[0] = 7,
        "ends without the end-of-document id",
    );
    check_damage("bin", |bytes| bytes[3] ^= 0x40, "outside the vocabulary");
    check_damage(
        "bin",
        |bytes| bytes[2..4].copy_from_slice(&[2, 0]),
        "inside a document",
    );
    check_damage(
        "bin",
        |bytes| bytes.truncate(bytes.len() - 1),
        "no whole ids",
    );
    check_damage(
        "bin",
        |bytes| bytes.extend([5, 0]),
        "the documents end at token",
    );
    check_damage("idx", |bytes| bytes[34] += 1, "instead of");
    check_damage(
        "idx",
        |bytes| bytes[34 + 4 * 20 + 8] += 2,
        "it starts at token",
    );
    check_damage("idx", |bytes| bytes[34] = 0, "it is empty");
    check_damage(
        "idx",
        |bytes| bytes[34 + 12 * 20] = 9,
        "document index is wrong",
    );
    check_damage(
        "idx",
        |bytes| bytes[34 + 32 * 10 + 8 * 10] ^= 1,
        "document index",
    );
    check_damage("idx", Vec::clear, "no Megatron index");
    check_damage(
        "docs.parquet",
        |bytes| bytes[20] ^= 1,
        "not those that were written",
    );
    check_damage(
        "docs.parquet",
        |bytes| bytes.truncate(100),
        "cannot open table",
    );
    check_damage("json", |bytes| bytes.truncate(100), "EOF");
    check_damage("json", Vec::clear, "EOF");
}

/// The folder with a sample of every format ever released.
fn formats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// Run once per format version, by name, to make its sample.
#[test]
#[ignore = "writes the sample of the present format"]
fn write_the_sample_of_this_format() {
    let prefix = format!("v{}", proofmill_shard::FORMAT_VERSION);
    let mut writer = ShardWriter::create(&formats(), &prefix, settings(1_000_000)).unwrap();
    (0..20).for_each(|number| writer.push(&tokens(number), &row(number)).unwrap());
    writer.finish().unwrap();
}

#[test]
fn every_format_ever_released_still_opens() {
    for version in 1..=proofmill_shard::FORMAT_VERSION {
        let prefix = formats().join(format!("v{version}-00000"));
        assert_eq!(verify(&prefix), []);
        let info = ShardInfo::open(&prefix).unwrap();
        assert_eq!((info.n_docs, &info.tokenizer), (20, &settings(1).tokenizer));
        let last = locate(&prefix, info.n_tokens - 1).unwrap().unwrap();
        assert_eq!((last.ordinal, &*last.origin), (19, "owner/repo/19.lean"));
    }
}

#[test]
fn a_newer_format_is_refused_by_number() {
    let (_dir, prefix) = one_shard();
    let path = prefix.with_extension("json");
    let json = fs::read_to_string(&path).unwrap();
    publish_bytes(
        &path,
        json.replace("\"format_version\": 1", "\"format_version\": 99")
            .as_bytes(),
    )
    .unwrap();
    let error = ShardInfo::open(&prefix).unwrap_err().to_string();
    assert!(
        error.contains("shard format 99") && error.contains("reads shard format 1"),
        "{error}"
    );
}
