//! The manifest: everything that decides what goes into a corpus, and nothing else.
//!
//! A manifest is TOML. Unknown keys are refused with line, column and the valid keys; every key that
//! may be left out has a default that `proofmill plan` shows. The JSON schema for editors and the
//! reference page come from these very types ([`schema`], [`reference()`]), so they cannot disagree.

mod reference;
mod settings;
mod validate;

use std::path::PathBuf;

pub use reference::{reference, schema};
pub use settings::{
    Contacts, Contamination, ContaminationAction, Corpus, Dedup, KeepRule, Language, Licenses,
    Limits, Manifest, MathScore, Notebooks, Secrets, Shards, Source, SpecialTokens, Split,
    Tokenizer, Train,
};

/// A manifest that cannot be used; the message says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, an unknown key or a value of the wrong type; `detail` has line, column and caret.
    #[error("manifest `{path}` cannot be understood\n{detail}")]
    Parse {
        /// The manifest.
        path: PathBuf,
        /// Line, column, caret and the valid keys.
        detail: String,
    },
    /// Well formed, but a value makes no sense.
    #[error("manifest `{path}`: {key}: {detail}")]
    Value {
        /// The manifest.
        path: PathBuf,
        /// Path of the key, e.g. `source.arxiv.weight`.
        key: String,
        /// What is wrong and what is allowed.
        detail: String,
    },
}

impl Manifest {
    /// Parses and validates the text of a manifest; `path` is for messages only.
    ///
    /// # Errors
    /// [`ManifestError`] naming the line or the key.
    pub fn parse(path: &std::path::Path, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ManifestError::Parse {
            path: path.to_owned(),
            detail: error.to_string().trim_end().to_owned(),
        })?;
        validate::validate(&manifest).map_err(|(key, detail)| ManifestError::Value {
            path: path.to_owned(),
            key,
            detail,
        })?;
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const SMALL: &str = r#"
[corpus]
name = "tiny"
[tokenizer]
file = "t.json"
[[source]]
name = "papers"
kind = "arxiv"
inputs = ["a.tar"]
"#;

    fn parse(text: &str) -> Result<Manifest, String> {
        Manifest::parse(Path::new("m.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_filled_in() {
        let manifest = parse(SMALL).unwrap();
        assert_eq!(manifest.corpus.seed, 42);
        assert_eq!(manifest.source[0].filter_name(), "arxiv");
        assert!(manifest.dedup.is_none());
        assert!((manifest.split.validation_ratio - 0.005).abs() < 1e-12);
    }

    #[test]
    fn a_misspelt_key_shows_line_column_caret_and_the_valid_keys() {
        let error = parse(&SMALL.replace("inputs =", "imputs =")).unwrap_err();
        for part in [
            "line 9, column 1",
            "^^^^^^",
            "`imputs`",
            "`inputs`",
            "`weight`",
        ] {
            assert!(error.contains(part), "{part} is missing in {error}");
        }
    }

    #[test]
    fn values_that_make_no_sense_are_named() {
        let cases = [
            (
                "inputs = [\"a.tar\"]",
                "inputs = []",
                "source.papers.inputs",
            ),
            ("name = \"papers\"", "name = \"../x\"", "source.../x.name"),
            ("name = \"tiny\"", "name = \"\"", "corpus.name"),
            (
                "inputs =",
                "weight = -1.0\ninputs =",
                "source.papers.weight",
            ),
            (
                "[[source]]",
                "[split]\ntest_ratio = 0.7\nvalidation_ratio = 0.5\n[[source]]",
                "split",
            ),
            (
                "[[source]]",
                "[dedup]\nbands = 0\n[[source]]",
                "dedup.bands",
            ),
            (
                "[[source]]",
                "[dedup]\nmin_jaccard = 1.5\n[[source]]",
                "dedup.min_jaccard",
            ),
            ("file = \"t.json\"", "", "tokenizer"),
            (
                "file = \"t.json\"",
                "train = { vocab_tokens = 2000000 }",
                "tokenizer.train.vocab_tokens",
            ),
            (
                "file = \"t.json\"",
                "file = \"t.json\"\ntrain = { vocab_tokens = 999 }",
                "tokenizer",
            ),
            (
                "inputs =",
                "languages = []\ninputs =",
                "source.papers.languages",
            ),
            (
                "inputs =",
                "secrets = \"mask\"\ninputs =",
                "source.papers.secrets",
            ),
            (
                "inputs =",
                "template = \"alpaca\"\ninputs =",
                "source.papers.template",
            ),
        ];
        for (from, to, key) in cases {
            let error = parse(&SMALL.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(key), "{key} is missing in {error}");
        }
    }

    #[test]
    fn two_sources_of_one_name_are_refused() {
        let second = "[[source]]\nname = \"papers\"\nkind = \"web\"\ninputs = [\"b\"]\n";
        let error = parse(&format!("{SMALL}{second}")).unwrap_err();
        assert!(error.contains("source.papers.name"), "{error}");
    }
}
