//! Secrets, addresses, licences and proof steps: small tables of what is found and what is not.

use proofmill_code::licenses::{folder_license, header_license, license_of_text, normalize};
use proofmill_code::{Secret, is_permissive, mask, secrets};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    masked: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// Everything in `text` that could be masked.
fn findings(text: &str) -> Vec<Secret> {
    let found = secrets(text);
    if found.is_empty() {
        secrets::addresses(text)
    } else {
        found
    }
}

#[test]
fn secrets_and_addresses() {
    let cases: Cases = toml::from_str(include_str!("../golden/findings.toml")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.case {
        let text = case.text.replace('~', "");
        let expected = case.masked.unwrap_or_else(|| text.clone());
        let masked = mask(&text, &findings(&text));
        if masked != expected || !findings(&masked).is_empty() {
            wrong.push((masked, expected));
        }
    }
    assert_eq!(wrong, [], "what was masked, and what should have been");
}

#[test]
fn places_name_kind_and_line() {
    let text = format!(
        "\n\nx\n  {}{}\nroot@uni.edu",
        "gh", "p_a8Kd02LmQx71ZpRt5Yw3Vn6Bc4Hs9Jf0Ge2U"
    );
    assert_eq!(
        secrets::places(&text, &secrets(&text)),
        ["github-token line 4"]
    );
    assert_eq!(
        secrets::places(&text, &secrets::addresses(&text)),
        ["email line 5"]
    );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LicenseCase {
    name: Option<String>,
    head: Option<String>,
    file: Option<String>,
    license: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LicenseCases {
    case: Vec<LicenseCase>,
}

#[test]
fn licences_of_names_heads_and_files() {
    let cases: LicenseCases = toml::from_str(include_str!("../golden/licenses.toml")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.case {
        let found = match (&case.name, &case.head, &case.file) {
            (Some(name), _, _) => Some(normalize(name)),
            (_, Some(head), _) => header_license(head),
            (_, _, file) => license_of_text(file.as_deref().unwrap_or_default()),
        };
        if found != case.license {
            wrong.push((case.name.or(case.head).or(case.file), found, case.license));
        }
    }
    assert_eq!(wrong, [], "the text, what was found, and what is right");
}

#[test]
fn what_leaves_a_permissive_choice() {
    for (license, expected) in [
        ("mit", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 AND (MIT OR Apache-2.0)", false),
        ("(GPL-3.0 AND MIT) OR Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0+", true),
        ("unknown", false),
        ("", false),
        ("(MIT", false),
        ("MIT GPL-3.0", false),
    ] {
        assert_eq!(is_permissive(license), expected, "{license}");
    }
}

#[test]
fn license_files_of_a_folder() {
    let mit = "MIT License. Permission is hereby granted, free of charge, to any person obtaining a copy, without restriction";
    let apache = "Apache License Version 2.0";
    let gpl = "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007";
    let lgpl = "GNU LESSER GENERAL PUBLIC LICENSE Version 3, 29 June 2007";
    for (files, expected) in [
        (&[("LICENSE", mit)][..], Some("MIT")),
        (
            &[("LICENSE-MIT", mit), ("LICENSE-APACHE", apache)],
            Some("Apache-2.0 OR MIT"),
        ),
        (
            &[("LICENSE-CODE", mit), ("LICENSE-DOCS", gpl)],
            Some("GPL-3.0-only AND MIT"),
        ),
        (
            &[("COPYING", gpl), ("COPYING.LESSER", lgpl)],
            Some("LGPL-3.0-only"),
        ),
        (
            &[("LICENSE.md", mit), ("LICENSE-APACHE", apache)],
            Some("MIT"),
        ),
        (&[("MIT-LICENSE.txt", mit)], Some("MIT")),
        (
            &[
                ("LICENSE-THIRD-PARTY", gpl),
                ("license.py", gpl),
                ("README", mit),
            ],
            None,
        ),
        (&[], None),
    ] {
        assert_eq!(folder_license(files).as_deref(), expected, "{files:?}");
    }
}
