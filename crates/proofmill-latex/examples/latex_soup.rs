//! Throws hostile and random input at the reader: repeated pieces, then soups of TeX fragments.
//!
//! With a seed other than 1 the repeated pieces are left out.
//!
//! `cargo run --release -p proofmill-latex --example latex_soup -- [SOUPS] [SEED]` prints the slowest
//! repeated piece and the number of soups that were read. A panic or a hang is the finding.

#![expect(clippy::print_stdout, reason = "a program")]

#[path = "../tests/soup/mod.rs"]
mod soup;

use std::time::Instant;

use proofmill_latex::{File, Mode, Options, extract};

fn main() {
    let mut args = std::env::args().skip(1);
    let soups: u64 = args
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(10_000);
    let seed: u64 = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for (prelude, piece) in soup::PIECES.iter().filter(|_| seed == 1) {
        let text = soup::repeated(prelude, piece, 1 << 20);
        for mode in [Mode::Source, Mode::Text] {
            let start = Instant::now();
            let file = File {
                path: "main.tex",
                bytes: text.as_bytes(),
            };
            let bytes = extract(&[file], &Options::for_mode(mode)).map_or(0, |p| p.text.len());
            let took = start.elapsed().as_millis();
            if took > 300 {
                println!("{took} ms {mode:?} {piece:?} -> {bytes} bytes");
            }
        }
    }
    let start = Instant::now();
    for number in 0..soups {
        let text = soup::soup(seed.wrapping_add(number));
        for mode in [Mode::Source, Mode::Text] {
            let file = File {
                path: "main.tex",
                bytes: &text,
            };
            let began = Instant::now();
            let _ = extract(&[file], &Options::for_mode(mode));
            if began.elapsed().as_millis() > 500 {
                println!("slow soup {}", seed.wrapping_add(number));
            }
        }
    }
    println!(
        "{soups} soups in both modes, {:.1} s",
        start.elapsed().as_secs_f64()
    );
}
