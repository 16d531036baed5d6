//! Pages made to hurt: none may panic, hang or take memory beyond a small multiple of its size.

use proofmill_html::{Gate, Input, Options, Page, extract, gate};
use proptest::prelude::*;

fn page(html: &str) -> Page {
    extract(
        &Input {
            bytes: html.as_bytes(),
            ..Input::default()
        },
        &Options::default(),
    )
}

#[test]
fn deep_nesting_keeps_text_and_formulas() {
    for tag in [
        "div",
        "b",
        "span",
        "ul><li",
        "table><tr><td",
        "blockquote",
        "sup",
        "math",
        "mrow",
        "katex",
    ] {
        let open = format!("<{tag}>").repeat(100_000);
        let found = page(&format!("<p>start</p>{open}inside"));
        assert!(found.text.contains("start"), "{tag}");
    }
    let html = format!(
        "{}<p>So <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> end</p>{}<p>after</p>",
        "<div>".repeat(3000),
        "</div>".repeat(3000)
    );
    let found = page(&html);
    assert!(
        found.text.contains("So $\\frac{1}{2}$ end"),
        "{}",
        found.text
    );
    assert!(found.text.ends_with("after"));
}

#[test]
fn long_repetitions_are_linear() {
    let n = 200_000;
    for unit in [
        "<",
        "</",
        "<!",
        "<!--",
        "<!---",
        "<![CDATA[",
        "<a ",
        "<a b='",
        "&",
        "&#",
        "&#x",
        "&lt",
        "$",
        "$$",
        "${",
        "\\(",
        "\\[",
        "\\begin{align}",
        "\\begin{",
        "[latex]",
        "`",
        "{",
        "}",
        "<math>",
        "<mfrac>",
        "<b><p>",
        "<p></b>",
        "<li>",
        "<td>",
        "<table>",
        "<tr>",
        "<script type=math/tex>x",
        "<script",
        "<img class=latex alt=x>",
        "<span class=katex>",
        "<span class=MathJax>",
        "<span class=MathJax_Preview>x</span>",
        "<sup>",
        "<sub>a",
        "<mjx-container>",
        "<a href=#>",
        "<a name=x>",
        "</p>",
        "<br>",
        "<pre>",
        "<code>",
        "|",
        "<td>|",
        "\u{338}",
        "<span data-mathml='<math><mi>'>",
        "\\newcommand{\\a}{\\a\\a}",
        "<td class=MathJax>",
        "a<sup>b</sup>",
    ] {
        let html = unit.repeat(n / unit.len().max(1) + 1);
        let found = page(&html);
        assert!(
            found.text.len() <= 8 * html.len() + 1000,
            "{unit:?}: {} bytes of text",
            found.text.len()
        );
        let _ = gate(html.as_bytes());
        let found = page(&format!(
            "<script src=MathJax.js></script><p>{html}</p><p>\\(x\\)</p>"
        ));
        assert!(found.text.len() <= 8 * html.len() + 1000, "{unit:?}");
    }
}

#[test]
fn macro_bombs_end() {
    let bomb = "<script>MathJax={tex:{macros:{a:'\\\\b\\\\b\\\\b\\\\b\\\\b\\\\b\\\\b\\\\b',b:'\\\\c\\\\c\\\\c\\\\c\\\\c\\\\c\\\\c\\\\c',\
                c:'\\\\d\\\\d\\\\d\\\\d\\\\d\\\\d',d:'\\\\d x'}}}</script><p>\\(\\a\\) and text</p>";
    assert!(page(bomb).text.ends_with("and text"));
}

#[test]
fn huge_attributes_and_entities() {
    let long = "x".repeat(5_000_000);
    assert_eq!(
        page(&format!("<p class='{long}' title=\"{long}\">a</p>")).text,
        "a"
    );
    assert!(page(&format!("<img class=latex alt='{long}'>b")).text.len() < 10);
    assert_eq!(page(&format!("<p>&{long};</p>")).text.len(), long.len() + 2);
}

#[test]
fn limits_cut_and_say_so() {
    let options = Options {
        max_page_bytes: 1000,
        ..Options::default()
    };
    let html = "é".repeat(2000);
    let found = extract(
        &Input {
            bytes: html.as_bytes(),
            ..Input::default()
        },
        &options,
    );
    assert!(found.is_truncated && found.text.len() <= 1000 && !found.text.is_empty());
    let options = Options {
        max_nodes: 10,
        ..Options::default()
    };
    let found = extract(
        &Input {
            bytes: "<p>a</p>".repeat(100).as_bytes(),
            ..Input::default()
        },
        &options,
    );
    assert!(found.is_truncated);
    let options = Options {
        max_formulas: 2,
        ..Options::default()
    };
    let html = "<script type=math/tex>x</script> a ".repeat(5);
    let found = extract(
        &Input {
            bytes: html.as_bytes(),
            ..Input::default()
        },
        &options,
    );
    assert_eq!((found.formulas.len(), found.n_dropped_formulas), (2, 3));
    let options = Options {
        max_macro_bytes: 4_000,
        ..Options::default()
    };
    let long = "x".repeat(1000);
    let formula = "<script type=math/tex>\\R</script> a ".repeat(5);
    let html = format!("<script>MathJax = {{tex: {{macros: {{R: '{long}'}}}}}};</script>{formula}");
    let found = extract(
        &Input {
            bytes: html.as_bytes(),
            ..Input::default()
        },
        &options,
    );
    assert_eq!(found.formulas[0].latex, long);
    assert_eq!((found.formulas.len(), found.n_dropped_formulas), (3, 2));
}

#[test]
fn what_is_no_page_gives_no_text() {
    for (bytes, kind) in [
        (&b"%PDF-1.5 x"[..], None),
        (b"{\"a\":1}", Some("application/json")),
        (b"", None),
    ] {
        assert_eq!(
            extract(
                &Input {
                    bytes,
                    content_type: kind,
                    url: None
                },
                &Options::default()
            )
            .text,
            ""
        );
    }
    assert_eq!(gate(b"").gate, Gate::Drop("too-short"));
}

/// Pieces of mark-up that meet in odd ways.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<p>",
            "</p>",
            "<div class=\"math\">",
            "</div>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<math>",
            "</math>",
            "<mfrac>",
            "<msup>",
            "<mo>(</mo>",
            "<mi>x</mi>",
            "<mtable>",
            "<mtr>",
            "<mtd>",
            "</mrow>",
            "<b>",
            "</b>",
            "<a href=#>",
            "</a>",
            "<ul>",
            "<li>",
            "</ul>",
            "<pre>",
            "</pre>",
            "<code>",
            "</code>",
            "$",
            "$$",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "{",
            "}",
            "\\",
            "&lt;",
            "&#36;",
            "&",
            "<",
            ">",
            "<!--",
            "-->",
            "<script type='math/tex'>",
            "</script>",
            "<span class='katex'>",
            "<span class='MathJax' data-mathml='&lt;math>'>",
            "</span>",
            "<img class='tex' alt='x^2'>",
            "<sup>",
            "</sup>",
            "<sub>",
            "</sub>",
            "<mjx-container>",
            "</mjx-container>",
            "`",
            "[latex]",
            "[/latex]",
            "\\begin{align}",
            "\\end{align}",
            "\\text{",
            "%\n",
            "é",
            "𝑥",
            "\u{338}",
            "\u{FDD0}",
            "\0",
            "<blockquote>",
            "<h1>",
            "</h1>",
            "<br>",
            "1",
            " ",
            "\n",
            "and",
            "<em>",
            "</em>",
            "<noscript>",
            "</noscript>",
            "<svg>",
            "</svg>",
            "<g data-mml-node='mi'>",
            "<use data-c='78'/>",
            "<script>MathJax={tex:{inlineMath:[['$','$'],['@','@']],macros:{a:'#1'}}}</script>",
            "@",
            "\\a",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_read(html in soup()) {
        let found = page(&html);
        prop_assert!(!found.text.starts_with('\n') && !found.text.ends_with('\n'));
        for formula in &found.formulas {
            prop_assert!(!formula.latex.trim().is_empty());
            let lines: Vec<&str> = formula.latex.lines().collect();
            prop_assert!(lines.iter().all(|line| found.text.contains(line.trim())), "{formula:?} in {:?}", found.text);
        }
        let _ = found.prose();
    }

    #[test]
    fn bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = extract(&Input { bytes: &bytes, ..Input::default() }, &Options::default());
        let _ = gate(&bytes);
    }
}
