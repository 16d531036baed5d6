//! Sums to probabilities.
//!
//! # Source
//! Platt, "Probabilistic outputs for support vector machines", 1999, with the targets of Lin et al. 2007.

use crate::numeric::logistic;

/// Slope and offset that make `logistic(slope * sum + offset)` a probability, by Newton's method.
pub(super) fn calibrate(sums: &[(f64, bool)]) -> (f64, f64) {
    /// Keeps the matrix regular.
    const RIDGE: f64 = 1e-9;
    let n_positive = sums.iter().filter(|(_, label)| *label).count();
    // Targets short of 0 and 1, so that separable data does not ask for an infinite slope. Both
    // classes count alike, as in training.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let (n_high, n_low) = (n_positive as f64, (sums.len() - n_positive) as f64);
    let (high, low) = ((n_high + 1.0) / (n_high + 2.0), 1.0 / (n_low + 2.0));
    let (weight_high, weight_low) = (1.0 / n_high.max(1.0), 1.0 / n_low.max(1.0));
    let (mut slope, mut offset) = (1.0, 0.0);
    let loss = |slope: f64, offset: f64| -> f64 {
        let each = sums.iter().map(|&(sum, label)| {
            let (target, weight) = if label {
                (high, weight_high)
            } else {
                (low, weight_low)
            };
            let x = slope * sum + offset;
            // -t ln p - (1 - t) ln (1 - p), without overflow.
            weight
                * (x.max(0.0) - x * target
                    + crate::numeric::ln(1.0 + crate::numeric::exp(-x.abs())))
        });
        each.sum()
    };
    let mut last = loss(slope, offset);
    for _ in 0..100 {
        let [
            mut g_slope,
            mut g_offset,
            mut h_slope,
            mut h_both,
            mut h_offset,
        ] = [0.0, 0.0, RIDGE, 0.0, RIDGE];
        for &(sum, label) in sums {
            let (target, weight) = if label {
                (high, weight_high)
            } else {
                (low, weight_low)
            };
            let found = logistic(slope * sum + offset);
            let (gap, curve) = (weight * (found - target), weight * found * (1.0 - found));
            g_slope += gap * sum;
            g_offset += gap;
            h_slope += curve * sum * sum;
            h_both += curve * sum;
            h_offset += curve;
        }
        let determinant = h_slope * h_offset - h_both * h_both;
        let (d_slope, d_offset) = (
            (h_offset * g_slope - h_both * g_offset) / determinant,
            (h_slope * g_offset - h_both * g_slope) / determinant,
        );
        let mut step = 1.0;
        let is_better = loop {
            let next = loss(slope - step * d_slope, offset - step * d_offset);
            if next < last {
                slope -= step * d_slope;
                offset -= step * d_offset;
                let is_enough = last - next > 1e-12;
                last = next;
                break is_enough;
            }
            step *= 0.5;
            if step < 1e-10 {
                break false;
            }
        };
        if !is_better {
            break;
        }
    }
    if slope.is_finite() && offset.is_finite() && slope > 0.0 {
        (slope, offset)
    } else {
        (1.0, 0.0) // sums that tell nothing
    }
}
