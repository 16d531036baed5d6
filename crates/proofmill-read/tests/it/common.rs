//! Builds archives in memory, sound and hostile.

use std::io::Write;

use proofmill_read::{Entry, Options, open_bytes};
use proofmill_types::Kind;

/// A tar of files; a name that no tar writer would accept is written as it is.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.extend(member(name, b'0', content.len() as u64, content));
    }
    out.extend([0; 1024]);
    out
}

/// One tar member with any claims, padded to whole blocks.
pub(crate) fn member(name: &str, kind: u8, claimed_bytes: u64, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len().min(100)].copy_from_slice(&name.as_bytes()[..name.len().min(100)]);
    header[100..108].copy_from_slice(b"0000644\0");
    let size = format!("{claimed_bytes:011o}\0");
    header[124..136].copy_from_slice(&size.as_bytes()[..12]);
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = header.to_vec();
    out.extend(content);
    out.resize(out.len().div_ceil(512) * 512, 0);
    out
}

/// `bytes` as one gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A WARC response record with an HTML body.
pub(crate) fn response(url: &str, body: &str) -> Vec<u8> {
    response_claiming(url, body, None)
}

/// As [`response`], with a Content-Length of choice.
pub(crate) fn response_claiming(url: &str, body: &str, claimed: Option<u64>) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
    let length = claimed.unwrap_or(block.len() as u64);
    format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {length}\r\n\r\n\
         {block}\r\n\r\n"
    )
    .into_bytes()
}

/// Entries of a file in memory, in short: `ORIGIN ok` or `ORIGIN RULE`.
pub(crate) fn read(kind: Kind, name: &str, bytes: &[u8]) -> Vec<String> {
    entries(&Options::new(kind), name, bytes)
        .iter()
        .map(short)
        .collect()
}

/// Entries of a file in memory.
pub(crate) fn entries(options: &Options, name: &str, bytes: &[u8]) -> Vec<Entry> {
    open_bytes(name, bytes, options)
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect()
}

/// `ORIGIN ok` or `ORIGIN RULE`.
pub(crate) fn short(entry: &Entry) -> String {
    match entry {
        Entry::Record(record) => format!("{} ok", record.origin),
        Entry::Bad(bad) => format!("{} {}", bad.origin, bad.rule),
    }
}
