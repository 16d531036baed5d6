//! Wrong use and bad input: a clear message, the right exit code, nothing half done.

use std::fs;
use std::path::Path;

use crate::{fail, json, succeed, text};

fn manifest(dir: &Path, inputs: &str, extra: &str) -> String {
    let path = dir.join("m.toml");
    let body = format!(
        "[corpus]\nname = \"t\"\n{extra}\n[tokenizer]\ntrain = {{ vocab_tokens = 600 }}\n\
         [[source]]\nname = \"rows\"\nkind = \"text\"\ninputs = [\"{inputs}\"]\n"
    );
    fs::write(&path, body).unwrap();
    text(&path)
}

#[test]
fn a_misspelt_key_shows_the_place_and_the_valid_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = manifest(dir.path(), "x.jsonl", "sede = 7");
    let out = text(&dir.path().join("out"));
    for args in [vec!["build", &path, "--out", &out], vec!["plan", &path]] {
        let stderr = fail(2, &args);
        for part in [
            "line 3, column 1",
            "sede = 7",
            "^^^^",
            "`seed`",
            "`max_bad_ratio`",
        ] {
            assert!(stderr.contains(part), "{part} is missing in {stderr}");
        }
    }
    assert!(
        !Path::new(&out).exists(),
        "nothing is written for a wrong manifest"
    );
}

#[test]
fn a_missing_input_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = manifest(dir.path(), "nowhere/*.jsonl", "");
    let out = text(&dir.path().join("out"));
    let stderr = fail(2, &["build", &path, "--out", &out]);
    assert!(
        stderr.contains("source.rows.inputs") && stderr.contains("nowhere/*.jsonl"),
        "{stderr}"
    );
    let stdout = succeed(&["plan", &path]);
    assert!(
        stdout.contains("# missing") && stdout.contains("nowhere/*.jsonl"),
        "{stdout}"
    );
}

#[test]
fn an_output_directory_that_cannot_be_says_so() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.jsonl"), "{\"text\": \"a\"}\n").unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let path = manifest(dir.path(), "x.jsonl", "");
    let stderr = fail(
        75,
        &["build", &path, "--out", &text(&dir.path().join("file/out"))],
    );
    assert!(
        stderr.contains("file/out") && stderr.contains("--out"),
        "{stderr}"
    );
}

/// Damaged rows are ledger rows; beyond `max_bad_ratio` the run stops with 65 and no corpus.
#[test]
fn damage_is_counted_and_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = String::new();
    for number in 0..99 {
        rows += &format!(
            "{{\"id\": {number}, \"text\": \"the sum of the first {number} odd numbers is a square\"}}\n"
        );
    }
    rows += "{\"id\": 99, \"text\": \"never clos\n";
    fs::write(dir.path().join("x.jsonl"), rows).unwrap();
    let out = dir.path().join("out");
    let path = manifest(dir.path(), "x.jsonl", "max_bad_ratio = 0.005");
    let stderr = fail(65, &["build", &path, "--out", &text(&out)]);
    assert!(
        stderr.contains("1 of 100 records") && stderr.contains("max_bad_ratio"),
        "{stderr}"
    );
    assert!(!out.join("corpus.json").exists());

    let path = manifest(dir.path(), "x.jsonl", "max_bad_ratio = 0.01");
    succeed(&["build", &path, "--out", &text(&out)]);
    let dropped = succeed(&["inspect", &text(&out), "--rule", "bad-json", "--json"]);
    let row = json(dropped.lines().next().unwrap());
    assert_eq!(row["location"]["row"], 99, "{row}");
    assert_eq!(row["location"]["file"], "x.jsonl");
}

#[test]
fn hostile_files_are_refused_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let files: [(&str, Vec<u8>); 4] = [
        (
            "a.jsonl",
            b"{\"text\": \"a plain row with enough words to be kept by the filter of texts\"}\n"
                .to_vec(),
        ),
        (
            "b.parquet",
            [
                b"PAR1".as_slice(),
                &[0xff; 64],
                &[0xff, 0xff, 0xff, 0x7f],
                b"PAR1",
            ]
            .concat(),
        ),
        ("c.jsonl.gz", vec![0x1f, 0x8b, 8, 0, 1, 2, 3]),
        ("d.jsonl", vec![0xff, 0xfe, b'{', b'\n']),
    ];
    fs::create_dir(dir.path().join("data")).unwrap();
    for (name, bytes) in &files {
        fs::write(dir.path().join("data").join(name), bytes).unwrap();
    }
    let out = dir.path().join("out");
    let path = manifest(dir.path(), "data", "max_bad_ratio = 1.0");
    let table = succeed(&["build", &path, "--out", &text(&out), "--json"]);
    let counts = &json(&table)[0]["counts"];
    assert_eq!(counts["n_damaged"], 3, "{counts:#}");
    assert_eq!(counts["splits"]["train"]["n_docs"], 1, "{counts:#}");
    let files: Vec<String> = succeed(&["inspect", &text(&out), "--dropped", "--json", "--n", "9"])
        .lines()
        .map(|line| json(line)["location"]["file"].as_str().unwrap().to_owned())
        .collect();
    for file in ["b.parquet", "c.jsonl.gz", "d.jsonl"] {
        assert!(
            files.iter().any(|found| found.ends_with(file)),
            "{file} is missing in {files:?}"
        );
    }
}

#[test]
fn unknown_names_list_the_known_ones() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.jsonl"), "{\"text\": \"a\"}\n").unwrap();
    let path = manifest(dir.path(), "x.jsonl", "");
    let changed = fs::read_to_string(&path).unwrap() + "filter = \"poetry\"\n";
    fs::write(&path, changed).unwrap();
    let stderr = fail(2, &["plan", &path]);
    assert!(
        stderr.contains("poetry") && stderr.contains("`text`"),
        "{stderr}"
    );
    let stderr = fail(
        2,
        &[
            "task",
            "--out",
            &text(dir.path()),
            "--stage",
            "grind",
            "--index",
            "0",
        ],
    );
    assert!(stderr.contains("prepare, match, cluster"), "{stderr}");
}
