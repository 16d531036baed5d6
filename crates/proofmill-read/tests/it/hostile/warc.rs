//! Damaged and hostile WARC files.

use super::check;
use crate::common::{gzip, read, response, response_claiming};
use proofmill_types::Kind;

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
