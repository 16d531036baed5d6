//! Scanners against the library.

use proptest::prelude::*;

use super::*;

/// Patterns that tokenizers split by, and some that are close to them.
const PATTERNS: &str = include_str!("patterns.txt");
/// Those that only the library can run.
const OTHERS: &str = include_str!("others.txt");

const KINDS: [&str; 30] = [
    "a", "S", "t", "L", "v", "é", "Ǆ", "ª", "中", "ア", "・", "\u{301}", "1", "2", "Ⅷ", " ", "\t",
    "\n", "\r", "\u{85}", "\u{3000}", "'", "/", ".", "(", "_", "€", "\u{1}", "가", "ſ",
];

fn all() -> Vec<(&'static str, Scanner, onig::Regex)> {
    let both = |pattern| {
        let scanner = Scanner::new(pattern).unwrap_or_else(|| panic!("{pattern} is not known"));
        (pattern, scanner, onig::Regex::new(pattern).unwrap())
    };
    PATTERNS.lines().map(both).collect()
}

#[track_caller]
fn check(all: &[(&str, Scanner, onig::Regex)], text: &str) {
    for (pattern, scanner, regex) in all {
        let expected: Vec<_> = regex.find_iter(text).collect();
        let mut found = Vec::new();
        let search = scanner.on(text);
        let mut at = 0;
        while let Some((start, end)) = search.find(at).unwrap() {
            found.push((start, end));
            at = end;
        }
        assert_eq!(found, expected, "{pattern} in {text:?}");
    }
}

#[test]
fn all_short_texts_match_as_the_library_says() {
    let all = all();
    for a in KINDS {
        check(&all, a);
        for b in KINDS {
            check(&all, &[a, b].concat());
            for c in KINDS {
                check(&all, &[a, b, c].concat());
            }
        }
    }
}

#[test]
fn code_points_match_as_the_library_says() {
    let all = all();
    let dense = (0..0x3400).chain((0x3400..=0x10_ffff).step_by(977));
    for c in dense.filter_map(char::from_u32) {
        check(&all, &format!("a{c}b '{c} {c}{c}1{c}\n{c}"));
    }
}

proptest! {
    #[test]
    fn soups_match_as_the_library_says(
        text in "([a-zA-Z]{1,9}|[0-9]{1,7}|[ \t\r\n]{1,5}|'(s|RE|ll|x)|[!-/:-@]{1,3}|[一-丏ぁ-ん가-갏]{1,4}|\\PC){0,40}"
    ) {
        check(&all(), &text);
    }
}

#[test]
fn other_patterns_are_left_to_the_library() {
    for pattern in OTHERS.lines() {
        assert!(Scanner::new(pattern).is_none(), "{pattern}");
    }
}

#[test]
fn long_texts_take_linear_time_or_none() {
    let all = all();
    for text in ["a", "A", " ", "\n", "1", "中", "'", "a1"] {
        let text = [&text.repeat(200_000), "x"].concat();
        // The last one tries the same run from each place in it, as it does in the library.
        for (_, scanner, _) in &all[..all.len() - 1] {
            let search = scanner.on(&text);
            let mut at = 0;
            while let Some((_, end)) = search.find(at).unwrap() {
                at = end;
            }
        }
    }
    let text = "a".repeat(100_000);
    let scanner = Scanner::new("a*a*a*b|a").unwrap();
    assert_eq!(scanner.on(&text).find(0), Err(TooHard));
}

#[test]
fn odd_patterns_never_panic() {
    for pattern in PATTERNS.lines().chain(OTHERS.lines()) {
        for (at, _) in pattern.char_indices() {
            let _ = Scanner::new(&pattern[..at]);
            let _ = Scanner::new(&pattern[at..]);
        }
    }
}
