//! Training: the same examples in the same order, with the same settings, give the same bytes.
//!
//! Weights come from FTRL-Proximal, which drops weights that carry nothing. Texts of one domain stay
//! on one side: the domains are dealt into folds, each fold is judged by a model that saw none of
//! its domains, and these judgements give both the calibration and the figures. The classifier that
//! is handed out is trained on everything.
//!
//! # Source
//! `McMahan` et al., "Ad click prediction: a view from the trenches", KDD 2013 (FTRL-Proximal).

use std::collections::{BTreeMap, BTreeSet};

use proofmill_types::Digester;

use super::calibrate::calibrate;
use super::file::LOG2_WEIGHTS;
use super::measure::{Figures, figures};
use super::{Classifier, Formulas, PER_TOKENS, PRIOR_TOKENS, tokens};
use crate::numeric::logistic;

/// A labelled text.
#[derive(Clone, Debug)]
pub struct Example {
    /// Whether it is of the positive class.
    pub label: bool,
    /// Where it comes from; texts of one domain are never on both sides of a split.
    pub domain: String,
    /// Its features: number of the weight and value, by number.
    features: Vec<(u32, f32)>,
}

/// What decides a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What the classifier sees of formulas.
    pub formulas: Formulas,
    /// Binary logarithm of the number of weights, 8 to 24: 18 is a file of 256 KiB.
    pub log2_weights: u32,
    /// Parts that the domains are dealt into, from 2.
    pub n_folds: usize,
    /// Passes over the examples.
    pub n_epochs: usize,
    /// Size of the steps.
    pub rate: f64,
    /// Weight of the sum of absolute weights.
    pub l1: f64,
    /// Weight of the sum of squared weights.
    pub l2: f64,
    /// Decides the order of the examples and the folds of the domains.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            formulas: Formulas::Omit,
            log2_weights: 18,
            n_folds: 5,
            n_epochs: 8,
            rate: 0.2,
            l1: 0.02,
            l2: 0.1,
            seed: 42,
        }
    }
}

/// Why nothing can be learnt.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// All examples have one label.
    #[error("a classifier needs examples of both classes: {n_positive} of {n} are positive")]
    OneClass {
        /// Examples.
        n: usize,
        /// Positive ones.
        n_positive: usize,
    },
    /// Too few domains to hold some back.
    #[error("{found} domains cannot be dealt into {n_folds} folds; give each line its `domain`")]
    FewDomains {
        /// Different domains.
        found: usize,
        /// Folds of the settings.
        n_folds: usize,
    },
    /// A setting out of range.
    #[error("setting `{name}` must lie between {min} and {max}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
}

/// A classifier and how it did on domains that it did not see.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Trained on all examples.
    pub classifier: Classifier,
    /// Of models trained without the domains that they judged.
    pub report: Report,
}

/// Figures of the held-out domains.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Over all examples.
    pub all: Figures,
    /// By fold.
    pub folds: Vec<Figures>,
    /// By domain, in order of their names.
    pub domains: Vec<DomainReport>,
    /// Weights that are not 0.
    pub n_weights: usize,
}

/// How one domain was judged by a model that did not see it.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainReport {
    /// Its name.
    pub domain: String,
    /// Texts.
    pub n: usize,
    /// Positive ones.
    pub n_positive: usize,
    /// Texts on the right side of one half.
    pub n_right: usize,
    /// Mean probability.
    pub mean_probability: f64,
}

impl Example {
    /// Measures `text`; `None` if it holds no token.
    #[must_use]
    pub fn new(text: &str, label: bool, domain: &str, settings: &Settings) -> Option<Self> {
        let shift = 64
            - settings
                .log2_weights
                .clamp(*LOG2_WEIGHTS.start(), *LOG2_WEIGHTS.end());
        let mut found: Vec<u32> = Vec::new();
        let n_tokens = tokens::hashes(text, settings.formulas, |hash| {
            #[expect(clippy::cast_possible_truncation, reason = "at most 24 bits are left")]
            found.push((hash >> shift) as u32);
        });
        found.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let unit = PER_TOKENS / (n_tokens as f64 + PRIOR_TOKENS);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "single precision is enough for a share"
        )]
        let value = |same: &[u32]| (same[0], (same.len() as f64 * unit) as f32);
        let features = found.chunk_by(u32::eq).map(value).collect();
        (n_tokens > 0).then(|| Self {
            label,
            domain: domain.to_owned(),
            features,
        })
    }
}

/// Trains a classifier on `examples`, all measured with these `settings`.
///
/// # Errors
/// [`TrainError`] for examples of one class, too few domains, or a setting out of range.
pub fn train(examples: &[Example], settings: &Settings) -> Result<Trained, TrainError> {
    check(examples, settings)?;
    let folds = deal(examples, settings);
    let mut scored: Vec<(f64, bool, usize)> = Vec::with_capacity(examples.len());
    for fold in 0..settings.n_folds {
        let kept: Vec<&Example> = select(examples, &folds, |found| found != fold);
        let model = fit(&kept, settings);
        for (index, example) in examples
            .iter()
            .enumerate()
            .filter(|(index, _)| folds[*index] == fold)
        {
            scored.push((model.sum_of(&example.features), example.label, index));
        }
    }
    scored.sort_by_key(|(_, _, index)| *index);
    let sums: Vec<(f64, bool)> = scored.iter().map(|&(sum, label, _)| (sum, label)).collect();
    let (slope, offset) = calibrate(&sums);
    let probabilities: Vec<(f64, bool)> = sums
        .iter()
        .map(|&(sum, label)| (logistic(slope * sum + offset), label))
        .collect();
    let all: Vec<&Example> = examples.iter().collect();
    let classifier = Classifier {
        slope,
        offset,
        ..fit(&all, settings)
    };
    let of_fold = |fold: usize| {
        let members = probabilities
            .iter()
            .zip(&folds)
            .filter(|(_, found)| **found == fold);
        figures(&members.map(|(scored, _)| *scored).collect::<Vec<_>>())
    };
    let report = Report {
        all: figures(&probabilities),
        folds: (0..settings.n_folds).map(of_fold).collect(),
        domains: by_domain(examples, &probabilities),
        n_weights: classifier
            .weights
            .iter()
            .filter(|weight| **weight != 0)
            .count(),
    };
    Ok(Trained { classifier, report })
}

fn check(examples: &[Example], settings: &Settings) -> Result<(), TrainError> {
    #[expect(clippy::cast_precision_loss, reason = "settings are small numbers")]
    let ranges = [
        ("log2_weights", f64::from(settings.log2_weights), 8.0, 24.0),
        ("n_folds", settings.n_folds as f64, 2.0, 100.0),
        ("n_epochs", settings.n_epochs as f64, 1.0, 1000.0),
        ("rate", settings.rate, 1e-6, 1e6),
        ("l1", settings.l1, 0.0, 1e6),
        ("l2", settings.l2, 0.0, 1e6),
    ];
    for (name, value, min, max) in ranges {
        if !(min..=max).contains(&value) {
            return Err(TrainError::Setting { name, min, max });
        }
    }
    let n_positive = examples.iter().filter(|example| example.label).count();
    if n_positive == 0 || n_positive == examples.len() {
        return Err(TrainError::OneClass {
            n: examples.len(),
            n_positive,
        });
    }
    let domains: BTreeSet<&str> = examples
        .iter()
        .map(|example| example.domain.as_str())
        .collect();
    if domains.len() < settings.n_folds {
        return Err(TrainError::FewDomains {
            found: domains.len(),
            n_folds: settings.n_folds,
        });
    }
    Ok(())
}

/// The fold of each example: domains in the order of a seeded hash, each to the fold that has the
/// fewest texts of the class that prevails in it.
fn deal(examples: &[Example], settings: &Settings) -> Vec<usize> {
    let mut domains: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for example in examples {
        domains.entry(&example.domain).or_default()[usize::from(example.label)] += 1;
    }
    let mut order: Vec<(u128, &str, [usize; 2])> = domains
        .iter()
        .map(|(name, n)| (hash(name, settings.seed), *name, *n))
        .collect();
    // Large domains first: what comes last evens out the rest.
    order.sort_by_key(|(hash, _, n)| (usize::MAX - n[0] - n[1], *hash));
    let mut sizes = vec![[0_usize; 2]; settings.n_folds];
    let mut fold_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, name, n) in order {
        let class = usize::from(n[1] > n[0]);
        let fold = (0..sizes.len())
            .min_by_key(|&fold| (sizes[fold][class], fold))
            .unwrap_or_default();
        sizes[fold][0] += n[0];
        sizes[fold][1] += n[1];
        fold_of.insert(name, fold);
    }
    let fold = |example: &Example| {
        fold_of
            .get(example.domain.as_str())
            .copied()
            .unwrap_or_default()
    };
    examples.iter().map(fold).collect()
}

fn hash(name: &str, seed: u64) -> u128 {
    let mut digester = Digester::new();
    digester.update(&seed.to_le_bytes());
    digester.update(name.as_bytes());
    digester.finish().0
}

fn select<'a>(
    examples: &'a [Example],
    folds: &[usize],
    wanted: impl Fn(usize) -> bool,
) -> Vec<&'a Example> {
    let members = examples
        .iter()
        .zip(folds)
        .filter(|(_, fold)| wanted(**fold));
    members.map(|(example, _)| example).collect()
}

/// Fits weights, then rounds them to 8 bits; not calibrated.
fn fit(examples: &[&Example], settings: &Settings) -> Classifier {
    let n_weights = 1_usize << settings.log2_weights;
    let mut state = vec![Coordinate::default(); n_weights];
    let mut bias = Coordinate::default();
    let n_positive = examples.iter().filter(|example| example.label).count();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    // Both classes count alike, however many examples they have.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let share = |n: usize| 0.5 * examples.len() as f64 / n.max(1) as f64;
    let importance = [share(examples.len() - n_positive), share(n_positive)];
    for epoch in 0..settings.n_epochs {
        order.sort_by_cached_key(|&index| hash(&format!("{epoch} {index}"), settings.seed));
        for &index in &order {
            let example = examples[index];
            let mut sum = bias.weight(settings, 0.0);
            for &(number, value) in &example.features {
                sum += state[number as usize].weight(settings, settings.l1) * f64::from(value);
            }
            let target = f64::from(u8::from(example.label));
            let slope = (logistic(sum) - target) * importance[usize::from(example.label)];
            bias.update(slope, settings, 0.0);
            for &(number, value) in &example.features {
                state[number as usize].update(slope * f64::from(value), settings, settings.l1);
            }
        }
    }
    let weights: Vec<f64> = state
        .iter()
        .map(|one| one.weight(settings, settings.l1))
        .collect();
    let most = weights
        .iter()
        .fold(0.0_f64, |most, weight| most.max(weight.abs()));
    let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
    #[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
    let rounded = weights
        .iter()
        .map(|weight| (weight / scale).round() as i8)
        .collect();
    Classifier {
        formulas: settings.formulas,
        weights: rounded,
        scale,
        bias: bias.weight(settings, 0.0),
        slope: 1.0,
        offset: 0.0,
    }
}

/// What FTRL-Proximal keeps of one weight.
#[derive(Clone, Copy, Default)]
struct Coordinate {
    /// Sum of slopes, less what the steps have taken.
    pull: f64,
    /// Sum of squared slopes.
    squares: f64,
}

impl Coordinate {
    fn weight(self, settings: &Settings, l1: f64) -> f64 {
        if self.pull.abs() <= l1 {
            return 0.0;
        }
        let stiffness = (1.0 + self.squares.sqrt()) / settings.rate + settings.l2;
        -(self.pull - l1.copysign(self.pull)) / stiffness
    }

    fn update(&mut self, slope: f64, settings: &Settings, l1: f64) {
        let weight = self.weight(settings, l1);
        let squares = self.squares + slope * slope;
        let step = (squares.sqrt() - self.squares.sqrt()) / settings.rate;
        self.pull += slope - step * weight;
        self.squares = squares;
    }
}

impl Classifier {
    /// The sum of a measured text; as [`Classifier::sum`] gives it, but for rounding.
    fn sum_of(&self, features: &[(u32, f32)]) -> f64 {
        let weight = |number: u32| f64::from(self.weights[number as usize]);
        let sum: f64 = features
            .iter()
            .map(|&(number, value)| weight(number) * f64::from(value))
            .sum();
        self.bias + self.scale * sum
    }
}

fn by_domain(examples: &[Example], probabilities: &[(f64, bool)]) -> Vec<DomainReport> {
    let mut domains: BTreeMap<&str, DomainReport> = BTreeMap::new();
    for (example, &(probability, label)) in examples.iter().zip(probabilities) {
        let found = domains
            .entry(&example.domain)
            .or_insert_with(|| DomainReport {
                domain: example.domain.clone(),
                n: 0,
                n_positive: 0,
                n_right: 0,
                mean_probability: 0.0,
            });
        found.n += 1;
        found.n_positive += usize::from(label);
        found.n_right += usize::from((probability >= 0.5) == label);
        found.mean_probability += probability;
    }
    let mut domains: Vec<DomainReport> = domains.into_values().collect();
    for domain in &mut domains {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let n = domain.n as f64;
        domain.mean_probability /= n;
    }
    domains
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATH: [&str; 6] = [
        "theorem",
        "proof",
        "lemma",
        "integer",
        "continuous",
        "finite",
    ];
    const OTHER: [&str; 6] = [
        "price", "basket", "holiday", "kitchen", "football", "weather",
    ];

    /// Texts of 8 domains; every second word tells the class.
    fn examples(settings: &Settings) -> Vec<Example> {
        let mut all = Vec::new();
        for index in 0..160_usize {
            let label = index % 2 == 0;
            let words = if label { MATH } else { OTHER };
            let text: Vec<String> = (0..30)
                .map(|at| {
                    format!(
                        "{} {}",
                        ["the", "of", "and", "with"][at % 4],
                        words[(at * index + at) % 6]
                    )
                })
                .collect();
            let domain = format!("d{}.example", index % 8);
            all.extend(Example::new(&text.join(" "), label, &domain, settings));
        }
        all
    }

    #[test]
    fn learns_and_is_repeatable() {
        let settings = Settings {
            log2_weights: 12,
            n_folds: 4,
            ..Settings::default()
        };
        let trained = train(&examples(&settings), &settings).unwrap();
        let report = &trained.report;
        assert!(report.all.auc > 0.99 && report.all.f1 > 0.97, "{report:?}");
        assert!(report.all.calibration_error < 0.05, "{report:?}");
        assert_eq!(report.folds.len(), 4);
        assert_eq!(
            report.domains.iter().map(|domain| domain.n).sum::<usize>(),
            160
        );
        let again = train(&examples(&settings), &settings).unwrap();
        assert_eq!(trained.classifier.encode(), again.classifier.encode());
        let classifier = trained.classifier;
        let math = classifier
            .score("By the lemma, the continuous theorem has a finite proof.")
            .unwrap();
        let other = classifier
            .score("A holiday kitchen: the price of the basket, football, weather.")
            .unwrap();
        assert!(math > 0.6 && other < 0.4, "{math} {other}");
        assert_eq!(classifier.score(" "), None);
    }

    #[test]
    fn measured_and_read_agree() {
        let settings = Settings {
            log2_weights: 10,
            n_folds: 2,
            ..Settings::default()
        };
        let classifier = train(&examples(&settings), &settings).unwrap().classifier;
        let text = "the theorem of the kitchen and a proof with $x$ and the price of 3 integers";
        let example = Example::new(text, true, "d", &settings).unwrap();
        let (slow, fast) = (
            classifier.sum_of(&example.features),
            classifier.sum(text).unwrap(),
        );
        assert!((slow - fast).abs() < 1e-5, "{slow} {fast}");
    }

    #[test]
    fn what_cannot_be_learnt_is_said() {
        let settings = Settings {
            log2_weights: 10,
            n_folds: 9,
            ..Settings::default()
        };
        let error = train(&examples(&settings), &settings)
            .unwrap_err()
            .to_string();
        assert!(error.contains("8 domains"), "{error}");
        let settings = Settings {
            n_folds: 2,
            ..settings
        };
        let mut one_class = examples(&settings);
        one_class.retain(|example| example.label);
        let error = train(&one_class, &settings).unwrap_err().to_string();
        assert!(error.contains("80 of 80"), "{error}");
        let settings = Settings {
            rate: f64::NAN,
            ..settings
        };
        assert!(matches!(
            train(&one_class, &settings),
            Err(TrainError::Setting { name: "rate", .. })
        ));
    }

    #[test]
    fn calibration_recovers_a_known_curve() {
        // 0.25 of those at -1 and 0.75 of those at 1 are positive: slope ln 3, offset 0.
        let sums: Vec<(f64, bool)> = (0..4000)
            .map(|index| {
                if index % 2 == 0 {
                    (1.0, index % 8 != 0)
                } else {
                    (-1.0, index % 8 == 1)
                }
            })
            .collect();
        let (slope, offset) = calibrate(&sums);
        assert!(
            (slope - 1.0986).abs() < 0.01 && offset.abs() < 0.01,
            "{slope} {offset}"
        );
        assert!(calibrate(&[(0.0, true), (0.0, false)]).1.abs() < 1e-6);
    }
}
