//! Cuts text into words for matching; what a word is stands on the crate's first page.

use crate::markup::{Command, GREEK, angle_bytes, argument_bytes, command, entity, is_table};

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// 64-bit hash of its letters.
    pub(crate) hash: u64,
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What it tells.
    pub(crate) kind: Kind,
}

/// What a word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Three letters or more, or one character of a script without spaces.
    Content,
    /// Digits.
    Number,
    /// Shorter words, single letters, names of functions and of Greek letters.
    Other,
}

/// Calls `emit` with every word of `text`, in order. Linear in the text.
pub(crate) fn for_each_word(text: &str, mut emit: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => at = letters(text, at, &mut emit),
            b'0'..=b'9' => at = digits(bytes, at, &mut emit),
            b'\\' => at = backslash(text, at, &mut emit),
            b'<' => at += angle_bytes(&bytes[at..]).max(1),
            b'&' => {
                let (n_bytes, name) = entity(&bytes[at..]);
                at += n_bytes.max(1);
                let is_greek = |letter: &&str| letter.as_bytes().eq_ignore_ascii_case(name);
                if let Some(letter) = GREEK.iter().find(|letter| n_bytes > 0 && is_greek(letter)) {
                    emit_name(letter.as_bytes(), start, at, &mut emit);
                }
            }
            0..=0x7F => at += 1,
            _ => at = beyond_ascii(text, at, &mut emit),
        }
    }
}

/// A run of letters from `at`, where one stands; returns the byte after it.
fn letters(text: &str, start: usize, emit: &mut impl FnMut(Word)) -> usize {
    let bytes = text.as_bytes();
    let mut hash = Hash::default();
    let mut at = start;
    loop {
        if hash.is_aligned() {
            let chunk = load(bytes, at);
            let n = count_letters(chunk);
            hash.push_ascii(chunk, n);
            at += n;
            if n == 8 {
                continue;
            }
        }
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_alphabetic() => {
                hash.push(byte | 0x20);
                at += 1;
            }
            Some(0x80..) => {
                let Some(found) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                match wide(found) {
                    Wide::Letter => push_lowercase(&mut hash, found),
                    Wide::Ascii(letter) if letter.is_ascii_alphabetic() => hash.push(letter | 0x20),
                    Wide::Skipped => {}
                    _ => break,
                }
                at += found.len_utf8();
            }
            _ => break,
        }
    }
    emit(Word {
        hash: hash.finish(),
        start,
        end: at,
        kind: if hash.n_bytes >= 3 {
            Kind::Content
        } else {
            Kind::Other
        },
    });
    at
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

/// Number of ASCII letters at the low end of `chunk`, 0 to 8.
///
/// Each byte is compared in its own seven bits: adding `0x80 - bound` sets the eighth bit from
/// `bound` on, and never carries further.
#[inline]
fn count_letters(chunk: u64) -> usize {
    let lower = (chunk & every(0x7F)) | every(0x20);
    let is_letter = (lower + every(0x80 - b'a')) & !(lower + every(0x7F - b'z')) & !chunk;
    let is_other = !is_letter & every(0x80);
    // A position in 0..=8.
    is_other.trailing_zeros() as usize / 8
}

/// A run of digits from `at`, groups of thousands joined; returns the byte after it.
fn digits(bytes: &[u8], start: usize, emit: &mut impl FnMut(Word)) -> usize {
    let mut hash = Hash::default();
    let mut at = start;
    loop {
        while let Some(&byte) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            hash.push(byte);
            at += 1;
        }
        let rest = &bytes[at..];
        let commas = [&b","[..], b"{,}", b"\\,", b",\\!", b"{\\,}"];
        let Some(comma) = commas.into_iter().find(|comma| rest.starts_with(comma)) else {
            break;
        };
        let group = &rest[comma.len()..];
        let n_digits = group
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if n_digits != 3 {
            break;
        }
        at += comma.len();
    }
    emit(Word {
        hash: hash.finish(),
        start,
        end: at,
        kind: Kind::Number,
    });
    at
}

/// A command or an escaped character at the backslash at `start`; returns the byte after it.
fn backslash(text: &str, start: usize, emit: &mut impl FnMut(Word)) -> usize {
    let rest = &text[start + 1..];
    let n_letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let name = &rest[..n_letters];
    let end = start + 1 + n_letters;
    if n_letters == 0 {
        return end;
    }
    match command(name) {
        Command::Ignored => end,
        Command::IgnoredWithArgument => {
            let rest = &text.as_bytes()[end..];
            let (argument, after) = rest.split_at(argument_bytes(rest));
            let has_columns = name == "begin" && is_table(argument);
            end + argument.len()
                + if has_columns {
                    argument_bytes(after)
                } else {
                    0
                }
        }
        Command::Name => {
            let name = name
                .strip_prefix("var")
                .filter(|rest| GREEK.contains(rest))
                .unwrap_or(name);
            emit_name(name.as_bytes(), start, end, emit);
            end
        }
    }
}

/// A character beyond ASCII at `start`; returns the byte after it, or after the word it starts.
fn beyond_ascii(text: &str, start: usize, emit: &mut impl FnMut(Word)) -> usize {
    let Some(found) = text.get(start..).and_then(|rest| rest.chars().next()) else {
        return text.len();
    };
    let end = start + found.len_utf8();
    match wide(found) {
        Wide::Letter => return letters(text, start, emit),
        Wide::Ascii(letter) if letter.is_ascii_alphabetic() => return letters(text, start, emit),
        Wide::Ascii(digit) => {
            let mut hash = Hash::default();
            hash.push(digit);
            emit(Word {
                hash: hash.finish(),
                start,
                end,
                kind: Kind::Number,
            });
        }
        Wide::Greek(index) => emit_name(GREEK[index].as_bytes(), start, end, emit),
        Wide::Alone => {
            let mut hash = Hash::default();
            push_lowercase(&mut hash, found);
            emit(Word {
                hash: hash.finish(),
                start,
                end,
                kind: Kind::Content,
            });
        }
        Wide::Skipped | Wide::Gap => {}
    }
    end
}

fn emit_name(name: &[u8], start: usize, end: usize, emit: &mut impl FnMut(Word)) {
    let mut hash = Hash::default();
    for byte in name {
        hash.push(byte.to_ascii_lowercase());
    }
    emit(Word {
        hash: hash.finish(),
        start,
        end,
        kind: Kind::Other,
    });
}

fn push_lowercase(hash: &mut Hash, found: char) {
    let mut buffer = [0_u8; 4];
    for lower in found.to_lowercase() {
        lower
            .encode_utf8(&mut buffer)
            .bytes()
            .for_each(|byte| hash.push(byte));
    }
}

/// What a character beyond ASCII is.
enum Wide {
    Letter,
    Ascii(u8),
    Greek(usize),
    Alone,
    Skipped,
    Gap,
}

#[expect(clippy::cast_possible_truncation, reason = "remainders below 52")]
fn wide(found: char) -> Wide {
    let code = u32::from(found);
    match code {
        0xB2 | 0xB3 => Wide::Ascii(b'0' + (code - 0xB0) as u8),
        0xB9 => Wide::Ascii(b'1'),
        0xAD | 0x200B..=0x200D | 0x2060 | 0xFEFF | 0x300..=0x36F => Wide::Skipped,
        0x391..=0x3A9 if code != 0x3A2 => greek(code - 0x391),
        0x3B1..=0x3C9 => greek(code - 0x3B1),
        0x3D1 => greek(7),
        0x3D5 => greek(21),
        0x3F5 => greek(4),
        0x2070 | 0x2074..=0x2079 | 0x2080..=0x2089 => Wide::Ascii(b'0' + (code & 0xF) as u8),
        0x2102 => Wide::Ascii(b'c'),
        0x2113 => Wide::Ascii(b'l'),
        0x2115 => Wide::Ascii(b'n'),
        0x2119 => Wide::Ascii(b'p'),
        0x211A => Wide::Ascii(b'q'),
        0x211D => Wide::Ascii(b'r'),
        0x2124 => Wide::Ascii(b'z'),
        // Mathematical letters: alphabets of 52, then digits in fives of ten.
        0x1_D400..=0x1_D6A3 => Wide::Ascii(b'a' + ((code - 0x1_D400) % 26) as u8),
        0x1_D6A8..=0x1_D7CB => match (code - 0x1_D6A8) % 58 {
            17 | 53 => greek(7),
            letter @ 0..=24 => greek(letter),
            letter @ 26..=50 => greek(letter - 26),
            52 => greek(4),
            54 => greek(9),
            55 => greek(21),
            56 => greek(16),
            57 => greek(15),
            _ => Wide::Gap,
        },
        0x1_D7CE..=0x1_D7FF => Wide::Ascii(b'0' + ((code - 0x1_D7CE) % 10) as u8),
        // Full-width forms of ASCII.
        0xFF10..=0xFF19 => Wide::Ascii(b'0' + (code - 0xFF10) as u8),
        0xFF21..=0xFF3A => Wide::Ascii(b'a' + (code - 0xFF21) as u8),
        0xFF41..=0xFF5A => Wide::Ascii(b'a' + (code - 0xFF41) as u8),
        // Common letters and common gaps, since asking Unicode's tables is slow.
        0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x2C1 | 0x400..=0x481 | 0xAC00..=0xD7A3 => Wide::Letter,
        0x80..=0xA9
        | 0xAB..=0xB1
        | 0xB4
        | 0xB6..=0xB8
        | 0xBB
        | 0xBF
        | 0xD7
        | 0xF7
        | 0x2000..=0x206F
        | 0x2190..=0x22FF
        | 0x3000..=0x3004
        | 0x3008..=0x3020
        | 0xFF00..=0xFF0F
        | 0xFFFD => Wide::Gap,
        0x4E00..=0x9FFF => Wide::Alone,
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
        _ if found.is_alphabetic() => Wide::Letter,
        _ => Wide::Gap,
    }
}

/// The Greek letter `index` places after alpha in Unicode, where final sigma has a place.
fn greek(index: u32) -> Wide {
    let index = if index > 17 { index - 1 } else { index };
    Wide::Greek(usize::try_from(index).unwrap_or(0).min(GREEK.len() - 1))
}

/// Hash of a word, eight bytes at a time.
#[derive(Default)]
struct Hash {
    mixed: u64,
    pending: u64, // the first byte lowest
    n_bytes: u64,
}

impl Hash {
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

    /// Adds the low `n` bytes of `chunk`, ASCII letters, in lower case. The hash must be aligned.
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

    #[inline]
    fn finish(&self) -> u64 {
        mix(self.mixed ^ self.pending ^ ((self.n_bytes % 8) << 56))
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

/// Mixes `bits`; a bijection.
///
/// # Source
/// The finalizer of `SplitMix64` in Stafford's variant 13 (Steele, Lea, Flood, OOPSLA 2014).
#[inline]
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Calls `emit` with the start and hash of each window of `n` words; none if there are fewer.
pub(crate) fn for_each_ngram(words: &[u64], n: usize, mut emit: impl FnMut(usize, u64)) {
    const BASE: u64 = 0xD6E8_FEB8_6659_FD93;
    if n == 0 || words.len() < n {
        return;
    }
    let add = |sum: u64, word: u64| sum.wrapping_mul(BASE).wrapping_add(word);
    let oldest_weight = (1..n).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut sum = words.iter().take(n).fold(0, |sum, &word| add(sum, word));
    emit(0, mix(sum));
    for (start, (&oldest, &next)) in words.iter().zip(&words[n..]).enumerate() {
        sum = add(sum.wrapping_sub(oldest.wrapping_mul(oldest_weight)), next);
        emit(start + 1, mix(sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of `text` as written there, mark-up and all.
    fn hashes(text: &str) -> Vec<u64> {
        let mut found = Vec::new();
        for_each_word(text, |word| found.push(word.hash));
        found
    }

    #[test]
    fn golden() {
        for (number, line) in include_str!("../tests/golden/words.txt")
            .lines()
            .enumerate()
        {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let (text, words) = line.split_once(" => ").expect("a case is `text => words`");
            let plain = |word: &str| {
                let mut hash = Hash::default();
                word.bytes().for_each(|byte| hash.push(byte));
                hash.finish()
            };
            let expected: Vec<u64> = words
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(plain)
                .collect();
            assert_eq!(hashes(text), expected, "line {}: {text}", number + 1);
        }
    }

    #[test]
    fn common_ranges_agree_with_unicode() {
        for found in
            ('\u{80}'..=char::MAX).filter(|&found| !matches!(u32::from(found), 0x300..=0x36F))
        {
            match wide(found) {
                Wide::Letter => assert!(found.is_alphabetic(), "{found:?}"),
                Wide::Gap => assert!(!found.is_alphabetic(), "{found:?}"),
                Wide::Skipped => assert!(!found.is_alphanumeric(), "{found:?}"),
                // The mathematical alphabets have unassigned places.
                Wide::Ascii(_) | Wide::Greek(_) | Wide::Alone => {
                    assert!(
                        found.is_alphanumeric() || u32::from(found) >= 0x1_D400,
                        "{found:?}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_words_in_order(text in any::<String>()) {
            let mut last = 0;
            for_each_word(&text, |word| {
                assert!(last <= word.start && word.start < word.end);
                assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
                last = word.end;
            });
        }

        #[test]
        fn markup_soup(text in r"[\\<>&{},$a-c0-2 ;/=\n]{0,60}") {
            let mut last = 0;
            for_each_word(&text, |word| {
                assert!(last <= word.start && word.start < word.end && word.end <= text.len());
                last = word.end;
            });
        }

        #[test]
        fn rolling_agrees_with_the_definition(words in prop::collection::vec(any::<u64>(), 0..50), n in 1_usize..15) {
            let mut rolled = Vec::new();
            for_each_ngram(&words, n, |start, hash| rolled.push((start, hash)));
            let mut plain = Vec::new();
            for (start, window) in words.windows(n).enumerate() {
                for_each_ngram(window, n, |_, hash| plain.push((start, hash)));
            }
            prop_assert_eq!(rolled, plain);
        }
    }
}
