//! A linear classifier over hashed runs of one to three words.
//!
//! A text is read once: words in lower case, each number, formula, piece of code and address as one
//! class token ([`Formulas`] says whether formulas count at all). Each run of one, two and three tokens
//! selects a weight of 8 bits; their sum by 100 tokens, through a logistic function, is the
//! probability of the positive class. Sums are whole numbers, so order and machine do not matter.
//!
//! [`train`] makes a classifier from labelled texts; [`weak_label`] labels a text by its LaTeX.

mod calibrate;
mod file;
mod measure;
mod tokens;
mod train;
mod weak;

pub use file::ModelError;
pub use measure::{Bin, Figures, figures};
pub use train::{DomainReport, Example, Report, Settings, TrainError, Trained, train};
pub use weak::weak_label;

use crate::numeric::logistic;

/// What the classifier sees of formulas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formulas {
    /// Nothing: the prose alone is judged, as by `MathScore` of `OpenWebMath`.
    #[default]
    Omit,
    /// One token for a formula in running text, another for one on lines of its own.
    Mark,
}

/// Tokens that every text is thought to have beside its own, so that three words are no proof.
const PRIOR_TOKENS: f64 = 32.0;

/// Unit of the features: occurrences by this many tokens.
const PER_TOKENS: f64 = 100.0;

/// A trained classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// What it sees of formulas.
    formulas: Formulas,
    /// Weights as multiples of `scale`; their number is a power of two.
    weights: Vec<i8>,
    /// Unit of the weights.
    scale: f64,
    /// Added to the sum.
    bias: f64,
    /// Platt's calibration: the probability is `logistic(slope * sum + offset)`.
    slope: f64,
    /// See `slope`.
    offset: f64,
}

impl Classifier {
    /// Probability (0 to 1) that `text` is of the positive class; `None` if it holds no token.
    ///
    /// `text` is Markdown or LaTeX. Time is linear in its length; nothing is allocated.
    #[must_use]
    pub fn score(&self, text: &str) -> Option<f64> {
        self.sum(text)
            .map(|sum| logistic(self.slope * sum + self.offset))
    }

    /// The sum before calibration.
    fn sum(&self, text: &str) -> Option<f64> {
        let shift = 64 - self.weights.len().trailing_zeros();
        let mut total = 0_i64;
        let n_tokens = tokens::hashes(text, self.formulas, |hash| {
            #[expect(clippy::cast_possible_truncation, reason = "at most 24 bits are left")]
            let weight = self.weights.get((hash >> shift) as usize);
            total += i64::from(weight.copied().unwrap_or_default());
        });
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts and sums stay far below 2^53"
        )]
        let (total, n) = (total as f64, n_tokens as f64);
        (n_tokens > 0).then(|| self.bias + self.scale * total * PER_TOKENS / (n + PRIOR_TOKENS))
    }

    /// What it sees of formulas.
    #[must_use]
    pub fn formulas(&self) -> Formulas {
        self.formulas
    }
}
