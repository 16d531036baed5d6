//! Measured numbers about one document.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Signals by name, in name order.
///
/// Names are stable and carry their unit: `_bytes`, `_chars`, `_words`, `_ratio` (0..=1), `n_` for
/// counts. Signals are stored with the document, so thresholds can be tuned again without reading
/// the sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals(BTreeMap<Cow<'static, str>, f64>);

impl Signals {
    /// No signals yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `name` to `value`; a value that is no finite number is stored as 0.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: f64) {
        self.0
            .insert(name.into(), if value.is_finite() { value } else { 0.0 });
    }

    /// Sets `name` to a count.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn set_count(&mut self, name: impl Into<Cow<'static, str>>, count: usize) {
        self.set(name, count as f64);
    }

    /// Value of `name`, if it was measured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// All signals in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// How many signals were measured.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was measured yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all signals of `other`; on a clash `other` wins.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
