//! The standard definitions: their cases, and that ordinary mathematical prose survives them.

use std::fs;
use std::path::{Path, PathBuf};

use proofmill_filter::{Definition, Filter, check, plain_document};
use proofmill_types::{Document, Kind, Stage, Verdict};

fn filters_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../filters")
}

fn definition(name: &str) -> Definition {
    let text =
        fs::read_to_string(filters_dir().join(name)).expect("the definition is in the repository");
    Definition::parse(name, &text).unwrap_or_else(|error| panic!("{error}"))
}

const NAMES: [&str; 5] = [
    "arxiv.toml",
    "web.toml",
    "web/open-web-math.toml",
    "text.toml",
    "instruct.toml",
];

#[test]
fn definitions_of_code_are_read() {
    let mut n_read = 0;
    for dir in ["code", "code/algebraic-stack"] {
        let Ok(entries) = fs::read_dir(filters_dir().join(dir)) else {
            continue;
        };
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name)
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                assert_eq!(definition(&format!("{dir}/{name}")).kind, Kind::Code);
                n_read += 1;
            }
        }
    }
    assert!(n_read >= 17, "only {n_read} definitions of code");
}

#[test]
fn every_case_shows_what_it_says() {
    for name in NAMES {
        let definition = definition(name);
        let results = check(&definition, &plain_document);
        assert!(results.len() >= 2 * definition.rules.len());
        for result in results {
            assert!(result.is_right(), "{name}:{}: {result:?}", result.line);
        }
    }
}

/// Paragraphs as an author would write them, one per area and manner.
fn prose() -> Vec<(&'static str, &'static str)> {
    let cases = include_str!("golden/prose.txt").split("\n=== ").skip(1);
    cases
        .map(|case| case.split_once('\n').expect("a case starts with its name"))
        .collect()
}

#[test]
fn mathematical_prose_survives_every_rule() {
    let prose = prose();
    assert!(prose.len() >= 32, "only {} paragraphs", prose.len());
    let mut lost = Vec::new();
    for name in ["arxiv.toml", "web.toml", "text.toml", "instruct.toml"] {
        let definition = definition(name);
        for (title, text) in &prose {
            // In a paper a bare dollar is never money, and a paper is longer than an entry.
            let is_of_the_web = title.starts_with("money") || title.starts_with("entry");
            if definition.kind == Kind::Arxiv && is_of_the_web {
                continue;
            }
            // Each rule alone, so that an early rule hides no later one.
            for rule in &definition.rules {
                let alone = Definition {
                    rules: vec![rule.clone()],
                    ..definition.clone()
                };
                let filter = Filter::compile(&alone).unwrap();
                let mut doc = Document::from_text(text);
                doc.kind = definition.kind;
                doc.language = Some("en".to_owned());
                doc.origin = "https://example.org/notes/limits".to_owned();
                if let Verdict::Drop(reason) = filter.apply(&mut doc) {
                    lost.push(format!(
                        "{name}: {title}: {} {:?}",
                        reason.rule, reason.value
                    ));
                }
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn pages_that_are_no_mathematics_are_dropped() {
    let filter = Filter::compile(&definition("web.toml")).unwrap();
    let cases = include_str!("golden/no_mathematics.txt")
        .split("\n=== ")
        .skip(1);
    let mut n_cases = 0;
    for case in cases {
        let (title, text) = case.split_once('\n').expect("a case starts with its name");
        let mut doc = Document::from_text(text);
        doc.kind = Kind::Web;
        doc.language = Some("en".to_owned());
        // The classifier is another crate's; pages that nothing but its score drops get less than this.
        doc.signals.set("math_score", 0.2);
        assert!(
            matches!(filter.apply(&mut doc), Verdict::Drop(_)),
            "{title}"
        );
        n_cases += 1;
    }
    assert!(n_cases >= 6);
}
