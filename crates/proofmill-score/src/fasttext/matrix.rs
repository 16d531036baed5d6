//! The rows that features and labels stand for: dense, or product-quantised with norms.

use super::FastTextError;
use super::bytes::Bytes;

/// Values of one code.
const N_CENTROIDS: usize = 256;

#[derive(Debug)]
pub(super) enum Matrix {
    Dense {
        n_rows: usize,
        dim: usize,
        values: Vec<f32>,
    },
    Quantized {
        n_rows: usize,
        codes: Vec<u8>,
        quantizer: Quantizer,
        norms: Option<Norms>,
    },
}

/// Lengths of the rows, themselves quantised.
#[derive(Debug)]
pub(super) struct Norms {
    codes: Vec<u8>,
    centroids: Vec<f32>,
}

/// A row is cut into `n_parts` pieces; each is one of 256 centroids.
#[derive(Debug)]
pub(super) struct Quantizer {
    dim: usize,
    n_parts: usize,
    part_dim: usize,
    last_part_dim: usize,
    centroids: Vec<f32>,
}

impl Matrix {
    /// A matrix whose rows have `dim` numbers.
    pub(super) fn parse(
        bytes: &mut Bytes<'_>,
        is_quantized: bool,
        dim: usize,
    ) -> Result<Self, FastTextError> {
        let has_norms = is_quantized && bytes.flag("the mark of norms")?;
        // A dense row takes 4 bytes a number; a quantised one at least a code.
        let row_bytes = if is_quantized { 1 } else { dim * 4 };
        let n_rows = bytes.count("the number of rows", row_bytes)?;
        let at = bytes.position();
        let n_columns =
            bytes.i64_in("the number of columns", 0..=i64::MAX, "it is not negative")?;
        if usize::try_from(n_columns) != Ok(dim) {
            return Err(FastTextError::Value {
                what: "the number of columns",
                at,
                found: n_columns.to_string(),
                allowed: "it is the dimension",
            });
        }
        if !is_quantized {
            let n = n_rows.saturating_mul(dim);
            let values = bytes.floats("a matrix", n)?;
            return Ok(Self::Dense {
                n_rows,
                dim,
                values,
            });
        }
        let at = bytes.position();
        let n_codes = bytes.count_32("the number of codes", 1)?;
        let codes = bytes.take("codes", n_codes)?.to_vec();
        let quantizer = Quantizer::parse(bytes, dim)?;
        if n_rows.checked_mul(quantizer.n_parts) != Some(n_codes) {
            return Err(FastTextError::Value {
                what: "the number of codes",
                at,
                found: n_codes.to_string(),
                allowed: "each row has one for each part",
            });
        }
        let norms = if has_norms {
            let codes = bytes.take("codes of norms", n_rows)?.to_vec();
            let centroids = Quantizer::parse(bytes, 1)?.centroids;
            Some(Norms { codes, centroids })
        } else {
            None
        };
        Ok(Self::Quantized {
            n_rows,
            codes,
            quantizer,
            norms,
        })
    }

    pub(super) fn n_rows(&self) -> usize {
        match self {
            Self::Dense { n_rows, .. } | Self::Quantized { n_rows, .. } => *n_rows,
        }
    }

    /// Adds the row to `sum`, whose length is the dimension.
    pub(super) fn add_row(&self, row: usize, sum: &mut [f32]) {
        match self {
            Self::Dense { dim, values, .. } => {
                let row = values.get(row * dim..).unwrap_or_default();
                for (sum, value) in sum.iter_mut().zip(row) {
                    *sum += value;
                }
            }
            Self::Quantized {
                codes,
                quantizer,
                norms,
                ..
            } => {
                let norm = norms.as_ref().map_or(1.0, |norms| norms.of(row));
                for (part, values) in quantizer.parts(codes, row) {
                    let sums = sum.get_mut(part * quantizer.part_dim..).unwrap_or_default();
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += norm * value;
                    }
                }
            }
        }
    }

    /// Product of the row and `vector`.
    pub(super) fn dot_row(&self, row: usize, vector: &[f32]) -> f32 {
        let dot = |left: &[f32], right: &[f32]| {
            let products = left.iter().zip(right).map(|(left, right)| left * right);
            products.fold(0.0_f32, |sum, product| sum + product)
        };
        match self {
            Self::Dense { dim, values, .. } => {
                dot(vector, values.get(row * dim..).unwrap_or_default())
            }
            Self::Quantized {
                codes,
                quantizer,
                norms,
                ..
            } => {
                let norm = norms.as_ref().map_or(1.0, |norms| norms.of(row));
                let parts = quantizer.parts(codes, row).map(|(part, values)| {
                    dot(
                        vector.get(part * quantizer.part_dim..).unwrap_or_default(),
                        values,
                    )
                });
                norm * parts.fold(0.0_f32, |sum, part| sum + part)
            }
        }
    }
}

impl Norms {
    fn of(&self, row: usize) -> f32 {
        let code = self.codes.get(row).copied().unwrap_or_default();
        self.centroids
            .get(usize::from(code))
            .copied()
            .unwrap_or_default()
    }
}

impl Quantizer {
    fn parse(bytes: &mut Bytes<'_>, dim: usize) -> Result<Self, FastTextError> {
        let at = bytes.position();
        let found_dim = bytes.count_32("the dimension of a quantiser", 4 * N_CENTROIDS)?;
        let n_parts = bytes.count_32("the number of parts", 4)?;
        let part_dim = bytes.count_32("the dimension of a part", 4)?;
        let last_part_dim = bytes.count_32("the dimension of the last part", 4)?;
        let before = n_parts.checked_sub(1).and_then(|n| n.checked_mul(part_dim));
        let is_whole = before.and_then(|n| n.checked_add(last_part_dim)) == Some(dim);
        if found_dim != dim || !is_whole || part_dim == 0 || last_part_dim > part_dim {
            return Err(FastTextError::Value {
                what: "the dimension of a quantiser",
                at,
                found: format!(
                    "{found_dim} in {n_parts} parts of {part_dim}, the last of {last_part_dim}"
                ),
                allowed: "the parts make up the dimension of the matrix",
            });
        }
        let centroids = bytes.floats("centroids", dim * N_CENTROIDS)?;
        Ok(Self {
            dim,
            n_parts,
            part_dim,
            last_part_dim,
            centroids,
        })
    }

    /// The pieces of a row with their numbers.
    fn parts<'a>(
        &'a self,
        codes: &'a [u8],
        row: usize,
    ) -> impl Iterator<Item = (usize, &'a [f32])> + 'a {
        let codes = codes.get(row * self.n_parts..).unwrap_or_default();
        codes
            .iter()
            .take(self.n_parts)
            .enumerate()
            .map(|(part, &code)| {
                let is_last = part + 1 == self.n_parts;
                let width = if is_last {
                    self.last_part_dim
                } else {
                    self.part_dim
                };
                let start = part * N_CENTROIDS * self.part_dim + usize::from(code) * width;
                debug_assert!(
                    start + width <= self.dim * N_CENTROIDS,
                    "parts make up the dimension"
                );
                (
                    part,
                    self.centroids.get(start..start + width).unwrap_or_default(),
                )
            })
    }
}
