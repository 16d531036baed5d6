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
    while at < bytes.len() {
        // An open word that is not full ends at the byte before `at`, or goes on beyond ASCII.
        if word.is_aligned() {
            let chunk = load(bytes, at);
            let n = count_alphanumeric(chunk);
            word.push_ascii(chunk, n);
            at += n;
            if n == 8 {
                continue;
            }
        }
        let Some(&byte) = bytes.get(at) else { break };
        match CLASSES[usize::from(byte)] {
            GAP => {
                word.end(&mut emit);
                at += 1;
                while bytes
                    .get(at)
                    .is_some_and(|&next| CLASSES[usize::from(next)] == GAP)
                {
                    at += 1;
                }
            }
            LETTER => {
                word.push(lower(byte));
                at += 1;
            }
            BEYOND_ASCII => at = beyond_ascii(text, at, &mut word, &mut emit),
            class => {
                word.end(&mut emit);
                while bytes.get(at) == Some(&byte) {
                    at += 1;
                }
                if class == OPERATOR || is_before_digit(bytes, at) {
                    emit_operator(byte, &mut emit);
                }
            }
        }
    }
    word.end(&mut emit);
}

/// Takes the character at `at` into account; returns the byte after it.
fn beyond_ascii(text: &str, at: usize, word: &mut WordHash, emit: &mut impl FnMut(u64)) -> usize {
    let Some(found) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return text.len();
    };
    let end = at + found.len_utf8();
    match wide_class(found) {
        Wide::Letter => push_lowercase(word, found),
        Wide::Skipped => {}
        Wide::Alone => {
            word.end(emit);
            push_lowercase(word, found);
            word.end(emit);
        }
        Wide::Minus => {
            word.end(emit);
            if is_before_digit(text.as_bytes(), end) {
                emit_operator(b'-', emit);
            }
        }
        Wide::Gap => word.end(emit),
    }
    end
}

/// The eight bytes from `at`, the first one lowest; zeros after the end.
#[inline]
fn load(bytes: &[u8], at: usize) -> u64 {
    if let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        return u64::from_le_bytes(*chunk);
    }
    let mut chunk = [0; 8];
    for (to, from) in chunk.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    u64::from_le_bytes(chunk)
}

/// `byte` in every byte.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Number of ASCII letters and digits at the low end of `chunk`, 0 to 8.
///
/// Each byte is compared in its own seven bits: adding `0x80 - bound` sets the eighth bit from
/// `bound` on, and never carries further.
#[inline]
fn count_alphanumeric(chunk: u64) -> usize {
    let low = chunk & every(0x7F);
    let lower = low | every(0x20);
    let is_digit = (low + every(0x80 - b'0')) & !(low + every(0x7F - b'9'));
    let is_letter = (lower + every(0x80 - b'a')) & !(lower + every(0x7F - b'z'));
    let is_other = !((is_digit | is_letter) & !chunk) & every(0x80);
    // A position in 0..=8.
    is_other.trailing_zeros() as usize / 8
}

/// An ASCII letter in lower case, or a digit, which has bit 5 set already.
#[inline]
const fn lower(byte: u8) -> u8 {
    byte | 0x20
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
        0xAD | 0x200B..=0x200D | 0x2060 | 0xFEFF => Wide::Skipped,
        0x2212 => Wide::Minus,
        // Combining marks; then common letters, since asking Unicode's tables is slow.
        0x300..=0x36F
        | 0xC0..=0xD6
        | 0xD8..=0xF6
        | 0xF8..=0x2C1
        | 0x3A3..=0x3F5
        | 0x400..=0x481
        | 0xAC00..=0xD7A3 => Wide::Letter,
        // Common characters that are none: punctuation, and what replaces undecodable bytes.
        0x80..=0xA9
        | 0xAB..=0xB0
        | 0xB4
        | 0xB6..=0xB8
        | 0xBB
        | 0xBF
        | 0x2000..=0x205F
        | 0x3000..=0x3004
        | 0x3008..=0x3020
        | 0xFF00..=0xFF0F
        | 0xFFFD => Wide::Gap,
        // Arrows, operators, and those of Latin-1; common Han.
        0xB1
        | 0xD7
        | 0xF7
        | 0x2190..=0x22FF
        | 0x27C0..=0x27FF
        | 0x2900..=0x2AFF
        | 0x4E00..=0x9FFF => Wide::Alone,
        // Thai, Lao, Burmese, Khmer, kana, Han.
        0xE00..=0xEFF
        | 0x1000..=0x109F
        | 0x1780..=0x17FF
        | 0x2E80..=0x2FDF
        | 0x3005..=0x3007
        | 0x3040..=0x4DFF
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
    pending: u64, // the first byte lowest
    n_bytes: u64,
}

impl WordHash {
    /// Whether no bytes are pending.
    #[inline]
    fn is_aligned(&self) -> bool {
        self.n_bytes.is_multiple_of(8)
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        self.pending |= u64::from(byte) << (8 * (self.n_bytes % 8));
        self.n_bytes += 1;
        self.mix_if_full();
    }

    /// Adds the low `n` bytes of `chunk`, ASCII letters and digits, in lower case. The word must be
    /// aligned.
    #[inline]
    fn push_ascii(&mut self, chunk: u64, n: usize) {
        self.pending = (chunk | every(0x20)) & LOW_BYTES[n.min(8)];
        self.n_bytes += n as u64;
        if n == 8 {
            self.mix_if_full();
        }
    }

    #[inline]
    fn mix_if_full(&mut self) {
        if self.is_aligned() {
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

/// Masks of the low 0 to 8 bytes.
const LOW_BYTES: [u64; 9] = [
    0,
    0xFF,
    0xFFFF,
    0xFF_FFFF,
    0xFFFF_FFFF,
    0xFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF,
    0xFF_FFFF_FFFF_FFFF,
    u64::MAX,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn common_ranges_agree_with_unicode() {
        for found in
            ('\u{80}'..=char::MAX).filter(|&found| !matches!(u32::from(found), 0x300..=0x36F))
        {
            let is_word = matches!(wide_class(found), Wide::Letter);
            assert!(!is_word || found.is_alphanumeric(), "{found:?}");
            let is_gap = matches!(wide_class(found), Wide::Gap);
            assert!(!is_gap || !found.is_alphanumeric(), "{found:?}");
        }
    }

    proptest! {
        #[test]
        fn chunks_agree_with_bytes(text in "[a-zA-Z0-9éΩ证+=. -]{0,60}|[ -~]{0,40}|.{0,30}") {
            let mut expected = Vec::new();
            let mut word = String::new();
            let mut operators_dropped: String = text.clone();
            operators_dropped.retain(|found| !matches!(found, '+' | '=' | '<' | '>' | '-' | '*' | '/' | '^'));
            for found in operators_dropped.chars().chain([' ']) {
                let class = if found.is_ascii() { None } else { Some(wide_class(found)) };
                match class {
                    None if found.is_ascii_alphanumeric() => word.push(found.to_ascii_lowercase()),
                    Some(Wide::Letter) => word.extend(found.to_lowercase()),
                    Some(Wide::Skipped) => {}
                    Some(Wide::Alone) => {
                        expected.extend(plain(&word));
                        expected.extend(plain(&found.to_lowercase().to_string()));
                        word.clear();
                    }
                    Some(Wide::Minus) => prop_assume!(false),
                    _ => {
                        expected.extend(plain(&word));
                        word.clear();
                    }
                }
            }
            prop_assert_eq!(hashes(&operators_dropped), expected);
        }
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
