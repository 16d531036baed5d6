//! Short words as numbers.
//!
//! A word of up to [`MAX_KEY_BYTES`] bytes is its own key: its bytes, zeros, and its length on
//! top. Two words with the same key are the same word. Parts of words can have other keys than
//! words of the same spelling, and added tokens have keys too, so that all of them can stand
//! between words wherever words are looked up.

/// Bytes of the longest word that is its own key.
pub(super) const MAX_KEY_BYTES: usize = 15;
/// Beside the length of a part: merging it is all that counts, not whether it is a token.
const PART: u128 = 0x10 << LENGTH_SHIFT;
/// Beside the length of a word whose ids stand elsewhere.
const ELSEWHERE: u128 = 0x20 << LENGTH_SHIFT;
/// In place of a length: the rest is the id of an added token.
const TOKEN: u128 = 0xFF << LENGTH_SHIFT;
const LENGTH_SHIFT: u32 = 120;

/// What is looked up: a word or an added token; 0 is neither.
pub(super) type Key = u128;

/// The key of the word of `n_bytes` bytes, 1 to [`MAX_KEY_BYTES`], at byte `start`.
#[inline]
pub(super) fn key_at(bytes: &[u8], start: usize, n_bytes: usize) -> Key {
    let rest = bytes.get(start..).unwrap_or_default();
    match rest.first_chunk() {
        Some(line) => key_of_line(line, n_bytes),
        None => key_at_end(rest, n_bytes),
    }
}

/// The key of the word of `n_bytes` bytes at the start of `line`.
#[inline]
pub(super) fn key_of_line(line: &[u8; 16], n_bytes: usize) -> Key {
    u128::from_le_bytes(*line) & MASKS[n_bytes & 15] | (n_bytes as u128) << LENGTH_SHIFT
}

/// The key of the word of `n_bytes` bytes at the start of `rest`, which is shorter than a line.
#[cold]
#[inline(never)]
pub(super) fn key_at_end(rest: &[u8], n_bytes: usize) -> Key {
    let mut line = [0; 16];
    for (place, byte) in line.iter_mut().zip(rest) {
        *place = *byte;
    }
    key_of_line(&line, n_bytes)
}

/// A hash of all of a key.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves of a number")]
pub(super) fn hash(key: Key) -> u64 {
    let low = (key as u64) ^ 0x2d35_8dcc_aa6c_78a5;
    let high = ((key >> 64) as u64) ^ 0x8bb8_4b93_962e_acc9;
    let product = u128::from(low) * u128::from(high);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The key of the part of a word that would have this key.
pub(super) fn key_of_part(key: Key) -> Key {
    key | PART
}

/// Whether a key is that of a part.
pub(super) fn is_part(key: Key) -> bool {
    key & PART != 0
}

/// The key of an entry for a key whose ids stand elsewhere: no word has it.
pub(super) fn key_elsewhere(key: Key) -> Key {
    key | ELSEWHERE
}

/// The key of an added token.
pub(super) fn key_of_token(id: u32) -> Key {
    TOKEN | u128::from(id)
}

/// The id of the added token that has this key.
#[expect(clippy::cast_possible_truncation, reason = "as it was put there")]
pub(super) fn token_of(key: Key) -> Option<u32> {
    (key >= TOKEN).then_some(key as u32)
}

/// Whether the word that has this key is ASCII.
#[inline]
pub(super) fn is_ascii(key: Key) -> bool {
    const HIGH: u128 = 0x0080_8080_8080_8080_8080_8080_8080_8080;
    key & HIGH == 0
}

/// The bytes of the word that has this key, in `line`.
#[inline]
pub(super) fn bytes_of(key: Key, line: &mut [u8; 16]) -> &[u8] {
    *line = key.to_le_bytes();
    let n_bytes = usize::from(line[MAX_KEY_BYTES] & 0x0F);
    &line[..n_bytes]
}

/// The word that has this key, in `line`.
pub(super) fn word_of(key: Key, line: &mut [u8; 16]) -> &str {
    std::str::from_utf8(bytes_of(key, line)).expect("keys are made of words, which are text")
}

/// The lowest bytes of a number, by how many.
const MASKS: [u128; 16] = {
    let mut masks = [0; 16];
    let mut n_bytes = 1;
    while n_bytes < masks.len() {
        masks[n_bytes] = u128::MAX >> (128 - 8 * n_bytes);
        n_bytes += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_words() {
        let text = "the quick brown f\u{f6}x jumps";
        for start in 0..text.len() {
            for n_bytes in 1..=MAX_KEY_BYTES.min(text.len() - start) {
                let Some(word) = text.get(start..start + n_bytes) else {
                    continue;
                };
                let key = key_at(text.as_bytes(), start, n_bytes);
                assert_eq!(key, key_at(word.as_bytes(), 0, n_bytes));
                assert_eq!(word_of(key, &mut [0; 16]), word);
                assert_eq!(token_of(key), None);
                let part = key_of_part(key);
                assert!(part != key && is_part(part) && !is_part(key));
                assert_eq!(word_of(part, &mut [0; 16]), word);
                assert_eq!(token_of(part), None);
            }
        }
        assert_eq!(token_of(key_of_token(7)), Some(7));
        assert_ne!(key_at(b"a", 0, 1), key_at(b"a\0", 0, 2));
    }
}
