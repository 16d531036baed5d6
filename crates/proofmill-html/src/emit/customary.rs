//! Macros that nobody has to define: names with one meaning on all sites that use them.
//!
//! Sites such as the manuals of Sage configure them in a script that the page only links to. The
//! table is data (`data/customary-macros.txt`).

use std::sync::LazyLock;

use proofmill_latex::{Limits, Macros};

/// A macro of the table.
struct Customary {
    name: &'static str,
    n_args: u8,
    body: &'static str,
}

static TABLE: LazyLock<Vec<Customary>> = LazyLock::new(|| {
    let lines = include_str!("../../data/customary-macros.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let macros = lines.filter_map(|line| {
        let mut parts = line.splitn(3, ' ');
        Some(Customary {
            name: parts.next()?,
            n_args: parts.next()?.parse().ok()?,
            body: parts.next()?,
        })
    });
    macros.collect()
});

/// The formula with customary macros expanded; `None` if it has none.
pub(super) fn expand(latex: &str) -> Option<String> {
    let used: Vec<&Customary> = TABLE.iter().filter(|known| uses(latex, known)).collect();
    if used.is_empty() {
        return None;
    }
    let mut macros = Macros::default();
    for known in used {
        macros.define(known.name, known.n_args, None, known.body);
    }
    Some(macros.expand_formula(latex, &Limits::default()))
}

/// Whether a formula uses a macro, and everywhere in the way of the table.
fn uses(latex: &str, known: &Customary) -> bool {
    let mut is_used = false;
    let mut rest = latex;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        rest = &rest[at + 1..];
        let Some(after) = rest.strip_prefix(known.name) else {
            // an escaped character, maybe a backslash, begins no name
            let mut letters = rest.chars();
            letters.next();
            rest = letters.as_str();
            continue;
        };
        rest = after;
        if rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            continue;
        }
        if known.n_args > 0 && !rest.trim_start().starts_with('{') {
            return false;
        }
        is_used = true;
    }
    is_used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(TABLE.len() >= 10);
        for (latex, expected) in [
            (r"x\in\ZZ^n", Some(r"x\in\mathbb{Z}^n")),
            (r"\GF{q}[x]", Some(r"\mathbb{F}_{q}[x]")),
            (r"\GF", None),
            (r"\ZZZ+\Q", None),
            (r"x\\ZZ", None),
            (r"\QQbar/\QQ", Some(r"\overline{\mathbb{Q}}/\mathbb{Q}")),
        ] {
            assert_eq!(expand(latex).as_deref(), expected, "for {latex}");
        }
    }
}
