//! Repeated runs of words: the most frequent runs of 2 to 4, repeated runs of 5 to 10.
//!
//! A run of n + 1 words can only repeat where its first n words repeat, so each length looks only
//! at the places where the one before repeats; on ordinary text little is left after three words.
//! Source of the measures: Rae et al. 2021, arXiv:2112.11446, appendix A. Of repeated runs only
//! second and later occurrences count, and no character twice.

use proofmill_types::Signals;

use super::counter::{Counter, mix};
use super::ratio;
use super::words::Word;

/// Words from the start of the text in which repeats are looked for.
const MAX_WORDS: usize = 1 << 18;

/// Stands for a run that found no slot in its table.
const NO_SLOT: u32 = u32::MAX;

const TOP_NAMES: [&str; 3] = [
    "top_2_gram_chars_ratio",
    "top_3_gram_chars_ratio",
    "top_4_gram_chars_ratio",
];
const DUPLICATE_NAMES: [&str; 6] = [
    "duplicate_5_gram_chars_ratio",
    "duplicate_6_gram_chars_ratio",
    "duplicate_7_gram_chars_ratio",
    "duplicate_8_gram_chars_ratio",
    "duplicate_9_gram_chars_ratio",
    "duplicate_10_gram_chars_ratio",
];

/// Shares of word characters.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Repeats {
    /// For 2, 3 and 4 words.
    top: [f64; 3],
    /// For 5 to 10 words.
    duplicate: [f64; 6],
}

pub(super) fn measure(words: &[Word]) -> Repeats {
    let words = &words[..words.len().min(MAX_WORDS)];
    let mut found = Repeats::default();
    let n_chars: usize = words.iter().map(|word| word.n_chars as usize).sum();
    // Places where a run of the length before repeats, with the hash of that run.
    let mut places: Vec<(u32, u64)> = (0_u32..)
        .zip(words)
        .map(|(at, word)| (at, word.hash))
        .collect();
    let mut slots: Vec<u32> = Vec::new();
    for n_words in 2..=10 {
        let mut counter = Counter::new(places.len());
        slots.clear();
        let mut covered = Covered::default();
        let mut top = (1, 0);
        // Places stand in order, so those with too few words after them are the last.
        places.truncate(places.partition_point(|(at, _)| *at as usize + n_words <= words.len()));
        for (at, hash) in &mut places {
            let at = *at as usize;
            *hash = mix(*hash, words[at + n_words - 1].hash);
            let seen = counter.add(*hash);
            slots.push(
                seen.and_then(|(slot, _)| u32::try_from(slot).ok())
                    .unwrap_or(NO_SLOT),
            );
            let Some((_, n_before @ 1..)) = seen else {
                continue;
            };
            let run = &words[at..at + n_words];
            if n_words <= 4 {
                let n_run_chars: usize = run.iter().map(|word| word.n_chars as usize).sum();
                top = top.max((n_before as usize + 1, n_run_chars));
            } else {
                covered.add(words, at, n_words);
            }
        }
        if n_words <= 4 {
            let (count, n_run_chars) = top;
            found.top[n_words - 2] = ratio(count * n_run_chars, n_chars).min(1.0);
        } else {
            found.duplicate[n_words - 5] = ratio(covered.n_chars, n_chars);
        }
        let mut slots = slots.iter();
        places.retain(|_| {
            slots
                .next()
                .is_some_and(|&slot| slot != NO_SLOT && counter.count(slot as usize) > 1)
        });
        if places.is_empty() {
            break;
        }
    }
    found
}

/// Characters of runs, overlaps counted once; runs come in order of their start.
#[derive(Default)]
struct Covered {
    until: usize,
    n_chars: usize,
}

impl Covered {
    fn add(&mut self, words: &[Word], at: usize, n_words: usize) {
        let new = &words[at.max(self.until)..at + n_words];
        self.n_chars += new.iter().map(|word| word.n_chars as usize).sum::<usize>();
        self.until = at + n_words;
    }
}

impl Repeats {
    pub(super) fn set(&self, signals: &mut Signals) {
        for (name, value) in TOP_NAMES.into_iter().zip(self.top) {
            signals.set(name, value);
        }
        for (name, value) in DUPLICATE_NAMES.into_iter().zip(self.duplicate) {
            signals.set(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The plain definition: all runs of every length.
    fn plain(words: &[Word]) -> Repeats {
        let mut found = Repeats::default();
        let chars = |words: &[Word]| {
            words
                .iter()
                .map(|word| word.n_chars as usize)
                .sum::<usize>()
        };
        for n_words in 2..=10 {
            let mut counts: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
            let mut is_covered = vec![false; words.len()];
            let mut top = (1, 0);
            for (at, run) in words.windows(n_words).enumerate() {
                let count = counts
                    .entry(run.iter().map(|word| word.hash).collect())
                    .or_default();
                *count += 1;
                if *count > 1 {
                    top = top.max((*count, chars(run)));
                    is_covered[at..at + n_words].fill(true);
                }
            }
            if n_words <= 4 {
                found.top[n_words - 2] = ratio(top.0 * top.1, chars(words)).min(1.0);
            } else {
                let covered = words.iter().zip(&is_covered).filter(|(_, is)| **is);
                let n_chars = covered.map(|(word, _)| word.n_chars as usize).sum();
                found.duplicate[n_words - 5] = ratio(n_chars, chars(words));
            }
        }
        found
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(ids in prop::collection::vec(0_u64..4, 0..80)) {
            let words: Vec<Word> = ids
                .into_iter()
                .map(|id| Word { hash: super::mix(1, id), n_chars: 2 + u32::from(id == 1) })
                .collect();
            prop_assert_eq!(measure(&words), plain(&words));
        }
    }
}
