//! Cuts text into words and hashes each: the alphabet of shingles.
//!
//! A word is a maximal run of alphanumeric characters, lower-cased, so layout, punctuation and case
//! do not matter but every letter and digit does (`x^2` is not `x^3`). Scripts that write no spaces
//! (Han, kana, Thai, Lao, Burmese, Khmer) give one word per character. Operators are words of their
//! own where they carry the meaning of a formula, so that `3 + 4 * 2` is not `3 * 4 + 2`:
//! `+ = < >` and mathematical symbols beyond ASCII always, `- * / ^` only before a digit (elsewhere
//! they are hyphens, bullets and emphasis). A run of one operator counts once, so a ruled line is
//! one word. Soft hyphens and zero-width characters are skipped.

use crate::mix::mix;

/// Calls `emit` with the 64-bit hash of every word, in text order. Linear in the text.
pub(crate) fn for_each_word(text: &str, mut emit: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut word = WordHash::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let class = CLASSES[usize::from(byte)];
        if class & LETTER != 0 {
            // Bit 5 makes an ASCII letter lower case and is set in every digit already.
            word.push(byte | 0x20);
            at += 1;
            continue;
        }
        if class == BEYOND_ASCII {
            let Some(found) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                return;
            };
            at += found.len_utf8();
            match wide_class(found) {
                Wide::Letter => push_lowercase(&mut word, found),
                Wide::Skipped => {}
                Wide::Alone => {
                    word.end(&mut emit);
                    push_lowercase(&mut word, found);
                    word.end(&mut emit);
                }
                Wide::Minus => {
                    word.end(&mut emit);
                    if is_before_digit(bytes, at) {
                        emit_operator(b'-', &mut emit);
                    }
                }
                Wide::Gap => word.end(&mut emit),
            }
            continue;
        }
        word.end(&mut emit);
        at += 1;
        if class == GAP {
            continue;
        }
        while bytes.get(at) == Some(&byte) {
            at += 1;
        }
        if class == OPERATOR || is_before_digit(bytes, at) {
            emit_operator(byte, &mut emit);
        }
    }
    word.end(&mut emit);
}

/// Whether a digit stands at `at`, or one space further.
fn is_before_digit(bytes: &[u8], at: usize) -> bool {
    let at = if bytes.get(at) == Some(&b' ') {
        at + 1
    } else {
        at
    };
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

fn emit_operator(byte: u8, emit: &mut impl FnMut(u64)) {
    let mut word = WordHash::default();
    word.push(byte);
    word.end(emit);
}

/// Adds `found` in lower case, spelled in UTF-8.
fn push_lowercase(word: &mut WordHash, found: char) {
    let mut buffer = [0_u8; 4];
    for lower in found.to_lowercase() {
        for &byte in lower.encode_utf8(&mut buffer).as_bytes() {
            word.push(byte);
        }
    }
}

/// What a character beyond ASCII does.
enum Wide {
    Letter,
    Alone,
    Minus,
    Skipped,
    Gap,
}

fn wide_class(found: char) -> Wide {
    match u32::from(found) {
        0x2212 => Wide::Minus,
        0xAD | 0x200B..=0x200D | 0x2060 | 0xFEFF => Wide::Skipped,
        0x300..=0x36F => Wide::Letter,
        // Arrows, operators, and the two of Latin-1.
        0xB1 | 0xD7 | 0xF7 | 0x2190..=0x22FF | 0x27C0..=0x27FF | 0x2900..=0x2AFF => Wide::Alone,
        // Thai, Lao, Burmese, Khmer, kana, Han.
        0xE00..=0xEFF
        | 0x1000..=0x109F
        | 0x1780..=0x17FF
        | 0x2E80..=0x2FDF
        | 0x3005..=0x3007
        | 0x3040..=0x9FFF
        | 0xF900..=0xFAFF
        | 0x2_0000..=0x3_FFFF
            if found.is_alphanumeric() =>
        {
            Wide::Alone
        }
        _ if found.is_alphanumeric() => Wide::Letter,
        _ => Wide::Gap,
    }
}

const GAP: u8 = 0;
const LETTER: u8 = 1;
const OPERATOR: u8 = 2;
const OPERATOR_BEFORE_DIGIT: u8 = 4;
const BEYOND_ASCII: u8 = 8;

/// Class of each byte.
static CLASSES: [u8; 256] = {
    let mut classes = [GAP; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'+' | b'=' | b'<' | b'>' => OPERATOR,
            b'-' | b'*' | b'/' | b'^' => OPERATOR_BEFORE_DIGIT,
            0x80..=0xFF => BEYOND_ASCII,
            _ => GAP,
        };
        if byte == 0xFF {
            break;
        }
        byte += 1;
    }
    classes
};

/// Hash of the bytes of one word, eight at a time.
#[derive(Default)]
struct WordHash {
    mixed: u64,
    pending: u64,
    n_bytes: u64,
}

impl WordHash {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.pending = (self.pending << 8) | u64::from(byte);
        self.n_bytes += 1;
        if self.n_bytes.is_multiple_of(8) {
            self.mixed = mix(self.mixed ^ self.pending);
            self.pending = 0;
        }
    }

    /// Emits the hash of the open word, if any, and starts the next one.
    #[inline]
    fn end(&mut self, emit: &mut impl FnMut(u64)) {
        if self.n_bytes > 0 {
            // At most seven bytes are pending, so the count has the top byte to itself.
            emit(mix(self.mixed ^ self.pending ^ ((self.n_bytes % 8) << 56)));
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u64> {
        let mut found = Vec::new();
        for_each_word(text, |hash| found.push(hash));
        found
    }

    #[test]
    fn golden() {
        // Lines of `text => words with one space between`: equal hashes, word by word.
        for (number, line) in include_str!("../tests/golden/words.txt")
            .lines()
            .enumerate()
        {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let (text, words) = line.split_once(" => ").expect("a case is `text => words`");
            let text = text.replace("\\n", "\n");
            let expected: Vec<u64> = words
                .split(' ')
                .filter(|word| !word.is_empty())
                .flat_map(plain)
                .collect();
            assert_eq!(hashes(&text), expected, "line {}: {text:?}", number + 1);
        }
    }

    /// The hash of `word` taken as one word whatever it consists of.
    fn plain(word: &str) -> Vec<u64> {
        let mut found = Vec::new();
        let mut hash = WordHash::default();
        word.bytes().for_each(|byte| hash.push(byte));
        hash.end(&mut |hash| found.push(hash));
        found
    }

    #[test]
    fn words_of_every_length_differ() {
        let words: Vec<String> = (1..40).map(|n| "a".repeat(n)).collect();
        let mut found = hashes(&words.join(" "));
        assert_eq!(found.len(), 39);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 39);
    }
}
