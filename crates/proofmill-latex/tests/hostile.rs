//! Hostile input ends, loses no text behind it, and never panics.

mod soup;

use proofmill_latex::{File, Mode, Options, extract};

fn read(text: &[u8], mode: Mode) -> String {
    let file = File {
        path: "main.tex",
        bytes: text,
    };
    extract(&[file], &Options::for_mode(mode)).map_or_else(|_| String::new(), |paper| paper.text)
}

#[test]
fn repeated_pieces_end() {
    for (prelude, piece) in soup::PIECES {
        let text = soup::repeated(prelude, piece, 30_000);
        for mode in [Mode::Source, Mode::Text] {
            let _ = read(text.as_bytes(), mode);
        }
    }
}

#[test]
fn soups_end() {
    for seed in 0..4000 {
        let text = soup::soup(seed);
        for mode in [Mode::Source, Mode::Text] {
            let once = read(&text, mode);
            assert_eq!(once, read(&text, mode), "seed {seed} is not deterministic");
        }
    }
}

/// Soups that once did not end.
#[test]
fn soups_that_did_not_end() {
    for seed in [8856, 62464, 975_579, 1_011_200] {
        for mode in [Mode::Source, Mode::Text] {
            let _ = read(&soup::soup(seed), mode);
        }
    }
}

#[test]
fn bombs_lose_no_following_text() {
    let bombs = [
        r"\def\x{\x y}\x",
        r"\def\x{y\x}\x",
        r"\def\a{\b}\def\b{\a}\a",
        r"\newcommand{\x}[1]{\x{#1#1}}\x{a}",
        r"\def\a{\b\b\b\b\b\b\b\b}\def\b{\c\c\c\c\c\c\c\c}\def\c{\d\d\d\d\d\d\d\d}\def\d{\e\e\e\e\e\e\e\e}\def\e{\f\f\f\f\f\f\f\f}\def\f{\g\g\g\g\g\g\g\g}\def\g{xxxxxxxx}\a",
        r"\def\a#1{\b{#1#1#1#1}}\def\b#1{\a{#1#1#1#1}}\a{x}",
    ];
    for bomb in bombs {
        for mode in [Mode::Source, Mode::Text] {
            let text = format!(
                "\\documentclass{{article}}\\begin{{document}}Start. {bomb} Finish.\n\nNext $z$.\\end{{document}}"
            );
            let output = read(text.as_bytes(), mode);
            for wanted in ["Start.", "Finish.", "Next $z$."] {
                assert!(
                    output.contains(wanted),
                    "{bomb} in {mode:?} lacks {wanted}: {output}"
                );
            }
            assert!(output.len() < 2_000_000);
        }
    }
}
