//! What decides which documents count as near duplicates.

use serde::{Deserialize, Serialize};

use crate::DedupError;

/// Settings of near-duplicate search, with the manifest's names.
///
/// A pair of Jaccard similarity `s` over word shingles shares at least one band with probability
/// `1 - (1 - s^rows)^bands`: at 26 x 11 this is 0.90 at `s` = 0.8, 0.99 at 0.85, 0.07 at 0.6.
/// Pairs that share a band are then compared exactly against `min_jaccard`.
///
/// # Source
/// 26 x 11 over 5-grams, followed by an exact comparison, is Dolma 3's setting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Settings {
    /// Words per shingle, 1 to 64.
    pub ngram_words: u32,
    /// Bands per document, 1 to 1024.
    pub bands: u32,
    /// Hashes per band, 1 to 128; `bands * rows` is at most 16,384.
    pub rows: u32,
    /// Least Jaccard similarity of a verified pair, 0 to 1; 0 trusts the bands.
    pub min_jaccard: f64,
}

/// Largest number of hashes per document: the round of a minimum must fit 16 bits, two rounds a hash.
pub(crate) const MAX_HASHES: u32 = 16_384;

impl Default for Settings {
    fn default() -> Self {
        Self {
            ngram_words: 5,
            bands: 26,
            rows: 11,
            min_jaccard: 0.8,
        }
    }
}

impl Settings {
    /// Minima per document: `bands * rows`.
    #[must_use]
    pub fn n_hashes(&self) -> u32 {
        self.bands.saturating_mul(self.rows)
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`DedupError::Setting`] names the first setting that is out of range.
    pub fn validate(&self) -> Result<(), DedupError> {
        let refuse = |name, found: String, allowed| {
            Err(DedupError::Setting {
                name,
                found,
                allowed,
            })
        };
        if !(1..=64).contains(&self.ngram_words) {
            return refuse("ngram_words", self.ngram_words.to_string(), "1 to 64");
        }
        if !(1..=1024).contains(&self.bands) {
            return refuse("bands", self.bands.to_string(), "1 to 1024");
        }
        if !(1..=128).contains(&self.rows) {
            return refuse("rows", self.rows.to_string(), "1 to 128");
        }
        if self.n_hashes() > MAX_HASHES {
            return refuse("bands * rows", self.n_hashes().to_string(), "at most 16384");
        }
        if !(0.0..=1.0).contains(&self.min_jaccard) {
            return refuse("min_jaccard", self.min_jaccard.to_string(), "0 to 1");
        }
        Ok(())
    }

    /// Probability that two documents of similarity `jaccard` share at least one band.
    #[must_use]
    pub fn recall(&self, jaccard: f64) -> f64 {
        let rows = i32::try_from(self.rows).unwrap_or(i32::MAX);
        let bands = i32::try_from(self.bands).unwrap_or(i32::MAX);
        1.0 - (1.0 - jaccard.clamp(0.0, 1.0).powi(rows)).powi(bands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let fine = Settings::default();
        assert_eq!(fine.validate(), Ok(()));
        for broken in [
            Settings {
                ngram_words: 0,
                ..fine
            },
            Settings { bands: 0, ..fine },
            Settings { rows: 0, ..fine },
            Settings {
                rows: u32::MAX,
                ..fine
            },
            Settings {
                bands: 1024,
                rows: 128,
                ..fine
            },
            Settings {
                min_jaccard: f64::NAN,
                ..fine
            },
            Settings {
                min_jaccard: 1.1,
                ..fine
            },
        ] {
            assert!(broken.validate().is_err(), "{broken:?}");
        }
    }

    #[test]
    fn recall_is_the_published_curve() {
        let settings = Settings::default();
        assert!((settings.recall(0.8) - 0.903).abs() < 0.001);
        assert!(settings.recall(0.9) > 0.999);
        assert!(settings.recall(0.5) < 0.02);
    }
}
