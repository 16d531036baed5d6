//! Shingles: the set of word n-grams by which documents are compared.

use crate::mix::mix;
use crate::words::for_each_word;

/// Odd multiplier of the polynomial over word hashes.
const BASE: u64 = 0xD6E8_FEB8_6659_FD93;

/// The 64-bit hashes of all word n-grams of `text`, sorted and unique.
///
/// Words are lower-cased alphanumeric runs and operators (see the crate's first page). A text of
/// fewer than `ngram_words` words has one shingle of all its words; a text without words has none.
/// Two different n-grams share a hash with probability about 2^-61.
#[must_use]
pub fn shingles(text: &str, ngram_words: u32) -> Vec<u64> {
    let mut found = Vec::new();
    collect_shingles(text, ngram_words, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

/// Jaccard similarity of two sorted sets: shared over all, 0 to 1; 0 when both are empty.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "set sizes stay far below 2^53")]
pub fn jaccard(left: &[u64], right: &[u64]) -> f64 {
    let n_shared = count_shared(left, right);
    let n_all = left.len() + right.len() - n_shared;
    if n_all == 0 {
        0.0
    } else {
        n_shared as f64 / n_all as f64
    }
}

/// Whether the Jaccard similarity of two sorted sets is at least `min_jaccard`.
///
/// Sets whose sizes alone rule it out are not read.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "set sizes stay far below 2^53")]
pub fn is_similar(left: &[u64], right: &[u64], min_jaccard: f64) -> bool {
    let (small, large) = (left.len().min(right.len()), left.len().max(right.len()));
    if large == 0 || (small as f64 / large as f64) < min_jaccard {
        return false;
    }
    jaccard(left, right) >= min_jaccard
}

fn count_shared(left: &[u64], right: &[u64]) -> usize {
    let (mut in_left, mut in_right, mut n_shared) = (0, 0, 0);
    while let (Some(a), Some(b)) = (left.get(in_left), right.get(in_right)) {
        n_shared += usize::from(a == b);
        in_left += usize::from(a <= b);
        in_right += usize::from(b <= a);
    }
    n_shared
}

/// Replaces `out` by the shingles of `text` in text order, with repetitions.
pub(crate) fn collect_shingles(text: &str, ngram_words: u32, out: &mut Vec<u64>) {
    out.clear();
    for_each_word(text, |word| out.push(word));
    roll(
        out,
        usize::try_from(ngram_words).unwrap_or(usize::MAX).max(1),
    );
}

/// Turns word hashes into shingle hashes in place: entry `i` becomes the hash of the words from `i`.
fn roll(words: &mut Vec<u64>, n: usize) {
    if words.is_empty() {
        return;
    }
    let n = n.min(words.len());
    // Weight of the oldest word, BASE^(n-1), and the sum over the first window.
    let oldest_weight = (1..n).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut sum = words
        .iter()
        .take(n)
        .fold(0_u64, |sum, &word| push(sum, word));
    let n_shingles = words.len() - n + 1;
    for start in 0..n_shingles {
        let oldest = std::mem::replace(&mut words[start], mix(sum));
        // Entry `start + n` still holds a word: only entries up to `start` were replaced.
        if let Some(&next) = words.get(start + n) {
            sum = push(sum.wrapping_sub(oldest.wrapping_mul(oldest_weight)), next);
        }
    }
    words.truncate(n_shingles);
}

#[inline]
fn push(sum: u64, word: u64) -> u64 {
    sum.wrapping_mul(BASE).wrapping_add(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: hash each window of words on its own.
    fn plain(words: &[u64], n: usize) -> Vec<u64> {
        let n = n.min(words.len()).max(1);
        words
            .windows(n)
            .map(|window| mix(window.iter().fold(0, |sum, &word| push(sum, word))))
            .collect()
    }

    proptest! {
        #[test]
        fn rolling_agrees_with_the_definition(words in prop::collection::vec(any::<u64>(), 0..60), n in 1_usize..9) {
            let mut rolled = words.clone();
            roll(&mut rolled, n);
            prop_assert_eq!(rolled, plain(&words, n));
        }

        #[test]
        fn any_text_is_fine(text in any::<String>(), n in 0_u32..9) {
            let found = shingles(&text, n);
            prop_assert!(found.is_sorted());
            if !found.is_empty() {
                prop_assert!((jaccard(&found, &found) - 1.0).abs() < 1e-12);
                prop_assert!(is_similar(&found, &found, 1.0));
            }
        }

        #[test]
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        fn similarity_agrees_with_sets(
            left in prop::collection::btree_set(0_u64..40, 0..30),
            right in prop::collection::btree_set(0_u64..40, 0..30),
            bar in 0.0_f64..1.0,
        ) {
            let (a, b): (Vec<u64>, Vec<u64>) = (left.iter().copied().collect(), right.iter().copied().collect());
            let n_all = left.union(&right).count();
            let expected = if n_all == 0 { 0.0 } else { left.intersection(&right).count() as f64 / n_all as f64 };
            prop_assert!((jaccard(&a, &b) - expected).abs() < 1e-12);
            prop_assert_eq!(is_similar(&a, &b, bar), n_all > 0 && expected >= bar);
        }
    }

    #[test]
    fn short_and_empty_texts() {
        assert_eq!(shingles("", 5), []);
        assert_eq!(shingles(" .,; ", 5), []);
        assert_eq!(shingles("one two three", 5).len(), 1);
        assert_eq!(shingles("one two three four five six", 5).len(), 2);
        assert_ne!(shingles("a b c", 5), shingles("c b a", 5));
    }
}
