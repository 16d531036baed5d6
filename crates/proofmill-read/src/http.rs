//! HTTP responses as crawlers store them: status, headers, and the body with its transfer and
//! content coding undone.
//!
//! Crawlers decode bodies and keep the old headers, cut them off, and store broken chunks; whatever
//! can be read as a page is given, and what was cut is said to be cut.

use std::io::{self, Read};

use crate::Limits;
use crate::rules::{self, Rule};
use crate::sniff;

/// A response without its body's coding.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// Status code; 0 if there was no readable status line.
    pub status: u16,
    /// The status line's words, for people.
    pub reason: String,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
    /// Whether the body ends before its stated length.
    pub is_truncated: bool,
}

/// Header fields in their order, names in lower case.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads header lines: folded ones joined, those without a colon left out.
    pub(crate) fn parse(lines: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let text = String::from_utf8_lossy(line);
            if text.starts_with([' ', '\t'])
                && let Some((_, value)) = fields.last_mut()
            {
                value.push(' ');
                value.push_str(text.trim());
            } else if let Some((name, value)) = text.split_once(':') {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }

    /// The first field of this (lower-case) name that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty());
        values.next().map(|(_, value)| value.as_str())
    }
}

/// Splits header lines from what follows: at the first empty line, however lines end.
pub(crate) fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    while let Some(newline) = memchr::memchr(b'\n', &bytes[from..]) {
        let end = from + newline;
        let rest = &bytes[end + 1..];
        let n_more = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => {
                from = end + 1;
                continue;
            }
        };
        return Some((&bytes[..=end], &rest[n_more..]));
    }
    None
}

/// Reads the response in `block`.
///
/// # Errors
/// The rule and the finding, if there is no body that could be a page.
pub(crate) fn response(block: &[u8], limits: &Limits) -> Result<Response, (&'static Rule, String)> {
    let mut block = block;
    loop {
        if !block.starts_with(b"HTTP/") {
            let body = block.to_vec();
            return Ok(Response {
                body,
                ..Response::default()
            });
        }
        let max = usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX);
        let (head, body) = match split_head(block) {
            Some((head, _)) if head.len() > max => return Err(too_long(head.len())),
            Some(parts) => parts,
            None if block.len() > max => return Err(too_long(block.len())),
            None => (block, &[][..]),
        };
        let line =
            String::from_utf8_lossy(head.split(|&byte| byte == b'\n').next().unwrap_or(head));
        let mut words = line.trim().splitn(3, ' ');
        let status = words
            .nth(1)
            .and_then(|word| word.trim().parse().ok())
            .unwrap_or(0);
        let reason: String = words.next().unwrap_or_default().chars().take(80).collect();
        if (100..200).contains(&status) && body.starts_with(b"HTTP/") {
            block = body; // an interim answer
            continue;
        }
        let fields = Fields::parse(head);
        let content_type = fields.get("content-type").map(str::to_owned);
        let mut found = Response {
            status,
            reason,
            content_type,
            body: Vec::new(),
            is_truncated: false,
        };
        if status == 0 || (200..300).contains(&status) {
            decode(&mut found, &fields, body, limits)?;
        }
        return Ok(found);
    }
}

fn decode(
    found: &mut Response,
    fields: &Fields,
    body: &[u8],
    limits: &Limits,
) -> Result<(), (&'static Rule, String)> {
    let is_chunked = fields
        .get("transfer-encoding")
        .is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
    let stated = fields
        .get("content-length")
        .and_then(|value| value.parse::<u64>().ok());
    let body = if is_chunked {
        let (body, is_cut) = dechunk(body);
        found.is_truncated = is_cut;
        body
    } else {
        found.is_truncated = stated.is_some_and(|stated| (body.len() as u64) < stated);
        body.to_vec()
    };
    let codings = fields
        .get("content-encoding")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_coded = !matches!(codings.trim(), "" | "identity" | "none");
    let mut body = body;
    for coding in codings.split(',').rev().map(str::trim) {
        body = undo(coding, body, found, limits)?;
    }
    if body.starts_with(&[0x1f, 0x8b, 0x08]) {
        // Servers that compress without saying so.
        body = undo("gzip", body, found, limits)?;
    }
    if is_coded && !is_chunked && stated.is_some_and(|stated| body.len() as u64 > stated) {
        found.is_truncated = false; // the length was that of the coded body
    }
    found.body = body;
    Ok(())
}

/// Opens a coded body.
type Attempt = fn(&[u8]) -> Box<dyn Read + '_>;

/// Undoes one content coding; a body that is not coded at all is left as it is.
fn undo(
    coding: &str,
    body: Vec<u8>,
    found: &mut Response,
    limits: &Limits,
) -> Result<Vec<u8>, (&'static Rule, String)> {
    let attempts: &[Attempt] = match coding {
        "gzip" | "x-gzip" if body.starts_with(&[0x1f, 0x8b]) => {
            &[|body| Box::new(flate2::bufread::GzDecoder::new(body))]
        }
        "deflate" => &[
            |body| Box::new(flate2::bufread::ZlibDecoder::new(body)),
            |body| Box::new(flate2::bufread::DeflateDecoder::new(body)),
        ],
        "zstd" if body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => &[zstd_reader],
        "br" => &[|body| Box::new(brotli_decompressor::Decompressor::new(body, 64 << 10))],
        _ => return Ok(body),
    };
    if body.is_empty() {
        return Ok(body);
    }
    let mut best = Vec::new();
    let mut failure = None;
    for attempt in attempts {
        let mut plain = Vec::new();
        let max = limits.max_record_bytes;
        let result = attempt(&body)
            .take(max.saturating_add(1))
            .read_to_end(&mut plain);
        let n_plain = plain.len() as u64;
        let is_bomb =
            n_plain > limits.ratio_floor_bytes && n_plain / (body.len() as u64) > limits.max_ratio;
        if is_bomb || n_plain > max {
            let detail = format!(
                "{} bytes of `{coding}` unpack to {n_plain} and more",
                body.len()
            );
            return Err((rules::ARCHIVE_BOMB, detail));
        }
        match result {
            Ok(_) => return Ok(plain),
            Err(error) => {
                let is_cut = error.kind() == io::ErrorKind::UnexpectedEof;
                if plain.len() > best.len() && (is_cut || found.is_truncated) {
                    best = plain;
                }
                failure.get_or_insert(error);
            }
        }
    }
    // A crawler has decoded the body and kept the header.
    if !sniff::is_binary(&body) && !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    // What was cut off can be read up to the cut.
    if !best.is_empty() {
        found.is_truncated = true;
        return Ok(best);
    }
    let what = failure.map(|error| error.to_string()).unwrap_or_default();
    Err((rules::CONTENT_ENCODING, format!("`{coding}`: {what}")))
}

fn zstd_reader(body: &[u8]) -> Box<dyn Read + '_> {
    // RFC 9659: a content coding may ask for 8 MiB.
    match zstd::stream::read::Decoder::with_buffer(body) {
        Ok(mut decoder) => match decoder.window_log_max(23) {
            Ok(()) => Box::new(decoder),
            Err(_) => Box::new(io::empty()),
        },
        Err(_) => Box::new(io::empty()),
    }
}

/// Undoes chunked transfer; gives also whether the body was cut off.
///
/// Bytes that are no chunks are taken as they are: from the start if the first chunk is none, from
/// where the chunks go wrong otherwise.
fn dechunk(body: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let Some(end) = memchr::memchr(b'\n', &rest[..rest.len().min(1024)]) else {
            let is_cut = rest.len() < 20 && out.len() + rest.len() > 0 && out.len() > rest.len();
            if !is_cut {
                out.extend_from_slice(rest);
            }
            return (out, is_cut);
        };
        let line = String::from_utf8_lossy(&rest[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let Ok(n_bytes) = u64::from_str_radix(digits, 16) else {
            out.extend_from_slice(rest);
            return (out, false);
        };
        if n_bytes == 0 {
            return (out, false);
        }
        let after = &rest[end + 1..];
        let Some(chunk) = usize::try_from(n_bytes)
            .ok()
            .and_then(|n_bytes| after.get(..n_bytes))
        else {
            out.extend_from_slice(after);
            return (out, true);
        };
        out.extend_from_slice(chunk);
        rest = &after[chunk.len()..];
        rest = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
            .unwrap_or(rest);
        if rest.is_empty() {
            return (out, true); // the last chunk, of length 0, is missing
        }
    }
}

fn too_long(n_bytes: usize) -> (&'static Rule, String) {
    (
        rules::HEADER_TOO_LONG,
        format!("{n_bytes} bytes of HTTP header"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn check(head: &str, body: &[u8], expected: &[u8], is_truncated: bool) {
        let block = [head.as_bytes(), b"\r\n\r\n", body].concat();
        let found = response(&block, &Limits::default()).unwrap();
        assert_eq!(found.body, expected, "for {head:?}");
        assert_eq!(found.is_truncated, is_truncated, "for {head:?}");
        assert_eq!(found.status, 200);
    }

    #[test]
    fn codings() {
        let page = b"<html>x</html>";
        let ok = "HTTP/1.1 200 OK\r\n";
        let zlib = {
            let mut encoder =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(page).unwrap();
            encoder.finish().unwrap()
        };
        let raw = {
            let mut encoder =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(page).unwrap();
            encoder.finish().unwrap()
        };
        check("HTTP/1.1 200 OK\r\nX: y", page, page, false);
        check(
            &format!("{ok}Content-Encoding: GZIP"),
            &gzip(page),
            page,
            false,
        );
        check(&format!("{ok}content-encoding: gzip"), page, page, false);
        check(
            &format!("{ok}Content-Encoding: deflate"),
            &zlib,
            page,
            false,
        );
        check(&format!("{ok}Content-Encoding: deflate"), &raw, page, false);
        check(&format!("{ok}Content-Encoding: br"), page, page, false);
        check(
            &format!("{ok}Content-Encoding:\r\n gzip"),
            &gzip(page),
            page,
            false,
        );
        check(
            &format!("{ok}Content-Encoding: gzip, gzip"),
            &gzip(&gzip(page)),
            page,
            false,
        );
        check(
            &format!("{ok}Content-Encoding: zstd"),
            &zstd::encode_all(&page[..], 1).unwrap(),
            page,
            false,
        );
        check(&format!("{ok}Content-Length: 99"), page, page, true);
        check(
            &format!("{ok}broken line\r\nContent-Length: 14"),
            page,
            page,
            false,
        );
        check(&format!("{ok}X: y"), &gzip(page), page, false);
    }

    #[test]
    fn chunks() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked";
        check(
            head,
            b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
            b"abcde",
            false,
        );
        check(head, b"<html>\nno chunks", b"<html>\nno chunks", false);
        check(head, b"3\r\nabc\r\nff\r\nde", b"abcde", true);
        check(head, b"3\r\nabc\r\n", b"abc", true);
        check(head, b"ffffffffffffffff\r\nabc", b"abc", true);
    }

    #[test]
    fn damaged_codings() {
        let long: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut packed = gzip(&long);
        packed.truncate(packed.len() / 2);
        let block = [
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            &packed[..],
        ]
        .concat();
        let found = response(&block, &Limits::default()).unwrap();
        assert!(found.is_truncated && !found.body.is_empty() && long.starts_with(&found.body));

        let block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff";
        let (rule, _) = response(block, &Limits::default()).err().unwrap();
        assert_eq!(rule.name, "content-encoding");

        let zeros = vec![0; 40 << 20];
        let block = [
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            &gzip(&zeros)[..],
        ]
        .concat();
        let (rule, _) = response(&block, &Limits::default()).err().unwrap();
        assert_eq!(rule.name, "archive-bomb");
    }

    #[test]
    fn statuses() {
        let of = |block: &[u8]| response(block, &Limits::default()).unwrap().status;
        assert_eq!(
            of(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\n"),
            404
        );
        assert_eq!(of(b"HTTP/2 200\n\nx"), 200);
        assert_eq!(of(b"HTTP/1.1\r\n\r\n"), 0);
        assert_eq!(of(b"<html>"), 0);
    }
}
