//! Which cases run, on which of their two corpora, and whether their answers are right.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{Case, Corpus, Stop};

/// Counts that a stop gave, by name.
pub type Answer = BTreeMap<&'static str, u64>;

/// A case with the corpus that it runs on.
#[derive(Clone, Debug)]
pub struct Work {
    /// The case.
    pub case: Case,
    /// Its inputs and their answer.
    pub corpus: Corpus,
    /// Folder that input paths are relative to.
    pub base: PathBuf,
    corpus_name: &'static str,
}

impl fmt::Display for Work {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.case.name, self.corpus_name)
    }
}

/// The work of `stop` in this run: on the shared folder in a bench, on the sample in a test.
///
/// # Panics
/// If the files of cases cannot be read or understood.
#[must_use]
pub fn works(stop: Stop) -> Vec<Work> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = match Case::all(&here.join("cases")) {
        Ok(cases) => cases,
        Err(error) => panic!("the cases of benches cannot be read: {error:#}"),
    };
    let shared_folder = shared_folder();
    let is_bench = is_bench();
    let has_shared = shared_folder.join("corpus").is_dir();
    let mut works = Vec::new();
    for case in cases.into_iter().filter(|case| case.stop == stop) {
        let shared = case.shared.clone().filter(|_| is_bench);
        if shared.is_some() && !has_shared {
            let folder = shared_folder.display();
            say(&format!(
                "SKIPPED: bench case `{}`: there is no shared corpus at {folder}",
                case.name
            ));
        }
        match (shared, case.sample.clone()) {
            (Some(corpus), _) if has_shared => {
                works.push(Work {
                    case,
                    corpus,
                    base: shared_folder.clone(),
                    corpus_name: "shared",
                });
            }
            (_, Some(corpus)) => {
                works.push(Work {
                    case,
                    corpus,
                    base: manifests(),
                    corpus_name: "sample",
                });
            }
            (_, None) => {}
        }
    }
    works
}

/// Whether figures are wanted (`cargo bench`), not just answers (`cargo test`).
#[must_use]
pub fn is_bench() -> bool {
    let has = |wanted: &str| env::args().any(|arg| arg == wanted);
    has("--bench") && !has("--test")
}

/// The folder of real data beside the repository.
fn shared_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    env::var_os("PROOFMILL_SHARED").map_or_else(beside, PathBuf::from)
}

fn manifests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests")
}

#[expect(
    clippy::print_stderr,
    reason = "who runs a bench must see what did not run"
)]
fn say(line: &str) {
    eprintln!("{line}");
}

impl Work {
    /// The manifest to build; `None` if the case names none.
    #[must_use]
    pub fn manifest(&self) -> Option<PathBuf> {
        self.corpus
            .manifest
            .as_ref()
            .map(|name| manifests().join(name))
    }

    /// Compares `found` with the answer of the case.
    ///
    /// # Errors
    /// The counts that are wrong, and all that were found.
    pub fn check(&self, found: &Answer) -> Result<()> {
        let Corpus {
            answer,
            at_least,
            at_most,
            ..
        } = &self.corpus;
        let names: BTreeSet<&String> = answer
            .keys()
            .chain(at_least.keys())
            .chain(at_most.keys())
            .collect();
        let mut wrong = Vec::new();
        if names.is_empty() {
            wrong.push("the case states no answer".to_owned());
        }
        for name in names {
            let Some(&count) = found.get(name.as_str()) else {
                wrong.push(format!("there is no count `{name}`"));
                continue;
            };
            let least = answer
                .get(name)
                .or(at_least.get(name))
                .copied()
                .unwrap_or(0);
            let most = answer
                .get(name)
                .or(at_most.get(name))
                .copied()
                .unwrap_or(u64::MAX);
            if !(least..=most).contains(&count) {
                wrong.push(format!("`{name}` is {count}, expected {least} to {most}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        bail!(
            "bench case `{self}` gave a wrong answer: {}; it found {found:?}",
            wrong.join("; ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(answer: &str) -> Work {
        let corpus: Corpus = toml::from_str(answer).unwrap();
        let case = toml::from_str("name = \"x\"\nstop = \"read\"").unwrap();
        Work {
            case,
            corpus,
            base: PathBuf::new(),
            corpus_name: "sample",
        }
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        let found = Answer::from([("records", 5), ("bytes", 70)]);
        let is_right = |answer: &str| work(answer).check(&found).is_ok();
        assert!(is_right(
            "answer = { records = 5 }\nat_least = { bytes = 70 }\nat_most = { bytes = 70 }"
        ));
        assert!(!is_right("answer = { records = 6 }"));
        assert!(!is_right("at_least = { bytes = 71 }"));
        assert!(!is_right("at_most = { bytes = 69 }"));
        assert!(
            !is_right("answer = { documents = 5 }"),
            "a count that is not there"
        );
        assert!(!is_right(""), "no answer at all");
    }

    #[test]
    fn every_case_can_be_tested() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
        let mut names = BTreeSet::new();
        for case in Case::all(&folder).unwrap() {
            assert!(
                case.shared.is_some() || case.sample.is_some(),
                "`{}` has no corpus",
                case.name
            );
            assert!(
                names.insert(case.name.clone()),
                "`{}` stands there twice",
                case.name
            );
        }
    }
}
