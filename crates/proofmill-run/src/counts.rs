//! What went in, what was kept, and what each rule dropped.

use std::collections::BTreeMap;

use proofmill_types::Stop;
use serde::{Deserialize, Serialize};

/// Documents, bytes and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records or documents.
    pub n_docs: u64,
    /// Bytes of raw input before extraction, of UTF-8 text after.
    pub n_bytes: u64,
    /// Token ids, known from `tokenize` on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_tokens: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Tally {
    /// One document of `n_bytes`.
    pub(crate) fn one(n_bytes: u64) -> Self {
        Self {
            n_docs: 1,
            n_bytes,
            n_tokens: 0,
        }
    }

    /// Adds `other`.
    pub fn add(&mut self, other: Self) {
        self.n_docs += other.n_docs;
        self.n_bytes += other.n_bytes;
        self.n_tokens += other.n_tokens;
    }
}

/// Counts of one task, or of one source when tasks are added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Every record read, damaged ones included.
    pub records: Tally,
    /// Records whose input is damaged or hostile.
    pub n_damaged: u64,
    /// Documents that came to the filter without a score, where the source names a file of scores.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_without_score: u64,
    /// What passed each stop.
    pub after: BTreeMap<Stop, Tally>,
    /// What each stop's rules dropped, by rule; bytes are those that came into the stop.
    pub dropped: BTreeMap<Stop, BTreeMap<String, Tally>>,
    /// What was kept, by split.
    #[serde(default)]
    pub splits: BTreeMap<String, Tally>,
}

impl Counts {
    /// Counts a document that passed `stop`.
    pub(crate) fn pass(&mut self, stop: Stop, tally: Tally) {
        self.after.entry(stop).or_default().add(tally);
    }

    /// Counts a document that `rule` of `stop` dropped.
    pub(crate) fn drop(&mut self, stop: Stop, rule: &str, tally: Tally) {
        let rules = self.dropped.entry(stop).or_default();
        match rules.get_mut(rule) {
            Some(found) => found.add(tally),
            None => {
                rules.insert(rule.to_owned(), tally);
            }
        }
    }

    /// Adds the counts of another task.
    pub fn add(&mut self, other: &Self) {
        self.records.add(other.records);
        self.n_damaged += other.n_damaged;
        self.n_without_score += other.n_without_score;
        for (stop, tally) in &other.after {
            self.pass(*stop, *tally);
        }
        for (stop, rules) in &other.dropped {
            for (rule, tally) in rules {
                self.drop(*stop, rule, *tally);
            }
        }
        for (split, tally) in &other.splits {
            self.splits.entry(split.clone()).or_default().add(*tally);
        }
    }

    /// Everything dropped by the rules of `stop`.
    #[must_use]
    pub fn dropped_at(&self, stop: Stop) -> Tally {
        let mut sum = Tally::default();
        for tally in self
            .dropped
            .get(&stop)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            sum.add(*tally);
        }
        sum
    }

    /// Checks in = kept + dropped at every stop, in documents.
    ///
    /// # Errors
    /// The stop and the numbers that disagree.
    pub fn check(&self) -> Result<(), String> {
        let mut n_in = self.records.n_docs;
        for stop in Stop::ALL {
            let Some(after) = self.after.get(&stop) else {
                if self.dropped.contains_key(&stop) && self.dropped_at(stop).n_docs != n_in {
                    return Err(format!(
                        "{stop}: {n_in} in, none passed, {} dropped",
                        self.dropped_at(stop).n_docs
                    ));
                }
                if self.dropped.contains_key(&stop) {
                    n_in = 0;
                }
                continue;
            };
            let n_dropped = self.dropped_at(stop).n_docs;
            if n_in != after.n_docs + n_dropped {
                return Err(format!(
                    "{stop}: {n_in} in, {} kept, {n_dropped} dropped",
                    after.n_docs
                ));
            }
            n_in = after.n_docs;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_equals_kept_plus_dropped() {
        let mut counts = Counts {
            records: Tally {
                n_docs: 2,
                ..Tally::default()
            },
            ..Counts::default()
        };
        counts.pass(Stop::Read, Tally::one(5));
        assert!(counts.check().is_err());
        counts.drop(Stop::Read, "gzip-damaged", Tally::one(9));
        assert_eq!(counts.check(), Ok(()));
        counts.drop(Stop::Filter, "too-short", Tally::one(5));
        assert_eq!(counts.check(), Ok(()));
        counts.drop(Stop::Dedup, "duplicate-exact", Tally::one(5));
        assert!(counts.check().is_err(), "nothing was left to drop");
    }

    #[test]
    fn adding_is_adding() {
        let mut left = Counts::default();
        left.drop(Stop::Filter, "a", Tally::one(1));
        let mut right = left.clone();
        right.drop(Stop::Filter, "a", Tally::one(2));
        left.add(&right);
        assert_eq!(
            left.dropped_at(Stop::Filter),
            Tally {
                n_docs: 3,
                n_bytes: 4,
                n_tokens: 0
            }
        );
    }
}
