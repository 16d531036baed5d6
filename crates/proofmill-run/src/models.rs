//! The models that score texts, loaded once for all sources.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use proofmill_extract::Detector;
use proofmill_score::fasttext::Model;
use proofmill_score::linear::Classifier;
use proofmill_types::{Digest, Document, Kind};

use crate::definitions::built_in_bytes;
use crate::failure::Failure;

/// The built-in classifier, below the folder of definitions.
pub(crate) const MATH_MODEL: &str = "models/math.pmlm";

/// What tells languages and mathematics.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// Tells languages.
    pub language: Detector,
    /// Tells mathematical prose; nothing is scored without it.
    pub math: Option<Arc<Classifier>>,
}

impl Models {
    /// Reads the models at these paths; without one, `whatlang` and the built-in classifier.
    ///
    /// # Errors
    /// [`Failure::Usage`] for a file that is no such model; a file that cannot be read.
    pub fn load(language: Option<&Path>, math: Option<&Path>) -> Result<Self> {
        let read = |path: &Path| {
            std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
        };
        let wrong = |path: &Path, error: &dyn std::fmt::Display| {
            Failure::Usage.error(format!("`{}`: {error}", path.display()))
        };
        let language = match language {
            Some(path) => {
                let model = Model::parse(&read(path)?).map_err(|error| wrong(path, &error))?;
                Detector::new(Some(Arc::new(model)))
            }
            None => Detector::default(),
        };
        let math = match math {
            Some(path) => Classifier::parse(&read(path)?).map_err(|error| wrong(path, &error))?,
            None => built_in_math()?,
        };
        Ok(Self {
            language,
            math: Some(Arc::new(math)),
        })
    }

    /// Sets the signal `math_score` of `doc`, if its kind has it.
    pub(crate) fn score(&self, doc: &mut Document) {
        if let (Some(math), true) = (&self.math, has_math_score(doc.kind))
            && let Some(score) = math.score(&doc.text)
        {
            doc.signals.set("math_score", score);
        }
    }
}

/// Whether documents of `kind` are scored.
pub(crate) fn has_math_score(kind: Kind) -> bool {
    matches!(kind, Kind::Web | Kind::Text)
}

/// Digest of the built-in classifier: an ingredient of the tasks that it scores in.
pub(crate) fn built_in_math_digest() -> Digest {
    Digest::of(built_in_bytes(MATH_MODEL).unwrap_or_default())
}

fn built_in_math() -> Result<Classifier> {
    let file = built_in_bytes(MATH_MODEL).context("the built-in classifier is missing")?;
    Ok(Classifier::parse(file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_classifier_tells_mathematics_from_other_prose() {
        let models = Models::load(None, None).unwrap();
        let score = |text: &str| {
            let mut doc = Document::from_text(text);
            models.score(&mut doc);
            doc.signals.get("math_score").unwrap()
        };
        let math = score(
            "We prove that every bounded sequence has a convergent subsequence. Let $x_n$ be such a sequence; \
             by the lemma above it has infinitely many terms in one half of the interval, and we argue by induction.",
        );
        let other = score(
            "The festival opens on Friday with a concert in the old town. Tickets are sold at the door, and there \
             will be food and drinks from local farmers all weekend long, whatever the weather.",
        );
        assert!(math > 0.7 && other < 0.3, "{math} {other}");
    }

    #[test]
    fn a_file_that_is_no_model_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.ftz");
        std::fs::write(&path, "no model").unwrap();
        for (language, math) in [(Some(&*path), None), (None, Some(&*path))] {
            let error = Models::load(language, math).unwrap_err();
            assert_eq!(Failure::of(&error), Failure::Usage);
            assert!(format!("{error:#}").contains("x.ftz"), "{error:#}");
        }
    }
}
