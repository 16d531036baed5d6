//! The token pair: golden bytes, round trips, and indexes that lie.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proofmill_shard::ShardError;
use proofmill_shard::megatron::{Dtype, IndexedDataset, PairWriter};
use proptest::prelude::*;

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn write_pair(prefix: &Path, vocab_tokens: u64, docs: &[Vec<u32>]) {
    let mut writer = PairWriter::create(prefix, vocab_tokens).unwrap();
    for doc in docs {
        writer.push(doc).unwrap();
    }
    let info = writer.finish().unwrap();
    assert_eq!(info.n_docs, docs.len() as u64);
    assert_eq!(
        info.n_tokens,
        docs.iter().map(Vec::len).sum::<usize>() as u64
    );
    for (suffix, written) in [("bin", info.bin), ("idx", info.idx)] {
        let path = prefix.with_extension(suffix);
        assert_eq!(written, proofmill_shard::measure_file(&path).unwrap());
    }
}

#[test]
fn golden_bytes() {
    let cases = include_str!("golden/pair.txt").split("\n=== ").skip(1);
    for case in cases {
        let (name, body) = case.split_once('\n').unwrap();
        let (input, expected) = body.split_once("---\n").unwrap();
        let mut vocab_tokens = 0;
        let mut docs = Vec::new();
        for line in input.lines() {
            let (word, numbers) = line.split_once(' ').unwrap();
            let numbers = numbers
                .split(' ')
                .map(|number| number.parse::<u64>().unwrap());
            match word {
                "vocab" => vocab_tokens = numbers.sum(),
                "doc" => docs.push(numbers.map(|id| u32::try_from(id).unwrap()).collect()),
                other => panic!("`{other}` in case `{name}`"),
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("s");
        write_pair(&prefix, vocab_tokens, &docs);
        let bytes = |suffix| hex(&fs::read(prefix.with_extension(suffix)).unwrap());
        let found = format!("bin {}\nidx {}\n", bytes("bin"), bytes("idx"));
        assert_eq!(found.trim(), expected.trim(), "case `{name}`");
        check_reading(&prefix, &docs);
    }
}

#[track_caller]
fn check_reading(prefix: &Path, docs: &[Vec<u32>]) {
    let pair = IndexedDataset::open(prefix).unwrap();
    assert_eq!(pair.n_docs(), docs.len() as u64);
    let mut start = 0;
    for (doc, index) in docs.iter().zip(0..) {
        let mut read = vec![9];
        pair.doc_into(index, &mut read).unwrap();
        assert_eq!(read[1..], doc[..]);
        assert_eq!(
            pair.doc_range(index).unwrap(),
            (start, u32::try_from(doc.len()).unwrap())
        );
        assert_eq!(pair.doc_at(start).unwrap(), Some(index));
        start += doc.len() as u64;
        assert_eq!(pair.doc_at(start - 1).unwrap(), Some(index));
    }
    assert_eq!(pair.n_tokens(), start);
    assert_eq!(pair.doc_at(start).unwrap(), None);
    let mut all = Vec::new();
    pair.tokens_into(0, start, &mut all).unwrap();
    assert_eq!(all, docs.concat());
    for bad in [
        pair.doc_range(docs.len() as u64).map(drop),
        pair.tokens_into(start, 1, &mut all),
    ] {
        assert!(matches!(bad, Err(ShardError::Damaged { .. })));
    }
    assert!(pair.tokens_into(u64::MAX, u64::MAX, &mut all).is_err());
}

#[test]
fn what_megatron_cannot_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("s");
    assert!(PairWriter::create(&prefix, (1 << 31) + 1).is_err());
    let mut writer = PairWriter::create(&prefix, 10).unwrap();
    writer.push(&[1, 0]).unwrap();
    for bad in [&[][..], &[1, 10, 0]] {
        let error = writer.push(bad).unwrap_err();
        assert!(matches!(error, ShardError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("document 1"), "{error}");
    }
    writer.push(&[9, 0]).unwrap();
    writer.finish().unwrap();
    check_reading(&prefix, &[vec![1, 0], vec![9, 0]]);
}

#[test]
fn an_unfinished_pair_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = PairWriter::create(&folder.path().join("s"), 10).unwrap();
    writer.push(&[1, 0]).unwrap();
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn foreign_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("s");
    write_pair(&prefix, 10, &[vec![1, 0], vec![2, 0]]);
    let idx = prefix.with_extension("idx");
    let good = fs::read(&idx).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    for (bytes, words) in [
        (b"TNTIDX".to_vec(), "no Megatron index"),
        (Vec::new(), "no Megatron index"),
        (good[..20].to_vec(), "ends too early"),
        (with(9, 3), "version 3"),
        (with(17, 6), "type 6"),
        (with(18, 1), "one sequence per document"),
        (good[..good.len() - 1].to_vec(), "do not fit"),
        ([&good[..], &[0]].concat(), "do not fit"),
    ] {
        fs::write(&idx, bytes).unwrap();
        let error = IndexedDataset::open(&prefix).err().unwrap().to_string();
        assert!(error.contains("s.idx") && error.contains(words), "{error}");
    }
    fs::write(&idx, &good).unwrap();
    fs::write(prefix.with_extension("bin"), [1, 2, 3]).unwrap();
    let error = IndexedDataset::open(&prefix).err().unwrap().to_string();
    assert!(
        error.contains("s.bin") && error.contains("no whole ids"),
        "{error}"
    );
}

#[test]
fn the_type_follows_the_vocabulary() {
    for (vocab_tokens, expected) in [
        (1, Some(Dtype::U16)),
        (65_536, Some(Dtype::U16)),
        (65_537, Some(Dtype::I32)),
        (1 << 31, Some(Dtype::I32)),
        ((1 << 31) + 1, None),
    ] {
        assert_eq!(Dtype::for_vocab(vocab_tokens), expected, "{vocab_tokens}");
    }
}

/// Reads all that an index points at; only a panic fails.
fn read_hostile(idx: &[u8], bin: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("s");
    fs::write(prefix.with_extension("idx"), idx).unwrap();
    fs::write(prefix.with_extension("bin"), bin).unwrap();
    if let Ok(pair) = IndexedDataset::open(&prefix) {
        let mut tokens = Vec::new();
        for doc_index in 0..=pair.n_docs() {
            drop(pair.doc_into(doc_index, &mut tokens));
            drop(pair.doc_at(doc_index));
        }
        assert!(tokens.len() <= 1000 * bin.len());
    }
    drop(proofmill_shard::verify(&prefix));
    drop(proofmill_shard::locate(&prefix, 1));
}

proptest! {
    #[test]
    fn pairs_come_back(
        docs in prop::collection::vec(prop::collection::vec(0..70_000_u32, 1..40), 0..30),
        is_small in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("s");
        let (vocab_tokens, docs) = if is_small {
            let shrink = |doc: Vec<u32>| doc.into_iter().map(|id| id % 60_000).collect();
            (60_000, docs.into_iter().map(shrink).collect())
        } else {
            (70_000, docs)
        };
        write_pair(&prefix, vocab_tokens, &docs);
        check_reading(&prefix, &docs);
    }

    #[test]
    fn lying_indexes_never_panic(
        n_docs in prop_oneof![Just(2_u64), any::<u64>()],
        numbers in prop::collection::vec(any::<u8>(), 48),
        flips in prop::collection::vec((0..82_usize, any::<u8>()), 0..3),
        code in prop_oneof![Just(8_u8), Just(4_u8)],
    ) {
        let mut idx = b"MMIDIDX\0\0".to_vec();
        idx.extend(1_u64.to_le_bytes());
        idx.push(code);
        idx.extend(n_docs.to_le_bytes());
        idx.extend(n_docs.wrapping_add(1).to_le_bytes());
        idx.extend(numbers);
        for (at, byte) in flips {
            idx[at] = byte;
        }
        read_hostile(&idx, &[1, 0, 0, 0, 2, 0, 255, 255]);
    }

    #[test]
    fn random_indexes_never_panic(idx in prop::collection::vec(any::<u8>(), 0..100)) {
        read_hostile(&idx, &[1, 2, 3, 4]);
    }
}
