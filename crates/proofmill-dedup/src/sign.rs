//! Signs documents: `MinHash` minima, then one hash per band.
//!
//! Classic `MinHash` evaluates every hash function on every shingle: 286 evaluations at 26 x 11. Here
//! a shingle is placed once per round into one of `n_hashes` bins, each bin keeps its least value,
//! and rounds go on until every bin is filled. A round's values exceed those of all earlier rounds.
//! One round fills all bins of a document of a few thousand shingles; short documents take more
//! rounds, so the work is `O(n_shingles + n_hashes log n_hashes)`.
//!
//! Two documents agree in a bin exactly if the least value of their union belongs to both, and every
//! shingle of the union is equally likely to be it, so agreement estimates the Jaccard similarity
//! without bias, at the variance of classic `MinHash` or less. After `n_hashes` rounds, which only
//! documents of one or two shingles reach, round `n_hashes + j` places every shingle into bin `j`.
//!
//! # Source
//! Dahlgaard, Knudsen, Thorup, "Fast Similarity Sketching", FOCS 2017 (arXiv:1704.04370).

use crate::mix::mix;
use crate::shingle::collect_shingles;
use crate::{DedupError, Settings};

/// Bits of a minimum below its round.
const VALUE_BITS: u32 = 48;
/// A bin that holds nothing yet.
const EMPTY: u64 = u64::MAX;

/// Signs documents; the same for every document of a corpus.
#[derive(Clone, Debug)]
pub struct Signer {
    ngram_words: u32,
    rows: usize,
    n_hashes: u64,
    round_keys: Vec<u64>, // [2 * n_hashes]
}

/// Memory that a [`Signer`] reuses from document to document.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    shingles: Vec<u64>,
    minima: Vec<u64>,
}

impl Signer {
    /// A signer whose hash functions are drawn from `seed`.
    ///
    /// # Errors
    /// [`DedupError::Setting`] as [`Settings::validate`].
    pub fn new(settings: &Settings, seed: u64) -> Result<Self, DedupError> {
        settings.validate()?;
        let n_hashes = u64::from(settings.n_hashes());
        let round_keys = (0..2 * n_hashes)
            .map(|round| mix(mix(seed) ^ round))
            .collect();
        Ok(Self {
            ngram_words: settings.ngram_words,
            rows: usize::try_from(settings.rows).unwrap_or(usize::MAX),
            n_hashes,
            round_keys,
        })
    }

    /// Replaces `out` by one hash per band, in band order; by nothing if `text` has no word.
    ///
    /// Equal hashes of the same band mean that the documents agree in all its rows. The band takes
    /// part in the hash, so hashes of different bands need not be kept apart.
    pub fn band_hashes(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u64>) {
        collect_shingles(text, self.ngram_words, &mut scratch.shingles);
        out.clear();
        if scratch.shingles.is_empty() {
            return;
        }
        self.fill_minima(&mut scratch.shingles, &mut scratch.minima);
        for (band, minima) in (0_u64..).zip(scratch.minima.chunks_exact(self.rows)) {
            out.push(
                minima
                    .iter()
                    .fold(mix(band), |hash, &minimum| mix(hash ^ minimum)),
            );
        }
    }

    /// The minima of a set of shingles, shape `[bands * rows]`; empty if there are no shingles.
    ///
    /// The share of positions in which two signatures agree estimates the Jaccard similarity.
    #[must_use]
    pub fn signature(&self, shingles: &[u64]) -> Vec<u64> {
        let mut minima = Vec::new();
        if !shingles.is_empty() {
            self.fill_minima(&mut shingles.to_vec(), &mut minima);
        }
        minima
    }

    /// Replaces `minima` by the least value of each bin. `shingles` has at least one entry; it may
    /// be sorted and freed of repetitions.
    fn fill_minima(&self, shingles: &mut Vec<u64>, minima: &mut Vec<u64>) {
        minima.clear();
        minima.resize(self.round_keys.len() / 2, EMPTY);
        let mut n_empty = minima.len();
        for (round, &key) in (0_u64..self.n_hashes).zip(&self.round_keys) {
            let round_bits = round << VALUE_BITS;
            for &shingle in shingles.iter() {
                let hash = mix(shingle ^ key);
                let bin = self.bin_of(hash);
                let value = round_bits | value_of(hash);
                let minimum = &mut minima[bin];
                if value < *minimum {
                    n_empty -= usize::from(*minimum == EMPTY);
                    *minimum = value;
                }
            }
            if n_empty == 0 {
                return;
            }
            if round == 0 {
                // Repetitions cannot fill bins; without this a page of one repeated word would be
                // read in full in every round.
                shingles.sort_unstable();
                shingles.dedup();
            }
        }
        let last_rounds = (self.n_hashes..).zip(&self.round_keys[minima.len()..]);
        for (minimum, (round, &key)) in minima.iter_mut().zip(last_rounds) {
            if *minimum == EMPTY {
                let values = shingles.iter().map(|&shingle| value_of(mix(shingle ^ key)));
                *minimum = (round << VALUE_BITS) | values.min().unwrap_or(0);
            }
        }
    }

    /// The bin, from the upper 32 bits of `hash`: 0 to `n_hashes - 1`, equally likely.
    #[inline]
    fn bin_of(&self, hash: u64) -> usize {
        (((hash >> 32) * self.n_hashes) >> 32) as usize
    }
}

/// The value within a round; its leading 32 bits have no part in the choice of the bin.
#[inline]
fn value_of(hash: u64) -> u64 {
    hash.rotate_left(32) >> (64 - VALUE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shingle::shingles;
    use proptest::prelude::*;

    fn signer(bands: u32, rows: u32, seed: u64) -> Signer {
        Signer::new(
            &Settings {
                bands,
                rows,
                ..Settings::default()
            },
            seed,
        )
        .unwrap()
    }

    /// The definition: all rounds, every bin's least value.
    fn reference(signer: &Signer, shingles: &[u64]) -> Vec<u64> {
        let n = signer.n_hashes;
        (0..n)
            .map(|bin| {
                let of_round = |round: u64| {
                    let key = signer.round_keys[usize::try_from(round).unwrap()];
                    shingles
                        .iter()
                        .map(move |&shingle| (round, mix(shingle ^ key)))
                };
                (0..2 * n)
                    .flat_map(of_round)
                    .filter(|&(round, hash)| {
                        round == n + bin || (round < n && signer.bin_of(hash) as u64 == bin)
                    })
                    .map(|(round, hash)| (round << VALUE_BITS) | value_of(hash))
                    .min()
                    .unwrap()
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn fast_agrees_with_the_definition(
            shingles in prop::collection::vec(0_u64..50, 1..80), bands in 1_u32..6, rows in 1_u32..6, seed: u64,
        ) {
            let signer = signer(bands, rows, seed);
            prop_assert_eq!(signer.signature(&shingles), reference(&signer, &shingles));
        }

        #[test]
        fn order_and_repetition_do_not_matter(shingles in prop::collection::vec(any::<u64>(), 1..200)) {
            let signer = signer(5, 4, 7);
            let mut other: Vec<u64> = shingles.iter().rev().chain(&shingles).copied().collect();
            other.push(shingles[0]);
            prop_assert_eq!(signer.signature(&shingles), signer.signature(&other));
        }
    }

    #[test]
    fn bands_of_edge_cases() {
        let (signer, mut scratch, mut bands) = (signer(26, 11, 1), Scratch::default(), vec![1, 2]);
        signer.band_hashes(" .. ", &mut scratch, &mut bands);
        assert_eq!(bands, []);
        signer.band_hashes("Lemma", &mut scratch, &mut bands);
        assert_eq!(bands.len(), 26);
        let one_word = bands.clone();
        signer.band_hashes("lemma.", &mut scratch, &mut bands);
        assert_eq!(bands, one_word);
        // Half a million equal shingles take one round over the text and then count as one.
        signer.band_hashes(&"a ".repeat(500_000), &mut scratch, &mut bands);
        assert_eq!(bands.len(), 26);
        bands.sort_unstable();
        bands.dedup();
        assert_eq!(bands.len(), 26, "bands of one document differ");
    }

    #[test]
    fn seeds_give_other_functions() {
        let text = shingles("the mill turns grain into flour and flour into bread", 5);
        assert_ne!(
            signer(2, 3, 1).signature(&text),
            signer(2, 3, 2).signature(&text)
        );
    }
}
