//! Damaged and hostile submissions and bulk tars.

use super::{check, compressed_by};
use crate::common::{entries, gzip, member, read, response, tar};
use proofmill_read::{Entry, Options};
use proofmill_types::{Body, Kind};

const TEX: &[u8] = b"\\documentclass{article}\\begin{document}Let $x$.\\end{document}";

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
