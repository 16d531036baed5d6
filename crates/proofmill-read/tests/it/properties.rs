//! What must hold for any input: slices add up to the file, and no bytes make a reader fail.

use std::fs;

use crate::common::{entries, gzip, member, response, response_claiming};
use proofmill_read::{Entry, Options, list, open, slices};
use proofmill_types::Kind;
use proptest::collection::vec;
use proptest::prelude::*;

/// Everything about an entry that must not depend on slices.
fn whole(entry: &Entry) -> String {
    format!("{entry:?}")
}

/// Writes `bytes` and reads them whole and in slices.
fn check_slices(
    kind: Kind,
    name: &str,
    bytes: &[u8],
    target_bytes: u64,
) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let file = list(kind, &[name.to_owned()], folder.path())
        .unwrap()
        .remove(0);
    let options = Options::new(kind);
    let read = |target_bytes| -> Vec<String> {
        let parts = slices(&file, kind, target_bytes).unwrap();
        let read = parts.iter().flat_map(|part| open(part, &options).unwrap());
        read.map(|entry| whole(&entry.unwrap())).collect()
    };
    prop_assert_eq!(read(target_bytes), read(u64::MAX));
    Ok(())
}

/// A line of a JSON lines file, sound or not.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z ]{0,40}".prop_map(|text| format!("{{\"text\": \"{text}\"}}")),
        1 => "[ -~]{0,20}",
        1 => Just(String::new()),
        1 => Just("\r".to_owned()),
    ]
}

/// A piece of a bulk tar, sound or not.
fn tar_piece() -> impl Strategy<Value = Vec<u8>> {
    let paper = (0..99_u32, "[a-z$]{0,300}").prop_map(|(number, text)| {
        let content = gzip(format!("\\documentclass{{article}}{text}").as_bytes());
        member(
            &format!("1706/1706.000{number:02}.gz"),
            b'0',
            content.len() as u64,
            &content,
        )
    });
    prop_oneof![
        6 => paper,
        1 => vec(any::<u8>(), 512..=512),
        1 => Just(vec![0; 512]),
        1 => Just(member("1706", b'5', 0, b"")),
        1 => (0..5000_u64).prop_map(|n_bytes| member("1706/1706.00099.gz", b'0', n_bytes, b"x")),
    ]
}

/// A piece of a WARC file, sound or not.
fn warc_piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (0..99_u32, "[a-z<>\r\n]{0,200}")
            .prop_map(|(n, text)| response(&format!("http://{n}.example/"), &format!("<html>{text}"))),
        1 => "[a-z\r\n]{1,40}".prop_map(String::into_bytes),
        1 => (0..600_u64).prop_map(|claimed| response_claiming("http://x.example/", "<html>x", Some(claimed))),
        1 => Just(b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn slices_of_json_lines(lines in vec(line(), 0..40), target_bytes in 1..400_u64) {
        check_slices(Kind::Text, "t.jsonl", lines.join("\n").as_bytes(), target_bytes)?;
    }

    #[test]
    fn slices_of_bulk_tars(pieces in vec(tar_piece(), 1..12), target_bytes in 1..6000_u64) {
        let first = member("1706/1706.00000.gz", b'0', 0, b"");
        check_slices(Kind::Arxiv, "b.tar", &[first, pieces.concat()].concat(), target_bytes)?;
    }

    #[test]
    fn slices_of_warc_files(pieces in vec(warc_piece(), 1..12), target_bytes in 1..3000_u64) {
        check_slices(Kind::Web, "x.warc", &pieces.concat(), target_bytes)?;
    }

    #[test]
    fn random_bytes_never_fail(
        bytes in vec(any::<u8>(), 0..2000),
        start in prop::sample::select(vec![
            &b""[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"PAR1", b"WARC/1.0\r\n", b"\x28\xb5\x2f\xfd",
            b"BZh9", b"\xfd7zXZ\0", b"{\"text\": ", b"[{", b"<html>", b"%PDF-",
        ]),
    ) {
        let bytes = [start, &bytes].concat();
        for kind in Kind::ALL {
            for name in ["x", "x.jsonl", "x.json", "x.warc.gz", "x.tar", "x.parquet", "x.txt", "1706.00001.gz"] {
                let found = entries(&Options::new(kind), name, &bytes);
                // At most a row per line, and something for anything but blanks and WARC's notes.
                prop_assert!(found.len() <= bytes.len() + 1);
            }
        }
    }

    #[test]
    fn damaged_archives_never_fail(
        pieces in vec(tar_piece(), 1..4),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_packed in any::<bool>(),
    ) {
        let mut bytes = pieces.concat();
        if is_packed {
            bytes = gzip(&bytes);
        }
        for (index, value) in flips {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        entries(&Options::new(Kind::Arxiv), "b.tar", &bytes);
        entries(&Options::new(Kind::Arxiv), "1706.00001.gz", &bytes);
    }

    #[test]
    fn damaged_crawls_never_fail_and_lose_only_what_is_damaged(
        n_pages in 2..6_usize,
        damaged in any::<prop::sample::Index>(),
        flip in any::<prop::sample::Index>(),
        value in 1..=255_u8,
    ) {
        let pages: Vec<Vec<u8>> = (0..n_pages)
            .map(|n| gzip(&response(&format!("http://{n}.example/"), &"<html>page ".repeat(n * 7 + 1))))
            .collect();
        let damaged = damaged.index(n_pages);
        let mut file = pages.clone();
        let at = flip.index(file[damaged].len());
        file[damaged][at] ^= value;
        let found = entries(&Options::new(Kind::Web), "x.warc.gz", &file.concat());
        for n in (0..n_pages).filter(|&n| n != damaged) {
            let url = format!("http://{n}.example/");
            let is_read = found.iter().any(|entry| matches!(entry, Entry::Record(record) if record.origin == url));
            prop_assert!(is_read, "page {} of {}, damaged {} at {}: {:?}", n, n_pages, damaged, at, found);
        }
    }
}
