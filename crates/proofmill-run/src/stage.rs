//! The stages of a build, and the tasks they fall into.
//!
//! A task is idempotent and deterministic: what it writes depends on its ingredients alone, and its
//! key is a digest of them. Outputs lie under the key, so a task whose key has a commit record is
//! done, on whatever machine it ran.

use std::collections::BTreeMap;
use std::fmt;

use proofmill_types::{Digest, Digester};
use serde::{Deserialize, Serialize};

/// The stages in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Read, extract, normalize, filter, decontaminate, sign: one task per group of input slices.
    Prepare,
    /// Find pairs of duplicates: one task per range of band hashes.
    Match,
    /// Choose the survivor of each cluster: one task.
    Cluster,
    /// Train the tokenizer, where the manifest asks for it: one task.
    Train,
    /// Drop duplicates, split, tokenize: one task per `prepare` task.
    Encode,
    /// Concatenate to shards: one task per source and split.
    Assemble,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 6] = [
        Self::Prepare,
        Self::Match,
        Self::Cluster,
        Self::Train,
        Self::Encode,
        Self::Assemble,
    ];

    /// Stable name, e.g. `"prepare"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Match => "match",
            Self::Cluster => "cluster",
            Self::Train => "train",
            Self::Encode => "encode",
            Self::Assemble => "assemble",
        }
    }

    /// Reads what [`Stage::name`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Changes whenever a stage could write other bytes for equal ingredients.
    pub(crate) fn version(self) -> u32 {
        match self {
            Self::Prepare
            | Self::Match
            | Self::Cluster
            | Self::Train
            | Self::Encode
            | Self::Assemble => 1,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Everything that decides the bytes of a task, by name, so that `plan` can say what changed.
pub type Ingredients = BTreeMap<String, String>;

/// One task of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Its stage.
    pub stage: Stage,
    /// Position in the stage, from 0: what a cluster's array index names.
    pub index: usize,
    /// What it works on, for people, e.g. `arxiv/00003`.
    pub name: String,
    /// What decides its bytes.
    pub ingredients: Ingredients,
}

impl Task {
    pub(crate) fn new(
        stage: Stage,
        index: usize,
        name: String,
        mut ingredients: Ingredients,
    ) -> Self {
        ingredients.insert("stage version".to_owned(), stage.version().to_string());
        Self {
            stage,
            index,
            name,
            ingredients,
        }
    }

    /// Digest of stage and ingredients: the folder of the outputs.
    #[must_use]
    pub fn key(&self) -> Digest {
        let mut digester = Digester::new();
        let mut add = |part: &str| {
            digester.update(&(part.len() as u64).to_le_bytes());
            digester.update(part.as_bytes());
        };
        add(self.stage.name());
        for (name, value) in &self.ingredients {
            add(name);
            add(value);
        }
        digester.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str, value: &str) -> Task {
        let ingredients = Ingredients::from([(name.to_owned(), value.to_owned())]);
        Task::new(Stage::Match, 0, String::new(), ingredients)
    }

    #[test]
    fn the_key_depends_on_names_and_values() {
        assert_eq!(task("a", "b").key(), task("a", "b").key());
        assert_ne!(task("a", "b").key(), task("a", "c").key());
        assert_ne!(task("ab", "c").key(), task("a", "bc").key());
    }

    #[test]
    fn names_round_trip() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
    }
}
