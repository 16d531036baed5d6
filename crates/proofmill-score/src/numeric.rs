//! `exp`, `ln` and the logistic function with the same last digit on every platform.
//!
//! The standard library hands these to the C library of the machine, whose results differ in the
//! last place. Here they are sums and products only, which IEEE 754 rounds one way; the error stays
//! below 2e-15 of the result.

/// `ln 2` in two parts, so that a multiple of it can be taken off without loss.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `e^x`: 0 below -700, and the value at 700 above.
#[must_use]
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x < -700.0 {
        return 0.0;
    }
    let x = x.min(700.0);
    let power = (x * std::f64::consts::LOG2_E).round();
    let rest = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // Taylor's series on |rest| <= 0.35: the fifteenth term is below 1e-17.
    let mut sum = 1.0;
    for n in (1..=14).rev() {
        sum = 1.0 + sum * rest / f64::from(n);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number, |power| <= 1010"
    )]
    let biased = (power as i64) + 1023;
    sum * f64::from_bits(biased.unsigned_abs() << 52)
}

/// Natural logarithm of `x > 0`; `-700` for anything smaller than `e^-700`.
#[must_use]
pub fn ln(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x < 1e-304 {
        return -700.0;
    }
    let bits = x.min(f64::MAX).to_bits();
    let mut power = i32::try_from(bits >> 52).unwrap_or(1023) - 1023;
    let mut part = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52)); // 1 <= part < 2
    if part > std::f64::consts::SQRT_2 {
        part *= 0.5;
        power += 1;
    }
    // ln((1 + t) / (1 - t)) = 2 (t + t^3 / 3 + ...) with |t| < 0.172.
    let t = (part - 1.0) / (part + 1.0);
    let square = t * t;
    let mut sum = 0.0;
    for n in (0..=11).rev() {
        sum = sum * square + 1.0 / f64::from(2 * n + 1);
    }
    f64::from(power) * LN_2_HIGH + (2.0 * t * sum + f64::from(power) * LN_2_LOW)
}

/// `1 / (1 + e^-x)`, in 0 to 1.
#[must_use]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert!((exp(1.0) - std::f64::consts::E).abs() < 1e-14);
        assert_eq!(exp(-1e9).to_bits(), 0.0_f64.to_bits());
        assert!(exp(1e9).is_finite() && exp(f64::NAN).is_nan());
        assert!((ln(std::f64::consts::E) - 1.0).abs() < 1e-15);
        assert_eq!(ln(1.0).to_bits(), 0.0_f64.to_bits());
        assert!((ln(0.0) + 700.0).abs() < 1e-9 && ln(f64::INFINITY) < 710.0);
        assert!((logistic(0.0) - 0.5).abs() < 1e-16);
    }

    proptest! {
        #[test]
        fn exp_agrees_with_the_standard_library(x in -690.0_f64..690.0) {
            prop_assert!((exp(x) / x.exp() - 1.0).abs() < 2e-15);
        }

        #[test]
        fn ln_is_the_inverse(x in -690.0_f64..690.0) {
            prop_assert!((ln(exp(x)) - x).abs() < 1e-13 * x.abs().max(1.0));
        }
    }
}
