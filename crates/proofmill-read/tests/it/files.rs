//! Files and folders of every kind, benchmarks, and documents from memory.

use std::fs;
use std::sync::Arc;

use proofmill_read::{
    Entry, FolderLicenses, Limits, Metadata, Options, RULES, eval_items, license_files, list, open,
    read_document, slices,
};
use proofmill_types::{Body, Kind};

use crate::common::{gzip, member, short, tar};

const TEX: &str = "\\documentclass{article}\\begin{document}Let $x$.\\end{document}";

/// Writes `files`, reads folder `d` and gives its entries in short.
#[track_caller]
fn check(kind: Kind, files: &[(&str, &[u8])], expected: &[&str]) -> Vec<Entry> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join("d").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut entries = Vec::new();
    for file in list(kind, &["d".to_owned()], folder.path()).unwrap() {
        for slice in slices(&file, kind, 1 << 20).unwrap() {
            let mut reader = open(&slice, &Options::new(kind)).unwrap();
            entries.extend(reader.by_ref().map(|entry| entry.unwrap()));
            assert!(reader.bytes_read() <= file.n_bytes);
        }
    }
    assert_eq!(entries.iter().map(short).collect::<Vec<_>>(), expected);
    entries
}

#[test]
fn checked_out_repositories() {
    let all = check(
        Kind::Code,
        &[
            ("mathlib/Algebra/Basic.lean", b"theorem x : 1 = 1 := rfl"),
            ("mathlib/.git/config", b"hidden"),
            ("mathlib/logo.png", b"\x89PNG\0\0\0\0\0\0\0\0"),
            ("mathlib/empty.lean", b""),
            ("mathlib/package.json", b"{\"name\": 1}"),
            ("lone.py", b"x = 1"),
        ],
        &[
            "d/lone.py ok",
            "mathlib/Algebra/Basic.lean ok",
            "d/mathlib/empty.lean empty",
            "d/mathlib/logo.png unknown-format",
            "mathlib/package.json ok",
        ],
    );
    let Entry::Record(record) = &all[1] else {
        panic!("a record")
    };
    let Body::Code(file) = &record.body else {
        panic!("source code")
    };
    assert_eq!(
        (file.repo.as_str(), file.path.as_str()),
        ("mathlib", "Algebra/Basic.lean")
    );
    assert_eq!(file.hexsha.len(), 40);
}

/// A tar of repositories: hidden files left out, links counted but no damage, LICENSE files found
/// behind what lies under them, and the same entries however it is cut.
#[test]
fn archives_of_repositories() {
    let mut bytes = tar(&[
        ("mathlib/Algebra/Basic.lean", b"theorem x : 1 = 1 := rfl"),
        ("mathlib/.github/ci.yml", b"hidden"),
        ("mathlib/logo.png", b"\x89PNG\0\0\0\0\0\0\0\0"),
        ("mathlib/empty.lean", b""),
        ("../out.lean", b"theorem y : 1 = 1 := rfl"),
    ]);
    bytes.truncate(bytes.len() - 1024);
    bytes.extend(member("mathlib/link.lean", b'2', 0, b""));
    bytes.extend(tar(&[("mathlib/LICENSE", b"MIT"), ("lone.py", b"x = 1")]));
    let expected = [
        "mathlib/Algebra/Basic.lean ok",
        "mathlib/logo.png not-text",
        "mathlib/empty.lean empty",
        "../out.lean path-outside",
        "mathlib/link.lean link",
        "mathlib/LICENSE ok",
        "lone.py ok",
    ];
    check(Kind::Code, &[("all.tar.gz", &gzip(&bytes))], &expected);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("all.tar"), &bytes).unwrap();
    let file = &list(Kind::Code, &["all.tar".to_owned()], folder.path()).unwrap()[0];
    let found = license_files(file, &Limits::default(), &|name| name == "LICENSE").unwrap();
    let licenses = found
        .into_iter()
        .map(|found| (found.folder, found.text))
        .collect::<Vec<_>>();
    let mut options = Options::new(Kind::Code);
    options.folder_licenses = Some(Arc::new(FolderLicenses::new(licenses)));
    for target_bytes in [1, 1000, 1 << 20] {
        let mut entries = Vec::new();
        for slice in slices(file, Kind::Code, target_bytes).unwrap() {
            entries.extend(open(&slice, &options).unwrap().map(|entry| entry.unwrap()));
        }
        assert_eq!(entries.iter().map(short).collect::<Vec<_>>(), expected);
        let of_record = |entry: &Entry| match entry {
            Entry::Record(record) => match &record.body {
                Body::Code(file) => Some((file.repo.clone(), file.folder_license.clone())),
                _ => None,
            },
            Entry::Bad(bad) => {
                assert_eq!(bad.damaged, bad.rule == "path-outside");
                None
            }
        };
        let found: Vec<_> = entries.iter().filter_map(of_record).collect();
        let mit = ("mathlib".to_owned(), Some("MIT".to_owned()));
        assert_eq!(found, [mit.clone(), mit, (String::new(), None)]);
    }
}

#[test]
fn folders_of_papers() {
    let inner = tar(&[("main.tex", TEX.as_bytes())]);
    let all = check(
        Kind::Arxiv,
        &[
            ("1706.00001v3/main.tex", TEX.as_bytes()),
            ("1706.00001v3/parts/one.tex", b"\\section{One}"),
            ("1706.00001v3/figure.png", b"\x89PNG"),
            ("1706.00002.tar.gz", &gzip(&inner)),
            ("math0401001.gz", &gzip(TEX.as_bytes())),
            ("note.tex", TEX.as_bytes()),
            ("readme.txt", b"only words"),
            ("1706.00003/figure.png", b"\x89PNG"),
        ],
        &[
            "1706.00001v3 ok",
            "1706.00002 ok",
            "1706.00003 no-tex",
            "math/0401001 ok",
            "note ok",
            "readme.txt no-tex",
        ],
    );
    let Entry::Record(record) = &all[0] else {
        panic!("a record")
    };
    let Body::Submission(paper) = &record.body else {
        panic!("a submission")
    };
    let paths: Vec<&str> = paper.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["main.tex", "parts/one.tex"]);
    assert_eq!(
        (paper.family.as_str(), paper.version),
        ("1706.00001", Some(3))
    );
}

#[test]
fn texts_and_pages() {
    check(
        Kind::Text,
        &[
            ("a.txt", b"One text\n{not a row}"),
            ("b.md.gz", &gzip(b"# Title")),
            ("c.txt", b"\xff\xfe\xfd words"),
            (
                "d.jsonl",
                b"{\"text\": \"x\", \"meta\": \"{\\\"url\\\": \\\"http://x.example/\\\"}\"}\n",
            ),
            ("e.bin", b"\0\0\0\0"),
        ],
        &[
            "d/a.txt ok",
            "d/b.md.gz ok",
            "d/c.txt invalid-utf8",
            "http://x.example/ ok",
            "d/e.bin unknown-format",
        ],
    );
    check(
        Kind::Web,
        &[
            ("a.html", b"<!DOCTYPE html><p>x"),
            ("b.htm", b"no tags at all"),
            ("c.html.gz", &gzip(b"<html>x")),
            ("d.json", b"{}"),
            ("e.html", b""),
        ],
        &[
            "d/a.html ok",
            "d/b.htm ok",
            "d/c.html.gz ok",
            "d/d.json unknown-format",
            "d/e.html empty",
        ],
    );
}

#[test]
fn wet_files_are_plain_text() {
    let text = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://a.example/\r\n\
                WARC-Date: 2024-03-05T10:14:50Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n\
                Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nx = 1\r\n\r\n";
    let all = check(
        Kind::Web,
        &[("x.warc.wet.gz", &gzip(text.as_bytes()))],
        &["http://a.example/ ok"],
    );
    let Entry::Record(record) = &all[0] else {
        panic!("a record")
    };
    let Body::Page(page) = &record.body else {
        panic!("a page")
    };
    assert!(page.is_plain_text && !page.is_truncated);
    assert_eq!(page.bytes, b"x = 1");
    assert_eq!(page.record_id.as_deref(), Some("urn:uuid:1"));
    assert_eq!(page.date.as_deref(), Some("2024-03-05T10:14:50Z"));
}

#[test]
fn licences_from_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "{\"id\": \"math.AG/0401001\", \"license\": \"L1\"}\n{\"id\": \"1706.00001\", \"license\": null}\n";
    fs::write(folder.path().join("meta.jsonl"), rows).unwrap();
    fs::write(folder.path().join("math0401001.gz"), gzip(TEX.as_bytes())).unwrap();
    let file = list(Kind::Text, &["meta.jsonl".into()], folder.path())
        .unwrap()
        .remove(0);
    let mut options = Options::new(Kind::Arxiv);
    options.metadata = Some(Arc::new(Metadata::read(&file).unwrap()));
    let paper = list(Kind::Arxiv, &["math0401001.gz".into()], folder.path())
        .unwrap()
        .remove(0);
    let slice = slices(&paper, Kind::Arxiv, 1).unwrap().remove(0);
    let entry = open(&slice, &options).unwrap().next().unwrap().unwrap();
    let Entry::Record(record) = entry else {
        panic!("a record")
    };
    let Body::Submission(paper) = record.body else {
        panic!("a submission")
    };
    assert_eq!(paper.license.as_deref(), Some("L1"));

    fs::write(folder.path().join("meta.jsonl"), "{}\n").unwrap();
    let error = Metadata::read(&file).unwrap_err().to_string();
    assert!(error.starts_with("`meta.jsonl` line 1: "), "{error}");
}

#[test]
fn benchmarks_in_their_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "{\"question\": \"q\", \"options\": [\"(A)1\", \"(B)2\"], \"answer\": null, \"label\": \"A\"}\n\n\
                {\"idx\": 7, \"problem\": \"p\", \"solution\": \"s\"}\n";
    fs::write(folder.path().join("bench_test.v2.jsonl"), rows).unwrap();
    let file = list(Kind::Text, &["*.jsonl".into()], folder.path())
        .unwrap()
        .remove(0);
    let items = eval_items(&file).unwrap();
    let found: Vec<_> = items
        .iter()
        .map(|item| {
            let texts = item
                .texts
                .iter()
                .map(|(field, text)| format!("{field}={text}"));
            (
                item.benchmark.as_str(),
                item.item.as_str(),
                texts.collect::<Vec<_>>().join(" "),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "bench_test",
                "line 1",
                "question=q options.0=(A)1 options.1=(B)2".to_owned()
            ),
            ("bench_test", "7", "problem=p solution=s".to_owned()),
        ]
    );
    fs::write(
        folder.path().join("bench_test.v2.jsonl"),
        "{\"level\": 1}\n",
    )
    .unwrap();
    let error = eval_items(&file).unwrap_err().to_string();
    assert!(error.contains("line 1: no `"), "{error}");
}

#[test]
fn documents_from_memory() {
    let read = |kind, name: &str, bytes: &[u8]| -> Vec<String> {
        let entries = read_document(name, bytes.to_vec(), &Options::new(kind)).unwrap();
        entries.iter().map(short).collect()
    };
    assert_eq!(read(Kind::Web, "-", b"<p>x"), ["- ok"]);
    assert_eq!(read(Kind::Arxiv, "-", TEX.as_bytes()), ["- ok"]);
    assert_eq!(
        read(Kind::Arxiv, "1706.00001.gz", &gzip(TEX.as_bytes())),
        ["1706.00001 ok"]
    );
    assert_eq!(
        read(Kind::Code, "x.lean", b"example : 1 = 1 := rfl"),
        ["x.lean ok"]
    );
    assert_eq!(read(Kind::Text, "-", b"\xff"), ["- invalid-utf8"]);
}

#[test]
fn the_documentation_lists_every_rule() {
    let docs = include_str!("../../src/lib.rs");
    for rule in RULES {
        let damaged = if rule.damaged { "yes" } else { "no" };
        let line = format!("//! | `{}` | {damaged} | {} |", rule.name, rule.meaning);
        assert!(docs.contains(&line), "missing: {line}");
    }
    assert_eq!(
        docs.matches("//! | `").count() - Kind::ALL.len(),
        RULES.len(),
        "a line without a rule"
    );
}
