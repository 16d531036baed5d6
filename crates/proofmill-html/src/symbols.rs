//! Unicode characters of formulas as LaTeX.
//!
//! The table of symbols is data (`data/symbols.txt`: code point, LaTeX); styled letters of the
//! Mathematical Alphanumeric block are computed.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/symbols.txt");

static SYMBOLS: LazyLock<Vec<(char, &'static str)>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once(' '));
    let symbols = lines.filter_map(|(code, latex)| {
        let code = u32::from_str_radix(code, 16)
            .ok()
            .and_then(char::from_u32)?;
        Some((code, latex))
    });
    symbols.collect()
});

/// The LaTeX of a symbol, if it needs any.
pub(crate) fn symbol(letter: char) -> Option<&'static str> {
    if letter.is_ascii_alphanumeric() {
        return None;
    }
    let at = SYMBOLS
        .binary_search_by_key(&letter, |(key, _)| *key)
        .ok()?;
    Some(SYMBOLS[at].1)
}

/// A font command and the plain letter of a styled one, e.g. `𝔽` gives `\mathbb`, `F`.
///
/// The command is empty for letters whose style is the default of formulas (`𝑥`).
pub(crate) fn styled_letter(letter: char) -> Option<(&'static str, char)> {
    const LATIN: [(&str, u32); 13] = [
        ("\\mathbf", 0x1D400),
        ("", 0x1D434),
        ("\\boldsymbol", 0x1D468),
        ("\\mathcal", 0x1D49C),
        ("\\mathcal", 0x1D4D0),
        ("\\mathfrak", 0x1D504),
        ("\\mathbb", 0x1D538),
        ("\\mathfrak", 0x1D56C),
        ("\\mathsf", 0x1D5A0),
        ("\\mathsf", 0x1D5D4),
        ("\\mathsf", 0x1D608),
        ("\\mathsf", 0x1D63C),
        ("\\mathtt", 0x1D670),
    ];
    const GREEK: [(&str, u32); 5] = [
        ("\\boldsymbol", 0x1D6A8),
        ("", 0x1D6E2),
        ("\\boldsymbol", 0x1D71C),
        ("\\boldsymbol", 0x1D756),
        ("\\boldsymbol", 0x1D790),
    ];
    const DIGITS: [(&str, u32); 5] = [
        ("\\mathbf", 0x1D7CE),
        ("\\mathbb", 0x1D7D8),
        ("\\mathsf", 0x1D7E2),
        ("\\mathsf", 0x1D7EC),
        ("\\mathtt", 0x1D7F6),
    ];
    const GREEK_LETTERS: &str = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ";
    let code = u32::from(letter);
    if !(0x1D400..=0x1D7FF).contains(&code) {
        return None;
    }
    for (font, first) in LATIN {
        if let Some(offset @ 0..52) = code.checked_sub(first) {
            let base = if offset < 26 {
                u32::from('A') + offset
            } else {
                u32::from('a') + offset - 26
            };
            return char::from_u32(base).map(|plain| (font, plain));
        }
    }
    for (font, first) in GREEK {
        if let Some(offset @ 0..58) = code.checked_sub(first) {
            return GREEK_LETTERS
                .chars()
                .nth(offset as usize)
                .map(|plain| (font, plain));
        }
    }
    for (font, first) in DIGITS {
        if let Some(offset @ 0..10) = code.checked_sub(first) {
            return char::from_digit(offset, 10).map(|plain| (font, plain));
        }
    }
    None
}

/// Whether `latex` ends with a script of one character, as `^n` does.
fn ends_with_bare_script(latex: &str) -> bool {
    let mut letters = latex.chars().rev();
    letters.next().is_some_and(char::is_alphanumeric) && matches!(letters.next(), Some('^' | '_'))
}

/// Appends `latex`, with a space where a control word would otherwise swallow a letter, or where a
/// reader would take what follows for a part of a script.
pub(crate) fn push_latex(out: &mut String, latex: &str) {
    let is_glued = latex.starts_with(|first: char| first.is_ascii_alphabetic())
        && ends_with_word(out)
        || latex.starts_with(|first: char| first.is_ascii_alphanumeric())
            && ends_with_bare_script(out);
    if is_glued {
        out.push(' ');
    }
    out.push_str(latex);
}

/// Whether `latex` ends with a control word such as `\alpha`.
pub(crate) fn ends_with_word(latex: &str) -> bool {
    let rest = latex.trim_end_matches(|last: char| last.is_ascii_alphabetic());
    rest.len() < latex.len() && rest.ends_with('\\') && !rest.ends_with("\\\\")
}

/// Appends one character of a formula as LaTeX.
pub(crate) fn push_char(out: &mut String, letter: char) {
    if let Some(latex) = symbol(letter) {
        push_latex(out, latex);
    } else if let Some((font, plain)) = styled_letter(letter) {
        if font.is_empty() {
            push_char(out, plain);
        } else {
            push_latex(out, font);
            out.push('{');
            push_char(out, plain);
            out.push('}');
        }
    } else {
        push_latex(out, letter.encode_utf8(&mut [0; 4]));
    }
}

/// Names of operators that LaTeX knows as control words.
pub(crate) fn is_function_name(name: &str) -> bool {
    matches!(
        name,
        "arccos"
            | "arcsin"
            | "arctan"
            | "arg"
            | "cos"
            | "cosh"
            | "cot"
            | "coth"
            | "csc"
            | "deg"
            | "det"
            | "dim"
            | "exp"
            | "gcd"
            | "hom"
            | "inf"
            | "ker"
            | "lg"
            | "lim"
            | "liminf"
            | "limsup"
            | "ln"
            | "log"
            | "max"
            | "min"
            | "Pr"
            | "sec"
            | "sin"
            | "sinh"
            | "sup"
            | "tan"
            | "tanh"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for (text, expected) in [
            ("αx", "\\alpha x"),
            ("𝔽𝑥𝐀", "\\mathbb{F}x\\mathbf{A}"),
            ("𝛼≤𝟏", "\\alpha\\le\\mathbf{1}"),
            ("\u{2062}x%", "x\\%"),
        ] {
            let mut out = String::new();
            text.chars().for_each(|letter| push_char(&mut out, letter));
            assert_eq!(out, expected);
        }
        assert!(SYMBOLS.is_sorted_by_key(|(key, _)| *key));
    }
}
