//! Reads and applies the classifiers that fastText's `supervised` and `quantize` write.
//!
//! Both forms are read: `.bin` with dense matrices and `.ftz` with product quantisation, in format
//! versions 11 and 12, with all four losses (softmax, hierarchical softmax, negative sampling, one
//! against all). Probabilities agree with the program to 1e-4; sums run in its order.
//!
//! A model file is not trusted: every count is checked against the bytes that are left before
//! anything is allocated, so memory stays within a small multiple of the file, and an error names
//! the byte where the file stops making sense.
//!
//! # Source
//! Joulin et al. 2016, arXiv:1607.01759 and arXiv:1612.03651; the file format is that of fastText 0.9.

mod bytes;
mod dictionary;
mod matrix;
mod output;

use bytes::Bytes;
use dictionary::Dictionary;
use matrix::Matrix;
use output::Output;

/// Why bytes are no model that can be applied.
#[derive(Debug, thiserror::Error)]
pub enum FastTextError {
    /// The file ends inside something.
    #[error("the model ends at byte {at} inside {what}")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where it began.
        at: usize,
    },
    /// A value that no model has.
    #[error("{what} at byte {at} of the model is {found}; {allowed}")]
    Value {
        /// What was read.
        what: &'static str,
        /// Where it stands.
        at: usize,
        /// What stands there.
        found: String,
        /// What may.
        allowed: &'static str,
    },
}

/// Settings of the training that decide how a text becomes features.
#[derive(Clone, Copy, Debug)]
struct Args {
    /// Numbers in a row of both matrices.
    dim: usize,
    /// Longest word n-gram.
    word_ngrams: usize,
    /// Number of n-gram hashes.
    bucket: u32,
    /// Shortest and longest character n-gram; none if the longest is 0.
    min_chars: usize,
    max_chars: usize,
}

/// A loaded classifier.
#[derive(Debug)]
pub struct Model {
    args: Args,
    dictionary: Dictionary,
    input: Matrix,
    output: Output,
}

/// The most probable label of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction<'a> {
    /// The label without its prefix `__label__`.
    pub label: &'a str,
    /// Its probability, 0 to 1.
    pub probability: f64,
}

const MAGIC: i32 = 793_712_314;
const SUPERVISED: i32 = 3;
/// Widest vectors that are read; published models have 16 to 300.
const MAX_DIM: i32 = 1 << 16;
/// Longest n-grams that are read, of words or characters; published models have at most 6.
const MAX_NGRAM: i32 = 64;

impl Model {
    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// [`FastTextError`] for a file that ends early, a count that cannot be, word vectors that classify
    /// nothing.
    pub fn parse(file: &[u8]) -> Result<Self, FastTextError> {
        let mut bytes = Bytes::new(file);
        bytes.i32_in(
            "the magic number",
            MAGIC..=MAGIC,
            "a fastText model begins with 793712314",
        )?;
        let version = bytes.i32_in("the format version", 11..=12, "versions 11 and 12 are read")?;
        let (mut args, loss) = Args::parse(&mut bytes)?;
        if version == 11 {
            args.max_chars = 0; // classifiers of that version saw no characters
        }
        let dictionary = Dictionary::parse(&mut bytes)?;
        let is_quantized = bytes.flag("the mark of a quantised input matrix")?;
        let input = Matrix::parse(&mut bytes, is_quantized, args.dim)?;
        let at = bytes.position();
        let n_hashed = dictionary.n_hashed(args.bucket);
        if input.n_rows() as u64 != dictionary.n_words() as u64 + n_hashed {
            return Err(FastTextError::Value {
                what: "the number of rows of the input matrix",
                at,
                found: input.n_rows().to_string(),
                allowed: "it is the number of words and kept n-grams",
            });
        }
        let is_output_quantized = bytes.flag("the mark of a quantised output matrix")?;
        let output = Matrix::parse(&mut bytes, is_quantized && is_output_quantized, args.dim)?;
        let output = Output::new(output, loss, dictionary.label_counts(), bytes.position())?;
        Ok(Self {
            args,
            dictionary,
            input,
            output,
        })
    }

    /// Labels in the order of [`Model::probabilities`], without the prefix.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        self.dictionary.labels()
    }

    /// The most probable label of `text`, taken as one line; `None` where nothing of it is known.
    ///
    /// The first of equals.
    #[must_use]
    pub fn predict(&self, text: &str) -> Option<Prediction<'_>> {
        let all = self.probabilities(text)?;
        let (mut best, mut most) = (0, f64::MIN);
        for (index, &probability) in all.iter().enumerate() {
            if probability > most {
                (best, most) = (index, probability);
            }
        }
        Some(Prediction {
            label: self.labels().get(best)?,
            probability: most,
        })
    }

    /// Probability of every label, in the order of [`Model::labels`]; `None` where `text` has no
    /// feature that the model knows. Line ends count as blanks.
    #[must_use]
    pub fn probabilities(&self, text: &str) -> Option<Vec<f64>> {
        let mut hidden = vec![0.0_f32; self.args.dim];
        let mut n_features = 0_u32;
        self.dictionary
            .features(text.as_bytes(), &self.args, |row| {
                self.input.add_row(row, &mut hidden);
                n_features += 1;
            });
        if n_features == 0 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the reference divides in double and stores single precision"
        )]
        let scale = (1.0 / f64::from(n_features)) as f32;
        for value in &mut hidden {
            *value *= scale;
        }
        Some(self.output.probabilities(&hidden))
    }
}

/// How scores of the output matrix become probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    HierarchicalSoftmax,
    /// One against all, and negative sampling, which scores alike.
    Logistic,
    Softmax,
}

impl Args {
    fn parse(bytes: &mut Bytes<'_>) -> Result<(Self, Loss), FastTextError> {
        const ANY: std::ops::RangeInclusive<i32> = i32::MIN..=i32::MAX;
        let dim = bytes.i32_in("the dimension", 1..=MAX_DIM, "1 to 65536 is read")?;
        for what in [
            "the window",
            "the number of epochs",
            "the least count",
            "the number of negatives",
        ] {
            bytes.i32_in(what, ANY, "")?;
        }
        let word_ngrams = bytes.i32_in(
            "the length of word n-grams",
            0..=MAX_NGRAM,
            "0 to 64 is read",
        )?;
        let loss = match bytes.i32_in("the loss", 1..=4, "1 to 4 is read")? {
            1 => Loss::HierarchicalSoftmax,
            3 => Loss::Softmax,
            _ => Loss::Logistic,
        };
        bytes.i32_in(
            "the kind of model",
            SUPERVISED..=SUPERVISED,
            "only classifiers (3) have labels; word vectors do not",
        )?;
        let bucket = bytes.i32_in(
            "the number of n-gram hashes",
            0..=i32::MAX,
            "it is not negative",
        )?;
        let min_chars = bytes.i32_in(
            "the shortest character n-gram",
            0..=MAX_NGRAM,
            "0 to 64 is read",
        )?;
        let max_chars = bytes.i32_in(
            "the longest character n-gram",
            0..=MAX_NGRAM,
            "0 to 64 is read",
        )?;
        bytes.i32_in("the update rate", ANY, "")?;
        bytes.take("the sampling threshold", 8)?;
        let size = |value: i32| usize::try_from(value).unwrap_or_default();
        let args = Self {
            dim: size(dim),
            word_ngrams: size(word_ngrams),
            bucket: bucket.unsigned_abs(),
            min_chars: size(min_chars),
            max_chars: size(max_chars),
        };
        Ok((args, loss))
    }
}

#[cfg(test)]
mod tests;
