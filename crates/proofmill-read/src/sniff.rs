//! What some bytes are, told by the bytes and never by their name alone.

use memchr::memmem;

/// Bytes looked at, at most.
const SNIFFED_BYTES: usize = 64 << 10;

/// What a document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    Pdf,
    PostScript,
    Html,
    /// Text with TeX commands.
    Tex,
    Text,
    Binary,
}

/// Recognises a document.
pub(crate) fn content_of(bytes: &[u8]) -> Content {
    let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let start = skip_blank(head);
    // Readers of PDF accept a kilobyte of anything in front of it.
    if memmem::find(&head[..head.len().min(1024)], b"%PDF-").is_some()
        && !has_tex(&head[..head.len().min(1024)])
    {
        return Content::Pdf;
    }
    if start.starts_with(b"%!PS")
        || start.starts_with(b"\x04%!")
        || start.starts_with(b"\xc5\xd0\xd3\xc6")
    {
        return Content::PostScript;
    }
    if is_html(start) {
        return Content::Html;
    }
    if is_binary(head) {
        return Content::Binary;
    }
    if has_tex(head) {
        Content::Tex
    } else {
        Content::Text
    }
}

/// Whether `bytes` begin like a web page, comments and declarations before it allowed.
pub(crate) fn is_html(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let lower = skip_blank(head).to_ascii_lowercase();
    let starts = [
        &b"<!doctype html"[..],
        b"<html",
        b"<head",
        b"<body",
        b"<title",
        b"<meta",
    ];
    if starts.iter().any(|start| lower.starts_with(start)) {
        return true;
    }
    (lower.starts_with(b"<?xml") || lower.starts_with(b"<!"))
        && memmem::find(&lower, b"<html").is_some()
}

/// Whether `bytes` can be no text: NUL bytes outside UTF-16 and UTF-32, or many control bytes.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    if matches!(
        head,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff, ..]
    ) {
        return false;
    }
    let is_control = |byte: u8| byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r' | 12 | 26 | 27);
    let n_nuls = memchr::memchr_iter(0, head).count();
    let n_control = head.iter().filter(|&&byte| is_control(byte)).count();
    // A stray NUL or form feed of an old editor makes no binary file.
    n_nuls > head.len() / 1000 || n_control > head.len() / 50
}

/// Whether `bytes` hold TeX: a command of any document, or several commands of any kind.
pub(crate) fn has_tex(bytes: &[u8]) -> bool {
    const SURE: [&[u8]; 8] = [
        b"\\documentclass",
        b"\\documentstyle",
        b"\\begin{",
        b"\\input",
        b"\\magnification",
        b"\\section",
        b"\\bye",
        b"\\def\\",
    ];
    let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    if SURE
        .iter()
        .any(|needle| memmem::find(head, needle).is_some())
    {
        return true;
    }
    let is_command = |&at: &usize| {
        head.get(at + 1..at + 3)
            .is_some_and(|pair| pair.iter().all(u8::is_ascii_alphabetic))
    };
    memchr::memchr_iter(b'\\', head)
        .filter(is_command)
        .take(3)
        .count()
        == 3
}

/// `bytes` without a byte order mark and leading blanks.
pub(crate) fn skip_blank(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start()
}
