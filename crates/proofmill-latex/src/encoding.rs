//! Bytes of one file to text: the encodings that papers of thirty years come in.
//!
//! Order: byte order mark, valid UTF-8, the encoding that `inputenc` declares, Mac Roman for files
//! with bare carriage returns that look like it, else windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text of a file, line ends as `\n`, and whether it had to be recoded.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) recoded: bool,
    pub(crate) replaced: u32,
}

/// Decodes one file; `declared` is the encoding that the submission names.
pub(crate) fn decode<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Decoded<'a> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark..], encoding != UTF_8);
    }
    if let Some(encoding) = bare_utf16(bytes) {
        return with(encoding, bytes, true);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded {
            text: line_ends(Cow::Borrowed(text)),
            recoded: false,
            replaced: 0,
        };
    }
    if is_damaged_utf8(bytes) {
        return with(UTF_8, bytes, true);
    }
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if looks_like_mac(bytes) => MACINTOSH,
        _ => WINDOWS_1252,
    };
    with(encoding, bytes, true)
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], recoded: bool) -> Decoded<'a> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let replaced = text.chars().filter(|c| *c == '\u{fffd}').count();
    Decoded {
        text: line_ends(text),
        recoded,
        replaced: u32::try_from(replaced).unwrap_or(u32::MAX),
    }
}

/// CR and CR LF become LF; a zero byte ends no text.
fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr2(b'\r', 0, text.as_bytes()).is_none() {
        return text;
    }
    let text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "");
    Cow::Owned(text)
}

/// UTF-16 without a mark: every second byte of the start is zero.
fn bare_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    if head.len() < 8 {
        return None;
    }
    let zeros = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 3 / 4;
    match (even > most, odd > most) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8 with a few bad bytes: many more good sequences than bad bytes.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad.saturating_mul(4)
}

/// Bare carriage returns, and high bytes where Mac Roman has its letters.
fn looks_like_mac(bytes: &[u8]) -> bool {
    let bare = memchr::memchr(b'\r', bytes).is_some() && memchr::memchr(b'\n', bytes).is_none();
    if !bare {
        return false;
    }
    let mac = bytes.iter().filter(|b| (0x80..=0x9f).contains(*b)).count();
    let latin = bytes.iter().filter(|b| **b >= 0xc0).count();
    mac > latin
}

/// The encoding that `\usepackage[x]{inputenc}` or `\inputencoding{x}` in `head` names.
pub(crate) fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let at = memchr::memmem::find(head, b"{inputenc}")
        .and_then(|end| {
            let before = &head[..end];
            let open = memchr::memrchr(b'[', before)?;
            let close = memchr::memrchr(b']', before)?;
            before.get(open + 1..close)
        })
        .or_else(|| {
            let start = memchr::memmem::find(head, b"\\inputencoding{")? + 15;
            let rest = head.get(start..)?;
            rest.get(..memchr::memchr(b'}', rest)?)
        })?;
    let names = std::str::from_utf8(at).ok()?;
    names.split(',').find_map(|name| {
        let label = match name.trim() {
            "utf8" | "utf8x" => "utf-8",
            "latin1" | "ansinew" | "cp1252" | "decmulti" => "windows-1252",
            "latin2" => "iso-8859-2",
            "latin3" => "iso-8859-3",
            "latin4" => "iso-8859-4",
            "latin5" => "iso-8859-9",
            "latin9" => "iso-8859-15",
            "latin10" => "iso-8859-16",
            "applemac" => "macintosh",
            "cp1250" => "windows-1250",
            "cp1251" | "win" => "windows-1251",
            "cp866" | "cp866av" => "ibm866",
            "koi8-r" => "koi8-r",
            "koi8-u" => "koi8-u",
            "maccyr" => "x-mac-cyrillic",
            _ => return None,
        };
        Encoding::for_label(label.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes, declared(bytes)).text, expected);
    }

    #[test]
    fn encodings() {
        check("é".as_bytes(), "é");
        check(b"\xef\xbb\xbfa", "a");
        check(b"\xe9t\xe9", "été");
        check(b"\xff\xfea\0b\0", "ab");
        check(
            b"\\usepackage[applemac]{inputenc}\n\x8e",
            "\\usepackage[applemac]{inputenc}\né",
        );
        check(b"caf\x8e\rb", "café\nb");
        check(b"a\r\nb\rc", "a\nb\nc");
        check("éééééé\u{20ac}é".as_bytes(), "éééééé€é");
    }
}
