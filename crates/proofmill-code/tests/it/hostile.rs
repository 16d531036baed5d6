//! No input upsets anything: openers without closers, cut characters, deep nesting, long runs.

use std::sync::OnceLock;

use proofmill_code::{
    Input, Languages, MAX_TEXT_BYTES, NotebookStyle, Recognition, is_permissive, licenses, mask,
    measure, notebook, secrets,
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

/// Each under every language: what took more than linear time would not end here.
#[test]
fn long_runs_and_deep_nesting() {
    const N_BYTES: usize = 1 << 17;
    let languages = languages();
    let units = [
        "{",
        "(*",
        "/*",
        "\"",
        "'",
        "\n",
        "#",
        "(",
        "/-",
        "{-",
        "#=",
        "%{\n",
        "-",
        " ",
        "x",
        "<!--",
        "\\",
        ".",
        "@",
        "=",
        "\\<open>",
        "‹",
        "1",
        "$",
        "::",
        "import ",
        "(* *) ",
        "/- -/",
        "{- {- -} ",
        "-----BEGIN ",
        "a@",
        "1.",
        "x = \"",
        "password='",
    ];
    for unit in units {
        let text = unit.repeat(N_BYTES / unit.len());
        for language in languages.iter() {
            let signals = measure(language, &text, "a/b.v");
            assert!(signals.get("n_code_lines").is_some());
        }
        for path in ["a.v", "a.m", "a.h", "a.thy", "a.g", "a.f90", "a.tex", "a.R"] {
            let claimed_language = None;
            let _ = languages.recognize(&Input {
                path,
                text: &text,
                claimed_language,
            });
        }
    }
}

/// Comments as deep as a file is long close again, in every language in which they nest.
#[test]
fn nested_comments_close() {
    const DEPTH: usize = 200_000;
    for (name, open, close) in [
        ("haskell", "{-", "-}"),
        ("agda", "{-", "-}"),
        ("idris", "{-", "-}"),
        ("coq", "(*", "*)"),
        ("isabelle", "(*", "*)"),
        ("lean", "/-", "-/"),
        ("julia", "#=", "=#"),
    ] {
        let language = languages().get(name).unwrap();
        let n_code_bytes = |text: &str| {
            let signals = measure(language, text, "a");
            signals.get("n_code_bytes").unwrap()
        };
        let (opened, closed) = (open.repeat(DEPTH), close.repeat(DEPTH));
        assert!(
            (n_code_bytes(&format!("{opened}{closed}\nabc = 1\n")) - 5.0).abs() < 0.1,
            "{name}"
        );
        let unclosed = &closed[close.len()..];
        assert!(
            n_code_bytes(&format!("{opened}{unclosed}\nabc = 1\n")).abs() < 0.1,
            "{name}"
        );
    }
}

#[test]
fn a_line_of_ten_megabytes() {
    let languages = languages();
    for unit in [
        "x + y * 2.5, ",
        "\"a\", ",
        "0123456789abcdef",
        "∀ x, ",
        "matrix_",
    ] {
        let text = unit.repeat(10_000_000 / unit.len());
        for name in ["c", "tex", "r"] {
            let signals = measure(languages.get(name).unwrap(), &text, "a");
            assert!(signals.get("n_code_lines").unwrap() <= 1.0);
        }
    }
}

#[test]
fn a_text_beyond_the_limit_is_refused_unread() {
    let text = " ".repeat(MAX_TEXT_BYTES + 1);
    let found = languages().recognize(&Input {
        path: "a.py",
        text: &text,
        claimed_language: None,
    });
    assert_eq!(found, Recognition::TooLarge);
    assert_eq!(found.reason().unwrap().rule, "text-too-large");
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
