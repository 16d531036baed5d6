//! Published rules for what counts as a benchmark item in a document, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DecontaminateError;

/// A published rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preset {
    /// Any 13 words of an item; shorter questions of 8 words and more as a whole.
    ///
    /// # Source
    /// 13-grams as in `FineMath` and `Qwen2.5-Math`; the rule for short questions is ours.
    #[default]
    #[serde(rename = "ngram-13")]
    Ngram13,
    /// Any 10 words of an item; shorter questions of 3 to 9 words as a whole.
    ///
    /// # Source
    /// `DeepSeekMath` (arXiv:2402.03300), section 2.1. It seeks short answers as well; we do not, for
    /// "does not exist" and "all real numbers" are answers and stand on every second page.
    #[serde(rename = "ngram-10")]
    Ngram10,
    /// Any 12 words of an answer or solution, or 12 words across the end of the question and the
    /// start of the answer; words of the question alone do not count.
    ///
    /// # Source
    /// `MegaMath` (arXiv:2504.02807), decontamination of its web part.
    #[serde(rename = "megamath-12")]
    MegaMath12,
    /// Any 30 words of an item; shorter texts of 10 words and more as a whole. Made for reporting.
    ///
    /// # Source
    /// Llemma (arXiv:2310.10631), section 3.5; there words are cut at white space only.
    #[serde(rename = "pp2-30")]
    Pp2,
}

/// What a preset means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Words per n-gram.
    pub ngram_words: usize,
    /// Fewest words of a shorter text that is sought as a whole.
    pub short_words: usize,
    /// Whether shorter answers are sought as a whole, too; questions always are.
    pub short_answers: bool,
    /// Whether n-grams of the question count.
    pub questions: bool,
    /// Whether n-grams across the end of the question and the start of the answer count.
    pub straddle: bool,
}

impl Rules {
    /// Fewest distinct content words of an n-gram, or of content words and numbers together of a text
    /// of `n_words` words that is sought as a whole.
    #[must_use]
    pub fn min_content_words(&self, n_words: usize) -> usize {
        (n_words.min(self.ngram_words) / 3).max(3)
    }
}

impl Preset {
    /// All presets, in the order of the reference page.
    pub const ALL: [Self; 4] = [Self::Ngram13, Self::Ngram10, Self::MegaMath12, Self::Pp2];

    /// Name in the manifest, e.g. `"ngram-13"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ngram13 => "ngram-13",
            Self::Ngram10 => "ngram-10",
            Self::MegaMath12 => "megamath-12",
            Self::Pp2 => "pp2-30",
        }
    }

    /// What the name means.
    #[must_use]
    pub fn rules(self) -> Rules {
        let all = Rules {
            ngram_words: 13,
            short_words: 8,
            short_answers: false,
            questions: true,
            straddle: false,
        };
        match self {
            Self::Ngram13 => all,
            Self::Ngram10 => Rules {
                ngram_words: 10,
                short_words: 3,
                ..all
            },
            Self::MegaMath12 => Rules {
                ngram_words: 12,
                questions: false,
                straddle: true,
                ..all
            },
            Self::Pp2 => Rules {
                ngram_words: 30,
                short_words: 10,
                short_answers: true,
                ..all
            },
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = DecontaminateError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|preset| preset.name() == name);
        found.ok_or_else(|| DecontaminateError::Preset {
            name: name.to_owned(),
        })
    }
}

/// What happens to a document with hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The document is dropped.
    #[default]
    DropDocument,
    /// The lines with hits are cut out; see [`crate::cut`].
    DropSpan,
    /// Nothing but the report.
    Report,
}

impl Action {
    /// Name in the manifest, e.g. `"drop-document"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DropDocument => "drop-document",
            Self::DropSpan => "drop-span",
            Self::Report => "report",
        }
    }
}

impl FromStr for Action {
    type Err = DecontaminateError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let all = [Self::DropDocument, Self::DropSpan, Self::Report];
        let found = all.into_iter().find(|action| action.name() == name);
        found.ok_or_else(|| DecontaminateError::Action {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse(), Ok(preset));
        }
        assert!("ngram-12".parse::<Preset>().is_err());
        for action in [Action::DropDocument, Action::DropSpan, Action::Report] {
            assert_eq!(action.name().parse(), Ok(action));
        }
        assert!("drop".parse::<Action>().is_err());
    }
}
