//! Damaged and hostile input: every case ends in counted drops, and what is sound beside it is read.

mod archives;
mod rows;
mod warc;

use crate::common::read;
use proofmill_types::Kind;

#[track_caller]
fn check(kind: Kind, name: &str, bytes: &[u8], expected: &[&str]) {
    assert_eq!(read(kind, name, bytes), expected, "for {name}");
}

fn compressed_by(format: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    if format == "xz" {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(bytes).unwrap();
        return encoder.finish().unwrap();
    }
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
