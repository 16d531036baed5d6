//! What kind of character a code point is, frozen to the reference.
//!
//! The kinds are those that Oniguruma 6.9.10 gives (Unicode 16.0), whatever Unicode version the
//! compiler or another crate knows: `classes.bin` was written by asking it, and a test asks it
//! again for all 1,114,112 code points. The file is a table of two levels: for each page of 256
//! code points the number of its block, then the blocks, one byte per code point.

/// A set of kinds, one bit each; no bit is anything else (controls, unassigned).
pub(super) type Class = u16;

/// `\p{Lu}` and `\p{Lt}`.
pub(super) const UPPER: Class = 1;
/// `\p{Ll}`.
pub(super) const LOWER: Class = 1 << 1;
/// `\p{Lm}` and `\p{Lo}`.
pub(super) const CASELESS: Class = 1 << 2;
/// `\p{M}`.
pub(super) const MARK: Class = 1 << 3;
/// `\p{N}`.
pub(super) const NUMBER: Class = 1 << 4;
/// `\s`.
pub(super) const WHITE: Class = 1 << 5;
/// `\p{P}` and `\p{S}`.
pub(super) const SIGN: Class = 1 << 6;
/// `[一-龥぀-ゟ゠-ヿ]`, the ideographs and kana that `DeepSeek`'s second step sets apart.
pub(super) const KANA_HAN: Class = 1 << 7;
/// Beyond the text; never together with another bit.
pub(super) const END: Class = 1 << 8;
/// `\p{L}`.
pub(super) const LETTER: Class = UPPER | LOWER | CASELESS;

const N_PAGES: usize = 0x11_0000 / PAGE;
const PAGE: usize = 256;
static TABLE: &[u8] = include_bytes!("classes.bin");

/// The kinds of `code`, which is at most U+10FFFF.
#[inline]
pub(super) fn class_of(code: u32) -> Class {
    let code = code as usize;
    let block = usize::from(TABLE[code / PAGE]);
    Class::from(TABLE[N_PAGES + block * PAGE + code % PAGE])
}

/// One character of a text: its kinds and where the next one begins.
#[derive(Clone, Copy)]
pub(super) struct Char {
    pub(super) code: u32,
    pub(super) class: Class,
    pub(super) next: usize,
}

/// The character that begins at `at`; [`END`] behind the last one.
///
/// `text` must be UTF-8 and `at` the start of a character or the end; anything else gives some
/// character, and never panics.
#[inline]
pub(super) fn char_at(text: &[u8], at: usize) -> Char {
    let Some(&first) = text.get(at) else {
        return Char {
            code: 0,
            class: END,
            next: at,
        };
    };
    let tail = |offset: usize| u32::from(text.get(at + offset).copied().unwrap_or(0) & 0x3f);
    let lead = u32::from(first);
    let (code, n_bytes) = match first {
        0..0xc0 => (lead, 1),
        0xc0..0xe0 => ((lead & 0x1f) << 6 | tail(1), 2),
        0xe0..0xf0 => ((lead & 0x0f) << 12 | tail(1) << 6 | tail(2), 3),
        _ => (
            // Four bytes of UTF-8 end at U+10FFFF; the mask alone would allow more.
            ((lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)).min(0x10_ffff),
            4,
        ),
    };
    Char {
        code,
        class: class_of(code),
        next: (at + n_bytes).min(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, made anew from what Oniguruma says.
    fn probe() -> Vec<u8> {
        let every: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let mut classes = vec![0_u8; 0x11_0000];
        for (pattern, bits) in [
            (r"[\p{Lu}\p{Lt}]+", UPPER),
            (r"\p{Ll}+", LOWER),
            (r"[\p{Lm}\p{Lo}]+", CASELESS),
            (r"\p{M}+", MARK),
            (r"\p{N}+", NUMBER),
            (r"\s+", WHITE),
            (r"[\p{P}\p{S}]+", SIGN),
            ("[一-龥\u{3040}-ゟ゠-ヿ]+", KANA_HAN),
        ] {
            let bit = u8::try_from(bits).unwrap();
            for (start, end) in onig::Regex::new(pattern).unwrap().find_iter(&every) {
                for c in every[start..end].chars() {
                    classes[c as usize] |= bit;
                }
            }
        }
        let mut blocks: Vec<&[u8]> = Vec::new();
        let mut table = Vec::new();
        for page in classes.chunks(PAGE) {
            let known = blocks.iter().position(|block| *block == page);
            let block = known.unwrap_or_else(|| {
                blocks.push(page);
                blocks.len() - 1
            });
            table.push(u8::try_from(block).unwrap());
        }
        table.extend(blocks.concat());
        table
    }

    #[test]
    #[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
    fn table_is_what_the_reference_says() {
        assert!(
            probe() == TABLE,
            "run `cargo test -- --ignored write_table`"
        );
    }

    #[test]
    #[ignore = "writes the table anew, after the reference has changed"]
    fn write_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/split/classes.bin");
        std::fs::write(path, probe()).unwrap();
    }

    #[test]
    #[cfg_attr(miri, ignore = "has no part that Miri could shorten")]
    fn known_counts() {
        let count = |bits: Class| {
            let is = |code: &u32| char::from_u32(*code).is_some() && class_of(*code) & bits != 0;
            (0..=0x10_ffff).filter(is).count()
        };
        assert_eq!(count(LETTER), 141_028);
        assert_eq!(count(NUMBER), 1_911);
        assert_eq!(count(WHITE), 25);
    }

    #[test]
    fn characters_are_decoded() {
        let step = if cfg!(miri) { 1009 } else { 1 };
        let codes = (0..=0x10_ffff).step_by(step);
        for code in codes.filter_map(char::from_u32) {
            let text = code.to_string();
            let found = char_at(text.as_bytes(), 0);
            assert_eq!((found.code, found.next), (code as u32, text.len()));
        }
    }
}
