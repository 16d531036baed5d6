//! Measured numbers about one document.

use std::borrow::Cow;

/// Signals by name, in name order.
///
/// Names are stable and carry their unit: `_bytes`, `_chars`, `_words`, `_ratio` (0..=1), `n_` for
/// counts. Signals are stored with the document, so thresholds can be tuned again without reading
/// the sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals(Vec<Signal>); // in name order, each name once

#[derive(Clone, Debug, PartialEq)]
struct Signal {
    head: u64, // the first letters of the name, which nearly always tell it from another
    name: Cow<'static, str>,
    value: f64,
}

/// The first eight letters of `name` as a number of the same order.
fn head(name: &str) -> u64 {
    let mut head = [0; 8];
    for (to, from) in head.iter_mut().zip(name.as_bytes()) {
        *to = *from;
    }
    u64::from_be_bytes(head)
}

/// Signals that a document usually has.
const N_USUAL: usize = 96;

impl Signals {
    /// No signals yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `name` to `value`; a value that is no finite number is stored as 0.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: f64) {
        let name = name.into();
        let value = if value.is_finite() { value } else { 0.0 };
        match self.place(&name) {
            Ok(place) => self.0[place].value = value,
            Err(place) => {
                if self.0.is_empty() {
                    self.0.reserve(N_USUAL);
                }
                let head = head(&name);
                self.0.insert(place, Signal { head, name, value });
            }
        }
    }

    /// Where `name` stands, or where it would.
    fn place(&self, name: &str) -> Result<usize, usize> {
        let head = head(name);
        self.0.binary_search_by(|known| {
            let by_head = known.head.cmp(&head);
            by_head.then_with(|| (*known.name).cmp(name))
        })
    }

    /// Sets `name` to a count.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn set_count(&mut self, name: impl Into<Cow<'static, str>>, count: usize) {
        self.set(name, count as f64);
    }

    /// Value of `name`, if it was measured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.place(name).ok().map(|place| self.0[place].value)
    }

    /// All signals in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0
            .iter()
            .map(|signal| (signal.name.as_ref(), signal.value))
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
        for signal in other.0 {
            self.set(signal.name, signal.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_order_and_the_last_value_wins() {
        let mut signals = Signals::new();
        signals.set("n_words", 3.0);
        signals.set("mean", f64::NAN);
        signals.set_count("n_words", 4);
        let mut more = Signals::new();
        more.set("z", 1.0);
        more.set("mean".to_owned(), 2.0);
        signals.extend(more);
        let all: Vec<(&str, f64)> = signals.iter().collect();
        assert_eq!(all, [("mean", 2.0), ("n_words", 4.0), ("z", 1.0)]);
        assert_eq!((signals.get("z"), signals.get("y")), (Some(1.0), None));
        assert_eq!((signals.len(), signals.is_empty()), (3, false));
    }
}
