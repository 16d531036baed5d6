//! Models and scores: from labels to a model, from a model or a file to rules, and back to domains.

use std::fs;
use std::path::Path;

use crate::{built, fail, json, root, succeed, text};

const MODEL: &str = "crates/proofmill-score/tests/data/softmax.bin";

/// Labelled rows of eight domains.
fn labels() -> String {
    let mut lines = String::new();
    for index in 0..80 {
        let (label, words) = if index % 2 == 0 {
            (
                true,
                ["theorem", "proof", "lemma", "integer", "limit"][index % 5],
            )
        } else {
            (
                false,
                ["kitchen", "holiday", "football", "weather", "basket"][index % 5],
            )
        };
        let text = format!("{words} of the {words} and a {words} with the {words} ").repeat(6);
        let domain = format!("d{}.example", index % 8);
        lines.push_str(
            &serde_json::json!({ "text": text, "label": label, "domain": domain }).to_string(),
        );
        lines.push('\n');
    }
    lines
}

#[test]
fn a_classifier_is_learnt_and_used() {
    let dir = tempfile::tempdir().unwrap();
    let (rows, out) = (dir.path().join("labels.jsonl"), dir.path().join("m.pmlm"));
    fs::write(&rows, labels()).unwrap();
    let train = ["train", "classifier", &text(&rows), "--out", &text(&out)];
    let stdout = succeed(&train);
    assert!(stdout.starts_with("80 texts, 40 positive"), "{stdout}");
    let model = fs::read(&out).unwrap();
    let card = fs::read_to_string(dir.path().join("m.md")).unwrap();
    for part in [
        "labels.jsonl",
        "| seed | 42 |",
        "| all | 80 | 40 |",
        "d7.example",
    ] {
        assert!(card.contains(part), "{part} is missing in {card}");
    }
    succeed(&train);
    assert_eq!(
        fs::read(&out).unwrap(),
        model,
        "the same rows give the same bytes"
    );

    let page = dir.path().join("page.jsonl");
    let row = |id: u64, text: &str| serde_json::json!({ "id": id, "text": text.repeat(6) });
    let math = row(7, "the theorem and the lemma have a proof with a limit ");
    let other = row(
        8,
        "the holiday and the kitchen have a basket with a football ",
    );
    fs::write(&page, format!("{math}\n{other}\n")).unwrap();
    let scored = succeed(&["score", &text(&page), "--math-model", &text(&out)]);
    let rows: Vec<_> = scored.lines().map(json).collect();
    assert_eq!((&rows[0]["id"], &rows[1]["id"]), (&7.into(), &8.into()));
    let score = |row: &serde_json::Value| row["math_score"].as_f64().unwrap();
    assert!(score(&rows[0]) > score(&rows[1]), "{scored}");
}

#[test]
fn one_class_or_a_strange_label_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let rows = dir.path().join("labels.jsonl");
    let out = text(&dir.path().join("m.pmlm"));
    let train = ["train", "classifier", &text(&rows), "--out", &out];
    fs::write(&rows, "{\"text\": \"a b c\", \"label\": true}\n".repeat(9)).unwrap();
    let stderr = fail(2, &train);
    assert!(stderr.contains("9 of 9 are positive"), "{stderr}");
    fs::write(&rows, "{\"text\": \"a b c\", \"label\": \"maybe\"}\n").unwrap();
    let stderr = fail(65, &train);
    assert!(stderr.contains("label `maybe`"), "{stderr}");
    assert!(!Path::new(&out).exists());
}

const RULES: &str = r#"
name    = "scored"
version = 1
kind    = "text"
why     = "Rows that another program likes."

[[rule]]
id     = "edu"
signal = "score_edu"
keep   = { min = 2.0 }
missing = "drop"
why    = "Only what was judged, and judged well."
test   = [
  { text = "x", signals = { score_edu = 1.0 }, verdict = "drop" },
  { text = "x", signals = { score_edu = 3.0 }, verdict = "keep" },
]

[[rule]]
id     = "language"
signal = "language"
keep   = { one_of = ["en"] }
why    = "English."
test   = [
  { text = "x", language = "de", verdict = "drop" },
  { text = "x", language = "en", verdict = "keep" },
]
"#;

#[test]
fn scores_and_languages_decide() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    let german = "Wir zeigen, dass jede Folge reeller Zahlen eine konvergente Teilfolge besitzt.";
    let english = "We show that every sequence of real numbers has a convergent subsequence.";
    let mut rows = String::new();
    for (id, row) in [
        ("good", german),
        ("poor", german),
        ("unknown", german),
        ("other", english),
    ] {
        rows.push_str(&serde_json::json!({ "id": id, "text": format!("{row} {id}") }).to_string());
        rows.push('\n');
    }
    write("rows.jsonl", &rows);
    write(
        "edu.jsonl",
        "{\"id\": \"good\", \"name\": \"edu\", \"value\": 4.5}\n{\"id\": \"poor\", \"name\": \"edu\", \"value\": 1}\n\
         {\"id\": \"other\", \"name\": \"edu\", \"value\": 3}\n",
    );
    write("scored.toml", RULES);
    write(
        "m.toml",
        &format!(
            "[corpus]\nname = \"t\"\n[tokenizer]\ntrain = {{ vocab_tokens = 600 }}\n[language]\nmodel = \"{}\"\n\
             [[source]]\nname = \"rows\"\nkind = \"text\"\ninputs = [\"rows.jsonl\"]\nfilter = \"scored.toml\"\n\
             scores = \"edu.jsonl\"\nlanguages = [\"de\"]\n",
            text(&fs::canonicalize(root().join(MODEL)).unwrap())
        ),
    );
    let (manifest, out) = (
        text(&dir.path().join("m.toml")),
        text(&dir.path().join("out")),
    );
    let table = succeed(&["build", &manifest, "--out", &out]);
    assert!(table.contains("without an imported score"), "{table}");
    let found = succeed(&["inspect", &out, "--json", "--n", "9"]);
    let mut fates: Vec<(String, String)> = found
        .lines()
        .map(json)
        .map(|row| {
            let text = row["text"].as_str().unwrap_or_default();
            let id = text.rsplit(' ').next().unwrap_or_default().to_owned();
            (id, row["rule"].as_str().unwrap_or("kept").to_owned())
        })
        .collect();
    fates.sort();
    let expected = [
        ("good", "kept"),
        ("other", "language"),
        ("poor", "edu"),
        ("unknown", "edu"),
    ];
    let expected: Vec<_> = expected
        .map(|(id, rule)| (id.to_owned(), rule.to_owned()))
        .into();
    assert_eq!(fates, expected);

    // The scores are an ingredient: other ones build anew, the same ones do not.
    let plan = succeed(&["plan", &manifest, "--out", &out]);
    write(
        "edu.jsonl",
        "{\"id\": \"poor\", \"name\": \"edu\", \"value\": 5}\n",
    );
    let changed = succeed(&["plan", &manifest, "--out", &out]);
    assert_ne!(plan, changed);
    assert!(changed.contains("scores"), "{changed}");
}

#[test]
fn a_model_that_is_none_is_wrong_use() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.ftz");
    fs::write(&path, "nothing").unwrap();
    let page = dir.path().join("p.jsonl");
    fs::write(&page, "{\"text\": \"a\"}\n").unwrap();
    let stderr = fail(
        2,
        &["score", &text(&page), "--language-model", &text(&path)],
    );
    assert!(
        stderr.contains("x.ftz") && stderr.contains("byte 0"),
        "{stderr}"
    );
}

#[test]
fn domains_are_listed_by_share() {
    let out = text(built());
    let lines = succeed(&["domains", &out, "--min-pages", "1", "--json"]);
    let rows: Vec<_> = lines.lines().map(json).collect();
    assert!(!rows.is_empty());
    let shares: Vec<f64> = rows
        .iter()
        .map(|row| row["passed_ratio"].as_f64().unwrap())
        .collect();
    assert!(
        shares.is_sorted_by(|left, right| left >= right),
        "{shares:?}"
    );
    for row in &rows {
        let n = |name: &str| row[name].as_u64().unwrap();
        assert!(
            n("n_kept") <= n("n_passed") && n("n_passed") <= n("n_pages"),
            "{row}"
        );
    }
    let table = succeed(&["domains", &out, "--min-pages", "1"]);
    assert!(
        table.contains("domain") && table.lines().count() == rows.len() + 1,
        "{table}"
    );
    let stderr = fail(2, &["domains", &out, "--source", "nope"]);
    assert!(stderr.contains("there is no source `nope`"), "{stderr}");
}
