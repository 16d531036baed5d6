//! Which charset a page is in, and its text.
//!
//! The order is that of browsers (byte order mark, HTTP header, `<meta>`, guess) with one
//! difference that crawls ask for: bytes that are valid UTF-8 with at least one character beyond
//! ASCII are UTF-8 whatever a header claims, because a single-byte text practically never looks
//! like that by accident. A page that claims UTF-8 but mostly is not goes to the guess.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page a `<meta charset>` is looked for, in bytes.
const META_WINDOW_BYTES: usize = 4096;

/// How much of a page the guess sees, in bytes; more costs time and adds nothing.
const GUESS_WINDOW_BYTES: usize = 16 * 1024;

/// What decided the charset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CharsetSource {
    /// A byte order mark.
    Bom,
    /// The HTTP `Content-Type` header.
    Header,
    /// A `<meta>` element or an XML declaration.
    Meta,
    /// Nothing declared one, or the declaration lies: the bytes are valid UTF-8.
    ValidUtf8,
    /// Nothing declared one that fits: guessed from the bytes.
    Guess,
}

/// A page's text and how it was found.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) charset: &'static str,
    pub(crate) from: CharsetSource,
}

/// Decodes a page. Never fails: bytes that do not fit become U+FFFD.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, n_bom_bytes)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(n_bom_bytes..).unwrap_or_default();
        return decode_as(rest, encoding, CharsetSource::Bom);
    }
    let is_ascii = bytes.is_ascii();
    let declared = content_type
        .and_then(charset_of_content_type)
        .map(|encoding| (encoding, CharsetSource::Header))
        .or_else(|| declared_inside(bytes).map(|encoding| (encoding, CharsetSource::Meta)));
    if !is_ascii && let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        let from = match declared {
            Some((encoding, from)) if encoding == UTF_8 => from,
            _ => CharsetSource::ValidUtf8,
        };
        return Decoded {
            text: Cow::Borrowed(text),
            charset: UTF_8.name(),
            from,
        };
    }
    match declared {
        Some((encoding, from)) if encoding != UTF_8 || is_ascii || is_mostly_utf8(bytes) => {
            decode_as(bytes, encoding, from)
        }
        _ if is_ascii => decode_as(bytes, UTF_8, CharsetSource::ValidUtf8),
        _ if looks_like_utf16(bytes) == Some(true) => {
            decode_as(bytes, UTF_16LE, CharsetSource::Guess)
        }
        _ if looks_like_utf16(bytes) == Some(false) => {
            decode_as(bytes, UTF_16BE, CharsetSource::Guess)
        }
        _ => decode_as(bytes, guess(bytes), CharsetSource::Guess),
    }
}

fn decode_as<'a>(bytes: &'a [u8], encoding: &'static Encoding, from: CharsetSource) -> Decoded<'a> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded {
        text,
        charset: encoding.name(),
        from,
    }
}

/// The charset parameter of a `Content-Type` value, if it names a known charset.
fn charset_of_content_type(value: &str) -> Option<&'static Encoding> {
    let at = find_ignore_case(value.as_bytes(), b"charset")?;
    let rest = value
        .get(at + 7..)?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest
        .find(['"', '\'', ';', ' ', '\t', ','])
        .unwrap_or(rest.len());
    Encoding::for_label(rest.get(..end)?.as_bytes())
}

/// The charset that the first bytes of the page declare, if any.
///
/// A declaration inside ASCII-compatible bytes cannot be UTF-16, so that reads as UTF-8, as the
/// HTML standard says.
fn declared_inside(bytes: &[u8]) -> Option<&'static Encoding> {
    let window = &bytes[..bytes.len().min(META_WINDOW_BYTES)];
    let mut from = 0;
    if window.starts_with(b"<?xml") {
        let end = memchr::memchr(b'>', window).unwrap_or(window.len());
        if let Some(at) = find_ignore_case(&window[..end], b"encoding") {
            return label_after_equals(&window[at + 8..end]).map(not_utf16);
        }
    }
    while let Some(at) = find_ignore_case(window.get(from..)?, b"<meta") {
        let start = from + at;
        let end = memchr::memchr(b'>', &window[start..]).map_or(window.len(), |n| start + n);
        let tag = &window[start..end];
        if let Some(at) = find_ignore_case(tag, b"charset")
            && let Some(encoding) = label_after_equals(&tag[at + 7..])
        {
            return Some(not_utf16(encoding));
        }
        from = end;
    }
    None
}

fn not_utf16(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else {
        encoding
    }
}

/// Reads `= "label"` with or without quotes.
fn label_after_equals(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut rest = bytes
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    if let [b'"' | b'\'', after @ ..] = rest {
        rest = after;
    }
    let end = rest
        .iter()
        .position(|byte| {
            matches!(byte, b'"' | b'\'' | b';' | b'>' | b'/') || byte.is_ascii_whitespace()
        })
        .unwrap_or(rest.len());
    Encoding::for_label(&rest[..end])
}

fn find_ignore_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle))
}

/// Whether more sequences beyond ASCII are valid UTF-8 than are not, on the guess window.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut n_good, mut n_bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        n_good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        n_bad += usize::from(!chunk.invalid().is_empty());
        if n_good + n_bad > 20_000 {
            break;
        }
    }
    n_good >= n_bad
}

/// `Some(true)` for little-endian UTF-16 without a mark, `Some(false)` for big-endian.
fn looks_like_utf16(bytes: &[u8]) -> Option<bool> {
    let window = &bytes[..bytes.len().min(512)];
    let zeros = |offset: usize| {
        window
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let half = window.len() / 2;
    (half >= 8).then_some(())?;
    match (zeros(0) * 10 > half * 7, zeros(1) * 10 > half * 7) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        _ => None,
    }
}

/// The guess of browsers, from the first window that has bytes beyond ASCII.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let start = first.saturating_sub(GUESS_WINDOW_BYTES / 4);
    let window = &bytes[start..bytes.len().min(start + GUESS_WINDOW_BYTES)];
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(window, window.len() == bytes.len());
    let encoding = detector.guess(None, chardetng::Utf8Detection::Deny);
    if encoding == UTF_8 {
        WINDOWS_1252
    } else {
        encoding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, charset: &str, from: CharsetSource) {
        let decoded = decode(bytes, content_type);
        assert_eq!(
            (decoded.charset, decoded.from),
            (charset, from),
            "for {bytes:?}"
        );
    }

    #[test]
    fn declarations_and_lies() {
        use CharsetSource::{Bom, Guess, Header, Meta, ValidUtf8};
        check(b"\xEF\xBB\xBFabc", None, "UTF-8", Bom);
        check(b"\xFF\xFEa\0", None, "UTF-16LE", Bom);
        check(
            b"caf\xE9",
            Some("text/html; charset=ISO-8859-1"),
            "windows-1252",
            Header,
        );
        check(
            "café".as_bytes(),
            Some("text/html; charset=ISO-8859-1"),
            "UTF-8",
            ValidUtf8,
        );
        check(
            "café".as_bytes(),
            Some("text/html; charset=\"utf-8\""),
            "UTF-8",
            Header,
        );
        check(
            b"<META http-equiv=x content='text/html; charset=koi8-r'>\xC1",
            None,
            "KOI8-R",
            Meta,
        );
        check(
            b"<?xml version='1.0' encoding='iso-8859-2'?>\xE9",
            None,
            "ISO-8859-2",
            Meta,
        );
        check(b"plain", None, "UTF-8", ValidUtf8);
        check(
            b"caf\xE9 na\xEFve d\xE9j\xE0",
            Some("text/html; charset=utf-8"),
            "windows-1252",
            Guess,
        );
        check(b"", Some("text/html"), "UTF-8", ValidUtf8);
    }
}
