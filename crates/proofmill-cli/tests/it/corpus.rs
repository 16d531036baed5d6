//! What a build of the sample promises: a whole corpus, a full ledger, every planted oddity found.

use crate::{built, json, succeed, text};

#[test]
fn the_corpus_is_whole() {
    let out = text(built());
    succeed(&["verify", &out]);
    let status = json(&succeed(&["status", &out, "--json"]));
    assert_eq!(status["is_complete"], true);
    let corpus = json(&std::fs::read_to_string(built().join("corpus.json")).unwrap());
    let kinds: Vec<_> = corpus["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["kind"].clone())
        .collect();
    assert_eq!(kinds, ["arxiv", "web", "code", "text", "instruct"]);
    for source in corpus["sources"].as_array().unwrap() {
        assert!(
            source["splits"]["train"]["n_tokens"].as_u64().unwrap() > 0,
            "{source:#}"
        );
    }
}

/// Rules that the planted oddities of manifests/sample/README.md must meet.
#[test]
fn planted_oddities_end_where_they_should() {
    let out = text(built());
    let cases = [
        ("papers", "gzip-damaged", "2401.00025"),
        ("papers", "pdf-only", "2401.00023"),
        ("papers", "withdrawn", "2401.00024"),
        ("papers", "superseded-version", "2401.00001v1"),
        ("web", "http-status", "old-notes"),
        ("web", "duplicate-near", "calculus-notebook"), // its mirror was crawled later
        ("web", "contaminated", "4711"),
        ("code", "look-alike", ".v"),
        ("code", "duplicate-exact", ""),
        ("general", "bad-json", "general.jsonl"),
        ("general", "null-text", "general.jsonl"),
        ("general", "duplicate-exact", ""),
        ("instruct", "contaminated", "gsm8k"),
        ("instruct", "wrong-arithmetic", "gsm8k"),
    ];
    for (source, rule, origin) in cases {
        let found = succeed(&[
            "inspect", &out, "--source", source, "--rule", rule, "--json", "--n", "50",
        ]);
        let hit = found
            .lines()
            .map(json)
            .any(|row| row["origin"].as_str().unwrap().contains(origin));
        assert!(hit, "{source}: no `{rule}` for `{origin}` in\n{found}");
    }
}

#[test]
fn a_damaged_shard_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    crate::build(&crate::sample(), &out, 2);
    let shard = out.join("shards/papers/train-00000.bin");
    let mut bytes = std::fs::read(&shard).unwrap();
    bytes[100] ^= 1;
    std::fs::remove_file(&shard).unwrap(); // the stage's copy shares the bytes
    std::fs::write(&shard, bytes).unwrap();
    let output = crate::proofmill(&["verify", &text(&out)]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(70), "{stdout}");
    assert!(stdout.contains("train-00000.bin"), "{stdout}");
}

#[test]
fn a_token_leads_back_to_its_source() {
    let out = text(built());
    let found = json(&succeed(&[
        "locate",
        &out,
        "shards/papers/train-00000",
        "100",
        "--json",
    ]));
    assert_eq!(found["source"], "papers");
    let origin = found["origin"].as_str().unwrap();
    let explained = succeed(&["explain", &out, origin, "--json"]);
    let row = json(explained.lines().next().unwrap());
    assert_eq!(row["doc_id"], found["doc_id"]);
    assert_eq!(row["shard"][0], "shards/papers/train-00000");
    assert!(!row["text"].as_str().unwrap().is_empty());
}

/// The README shows true output: the end of the yield table and the answer of `locate`.
#[test]
fn the_readme_shows_what_a_user_sees() {
    let readme = std::fs::read_to_string(crate::root().join("README.md")).unwrap();
    let table = crate::build(&crate::sample(), built(), 2);
    let (_, all) = table.split_once("all sources\n").unwrap();
    assert!(
        readme.contains(all.trim_end()),
        "put this into README.md:\n{all}"
    );
    let found = succeed(&["locate", &text(built()), "shards/web/train-00000", "4000"]);
    assert!(
        readme.contains(found.trim_end()),
        "put this into README.md:\n{found}"
    );
}
