//! Characters: line ends, invisible characters, spaces, and canonical composition.
//!
//! Composition works on pieces. No ASCII character ever composes with what stands before it, so
//! text may be cut before any ASCII character and each piece normalized alone; pieces that are
//! plainly composed already are copied.

use std::borrow::Cow;

use memchr::memchr2;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Whether `c` shows nothing and carries nothing in prose.
///
/// Control characters except tab and line feed, byte order marks, soft hyphens, zero-width spaces
/// and joiners, directional marks, embeddings and isolates, invisible mathematical operators,
/// variation selectors, annotation anchors, tags and noncharacters. Joiners between letters of
/// Arabic and Indic scripts do carry something, and stay.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}'
        | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Whether zero-width joiners next to `c` shape its word: Arabic to Sinhala, Mongolian apart.
fn is_shaped(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}')
}

/// What stands for `c` in prose, once line ends are done: `None` where it is dropped.
fn visible(c: char) -> Option<char> {
    match c {
        '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => Some(' '),
        // NFC would turn these angle brackets into CJK punctuation.
        '\u{2329}' => Some('\u{27E8}'),
        '\u{232A}' => Some('\u{27E9}'),
        _ if is_invisible(c) => None,
        _ => Some(c),
    }
}

/// Whether an ASCII byte is itself in normalized prose.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b' '..=b'~')
}

/// Characters of prose in their one spelling; see the table of the crate.
pub(crate) fn prose(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    // The whole loop is branch-free per byte, so that the common case runs at memory speed.
    let is_done = bytes
        .chunks(64)
        .all(|chunk| chunk.iter().fold(true, |all, &b| all & is_plain(b)));
    if is_done {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut piece = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let plain = bytes[at..]
            .iter()
            .take_while(|&&byte| is_plain(byte))
            .count();
        let end = at + plain;
        // The last plain character may be the base of a combining mark that follows.
        let cut = if plain > 0 { end - 1 } else { end };
        out.push_str(&text[at..cut]);
        at = end;
        piece.clear();
        piece.push_str(&text[cut..end]);
        while let Some(c) = text[at..].chars().next() {
            if c.is_ascii() && is_plain(c as u8) {
                break;
            }
            at += c.len_utf8();
            if c == '\r' {
                if bytes.get(at) != Some(&b'\n') {
                    piece.push('\n');
                }
            } else if matches!(c, '\u{200C}' | '\u{200D}') {
                let before = piece.chars().next_back();
                let after = text[at..].chars().next();
                if before.is_some_and(is_shaped) && after.is_some_and(is_shaped) {
                    piece.push(c);
                }
            } else if let Some(c) = visible(c) {
                piece.push(c);
            }
        }
        match is_nfc_quick(piece.chars()) {
            IsNormalized::Yes => out.push_str(&piece),
            _ => out.extend(piece.nfc()),
        }
    }
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

/// Characters of source code: line ends, leading byte order marks and NUL only.
pub(crate) fn code(text: &str) -> Cow<'_, str> {
    let start = text.trim_start_matches(['\0', '\u{FEFF}']);
    if memchr2(b'\r', 0, start.as_bytes()).is_none() {
        return if start.len() == text.len() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(start.to_owned())
        };
    }
    let mut out = String::with_capacity(start.len());
    let mut rest = start;
    while let Some(found) = memchr2(b'\r', 0, rest.as_bytes()) {
        out.push_str(&rest[..found]);
        let is_return = rest.as_bytes()[found] == b'\r';
        rest = &rest[found + 1..];
        if is_return && !rest.starts_with('\n') {
            out.push('\n');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain definition: all characters one by one, then NFC of the whole.
    fn plain_prose(text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let chars: Vec<char> = text.chars().collect();
        let mut kept: Vec<char> = Vec::new();
        for (index, &c) in chars.iter().enumerate() {
            if matches!(c, '\u{200C}' | '\u{200D}') {
                let before = kept.last().copied().is_some_and(is_shaped);
                if before && chars.get(index + 1).copied().is_some_and(is_shaped) {
                    kept.push(c);
                }
            } else if let Some(c) = visible(c) {
                kept.push(c);
            }
        }
        kept.into_iter().nfc().collect()
    }

    proptest! {
        #[test]
        fn pieces_agree_with_the_definition(
            text in "[a-c \\n\\r\\t\\x00\\x0c\u{301}\u{327}\u{200d}\u{ad}\u{feff}é\u{212b}\u{2329}\u{1100}\u{1161}\u{11a8}\u{628}\u{200c}\u{915}\u{93c}]{0,40}"
        ) {
            prop_assert_eq!(prose(&text).into_owned(), plain_prose(&text));
        }

        #[test]
        fn any_text_agrees_with_the_definition(text in any::<String>()) {
            prop_assert_eq!(prose(&text).into_owned(), plain_prose(&text));
        }
    }

    #[test]
    fn return_before_a_dropped_character_is_a_line_end() {
        assert_eq!(prose("a\r\0\nb"), "a\n\nb");
    }
}
