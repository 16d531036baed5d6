//! Prints the text of one HTML file: `cargo run --example page -- FILE [CONTENT-TYPE]`.
//!
//! With `--formulas` first, prints one formula a line instead, with its mark-up and standing.

use std::io::Write as _;

use proofmill_html::{Input, Options, extract};

fn main() -> std::io::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let only_formulas = arguments.first().is_some_and(|first| first == "--formulas");
    if only_formulas {
        arguments.remove(0);
    }
    let file = arguments.first().map_or("/dev/stdin", String::as_str);
    let bytes = std::fs::read(file)?;
    let content_type = arguments.get(1).map(String::as_str);
    let page = extract(
        &Input {
            bytes: &bytes,
            content_type,
            url: None,
        },
        &Options::default(),
    );
    let mut out = std::io::stdout().lock();
    if only_formulas {
        for formula in &page.formulas {
            let stand = if formula.is_display {
                "display"
            } else {
                "inline"
            };
            writeln!(
                out,
                "{stand}\t{}\t{:?}",
                formula.markup.name(),
                formula.latex
            )?;
        }
        return Ok(());
    }
    writeln!(out, "{}", page.text)
}
