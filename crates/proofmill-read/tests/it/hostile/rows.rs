//! Damaged and hostile rows: lines, arrays, Parquet.

use super::{check, compressed_by};
use crate::common::{entries, gzip, read, short};
use proofmill_read::{Entry, Options};
use proofmill_types::{Body, Kind};

#[test]
fn lines_that_are_no_rows_are_counted_one_by_one() {
    let file =
        b"{\"text\": \"one\"}\nbroken\n{\"text\": null}\n{\"other\": 1}\n\n{\"text\": \"\xff\"}\n\
                 {\"text\": \"\\ud800\"}\n{\"text\": 3}\n{\"text\": \"\"}\r\n{\"text\": \"last\"}";
    let expected = [
        "t.jsonl row 0 ok",
        "t.jsonl row 1 bad-json",
        "t.jsonl row 2 null-text",
        "t.jsonl row 3 no-text",
        "t.jsonl row 5 invalid-utf8",
        "t.jsonl row 6 bad-json",
        "t.jsonl row 7 null-text",
        "t.jsonl row 8 empty",
        "t.jsonl row 9 ok",
    ];
    check(Kind::Text, "t.jsonl", file, &expected);
    check(Kind::Text, "t.jsonl", &gzip(file), &expected);
    check(
        Kind::Text,
        "t.jsonl",
        &zstd::encode_all(&file[..], 1).unwrap(),
        &expected,
    );
    check(Kind::Text, "t.jsonl", &compressed_by("xz", file), &expected);
    check(
        Kind::Text,
        "t.jsonl",
        &compressed_by("bzip2", file),
        &expected,
    );
    let members = [gzip(&file[..20]), gzip(&file[20..])].concat();
    check(Kind::Text, "t.jsonl", &members, &expected);
}

#[test]
fn a_line_above_the_limit_is_passed_over() {
    let mut options = Options::new(Kind::Text);
    options.limits.max_line_bytes = 1000;
    let file = format!(
        "{{\"text\": \"{}\"}}\n{{\"text\": \"b\"}}\n",
        "a".repeat(500_000)
    );
    let found: Vec<String> = entries(&options, "t.jsonl", file.as_bytes())
        .iter()
        .map(short)
        .collect();
    assert_eq!(found, ["t.jsonl row 0 line-too-long", "t.jsonl row 1 ok"]);
}

#[test]
fn rows_beside_a_hole_are_read() {
    let mut options = Options::new(Kind::Text);
    options.limits.max_line_bytes = 1000;
    let hole = vec![0; 200_000];
    let file = [b"{\"text\": \"a\"}\n", &hole[..], b"\n{\"text\": \"b\"}\n"].concat();
    for stored in [file.clone(), gzip(&file)] {
        let found = entries(&options, "t.jsonl", &stored);
        let found: Vec<String> = found.iter().map(short).collect();
        let expected = [
            "t.jsonl row 0 ok",
            "t.jsonl row 1 line-too-long",
            "t.jsonl row 2 ok",
        ];
        assert_eq!(found, expected);
    }
}

#[test]
fn an_array_that_does_not_end_is_counted() {
    check(Kind::Text, "a.json", b"[]", &[]);
    check(
        Kind::Text,
        "a.json",
        b"[{\"text\": \"a\"}]\n",
        &["a.json row 0 ok"],
    );
    let cut = ["a.json row 0 ok", "a.json row 1 bad-json"];
    check(Kind::Text, "a.json", b"[{\"text\": \"a\"},", &cut);
    check(Kind::Text, "a.json", b"[{\"text\": \"a\"}, 7]", &cut);
    let open = "[".repeat(300_000);
    check(
        Kind::Text,
        "a.json",
        open.as_bytes(),
        &["a.json row 0 bad-json"],
    );
}

#[test]
fn cut_compressed_rows_are_read_up_to_the_cut() {
    let rows: Vec<String> = (0..5000)
        .map(|n| format!("{{\"text\": \"row {n} {}\"}}\n", n * n))
        .collect();
    let rows = rows.concat();
    let mut packed = gzip(rows.as_bytes());
    packed.truncate(packed.len() / 2);
    let found = read(Kind::Text, "t.jsonl.gz", &packed);
    assert!(
        found.len() > 1000 && found.len() < 5000,
        "{} entries",
        found.len()
    );
    let (last, before) = found.split_last().unwrap();
    assert_eq!(last, "t.jsonl.gz gzip-damaged");
    assert!(before.iter().all(|entry| entry.ends_with(" ok")));
}

#[test]
fn json_arrays_and_objects_over_several_lines() {
    let file =
        b"[\n {\"instruction\": \"a, ]}\\\"\", \"output\": [1, {\"x\": 2}]},\n {\"q\": 1},\n 7 ]";
    let expected = [
        "i.json row 0 ok",
        "i.json row 1 ok",
        "i.json row 2 bad-json",
    ];
    check(Kind::Instruct, "i.json", file, &expected);
    check(
        Kind::Instruct,
        "i.json",
        b"{\n\"q\": 1\n}\n{\n\"q\": 2}",
        &["i.json row 0 ok", "i.json row 1 ok"],
    );
    let all = entries(&Options::new(Kind::Instruct), "i.json", file);
    let Entry::Record(record) = &all[0] else {
        panic!("a record")
    };
    let Body::Instruct(row) = &record.body else {
        panic!("an instruction row")
    };
    assert_eq!(row.get("output"), Some("[1,{\"x\":2}]"));
    assert_eq!(row.get("instruction"), Some("a, ]}\""));
}

#[test]
fn deep_nesting_is_bounded() {
    let deep = format!(
        "{{\"text\": \"x\", \"meta\": {}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    check(
        Kind::Text,
        "t.jsonl",
        deep.as_bytes(),
        &["t.jsonl row 0 ok"],
    );
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    read(Kind::Instruct, "i.json", deep.as_bytes());
}

#[test]
fn parquet_that_is_none() {
    let mut file = b"PAR1".to_vec();
    file.extend([0xff; 200]);
    file.extend(1_000_000_u32.to_le_bytes());
    file.extend(b"PAR1");
    check(
        Kind::Text,
        "t.parquet",
        &file,
        &["t.parquet parquet-damaged"],
    );
    check(
        Kind::Code,
        "t.parquet",
        b"PAR1",
        &["t.parquet parquet-damaged"],
    );
}
