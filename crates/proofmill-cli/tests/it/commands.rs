//! Each stop as a command of its own.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::{build, built, command, json, root, succeed, text};

#[test]
fn every_built_in_filter_passes_its_cases() {
    let stdout = succeed(&["check"]);
    assert!(stdout.contains(" 0 wrong"), "{stdout}");
    succeed(&["check", &text(&root().join("filters"))]);
}

#[test]
fn extract_prints_what_a_build_keeps() {
    let pages = text(&root().join("manifests/sample/web/pages.warc.gz"));
    let lines = succeed(&["extract", "--kind", "web", &pages]);
    let rows: Vec<_> = lines.lines().map(json).collect();
    for row in &rows {
        for field in [
            "id", "url", "kind", "language", "keep", "rule", "value", "signals", "text",
        ] {
            assert!(row.get(field).is_some(), "{field} is missing in {row:#}");
        }
    }
    let kept = rows.iter().find(|row| row["keep"] == true).unwrap();
    let explained = succeed(&[
        "explain",
        &text(built()),
        kept["url"].as_str().unwrap(),
        "--json",
    ]);
    let of_build = json(explained.lines().next().unwrap());
    assert_eq!(of_build["text"], kept["text"]);
}

#[test]
fn extract_reads_one_document_from_standard_input() {
    let cases = [
        (
            "latex",
            "\\newcommand{\\R}{\\mathbb{R}} Let $x\\in\\R$, so $a\\Rightarrow b$.",
            "a\\Rightarrow b",
        ),
        (
            "html",
            "<p>Take <script type=\"math/tex\">x^2</script> now.</p>",
            "$x^2$",
        ),
    ];
    for (kind, input, expected) in cases {
        let mut child = command(&["extract", "--kind", kind, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let row = json(&String::from_utf8(output.stdout).unwrap());
        let text = row["text"].as_str().unwrap();
        assert!(text.contains(expected), "{kind}: {text}");
        assert!(!text.contains("\\R$"), "{kind}: {text}");
        if kind == "html" {
            let formula = &row["formulas"][0];
            assert_eq!(formula["markup"], "script");
            assert_eq!(formula["rank"], 0);
            assert_eq!(formula["display"], false);
            assert_eq!(row["signals"]["n_formulas_script"], 1.0);
        }
    }
}

#[test]
fn dedup_names_the_survivor() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.jsonl");
    let long =
        "every finite group of prime order is cyclic because the order of an element divides it";
    fs::write(
        &path,
        format!("{{\"id\": 7, \"text\": \"{long}\"}}\n{{\"id\": \"b\", \"text\": \"{long}\"}}\n{{\"text\": \"alone\"}}\n"),
    )
    .unwrap();
    let rows: Vec<_> = succeed(&["dedup", &text(&path)])
        .lines()
        .map(json)
        .collect();
    assert_eq!(rows[0], json(r#"{"id": 7, "cluster": 7, "keep": true}"#));
    assert_eq!(rows[1], json(r#"{"id": "b", "cluster": 7, "keep": false}"#));
    assert_eq!(rows[2], json(r#"{"id": 3, "cluster": null, "keep": true}"#));
}

#[test]
fn decontaminate_shows_the_span() {
    let dir = tempfile::tempdir().unwrap();
    let eval = root().join("manifests/sample/eval/held-out.jsonl");
    let first = json(fs::read_to_string(&eval).unwrap().lines().next().unwrap());
    let question = first["question"].as_str().unwrap();
    let rows = [
        format!("Exercise. {question} Show your work."),
        "Nothing to see.".to_owned(),
    ];
    let path = dir.path().join("x.jsonl");
    let lines: Vec<String> = rows
        .iter()
        .map(|text| serde_json::json!({ "id": 1, "text": text }).to_string())
        .collect();
    fs::write(&path, lines.join("\n")).unwrap();
    let found: Vec<_> = succeed(&["decontaminate", &text(&path), "--against", &text(&eval)])
        .lines()
        .map(json)
        .collect();
    assert_eq!(found[0]["flagged"], true, "{:#}", found[0]);
    assert_eq!(found[0]["hits"][0]["benchmark"], "held-out");
    let start = usize::try_from(found[0]["hits"][0]["span"][0].as_u64().unwrap()).unwrap();
    assert!((1..40).contains(&start), "{:#}", found[0]);
    assert_eq!(found[1]["flagged"], false);
}

#[test]
fn both_engines_give_the_same_ids() {
    let tokenizer = text(&built().join("tokenizer.json"));
    let known = succeed(&["tokenizer", "info", &tokenizer]);
    assert!(
        known.contains("engine          proofmill-tokenize"),
        "{known}"
    );
    let page = text(&root().join("README.md"));
    let compared = succeed(&["tokenizer", "check", &tokenizer, &page]);
    assert!(
        compared.starts_with("1 texts, ") && compared.ends_with("0 not readable, no difference\n"),
        "{compared}"
    );
    // A folder of whatever; what is no text is passed over and counted.
    let folder = tempfile::tempdir().unwrap();
    let rows = "{\"text\": \"Let x = 1.\"}\n{\"id\": 7}\n{\"text\": \"Then 2x = 2.\"}\n";
    fs::write(folder.path().join("rows.jsonl"), rows).unwrap();
    fs::write(
        folder.path().join("latin.tex"),
        b"caf\xe9 au lait, \\'a la carte",
    )
    .unwrap();
    let compared = succeed(&["tokenizer", "check", &tokenizer, &text(folder.path())]);
    assert!(
        compared.starts_with("2 texts, 22 bytes, ") && compared.contains("2 not readable"),
        "{compared}"
    );

    // What is not understood in full is left to the reference, which says why.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.json");
    let json = fs::read_to_string(&tokenizer).unwrap();
    let other = ["null", " null"].iter().fold(json.clone(), |json, null| {
        let key = "\"end_of_word_suffix\":";
        json.replacen(&format!("{key}{null}"), &format!("{key}\"</w>\""), 1)
    });
    assert_ne!(json, other);
    fs::write(&path, other).unwrap();
    let unknown = succeed(&["tokenizer", "info", &text(&path)]);
    assert!(unknown.contains("not our own"), "{unknown}");
}

/// Trained files are equal at any number of threads; a rank file becomes a `tokenizer.json`.
#[test]
fn tokenizers_are_trained_and_converted() {
    let dir = tempfile::tempdir().unwrap();
    let texts = text(&root().join("README.md"));
    let train = |name: &str, family: &str| {
        let out = dir.path().join(name);
        let options = [
            "--vocab-tokens",
            "600",
            "--special",
            "<|fim|>",
            "--family",
            family,
        ];
        let command = ["tokenizer", "train", "--out", &text(&out), &texts];
        succeed(&[&command[..], &options[..]].concat());
        out
    };
    let (first, second) = (train("a.json", "digits"), train("b.json", "digits"));
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    let known = succeed(&["tokenizer", "info", &text(&train("c.json", "o200k_base"))]);
    for line in [
        "format          tokenizer.json",
        "engine          proofmill-tokenize",
        "ids             below 600",
        "end of document <|endoftext|>",
        "special tokens  2",
    ] {
        assert!(known.contains(line), "{line}: {known}");
    }

    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |six: usize| char::from(alphabet[six]);
    let line = |byte: usize| {
        format!(
            "{}{}== {byte}\n",
            letter(byte >> 2),
            letter((byte & 3) << 4)
        )
    };
    let mut ranks: String = (0..256).map(line).collect();
    ranks.push_str("dGhl 256\ndGg= 257\n"); // `the` comes before `th`, so it is never made
    let (from, to) = (dir.path().join("own.tiktoken"), dir.path().join("own.json"));
    fs::write(&from, ranks).unwrap();
    let convert = [
        "tokenizer",
        "convert",
        "--family",
        "gpt2",
        "--out",
        &text(&to),
        &text(&from),
    ];
    succeed(&convert);
    let known = succeed(&["tokenizer", "info", "--family", "gpt2", &text(&from)]);
    assert!(known.contains("tiktoken, family gpt2"), "{known}");
    let known = succeed(&["tokenizer", "info", &text(&to)]);
    assert!(known.contains("ids             below 259"), "{known}");
    succeed(&["tokenizer", "check", &text(&to), &texts]);
}

/// Exercises are rows that an instruct source takes as they are, and equal for equal seeds.
#[test]
fn generated_exercises_are_rows() {
    for recipe in ["goat", "mathglm"] {
        let rows = succeed(&[
            "generate", "--recipe", recipe, "--rows", "20", "--seed", "7",
        ]);
        assert_eq!(rows.lines().count(), 20);
        let rest = succeed(&[
            "generate", "--recipe", recipe, "--rows", "5", "--seed", "7", "--first", "15",
        ]);
        assert!(
            rows.ends_with(&rest),
            "{recipe}: row 15 is row 15 wherever one begins"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.jsonl");
        fs::write(&path, &rows).unwrap();
        let found = succeed(&["extract", "--kind", "instruct", &text(&path)]);
        for line in found.lines() {
            let row = json(line);
            assert_eq!(row["keep"], true, "{row}");
            assert_eq!(row["signals"]["n_wrong_equations"], 0.0, "{row}");
        }
    }
}

/// A proof is one document, and one of a benchmark is found by its name.
#[test]
fn proof_steps_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("train.json");
    let theorem = |name: &str| {
        format!(
            "{{\"full_name\": \"{name}\", \"file_path\": \"A.lean\", \"traced_tactics\": [{{\"tactic\": \"rfl\", \"state_before\": \"⊢ 1 = 1\"}}]}}"
        )
    };
    fs::write(
        &path,
        format!("[{}, {}]", theorem("A.one"), theorem("A.two")),
    )
    .unwrap();
    let found = succeed(&["extract", "--kind", "proof-steps", &text(&path)]);
    assert_eq!(found.lines().count(), 2);
    let row = json(found.lines().next().unwrap());
    assert_eq!(row["text"], "[GOAL]\n⊢ 1 = 1\n[PROOFSTEP]\nrfl\n");

    let eval = dir.path().join("test.json");
    fs::write(&eval, format!("[{}]", theorem("A.two"))).unwrap();
    let manifest = dir.path().join("m.toml");
    fs::write(
        &manifest,
        "[corpus]\nname = \"proofs\"\n[tokenizer]\ntrain = { vocab_tokens = 512 }\n\
         [decontaminate]\nagainst = [\"test.json\"]\n[split]\nvalidation_ratio = 0.0\ntest_ratio = 0.0\n\
         [[source]]\nname = \"proofs\"\nkind = \"proof-steps\"\ninputs = [\"train.json\"]\n",
    )
    .unwrap();
    let yields = build(&manifest, &dir.path().join("out"), 1);
    assert!(yields.contains("contaminated"), "{yields}");
    let gone = succeed(&["explain", &text(&dir.path().join("out")), "A.lean A.two"]);
    assert!(
        gone.contains("contaminated") && gone.contains("test A.two"),
        "{gone}"
    );
}

#[test]
fn tokenize_gives_ids_that_spell_the_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.jsonl");
    fs::write(
        &path,
        "{\"id\": 1, \"text\": \"Let $x$ be <|endoftext|> real.\"}\n",
    )
    .unwrap();
    let tokenizer = text(&built().join("tokenizer.json"));
    let row = json(&succeed(&[
        "tokenize",
        "--tokenizer",
        &tokenizer,
        &text(&path),
    ]));
    let ids = row["tokens"].as_array().unwrap();
    assert!(
        ids.len() > 5 && ids.iter().all(|id| *id != 0),
        "text must not inject an end of document: {row}"
    );
    let row = json(&succeed(&[
        "tokenize",
        "--parse-special",
        "--tokenizer",
        &tokenizer,
        &text(&path),
    ]));
    assert!(
        row["tokens"].as_array().unwrap().iter().any(|id| *id == 0),
        "{row}"
    );
}
