//! Characters of text: accents composed, ligatures and quotation marks.

use unicode_normalization::UnicodeNormalization;

/// `base` under the combining characters `mark`, composed where Unicode has the letter.
pub(super) fn compose(base: &str, mark: &str) -> String {
    let mut chars = base.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    // Accents over dotless letters go over the plain ones.
    let first = match first {
        'ı' => 'i',
        'ȷ' => 'j',
        first => first,
    };
    let mut text = String::from(first);
    text.push_str(mark);
    let mut text: String = text.nfc().collect();
    text.push_str(chars.as_str());
    text
}

/// Characters that a ligature may start with.
const MAY_JOIN: [bool; 256] = {
    let mut table = [false; 256];
    let first = b"-`'?!";
    let mut at = 0;
    while at < first.len() {
        table[first[at] as usize] = true;
        at += 1;
    }
    table
};

/// Appends `text` with TeX's ligatures made characters.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| MAY_JOIN[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (written, length) = [
            ("---", "—"),
            ("--", "–"),
            ("``", "“"),
            ("''", "”"),
            ("?`", "¿"),
            ("!`", "¡"),
            ("`", "‘"),
            ("'", "’"),
        ]
        .iter()
        .find(|(ligature, _)| rest.starts_with(ligature))
        .map_or_else(
            || (&rest[..1], 1),
            |(ligature, written)| (*written, ligature.len()),
        );
        out.push_str(written);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures() {
        let mut out = String::new();
        push_text(&mut out, "``a--b''---it's ?`no");
        assert_eq!(out, "“a–b”—it’s ¿no");
        assert_eq!(compose("e", "\u{301}"), "é");
        assert_eq!(compose("ı", "\u{308}"), "ï");
    }
}
