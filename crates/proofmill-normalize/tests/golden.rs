//! Golden cases and properties of the whole stage.

use proofmill_normalize::Normalize;
use proofmill_types::{Document, Kind, Reason, Stage, Verdict};
use proptest::prelude::*;

/// Cases stand in `golden/*.txt`: `=== name`, input, `---`, output. `<U+00AD>` stands for that
/// character, `<SP>` for a blank that editors would strip, `<CR>`, `<LF>`, `<TAB>` for themselves.
fn run(kind: Kind, cases: &str) {
    let mut n_cases = 0;
    for case in cases.split("\n=== ").skip(1) {
        let (name, body) = case.split_once('\n').expect("a case starts with its name");
        let (input, output) = body
            .split_once("\n---\n")
            .expect("`---` parts input and output");
        let (input, output) = (unescape(input), unescape(output.trim_end_matches('\n')));
        let stage = Normalize::new(kind);
        let found = stage.text(&input).into_owned();
        assert_eq!(found, output, "case `{name}`");
        assert_eq!(stage.text(&found), output, "case `{name}`, the second time");
        n_cases += 1;
    }
    assert!(n_cases >= 10, "only {n_cases} cases were found");
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let (name, tail) = after.split_once('>').unwrap_or(("", after));
        let code = name
            .strip_prefix("U+")
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (name, code.and_then(char::from_u32)) {
            (_, Some(c)) => out.push(c),
            ("SP", _) => out.push(' '),
            ("CR", _) => out.push('\r'),
            ("LF", _) => out.push('\n'),
            ("TAB", _) => out.push('\t'),
            _ => {
                out.push('<');
                rest = after;
                continue;
            }
        }
        rest = tail;
    }
    out + rest
}

#[test]
fn prose() {
    run(Kind::Web, include_str!("golden/prose.txt"));
}

#[test]
fn code() {
    run(Kind::Code, include_str!("golden/code.txt"));
}

#[test]
fn empty_text_is_dropped() {
    for kind in Kind::ALL {
        for text in ["", " \n\t\r\n", "\u{feff}\u{feff}\0", "\u{3000}\n"] {
            let mut doc = Document::from_text(text);
            let expected = Verdict::Drop(Reason::new("empty-text", ""));
            assert_eq!(
                Normalize::new(kind).apply(&mut doc),
                expected,
                "{kind} {text:?}"
            );
        }
        let mut doc = Document::from_text("\u{feff}x\r\n");
        assert_eq!(
            Normalize::new(kind).apply(&mut doc),
            Verdict::Keep,
            "{kind}"
        );
        assert_eq!(doc.text.trim_end(), "x");
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let many = 300_000;
    let stage = Normalize::new(Kind::Web);
    for unit in [
        "\u{301}",
        "a\u{301}",
        "```\n",
        "`",
        "~~~x\n",
        "\r",
        "\n",
        " \n",
        "\u{200c}",
        "\u{ac00}\u{11a8}",
    ] {
        let text = unit.repeat(many);
        assert!(stage.text(&text).len() <= 3 * text.len());
    }
    let falling: String = (3..=64)
        .rev()
        .map(|n| "`".repeat(n) + "x\n")
        .collect::<String>()
        .repeat(300);
    assert!(!stage.text(&falling).is_empty());
}

proptest! {
    #[test]
    fn normalizing_twice_changes_nothing_more(
        text in prop_oneof![
            any::<String>(),
            "[a `~\\n\\r\\t\u{301}\u{200b}\u{200c}\u{a0}\u{feff}\u{628}x]{0,60}",
            "(```|~~~|````|`| |\\n|\\n\\n|a|    |\\t|\u{200d}){0,30}",
        ],
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let stage = Normalize::new(kind);
        let once = stage.text(&text).into_owned();
        let twice = stage.text(&once).into_owned();
        prop_assert_eq!(&once, &twice);
    }

    #[test]
    fn visible_characters_of_ascii_survive(text in "[!-~ \\n\\r]{0,80}") {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let out = Normalize::new(Kind::Text).text(&text).into_owned();
        prop_assert_eq!(bare(&out), bare(&text));
        prop_assert!(!out.contains('\r'));
    }
}
