//! Characters: what the text is made of.

use proofmill_types::Signals;

use super::ratio;
use super::spans::Syntax;

/// Counts of characters.
#[expect(
    clippy::struct_field_names,
    reason = "all are counts, and counts are named so"
)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Characters {
    pub(super) n_bytes: usize,
    pub(super) n_chars: usize,
    pub(super) n_letters: usize,
    pub(super) n_other_digits: usize,
    pub(super) n_digits: usize,
    pub(super) n_white: usize,
    pub(super) n_control: usize,
    pub(super) n_replacement: usize,
    pub(super) n_accented: usize,
    pub(super) n_cjk: usize,
}

/// Bytes per round: few enough that a count fits a byte.
const ROUND_BYTES: usize = 128;

pub(super) fn measure(text: &str) -> Characters {
    let mut counts = Characters {
        n_bytes: text.len(),
        ..Characters::default()
    };
    let mut n_continuing = 0;
    let mut has_wide = false;
    for round in text.as_bytes().chunks(ROUND_BYTES) {
        // One byte-wide sum per class, so that the compiler can take many bytes at once.
        let [
            mut letters,
            mut digits,
            mut white,
            mut control,
            mut continuing,
        ] = [0_u8; 5];
        let mut any = 0_u8;
        for &byte in round {
            letters += u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
            digits += u8::from(byte.wrapping_sub(b'0') < 10);
            let is_white = byte == b' ' || byte.wrapping_sub(b'\t') < 5;
            white += u8::from(is_white);
            control += u8::from((byte < b' ' && !is_white) || byte == 0x7F);
            continuing += u8::from(byte & 0xC0 == 0x80);
            any |= byte;
        }
        counts.n_letters += usize::from(letters);
        counts.n_digits += usize::from(digits);
        counts.n_white += usize::from(white);
        counts.n_control += usize::from(control);
        n_continuing += usize::from(continuing);
        has_wide |= any >= 0x80;
    }
    counts.n_chars = text.len() - n_continuing;
    if has_wide {
        add_wide(text, &mut counts);
    }
    counts
}

/// Adds the characters beyond ASCII.
fn add_wide(text: &str, counts: &mut Characters) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte >= 0x80) {
        at += found;
        let Some(c) = text[at..].chars().next() else {
            return;
        };
        at += c.len_utf8();
        match c {
            '\u{FFFD}' => counts.n_replacement += 1,
            '\u{300}'..='\u{36F}' => counts.n_accented += 1,
            '\u{80}'..='\u{9F}' => counts.n_control += 1,
            _ if c.is_alphabetic() => {
                counts.n_letters += 1;
                counts.n_accented += usize::from(is_accented(c));
                counts.n_cjk += usize::from(is_cjk(c));
            }
            _ if c.is_whitespace() => counts.n_white += 1,
            _ if c.is_numeric() => counts.n_other_digits += 1,
            _ => {}
        }
    }
}

/// Latin letters beyond ASCII.
fn is_accented(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

/// Han, kana, Hangul.
fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}'
        | '\u{3100}'..='\u{312F}' | '\u{31A0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

impl Characters {
    pub(super) fn set(&self, signals: &mut Signals, syntax: Syntax) {
        let n_visible = self.n_chars - self.n_white;
        signals.set_count("n_bytes", self.n_bytes);
        signals.set_count("n_chars", self.n_chars);
        let n_alphanumeric = self.n_letters + self.n_digits + self.n_other_digits;
        signals.set("alphanumeric_ratio", ratio(n_alphanumeric, self.n_chars));
        signals.set("letter_ratio", ratio(self.n_letters, self.n_chars));
        signals.set("digit_ratio", ratio(self.n_digits, n_visible));
        signals.set("whitespace_ratio", ratio(self.n_white, self.n_chars));
        signals.set("control_char_ratio", ratio(self.n_control, self.n_chars));
        signals.set(
            "replacement_char_ratio",
            ratio(self.n_replacement, self.n_chars),
        );
        if syntax != Syntax::None {
            signals.set(
                "accent_ratio",
                ratio(self.n_accented, self.n_letters).min(1.0),
            );
            signals.set("cjk_ratio", ratio(self.n_cjk, self.n_letters));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain definition, character by character.
    fn plain(text: &str) -> Characters {
        let mut counts = Characters {
            n_bytes: text.len(),
            ..Characters::default()
        };
        for c in text.chars() {
            counts.n_chars += 1;
            let is_mark = matches!(c, '\u{300}'..='\u{36F}');
            let is_white = c.is_whitespace() && c != '\u{85}';
            if c.is_alphabetic() && !is_mark {
                counts.n_letters += 1;
            } else if c.is_ascii_digit() {
                counts.n_digits += 1;
            } else if is_white {
                counts.n_white += 1;
            } else if c.is_control() {
                counts.n_control += 1;
            } else if c == '\u{FFFD}' {
                counts.n_replacement += 1;
            } else if c.is_numeric() {
                counts.n_other_digits += 1;
            }
            counts.n_accented += usize::from(is_mark || (is_accented(c) && c.is_alphabetic()));
            counts.n_cjk += usize::from(is_cjk(c) && c.is_alphabetic());
        }
        counts
    }

    proptest! {
        #[test]
        fn rounds_agree_with_the_definition(text in any::<String>(), more in "[ -~\\n\\t\\x00\\x7fé漢\u{301}\u{fffd}½]{0,300}") {
            prop_assert_eq!(measure(&text), plain(&text));
            prop_assert_eq!(measure(&more), plain(&more));
        }
    }
}
