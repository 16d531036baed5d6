//! Character references: `&amp;`, `&#955;`, `&#x3bb;`, `&lambda;`, and the names that need no `;`.
//!
//! References are decoded exactly once. The table of names is data (`data/entities.txt`, the list
//! of the HTML standard, sorted by bytes) and is searched where it lies.

use std::borrow::Cow;

/// One line a name: `name[?] HEX[ HEX]`; `?` marks names that also count without `;`.
const TABLE: &str = include_str!("../data/entities.txt");

/// The longest name of the table, in bytes.
const MAX_NAME_BYTES: usize = 32;

/// `text` with character references replaced; borrowed when there are none.
pub(crate) fn decode(text: &str, in_attribute: bool) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    decode_into(text, in_attribute, &mut out);
    Cow::Owned(out)
}

/// Appends `text` to `out` with character references replaced.
pub(crate) fn decode_into(text: &str, in_attribute: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = decode_one(rest, in_attribute, out);
        if used == 0 {
            out.push('&');
            rest = &rest[1..];
        } else {
            rest = &rest[used..];
        }
    }
    out.push_str(rest);
}

/// Decodes the reference that `text` begins with; returns how many bytes it took, 0 if it is none.
fn decode_one(text: &str, in_attribute: bool, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'#') => decode_number(bytes, out),
        Some(byte) if byte.is_ascii_alphabetic() => decode_name(text, in_attribute, out),
        _ => 0,
    }
}

fn decode_number(bytes: &[u8], out: &mut String) -> usize {
    let (radix, start) = match bytes.get(2) {
        Some(b'x' | b'X') => (16, 3),
        _ => (10, 2),
    };
    let mut code = 0_u32;
    let mut at = start;
    while let Some(digit) = bytes
        .get(at)
        .and_then(|byte| char::from(*byte).to_digit(radix))
    {
        code = code.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == start {
        return 0;
    }
    out.push(char_of_number(code));
    at + usize::from(bytes.get(at) == Some(&b';'))
}

/// The character of a numeric reference; `0x80..=0x9F` mean windows-1252, as in browsers.
fn char_of_number(code: u32) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match code {
        0 => '\u{FFFD}',
        0x80..=0x9F => C1[(code - 0x80) as usize],
        _ => char::from_u32(code).unwrap_or('\u{FFFD}'),
    }
}

fn decode_name(text: &str, in_attribute: bool, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let n_name = bytes[1..]
        .iter()
        .take(MAX_NAME_BYTES)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let has_semicolon = bytes.get(1 + n_name) == Some(&b';');
    let name = &text[1..=n_name];
    if has_semicolon {
        let common = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "nbsp" => '\u{A0}',
            _ => '\0',
        };
        if common != '\0' {
            out.push(common);
            return n_name + 2;
        }
        if let Some((_, codes)) = find(name) {
            push_codes(codes, out);
            return n_name + 2;
        }
    }
    // Without `;` the longest prefix counts that the table marks so; in attributes only if
    // neither `=` nor a letter follows (`?a=b&copy=1` is a URL).
    for n_prefix in (2..=n_name.min(6)).rev() {
        let Some((true, codes)) = find(&name[..n_prefix]) else {
            continue;
        };
        let next = bytes.get(1 + n_prefix);
        if in_attribute && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
            return 0;
        }
        push_codes(codes, out);
        return 1 + n_prefix;
    }
    0
}

fn push_codes(codes: &str, out: &mut String) {
    for code in codes.split(' ') {
        let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        out.extend(code);
    }
}

/// Binary search over the lines of the table: whether `;` is optional, and the code points.
fn find(name: &str) -> Option<(bool, &'static str)> {
    let table = TABLE.as_bytes();
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = memchr::memrchr(b'\n', &table[low..middle]).map_or(low, |at| low + at + 1);
        let end = memchr::memchr(b'\n', &table[start..]).map_or(table.len(), |at| start + at);
        let (key, codes) = TABLE.get(start..end)?.split_once(' ')?;
        let (key, is_bare) = key
            .strip_suffix('?')
            .map_or((key, false), |key| (key, true));
        match key.cmp(name) {
            std::cmp::Ordering::Equal => return Some((is_bare, codes)),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (input, expected) in [
            ("a &lt; b &amp;amp; c", "a < b &amp; c"),
            ("&#92;&#112;&#x3C0;", "\\pπ"),
            ("&lambda;&NotEqualTilde;", "λ≂\u{338}"),
            ("&copy 2024 &ampx &notit;", "© 2024 &x ¬it;"),
            ("&unknown; & &; &#; &#x;", "&unknown; & &; &#; &#x;"),
            (
                "&#150;&#0;&#1114112;&#99999999999;",
                "–\u{FFFD}\u{FFFD}\u{FFFD}",
            ),
            ("&zwnj;&Aacute;&AElig;", "\u{200C}ÁÆ"),
        ] {
            assert_eq!(decode(input, false), expected, "for {input:?}");
        }
        assert_eq!(decode("?a=1&copy=2&lt=3&amp;x", true), "?a=1&copy=2&lt=3&x");
    }

    #[test]
    fn every_line_is_found() {
        for line in TABLE.lines() {
            let name = line.split([' ', '?']).next().unwrap();
            assert!(find(name).is_some(), "{name}");
        }
    }
}
