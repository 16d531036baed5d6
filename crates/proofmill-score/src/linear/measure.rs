//! How good probabilities are: order, decision at one half, calibration.

/// Figures of a set of probabilities against their labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Texts.
    pub n: usize,
    /// Those of the positive class.
    pub n_positive: usize,
    /// Probability that a positive text scores above a negative one; ties count half. 0.5 if one
    /// class is missing.
    pub auc: f64,
    /// Of what scores one half or more, the share that is positive.
    pub precision: f64,
    /// Of what is positive, the share that scores one half or more.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Mean distance between probability and share of positives, over ten equal bins, weighted by
    /// their texts.
    pub calibration_error: f64,
    /// The bins, lowest first.
    pub bins: Vec<Bin>,
}

/// Texts whose probability lies in one tenth of 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Texts.
    pub n: usize,
    /// Mean probability.
    pub mean_probability: f64,
    /// Share that is positive.
    pub positive_ratio: f64,
}

const N_BINS: usize = 10;

/// Figures of `scored`: probability (0 to 1) and label of each text.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
#[must_use]
pub fn figures(scored: &[(f64, bool)]) -> Figures {
    let n_positive = scored.iter().filter(|(_, label)| *label).count();
    let chosen = scored.iter().filter(|(probability, _)| *probability >= 0.5);
    let (n_chosen, n_hits) = chosen.fold((0, 0), |(n, hits), (_, label)| {
        (n + 1, hits + usize::from(*label))
    });
    let mut sums = [(0_usize, 0.0, 0_usize); N_BINS];
    for (probability, label) in scored {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a probability times ten"
        )]
        let bin = ((probability * N_BINS as f64) as usize).min(N_BINS - 1);
        sums[bin].0 += 1;
        sums[bin].1 += probability;
        sums[bin].2 += usize::from(*label);
    }
    let bins = sums.map(|(n, sum, n_positive)| Bin {
        n,
        mean_probability: sum / n.max(1) as f64,
        positive_ratio: n_positive as f64 / n.max(1) as f64,
    });
    let distance = |bin: &Bin| bin.n as f64 * (bin.mean_probability - bin.positive_ratio).abs();
    Figures {
        n: scored.len(),
        n_positive,
        auc: auc(scored, n_positive),
        precision: ratio(n_hits, n_chosen),
        recall: ratio(n_hits, n_positive),
        f1: ratio(2 * n_hits, n_chosen + n_positive),
        calibration_error: bins.iter().map(distance).sum::<f64>() / scored.len().max(1) as f64,
        bins: bins.to_vec(),
    }
}

/// Area under the curve by ranks.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn auc(scored: &[(f64, bool)], n_positive: usize) -> f64 {
    let n_negative = scored.len() - n_positive;
    if n_positive == 0 || n_negative == 0 {
        return 0.5;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (mut n_below, mut won) = (0, 0.0);
    for ties in sorted.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
        let positives = ties.iter().filter(|(_, label)| *label).count();
        let negatives = ties.len() - positives;
        won += positives as f64 * (n_below as f64 + negatives as f64 / 2.0);
        n_below += negatives;
    }
    won / (n_positive as f64 * n_negative as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let scored = [
            (0.95, true),
            (0.85, false),
            (0.85, true),
            (0.25, true),
            (0.05, false),
        ];
        let found = figures(&scored);
        assert_eq!((found.n, found.n_positive), (5, 3));
        // Pairs: 0.95 beats both; 0.85 ties one and beats one; 0.25 beats one.
        assert!((found.auc - 4.5 / 6.0).abs() < 1e-12);
        assert!((found.precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((found.recall - 2.0 / 3.0).abs() < 1e-12);
        assert!((found.f1 - 2.0 / 3.0).abs() < 1e-12);
        assert!((found.calibration_error - (0.05 + 0.7 + 0.75 + 0.05) / 5.0).abs() < 1e-12);
    }

    #[test]
    fn one_class_or_none() {
        assert!((figures(&[]).auc - 0.5).abs() < 1e-12);
        assert!((figures(&[(0.3, true)]).auc - 0.5).abs() < 1e-12);
        assert!(figures(&[(1.0, false)]).f1.abs() < 1e-12);
    }
}
