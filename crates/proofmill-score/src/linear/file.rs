//! A classifier as a file: little-endian, one weight per byte, closed by a checksum.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `PMLM` |
//! | 2 | format version, 1 |
//! | 1 | formulas: 0 left out, 1 marked |
//! | 1 | binary logarithm of the number of weights, 8 to 24 |
//! | 4 x 8 | scale, bias, slope, offset (IEEE 754 double precision) |
//! | 2^n | weights, signed |
//! | 16 | XXH3-128 of everything before |

use proofmill_types::Digest;

use super::{Classifier, Formulas};

const MAGIC: &[u8; 4] = b"PMLM";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 40;
const CHECKSUM_BYTES: usize = 16;
/// Binary logarithms of the numbers of weights that a file may have.
pub(super) const LOG2_WEIGHTS: std::ops::RangeInclusive<u32> = 8..=24;

/// Why bytes are no classifier.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Something else altogether.
    #[error("the file does not begin with `PMLM`")]
    Magic,
    /// Made by a later program.
    #[error("the classifier has format {found}, this build reads {VERSION}")]
    Version {
        /// What the file says.
        found: u16,
    },
    /// Cut, longer than it says, or with a header that makes no sense.
    #[error("the classifier has {found} bytes and a header that asks for {expected}")]
    Size {
        /// Bytes of the file.
        found: usize,
        /// Bytes that its header asks for; 0 if the header makes no sense.
        expected: usize,
    },
    /// Altered.
    #[error("the classifier fails its checksum")]
    Checksum,
}

impl Classifier {
    /// Reads what [`Classifier::encode`] wrote.
    ///
    /// # Errors
    /// [`ModelError`] for any other bytes.
    pub fn parse(file: &[u8]) -> Result<Self, ModelError> {
        let Some((header, rest)) = file.split_first_chunk::<HEADER_BYTES>() else {
            return Err(ModelError::Magic);
        };
        if !header.starts_with(MAGIC) {
            return Err(ModelError::Magic);
        }
        let version = u16::from_le_bytes([header[4], header[5]]);
        if version != VERSION {
            return Err(ModelError::Version { found: version });
        }
        let log2 = u32::from(header[7]);
        let numbers = header[8..].as_chunks::<8>().0;
        let numbers: Vec<f64> = numbers
            .iter()
            .map(|eight| f64::from_le_bytes(*eight))
            .collect();
        let (formulas, [scale, bias, slope, offset]) = match (header[6], &numbers[..]) {
            (0, &[a, b, c, d]) => (Formulas::Omit, [a, b, c, d]),
            (1, &[a, b, c, d]) => (Formulas::Mark, [a, b, c, d]),
            _ => {
                return Err(ModelError::Size {
                    found: file.len(),
                    expected: 0,
                });
            }
        };
        let is_finite = numbers.iter().all(|number| number.is_finite());
        if !LOG2_WEIGHTS.contains(&log2) || !is_finite {
            return Err(ModelError::Size {
                found: file.len(),
                expected: 0,
            });
        }
        let n_weights = 1_usize << log2;
        let expected = HEADER_BYTES + n_weights + CHECKSUM_BYTES;
        if file.len() != expected {
            return Err(ModelError::Size {
                found: file.len(),
                expected,
            });
        }
        let (content, checksum) = file.split_at(expected - CHECKSUM_BYTES);
        if Digest::of(content).0.to_le_bytes() != checksum {
            return Err(ModelError::Checksum);
        }
        let weights = rest.iter().take(n_weights).map(|byte| byte.cast_signed());
        Ok(Self {
            formulas,
            weights: weights.collect(),
            scale,
            bias,
            slope,
            offset,
        })
    }

    /// The classifier as a file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER_BYTES + self.weights.len() + CHECKSUM_BYTES);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_le_bytes());
        file.push(u8::from(self.formulas == Formulas::Mark));
        file.push(u8::try_from(self.weights.len().trailing_zeros()).unwrap_or_default());
        for number in [self.scale, self.bias, self.slope, self.offset] {
            file.extend_from_slice(&number.to_le_bytes());
        }
        file.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
        let checksum = Digest::of(&file).0.to_le_bytes();
        file.extend_from_slice(&checksum);
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Classifier {
        Classifier {
            formulas: Formulas::Mark,
            weights: (0..=u8::MAX).map(u8::cast_signed).collect(),
            scale: 0.25,
            bias: -1.5,
            slope: 2.0,
            offset: 0.125,
        }
    }

    #[test]
    fn round_trip() {
        let file = small().encode();
        assert_eq!(Classifier::parse(&file).unwrap(), small());
        assert_eq!(Classifier::parse(&file).unwrap().encode(), file);
    }

    #[test]
    fn damage_is_refused() {
        let file = small().encode();
        for length in 0..file.len() {
            assert!(
                Classifier::parse(&file[..length]).is_err(),
                "cut at {length}"
            );
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            assert!(Classifier::parse(&damaged).is_err(), "byte {at}");
        }
        let error = Classifier::parse(&[&file[..], b"x"].concat()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the classifier has 313 bytes and a header that asks for 312"
        );
    }
}
