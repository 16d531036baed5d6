//! `corpus.json` and `proofmill.lock`: what a finished build says about itself.
//!
//! Neither holds a time, a host or a path outside the output directory, so equal builds have equal
//! files. `corpus.json` is written last: where it is, the corpus is complete.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use proofmill_shard::tables::Split;
use proofmill_types::{Digest, Kind};
use serde::{Deserialize, Serialize};

use crate::counts::{Counts, Tally};
use crate::failure::Failure;
use crate::plan::{Input, Plan};
use crate::run::Run;
use crate::stage::Stage;
use crate::store::{Commit, read_json};

/// File name of [`Corpus`] in the output directory.
pub const CORPUS: &str = "corpus.json";

/// File name of [`Lock`] in the output directory.
pub const LOCK: &str = "proofmill.lock";

/// Version of the layout of `corpus.json` and of the output directory.
pub const FORMAT_VERSION: u32 = 1;

/// What a finished corpus holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Corpus {
    /// Layout version, now 1.
    pub format_version: u32,
    /// Name from the manifest.
    pub name: String,
    /// Version of the program that published it.
    pub program: String,
    /// Seed of splits and hash functions.
    pub seed: u64,
    /// How text became ids.
    pub tokenizer: TokenizerInfo,
    /// One per source, in manifest order.
    pub sources: Vec<CorpusSource>,
    /// Sequences and documents by shard prefix: Megatron's `--per-dataset-sequences-path`.
    pub sequences: BTreeMap<String, (u64, u64)>,
    /// Every file below the output directory except `stages` and this one, by path.
    pub files: Vec<CorpusFile>,
}

/// How text became ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenizerInfo {
    /// File name, or the corpus name for a trained one.
    pub name: String,
    /// SHA-256 of the `tokenizer.json`.
    pub sha256: String,
    /// Engine that made the ids.
    pub engine: String,
    /// Version of its Unicode tables.
    pub unicode_version: String,
    /// Highest id + 1.
    pub vocab_tokens: u64,
    /// `u16` or `i32`, little-endian.
    pub dtype: String,
    /// Id that ends every document.
    pub eod: u32,
    /// Id that starts every document, if any.
    pub bos: Option<u32>,
    /// `as-text` or `parse`.
    pub special_tokens: String,
}

/// One source of a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorpusSource {
    /// Name from the manifest.
    pub name: String,
    /// What it held.
    pub kind: Kind,
    /// Mixture weight from the manifest.
    pub weight: f64,
    /// Its share of all weights, 0 to 1.
    pub weight_ratio: f64,
    /// What was kept, by split.
    pub splits: BTreeMap<String, Tally>,
    /// Path prefixes of its shards below the output directory, by split.
    pub shards: BTreeMap<String, Vec<String>>,
    /// What was read, kept and dropped.
    pub counts: Counts,
}

/// One file of a corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusFile {
    /// Path below the output directory, `/` between folders.
    pub path: String,
    /// Bytes.
    pub n_bytes: u64,
    /// XXH3-128 of the bytes.
    pub digest: Digest,
}

/// Pins everything that decides the bytes: the same lock gives the same corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Version of the program.
    pub program: String,
    /// Version of each stage.
    pub stages: BTreeMap<String, u32>,
    /// SHA-256 of the tokenizer.
    pub tokenizer_sha256: String,
    /// Digest of every filter, language and template definition, by name.
    pub definitions: BTreeMap<String, Digest>,
    /// Size and digest of every input: of sources by their name and the file's, else by the file's.
    pub inputs: BTreeMap<String, LockedInput>,
    /// The manifest with all defaults filled in.
    pub manifest: proofmill_manifest::Manifest,
}

/// Size and digest of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedInput {
    /// Bytes as stored.
    pub n_bytes: u64,
    /// XXH3-128 of them.
    pub digest: Digest,
}

impl Corpus {
    /// Reads the description of the corpus in `out`.
    ///
    /// # Errors
    /// [`Failure::Usage`] if the build is not complete.
    pub fn read(out: &Path) -> Result<Self> {
        read_json(&out.join(CORPUS))?.ok_or_else(|| {
            Failure::Usage.error(format!(
                "`{}` holds no finished corpus (there is no {CORPUS}); run `proofmill build` first",
                out.display()
            ))
        })
    }

    /// Describes the outputs of a finished build.
    ///
    /// # Errors
    /// [`Failure::Internal`] if a source's records are not those kept and those dropped.
    pub(crate) fn describe(
        run: &Run,
        encoded: &[Commit],
        assembled: &[Commit],
        files: Vec<CorpusFile>,
    ) -> Result<Self> {
        let plan = run.plan();
        let coder = run.tokenizer()?;
        let tokenizer = coder.tokenizer();
        let total_weight: f64 = plan
            .manifest
            .source
            .iter()
            .map(|source| source.weight)
            .sum();
        let mut sequences = BTreeMap::new();
        let mut sources = Vec::new();
        for (number, source) in plan.manifest.source.iter().enumerate() {
            let mut counts = Counts::default();
            for (partition, commit) in plan.partitions().iter().zip(encoded) {
                if partition.source == number {
                    counts.add(&commit.counts);
                }
            }
            counts.check().map_err(|what| {
                Failure::Internal.error(format!(
                    "the ledger of source `{}` does not add up: {what}",
                    source.name
                ))
            })?;
            let mut shards = BTreeMap::new();
            for (split_index, split) in Split::ALL.into_iter().enumerate() {
                let commit = &assembled[number * Split::ALL.len() + split_index];
                let mut prefixes = Vec::new();
                for output in &commit.outputs {
                    let Some(name) = output.file.strip_suffix(".idx") else {
                        continue;
                    };
                    let prefix = format!("shards/{}/{name}", source.name);
                    let n_docs = crate::assemble::n_docs(output);
                    sequences.insert(prefix.clone(), (n_docs, n_docs));
                    prefixes.push(prefix);
                }
                if !prefixes.is_empty() {
                    shards.insert(split.name().to_owned(), prefixes);
                }
            }
            sources.push(CorpusSource {
                name: source.name.clone(),
                kind: source.kind,
                weight: source.weight,
                weight_ratio: if total_weight > 0.0 {
                    source.weight / total_weight
                } else {
                    0.0
                },
                splits: counts.splits.clone(),
                shards,
                counts,
            });
        }
        Ok(Self {
            format_version: FORMAT_VERSION,
            name: plan.manifest.corpus.name.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            seed: plan.manifest.corpus.seed,
            tokenizer: TokenizerInfo {
                name: coder.name().to_owned(),
                sha256: tokenizer.sha256().to_owned(),
                engine: tokenizer.engine().to_owned(),
                unicode_version: tokenizer.unicode_version().to_owned(),
                vocab_tokens: tokenizer.vocab_tokens(),
                dtype: if coder.is_narrow() { "u16" } else { "i32" }.to_owned(),
                eod: coder.eod().0,
                bos: coder.bos().map(|id| id.0),
                special_tokens: coder.special_tokens().to_owned(),
            },
            sources,
            sequences,
            files,
        })
    }
}

/// A manifest as TOML, with every default filled in.
///
/// # Errors
/// Never for a manifest that was parsed.
pub fn manifest_toml(manifest: &proofmill_manifest::Manifest) -> Result<String> {
    Ok(toml::to_string(manifest)?)
}

impl Lock {
    /// Reads the lock of the corpus in `out`.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is none.
    pub fn read(out: &Path) -> Result<Self> {
        read_json(&out.join(LOCK))?.ok_or_else(|| {
            Failure::Usage.error(format!("there is no `{}`", out.join(LOCK).display()))
        })
    }

    /// In what `plan` differs from this lock, in words; empty if it gives the same bytes.
    #[must_use]
    pub fn changes(&self, plan: &Plan) -> Vec<String> {
        let now = Self::of(plan, &self.tokenizer_sha256);
        let mut changes = Vec::new();
        if now.program != self.program {
            changes.push(format!(
                "program version {} instead of {}",
                now.program, self.program
            ));
        }
        if now.stages != self.stages {
            changes.push("stage versions of this program".to_owned());
        }
        if now.manifest != self.manifest {
            changes.push("the manifest".to_owned());
        }
        compare(
            "definition",
            &self.definitions,
            &now.definitions,
            &mut changes,
        );
        compare("input", &self.inputs, &now.inputs, &mut changes);
        changes
    }

    /// The lock of `plan`, whose tokenizer has the digest `tokenizer_sha256`.
    pub(crate) fn of(plan: &Plan, tokenizer_sha256: &str) -> Self {
        let locked = |input: &Input| LockedInput {
            n_bytes: input.file.n_bytes,
            digest: input.digest,
        };
        let mut inputs = BTreeMap::new();
        let mut definitions = BTreeMap::new();
        for (source, planned) in plan.manifest.source.iter().zip(&plan.sources) {
            for input in planned
                .inputs
                .iter()
                .chain(&planned.metadata)
                .chain(&planned.scores)
            {
                inputs.insert(
                    format!("{} {}", source.name, input.file.name),
                    locked(input),
                );
            }
            for file in planned.filters.iter().chain(&planned.templates) {
                definitions.insert(file.name.clone(), file.digest());
            }
        }
        for file in &plan.languages {
            definitions.insert(file.name.clone(), file.digest());
        }
        if plan.math_model.is_none() {
            let digest = crate::models::built_in_math_digest();
            definitions.insert(crate::models::MATH_MODEL.to_owned(), digest);
        }
        let models = plan.language_model.iter().chain(&plan.math_model);
        for input in plan.benchmarks.iter().chain(&plan.tokenizer).chain(models) {
            inputs.insert(input.file.name.to_string(), locked(input));
        }
        Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            stages: Stage::ALL
                .iter()
                .map(|stage| (stage.name().to_owned(), stage.version()))
                .collect(),
            tokenizer_sha256: tokenizer_sha256.to_owned(),
            definitions,
            inputs,
            manifest: plan.manifest.clone(),
        }
    }
}

fn compare<T: PartialEq>(
    what: &str,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    changes: &mut Vec<String>,
) {
    for (name, value) in new {
        match old.get(name) {
            None => changes.push(format!("{what} `{name}` is new")),
            Some(before) if before != value => changes.push(format!("{what} `{name}` has changed")),
            Some(_) => {}
        }
    }
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    changes.extend(gone.map(|name| format!("{what} `{name}` is gone")));
}
