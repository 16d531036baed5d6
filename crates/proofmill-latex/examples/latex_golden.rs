//! Prints a golden file with its outputs made anew, to be compared by eye before it is kept.
//!
//! `cargo run -p proofmill-latex --example latex_golden -- tests/golden/macros.txt > new.txt`

#![expect(clippy::print_stdout, reason = "a program")]

#[path = "../tests/judge/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod judge;

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    for case in judge::golden(&text) {
        println!("=== {}", case.name);
        print!("{}", case.input);
        println!(
            "--- source\n{}",
            judge::run(case.input, proofmill_latex::Mode::Source)
        );
        println!(
            "--- text\n{}",
            judge::run(case.input, proofmill_latex::Mode::Text)
        );
    }
}
