//! Composition (NFC) of texts, nearly all of which are composed already.
//!
//! Composition is the reference's own: its crate, with its tables, which are of Unicode 9.0. Most
//! characters are settled on their own: they neither change nor join with any other. `nfc.bin`
//! tells which: for each 64 code points the number of a mask, then the masks. It was written by
//! asking that crate, and a test asks it again. The few others go to that crate's quick check, and if
//! that is not sure they are composed by it, with the one settled character before them.

use std::borrow::Cow;

use unicode_normalization_alignments::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Code points of one mask.
const BLOCK: usize = 64;
const N_BLOCKS: usize = 0x11_0000 / BLOCK;
static TABLE: &[u8] = include_bytes!("nfc.bin");

/// The first byte of U+0300. All characters below it are settled, and only first bytes of
/// characters from it on are as high.
const FIRST_UNSETTLED: u8 = 0xcc;
/// Bytes looked at together.
const CHUNK: usize = 64;

/// `text` composed, as the reference does it. Time is linear in the text.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut n_done, mut at) = (0, 0);
    while let Some(found) = next_high(bytes, at) {
        // Settled characters, then others up to the next settled one: the crate needs no more.
        let start = found + settled_bytes(&text[found..], true);
        at = start + settled_bytes(&text[start..], false);
        if at == start || is_nfc_quick(text[start..at].chars()) == IsNormalized::Yes {
            continue;
        }
        // They may join with the last settled one.
        let last = text[n_done..start].chars().next_back();
        let start = start - last.map_or(0, char::len_utf8);
        out.push_str(&text[n_done..start]);
        // The tables of the reference, so that no character composes differently.
        out.extend(text[start..at].nfc().map(|(c, _)| c));
        n_done = at;
    }
    if n_done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[n_done..]);
    Cow::Owned(out)
}

/// Where the first character from U+0300 on begins, at `at` or behind.
fn next_high(bytes: &[u8], mut at: usize) -> Option<usize> {
    let is_high = |byte: &u8| *byte >= FIRST_UNSETTLED;
    while let Some(chunk) = bytes[at..].first_chunk::<CHUNK>() {
        // No early end, so that the compiler compares many bytes at once.
        if chunk.iter().fold(false, |any, byte| any | is_high(byte)) {
            break;
        }
        at += CHUNK;
    }
    bytes[at..]
        .iter()
        .position(is_high)
        .map(|offset| at + offset)
}

/// Bytes of the characters at the front of `text` that are from U+0300 on, and settled or not.
fn settled_bytes(text: &str, settled: bool) -> usize {
    let in_run = |c: &char| *c >= '\u{300}' && is_settled(*c) == settled;
    text.chars().take_while(in_run).map(char::len_utf8).sum()
}

/// Whether `c` is composed, starts anew, and joins with nothing before it.
fn is_settled(c: char) -> bool {
    let code = c as usize;
    let mask_start = N_BLOCKS + 8 * usize::from(TABLE[code / BLOCK]);
    let mask = TABLE[mask_start..]
        .first_chunk()
        .copied()
        .unwrap_or_default();
    u64::from_le_bytes(mask) >> (code % BLOCK) & 1 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization_alignments::char::canonical_combining_class;

    use super::*;

    /// The table, made anew from what the crate says.
    fn probe() -> Vec<u8> {
        let settled = |c: char| {
            canonical_combining_class(c) == 0
                && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
        };
        let mut masks: Vec<u64> = Vec::new();
        let mut table = Vec::new();
        for block in 0..N_BLOCKS {
            let code = |bit: usize| u32::try_from(block * BLOCK + bit).unwrap();
            let is_settled = |bit: &usize| char::from_u32(code(*bit)).is_some_and(settled);
            let mask = (0..BLOCK).filter(is_settled).map(|bit| 1 << bit).sum();
            let known = masks.iter().position(|other| *other == mask);
            let index = known.unwrap_or_else(|| {
                masks.push(mask);
                masks.len() - 1
            });
            table.push(u8::try_from(index).unwrap());
        }
        table.extend(masks.iter().flat_map(|mask| mask.to_le_bytes()));
        table
    }

    fn check(text: &str) -> String {
        let expected: String = text.nfc().map(|(c, _)| c).collect();
        assert_eq!(composed(text), expected, "{text:?}");
        expected
    }

    #[test]
    #[cfg_attr(miri, ignore = "has no part that Miri could shorten")]
    fn table_is_what_the_reference_says() {
        assert!(probe() == TABLE, "run `cargo test -- --ignored write_nfc`");
    }

    #[test]
    #[ignore = "writes the table anew, after the reference has changed"]
    fn write_nfc() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/nfc.bin");
        std::fs::write(path, probe()).unwrap();
    }

    #[test]
    fn every_code_point_in_context() {
        assert!((0..0x300).filter_map(char::from_u32).all(is_settled));
        let step = if cfg!(miri) { 4093 } else { 1 };
        let codes = (0..=0x10_ffff).step_by(step);
        for c in codes.filter_map(char::from_u32) {
            check(&format!("{c}"));
            check(&format!("a{c}\u{301}{c}e"));
            check(&format!("\u{1100}{c}\u{5d0}\u{5b4}{c}\u{5bc}"));
        }
    }

    proptest! {
        #[test]
        fn texts_are_composed_as_by_the_reference(text in "([a-z ]{0,70}|[\u{e0}-\u{250}]|[\u{300}-\u{360}]|[가-힣]|[ᄀ-ᇿ]|[\u{900}-\u{d70}]|\\PC){0,30}") {
            let composed = check(&text);
            check(&composed);
        }
    }
}
