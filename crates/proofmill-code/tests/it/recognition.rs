//! Look-alikes and plain cases, from `tests/golden/recognition.toml`.

use proofmill_code::Input;
use serde::Deserialize;

use crate::rules::languages;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    path: String,
    claimed: Option<String>,
    text: String,
    expect: String,
}

#[test]
fn golden() {
    let cases: Cases = toml::from_str(include_str!("../golden/recognition.toml")).unwrap();
    let languages = languages(&["code"]);
    let mut wrong = Vec::new();
    for case in &cases.case {
        let claimed_language = case.claimed.as_deref();
        let input = Input {
            path: &case.path,
            text: &case.text,
            claimed_language,
        };
        let found = languages.recognize(&input);
        let said = match found.reason() {
            Some(reason) => reason.value.to_string(),
            None => found.language().unwrap_or_default().to_owned(),
        };
        if said != case.expect {
            wrong.push(format!("{}: {said}, expected {}", case.path, case.expect));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.case.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_claim_alone_is_not_believed() {
    let languages = languages(&["code"]);
    let input = Input {
        path: "data.csv",
        text: "1,2,3\n4,5,6\n",
        claimed_language: Some("Lean"),
    };
    assert_eq!(languages.recognize(&input).language(), None);
}
