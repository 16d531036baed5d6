//! Keys under which documents are equal without comparison: exact text, and version family.

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Key of the exact text: XXH3-64, with each run of ASCII white space taken as one space and none
/// at the ends, so that line ends and indentation do not hide a copy.
///
/// Two different texts of one billion share a key with probability 0.03 over the whole corpus.
#[must_use]
pub fn exact_key(text: &str) -> u64 {
    let mut hasher = Xxh3Default::new();
    let mut buffer = [0_u8; 1024];
    let mut filled = 0;
    let (mut has_text, mut gap) = (false, false);
    for &byte in text.as_bytes() {
        if byte.is_ascii_whitespace() {
            gap = true;
            continue;
        }
        if filled + 2 > buffer.len() {
            hasher.update(&buffer[..filled]);
            filled = 0;
        }
        if gap && has_text {
            buffer[filled] = b' ';
            filled += 1;
        }
        (has_text, gap) = (true, false);
        buffer[filled] = byte;
        filled += 1;
    }
    hasher.update(&buffer[..filled]);
    hasher.digest()
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
        fn agrees_with_the_definition(text in "[a-z \n\t]{0,3000}") {
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            prop_assert_eq!(exact_key(&text), xxh3_64(words.join(" ").as_bytes()));
        }
    }
}
