//! Golden cases: pages in, text out.
//!
//! Each file of `tests/golden` holds cases: `=== name`, the page, `---`, the text. Adding a case
//! needs no Rust.

use std::fs;
use std::path::Path;

use proofmill_html::{Input, Options, extract};

fn text_of(page: &str) -> String {
    extract(
        &Input {
            bytes: page.as_bytes(),
            ..Input::default()
        },
        &Options::default(),
    )
    .text
}

#[test]
fn golden() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut n_cases = 0;
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let cases = fs::read_to_string(&file).unwrap();
        for case in cases.split("\n=== ").skip(1) {
            let (name, body) = case.split_once('\n').expect("a case starts with its name");
            let (page, expected) = body
                .split_once("\n---\n")
                .expect("`---` parts page and text");
            let found = text_of(page);
            let expected = expected.strip_suffix('\n').unwrap_or(expected);
            if found != expected {
                wrong.push(format!(
                    "{}: {name}\n{page}\nexpected:\n{expected}\nfound:\n{found}\n",
                    file.display()
                ));
            }
            n_cases += 1;
        }
    }
    assert!(n_cases >= 300, "only {n_cases} cases were read");
    assert!(
        wrong.is_empty(),
        "{} of {n_cases} cases are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
