//! Damaged and hostile input: every case ends in counted drops, and what is sound beside it is read.

use crate::common::{entries, gzip, member, read, response, response_claiming, short, tar};
use proofmill_read::{Entry, Options};
use proofmill_types::{Body, Kind};

const TEX: &[u8] = b"\\documentclass{article}\\begin{document}Let $x$.\\end{document}";

#[track_caller]
fn check(kind: Kind, name: &str, bytes: &[u8], expected: &[&str]) {
    assert_eq!(read(kind, name, bytes), expected, "for {name}");
}

#[test]
fn members_that_leave_the_submission_are_refused_and_the_rest_is_read() {
    let mut inner = Vec::new();
    inner.extend(member("main.tex", b'0', TEX.len() as u64, TEX));
    inner.extend(member("../up.tex", b'0', TEX.len() as u64, TEX));
    inner.extend(member("/etc/x.tex", b'0', TEX.len() as u64, TEX));
    inner.extend(member("a/../../y.tex", b'0', TEX.len() as u64, TEX));
    inner.extend(member("link.tex", b'2', 0, b""));
    inner.extend(member("hard.tex", b'1', 0, b""));
    inner.extend(member("null", b'3', 0, b""));
    inner.extend([0; 1024]);
    let bulk = tar(&[
        ("1706/1706.00001v2.gz", &gzip(&inner)),
        ("1706/1706.00002.gz", &gzip(TEX)),
    ]);
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &[
            "1706.00001v2 ok",
            "1706.00001v2:../up.tex path-outside",
            "1706.00001v2:link.tex link",
            "1706.00001v2:null special-file",
            "1706.00002 ok",
        ],
    );
    let all = entries(&Options::new(Kind::Arxiv), "b.tar", &bulk);
    let Entry::Record(record) = &all[0] else {
        panic!("a record comes first")
    };
    let Body::Submission(submission) = &record.body else {
        panic!("it is a submission")
    };
    let paths: Vec<&str> = submission
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["main.tex"]);
    assert_eq!(
        (submission.family.as_str(), submission.version),
        ("1706.00001", Some(2))
    );
}

#[test]
fn members_that_leave_a_bulk_tar_are_refused() {
    let bulk = tar(&[
        ("1706/1706.00001.gz", &gzip(TEX)),
        ("../1706.00002.gz", &gzip(TEX)),
        ("/tmp/1706.00003.gz", &gzip(TEX)),
        ("1706/../../1706.00004.gz", &gzip(TEX)),
        ("./1706/1706.00005.gz", &gzip(TEX)),
    ]);
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &[
            "1706.00001 ok",
            "../1706.00002.gz path-outside",
            "/tmp/1706.00003.gz path-outside",
            "1706/../../1706.00004.gz path-outside",
            "1706.00005 ok",
        ],
    );
}

#[test]
fn bombs_are_refused() {
    let zeros = gzip(&vec![b'x'; 100 << 20]);
    let many: Vec<u8> = (0..3000)
        .flat_map(|n| member(&format!("f{n}.tex"), b'0', 0, b""))
        .collect();
    let images = tar(&[("a.tex", TEX), ("huge.png", &vec![0; 60 << 20])]);
    let bulk = tar(&[
        ("1706/1706.00001.gz", &zeros),
        ("1706/1706.00002.gz", &gzip(&many)),
        ("1706/1706.00003.gz", &gzip(&images)),
        ("1706/1706.00004.gz", &gzip(TEX)),
    ]);
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &[
            "1706.00001 archive-bomb",
            "1706.00002 archive-bomb",
            "1706.00003 archive-bomb",
            "1706.00004 ok",
        ],
    );
    check(
        Kind::Text,
        "t.jsonl.gz",
        &gzip(&vec![b'{'; 100 << 20]),
        &["t.jsonl.gz archive-bomb"],
    );
}

#[test]
fn headers_that_lie_about_sizes() {
    let mut bulk = Vec::new();
    bulk.extend(member("1706/1706.00001.gz", b'0', 2 << 30, b"not two GB"));
    let packed = gzip(TEX);
    bulk.extend(member(
        "1706/1706.00002.gz",
        b'0',
        packed.len() as u64,
        &packed,
    ));
    bulk.extend([0; 1024]);
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &["b.tar header-lie", "1706.00002 ok"],
    );

    // Inside a submission the paper is lost, and only it.
    let mut inner = member("main.tex", b'0', 2 << 30, TEX);
    inner.extend([0; 1024]);
    let bulk = tar(&[
        ("1706/1706.00001.gz", &gzip(&inner)),
        ("1706/1706.00002.gz", &packed),
    ]);
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &["1706.00001 tar-truncated", "1706.00002 ok"],
    );
}

#[test]
fn damaged_and_cut_bulk_tars() {
    let packed = gzip(TEX);
    let one = member("1706/1706.00001.gz", b'0', packed.len() as u64, &packed);
    let two = member("1706/1706.00002.gz", b'0', packed.len() as u64, &packed);
    let three = member("1706/1706.00003.gz", b'0', packed.len() as u64, &packed);
    let mut broken = two.clone();
    broken[10] ^= 1;
    let bulk = [one.clone(), broken, three.clone()].concat();
    check(
        Kind::Arxiv,
        "b.tar",
        &bulk,
        &["1706.00001 ok", "b.tar tar-damaged", "1706.00003 ok"],
    );

    let bulk = [one.clone(), two.clone(), three].concat();
    let cut = &bulk[..one.len() + 512 + 20];
    check(
        Kind::Arxiv,
        "b.tar",
        cut,
        &["1706.00001 ok", "b.tar header-lie"],
    );
    let cut = &bulk[..one.len() + 100];
    check(
        Kind::Arxiv,
        "b.tar",
        cut,
        &["1706.00001 ok", "b.tar tar-truncated"],
    );
}

#[test]
fn what_is_no_paper_says_what_it_is() {
    let mut cut = gzip(&[TEX, &vec![b'a'; 5000]].concat());
    cut.truncate(cut.len() - 9);
    let mut wrong_sum = gzip(TEX);
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    let cases: &[(&str, &[u8], &str)] = &[
        ("1706.00001.pdf", b"%PDF-1.4 ...", "1706.00001 pdf-only"),
        (
            "1706.00001.gz",
            &gzip(b"%!PS-Adobe-2.0\n"),
            "1706.00001 ps-only",
        ),
        (
            "1706.00001.gz",
            &gzip(b"<html><body>x"),
            "1706.00001 html-only",
        ),
        ("1706.00001.gz", &gzip(b"plain words"), "1706.00001 no-tex"),
        ("1706.00001.gz", &gzip(&[0, 1, 2, 3]), "1706.00001 no-tex"),
        ("1706.00001.gz", &gzip(b""), "1706.00001 empty"),
        ("1706.00001.gz", b"", "1706.00001 empty"),
        ("1706.00001.gz", &cut, "1706.00001 gzip-damaged"),
        ("1706.00001.gz", &wrong_sum, "1706.00001 gzip-damaged"),
        (
            "1706.00001.gz",
            &gzip(b"%auto-ignore\nThis paper was withdrawn."),
            "1706.00001 withdrawn",
        ),
        (
            "1706.00001.gz",
            &gzip(&tar(&[("a.pdf", b"%PDF-1.4")])),
            "1706.00001 pdf-only",
        ),
        (
            "1706.00001.gz",
            &gzip(&tar(&[("a.eps", b"%!PS")])),
            "1706.00001 ps-only",
        ),
        (
            "1706.00001.gz",
            &gzip(&tar(&[("._a.tex", TEX)])),
            "1706.00001 no-tex",
        ),
        ("1706.00001.gz", TEX, "1706.00001 ok"),
        ("1706.00001.gz", &gzip(&gzip(TEX)), "1706.00001 ok"),
        ("1706.00001.tex", TEX, "1706.00001 ok"),
        (
            "1706.00001.gz",
            &gzip(&tar(&[("main", TEX)])),
            "1706.00001 ok",
        ),
        (
            "1706.00001.tar",
            &tar(&[("a/main.tex", TEX), ("a/fig.pdf", b"%PDF-")]),
            "1706.00001 ok",
        ),
        ("1706.00001.xz", &compressed_by("xz", TEX), "1706.00001 ok"),
        (
            "1706.00001.gz",
            &compressed_by("bzip2", TEX),
            "1706.00001 ok",
        ),
        (
            "1706.00001.gz",
            &zstd::encode_all(TEX, 1).unwrap(),
            "1706.00001 ok",
        ),
    ];
    for (name, bytes, expected) in cases {
        check(Kind::Arxiv, name, bytes, &[expected]);
    }
}

fn compressed_by(format: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    if format == "xz" {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(bytes).unwrap();
        return encoder.finish().unwrap();
    }
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

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
fn warc_lengths_that_lie() {
    let (a, b, c) = (
        "http://a.example/",
        "http://b.example/",
        "http://c.example/",
    );
    let page = "<html>page</html>";
    let sound = [response(a, page), response(b, page), response(c, page)].concat();
    check(
        Kind::Web,
        "x.warc",
        &sound,
        &[&format!("{a} ok"), &format!("{b} ok"), &format!("{c} ok")],
    );

    for claimed in [0, 50, 100, 250, 500, 2_000_000_000, u64::MAX] {
        let lying = response_claiming(b, page, Some(claimed));
        let file = [response(a, page), lying.clone(), response(c, page)].concat();
        let found = read(Kind::Web, "x.warc", &file);
        assert_eq!(found[0], format!("{a} ok"), "{claimed}");
        assert_eq!(
            found.last().unwrap(),
            &format!("{c} ok"),
            "{claimed}: {found:?}"
        );
        assert!(
            found.contains(&format!("{b} header-lie")),
            "{claimed}: {found:?}"
        );

        let file = [
            gzip(&response(a, page)),
            gzip(&lying),
            gzip(&response(c, page)),
        ]
        .concat();
        let found = read(Kind::Web, "x.warc.gz", &file);
        assert_eq!(found[0], format!("{a} ok"), "{claimed}");
        if claimed < 1_000_000 {
            assert_eq!(
                found.last().unwrap(),
                &format!("{c} ok"),
                "{claimed}: {found:?}"
            );
        }
    }
}

#[test]
fn a_damaged_gzip_member_loses_one_page() {
    let page = "<html>page</html>";
    let urls: Vec<String> = (0..5).map(|n| format!("http://{n}.example/")).collect();
    let members: Vec<Vec<u8>> = urls.iter().map(|url| gzip(&response(url, page))).collect();
    for damaged in 0..5 {
        for at in [0, 3, 20, 60, members[damaged].len() - 5] {
            let mut file = members.clone();
            file[damaged][at] ^= 0x55;
            let found = read(Kind::Web, "x.warc.gz", &file.concat());
            for (index, url) in urls.iter().enumerate() {
                let is_read = found.contains(&format!("{url} ok"));
                assert!(
                    is_read || index == damaged,
                    "{damaged} at {at}, page {index}: {found:?}"
                );
            }
            assert!(
                found.iter().any(|entry| !entry.ends_with(" ok")),
                "{damaged} at {at}: {found:?}"
            );
        }
    }
}

#[test]
fn cut_warc_files_are_read_up_to_the_cut() {
    let page = "<html>page</html>";
    let (a, b) = ("http://a.example/", "http://b.example/");
    let plain = [response(a, page), response(b, page)].concat();
    let packed = [gzip(&response(a, page)), gzip(&response(b, page))].concat();
    let whole = gzip(&plain);
    check(
        Kind::Web,
        "x.warc",
        &plain[..plain.len() - 30],
        &[&format!("{a} ok"), &format!("{b} warc-truncated")],
    );
    check(
        Kind::Web,
        "x.warc.gz",
        &packed[..packed.len() - 5],
        &[&format!("{a} ok"), &format!("{b} gzip-damaged")],
    );
    let found = read(Kind::Web, "x.warc.gz", &whole[..whole.len() - 12]);
    assert_eq!(found[0], format!("{a} ok"));
    assert!(found[1].ends_with(" gzip-damaged"), "{found:?}");
}

#[test]
fn junk_between_records_is_counted_and_passed_over() {
    let page = "<html>page</html>";
    let (a, b) = ("http://a.example/", "http://b.example/");
    let file = [
        b"junk\n".to_vec(),
        response(a, page),
        b"more junk\r\n".to_vec(),
        response(b, page),
    ]
    .concat();
    let found = read(Kind::Web, "x.warc", &file);
    let sound: Vec<&String> = found
        .iter()
        .filter(|entry| entry.ends_with(" ok"))
        .collect();
    assert_eq!(sound, [&format!("{a} ok"), &format!("{b} ok")], "{found:?}");
    assert_eq!(found[0], "x.warc warc-damaged");
}

#[test]
fn places_in_compressed_files_tell_records_apart() {
    let page = "<html>page</html>";
    let urls: Vec<String> = (0..4).map(|n| format!("http://{n}.example/")).collect();
    let records: Vec<Vec<u8>> = urls.iter().map(|url| response(url, page)).collect();
    let by_record: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    let whole = gzip(&records.concat());
    let options = Options::new(Kind::Web);
    let places = |bytes: &[u8]| -> Vec<(u64, u64)> {
        let all = entries(&options, "x.warc.gz", bytes);
        all.iter()
            .map(|entry| (entry.location().offset, entry.location().length))
            .collect()
    };
    let mut at = 0;
    for ((offset, length), record) in places(&by_record).into_iter().zip(&records) {
        assert_eq!((offset, length), (at, gzip(record).len() as u64));
        at += length;
    }
    let in_stream: Vec<u64> = places(&whole).iter().map(|place| place.0).collect();
    let starts = records.iter().scan(0, |at, record| {
        let start = *at;
        *at += record.len() as u64;
        Some(start)
    });
    assert_eq!(in_stream, starts.collect::<Vec<u64>>());
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

#[test]
fn long_names_of_gnu_and_pax() {
    let long = format!("{}/main.tex", "a".repeat(150));
    let gnu_name = format!("{long}\0");
    let pax_name = {
        let field = format!(" path={long}\n");
        let n_bytes = field.len() + 3;
        format!("{n_bytes}{field}")
    };
    let size = TEX.len() as u64;
    for (kind, name) in [(b'L', gnu_name), (b'x', pax_name)] {
        let inner = [
            member("header", kind, name.len() as u64, name.as_bytes()),
            member("cut off", b'0', size, TEX),
            member("second.tex", b'0', size, TEX),
        ];
        let all = entries(
            &Options::new(Kind::Arxiv),
            "1706.00001.gz",
            &gzip(&inner.concat()),
        );
        let Entry::Record(record) = &all[0] else {
            panic!("{all:?}")
        };
        let Body::Submission(paper) = &record.body else {
            panic!("a submission")
        };
        let paths: Vec<&str> = paper.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [long.as_str(), "second.tex"]);
    }
}

#[test]
fn bytes_missing_from_a_bulk_tar_lose_what_they_touch() {
    let papers: Vec<Vec<u8>> = (0..6)
        .map(|n| {
            let content = gzip(format!("\\documentclass{{article}} {n}").as_bytes());
            member(
                &format!("1706/1706.0000{n}.gz"),
                b'0',
                content.len() as u64,
                &content,
            )
        })
        .collect();
    let bulk = papers.concat();
    for (from, n_missing) in [(1024 + 600, 100), (1024 + 100, 7), (2048, 333)] {
        let mut cut = bulk.clone();
        cut.drain(from..from + n_missing);
        let found = read(Kind::Arxiv, "b.tar", &cut);
        for n in [0, 3, 4, 5] {
            assert!(
                found.contains(&format!("1706.0000{n} ok")),
                "{from}: {found:?}"
            );
        }
        assert!(
            found.iter().any(|entry| !entry.ends_with(" ok")),
            "{from}: {found:?}"
        );
    }
}
