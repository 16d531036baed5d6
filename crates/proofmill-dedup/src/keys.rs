//! Keys under which documents are equal without comparison: exact text, and version family.

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Key of the exact text: XXH3-64, with each run of ASCII white space taken as one space and none
/// at the ends, so that line ends and indentation do not hide a copy.
///
/// Two different texts of one billion share a key with probability 0.03 over the whole corpus.
#[must_use]
pub fn exact_key(text: &str) -> u64 {
    let mut hasher = Xxh3Default::new();
    let mut buffer = [0_u8; BUFFER_BYTES];
    let mut n_filled = 0;
    let (mut has_text, mut gap) = (false, false);
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        // Every step adds at most 16 bytes.
        if n_filled + 16 > BUFFER_BYTES {
            hasher.update(&buffer[..n_filled]);
            n_filled = 0;
        }
        if let Some(chunk) = rest
            .first_chunk::<8>()
            .filter(|chunk| !gap && is_plain(**chunk))
        {
            buffer[n_filled..n_filled + 8].copy_from_slice(chunk);
            n_filled += 8;
            has_text = true;
            rest = &rest[8..];
            continue;
        }
        let (chunk, after) = rest.split_at(rest.len().min(8));
        rest = after;
        for &byte in chunk {
            if byte.is_ascii_whitespace() {
                gap = true;
                continue;
            }
            if gap && has_text {
                buffer[n_filled] = b' ';
                n_filled += 1;
            }
            (has_text, gap) = (true, false);
            buffer[n_filled] = byte;
            n_filled += 1;
        }
    }
    hasher.update(&buffer[..n_filled]);
    hasher.digest()
}

const BUFFER_BYTES: usize = 1024;

/// Whether `chunk` may be taken as it is: no byte up to the space but single spaces inside.
#[inline]
fn is_plain(chunk: [u8; 8]) -> bool {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let chunk = u64::from_le_bytes(chunk);
    // The eighth bit of each byte: set from 0x20 on, and from 0x21 on.
    let low = chunk & !HIGH;
    let from_space = (low + u64::from_le_bytes([0x60; 8])) | chunk;
    let after_space = (low + u64::from_le_bytes([0x5F; 8])) | chunk;
    let spaces = !after_space & HIGH;
    let has_control = !from_space & HIGH != 0;
    let is_at_edge = chunk.to_le_bytes()[0] == b' ' || chunk.to_le_bytes()[7] == b' ';
    !has_control && !is_at_edge && spaces & (spaces << 8) == 0
}

/// Key of a version family, e.g. `("arxiv", "1706.00011")`; kinds do not mix.
#[must_use]
pub fn family_key(source_kind: &str, family: &str) -> u64 {
    let mut bytes = Vec::with_capacity(source_kind.len() + family.len() + 8);
    bytes.extend_from_slice(&(source_kind.len() as u64).to_le_bytes());
    bytes.extend_from_slice(source_kind.as_bytes());
    bytes.extend_from_slice(family.as_bytes());
    xxh3_64(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_white_space_is_ignored() {
        assert_eq!(exact_key("a  b\r\n\tc "), exact_key("a b c"));
        assert_eq!(exact_key(""), exact_key(" \n"));
        assert_ne!(exact_key("a b"), exact_key("ab"));
        assert_ne!(exact_key("a b"), exact_key("A b"));
        assert_ne!(family_key("web", "x"), family_key("arxiv", "x"));
        assert_ne!(family_key("we", "bx"), family_key("web", "x"));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(text in "[a-zé \n\t]{0,3000}|[a-z]{1,9}( [a-zλ]{1,9}){0,200}|\\PC{0,300}") {
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            prop_assert_eq!(exact_key(&text), xxh3_64(words.join(" ").as_bytes()));
        }
    }
}
