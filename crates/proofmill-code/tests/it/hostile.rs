//! No input upsets anything: openers without closers, cut characters, deep nesting, long runs.

use std::sync::OnceLock;

use proofmill_code::{
    Input, Languages, NotebookStyle, is_permissive, licenses, mask, measure, notebook, secrets,
};
use proptest::prelude::*;

use crate::rules;

/// The default languages, compiled once.
fn languages() -> &'static Languages {
    static LANGUAGES: OnceLock<Languages> = OnceLock::new();
    LANGUAGES.get_or_init(|| rules::languages(&["code"]))
}

fn everything(languages: &Languages, text: &str, path: &str) {
    let _ = languages.recognize(&Input {
        path,
        text,
        claimed_language: Some("C++"),
    });
    for language in languages.iter() {
        let signals = measure(language, text, path);
        for (name, value) in signals.iter() {
            assert!(value >= 0.0, "{name} is {value}");
            assert!(
                !name.ends_with("_ratio") || value <= 1.0,
                "{name} is {value}"
            );
        }
    }
    let _ = notebook(text, NotebookStyle::Markdown);
    let _ = licenses(text);
    let _ = is_permissive(text);
    let _ = is_permissive(&licenses::normalize(text));
    let _ = licenses::header_license(text);
    let _ = licenses::license_of_text(text);
    for found in [
        secrets(text),
        secrets::emails(text),
        secrets::ip_addresses(text),
    ] {
        for secret in &found {
            assert!(text.get(secret.span.clone()).is_some(), "{secret:?}");
        }
        let _ = mask(text, &found);
    }
}

#[test]
fn openers_without_closers() {
    let languages = languages();
    for unit in [
        "/-",
        "(*",
        "{-",
        "#=",
        "\"",
        "'",
        "\"\"\"",
        "`",
        "%{\n",
        "R\"(",
        "\\",
        "///",
        "(",
        "import (",
        "#include <",
        "using A,",
        "library(",
        "with(",
        "\\usepackage{",
        "a@b.c ",
        "1.2.3.",
        "{\"a\":[",
        "![",
        "<script",
        "-----BEGIN PRIVATE KEY-----",
        "From A Require ",
        "\u{0}",
        "é",
        "'é",
        "ℕ→",
        "SPDX-License-Identifier: (",
        "0123456789abcdef",
        "eyJ",
        "eyJ.",
        "AKIA",
        "://a:b",
        "{a,",
        "license under the ",
        "GPL version ",
        "License: MIT OR ",
    ] {
        everything(languages, &unit.repeat(3000), "a/b.v");
        everything(languages, &format!("{unit}\n").repeat(500), "c.thy");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_text(text in any::<String>(), path in "[a-zA-Z./_-]{0,20}") {
        everything(languages(), &text, &path);
    }

    #[test]
    fn any_syntax(parts in prop::collection::vec(
        prop::sample::select(vec![
            "\"", "'", "\\", "\n", "/*", "*/", "//", "#", "%", "{-", "-}", "(*", "*)", "--", "import ",
            "open ", "from ", "Require ", ".", ",", "(", ")", "{", "}", "é", "ℕ", " ", "x", "1.5", "*",
            "'''", "\"\"\"", "#include ", "<a>", "use ", "with(", "::", "<-", "@", "\u{feff}", "\r",
        ]),
        0..80,
    )) {
        everything(languages(), &parts.concat(), "a.m");
    }
}
