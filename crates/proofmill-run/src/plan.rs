//! From a manifest to tasks: finds and measures inputs, cuts them into slices, computes keys.
//!
//! A plan is frozen into `stages/plan.json`, so that tasks on other machines need no manifest and
//! see the same inputs. Nothing here runs a task.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use proofmill_manifest::{Manifest, Source};
use proofmill_read::{InputFile, Slice};
use proofmill_types::{Digest, Kind};
use serde::{Deserialize, Serialize};

use crate::contamination::{Contamination, preset};
use crate::definitions::{Definitions, NamedText};
use crate::failure::Failure;
use crate::known::Known;
use crate::licenses::{FolderLicense, lookup};
use crate::line::{Line, LineSpec};
use crate::models::{Models, built_in_math_digest, has_math_score};
use crate::packing::{slice_bytes, slice_name};
use crate::planned::{find, plan_source};
use crate::scores::Scores;
use crate::stage::{Ingredients, Stage, Task};
use crate::store::Commit;

/// An input file with the digest of its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Input {
    /// Name, size and time of change.
    pub file: InputFile,
    /// XXH3-128 of the stored bytes.
    pub digest: Digest,
}

/// What a source reads and how it is judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedSource {
    /// Its inputs in sorted order.
    pub inputs: Vec<Input>,
    /// Slices of the inputs, one group per task.
    pub groups: Vec<Vec<Slice>>,
    /// Filter definitions in force.
    pub filters: Vec<NamedText>,
    /// Templates that may render its rows (instruct only).
    pub templates: Vec<NamedText>,
    /// Metadata file (arXiv only).
    pub metadata: Option<Input>,
    /// Files of scores.
    #[serde(default)]
    pub scores: Vec<Input>,
    /// Licences by the LICENSE files among the inputs (code only), sorted by folder.
    #[serde(default)]
    pub licenses: Vec<FolderLicense>,
    /// Version of the extractor that read them.
    #[serde(default)]
    pub licenses_version: u32,
}

/// Everything that a run needs to know, frozen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Version of the program that made the plan.
    pub program: String,
    /// The manifest as it was.
    pub manifest: Manifest,
    /// Folder that input paths are relative to.
    pub base: PathBuf,
    /// One per source of the manifest, in its order.
    pub sources: Vec<PlannedSource>,
    /// Language definitions, when a source holds code.
    pub languages: Vec<NamedText>,
    /// Benchmark files.
    pub benchmarks: Vec<Input>,
    /// The tokenizer file; `None` when it is trained.
    pub tokenizer: Option<Input>,
    /// The classifier that tells languages; `None` for the built-in detector.
    #[serde(default)]
    pub language_model: Option<Input>,
    /// The classifier that tells mathematics; `None` for the built-in one.
    #[serde(default)]
    pub math_model: Option<Input>,
    /// What the manifest names and nobody can find; a build refuses to start.
    pub missing: Vec<String>,
}

/// One `prepare` task: a group of slices of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Index of the source.
    pub source: usize,
    /// Index of the group in the source.
    pub group: usize,
}

impl Plan {
    /// Reads the manifest at `path` and everything it names.
    ///
    /// # Errors
    /// A wrong manifest or definition; inputs that do not exist are listed in [`Plan::missing`].
    pub fn make(path: &Path, earlier: Option<&Self>) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the manifest `{}`", path.display()))?;
        let manifest = Manifest::parse(path, &text)?;
        let base = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let base =
            fs::canonicalize(&base).with_context(|| format!("cannot open `{}`", base.display()))?;
        let known = Known::of(earlier);
        let mut missing = Vec::new();

        let folder = manifest
            .corpus
            .filters
            .as_ref()
            .map(|folder| base.join(folder));
        let definitions = Definitions {
            folder: folder.as_deref(),
            base: &base,
        };
        let mut sources = Vec::with_capacity(manifest.source.len());
        for source in &manifest.source {
            sources.push(plan_source(
                source,
                &manifest,
                &base,
                &definitions,
                &known,
                &mut missing,
            )?);
        }
        let has_code = manifest
            .source
            .iter()
            .any(|source| source.kind == Kind::Code);
        let languages = if has_code {
            definitions.languages()?
        } else {
            Vec::new()
        };

        let mut benchmarks = Vec::new();
        if let Some(contamination) = &manifest.decontaminate {
            for file in find(
                Kind::Text,
                &contamination.against,
                &base,
                "decontaminate.against",
                &mut missing,
            ) {
                benchmarks.push(known.input(file)?);
            }
        }
        let mut one = |file: &Option<String>, key: &str| -> Result<Option<Input>> {
            let Some(file) = file else { return Ok(None) };
            let found = find(
                Kind::Text,
                std::slice::from_ref(file),
                &base,
                key,
                &mut missing,
            )
            .pop();
            found.map(|file| known.input(file)).transpose()
        };
        let tokenizer = one(&manifest.tokenizer.file, "tokenizer.file")?;
        let language_model = one(&manifest.language.model, "language.model")?;
        let math_model = one(&manifest.math.model, "math.model")?;
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let plan = Self {
            program,
            manifest,
            base,
            sources,
            languages,
            benchmarks,
            tokenizer,
            language_model,
            math_model,
            missing,
        };
        plan.check_definitions()?;
        Ok(plan)
    }

    /// Compiles everything that the manifest names, so that a mistake shows before the work begins.
    fn check_definitions(&self) -> Result<()> {
        if let Some(contamination) = &self.manifest.decontaminate {
            preset(&contamination.preset)?;
        }
        let models = self.models()?;
        for index in 0..self.sources.len() {
            self.line(index, &models, None, false)?;
        }
        Ok(())
    }

    /// The models of this plan.
    pub(crate) fn models(&self) -> Result<Models> {
        let path = |input: &Option<Input>| input.as_ref().map(|input| input.file.path.clone());
        Models::load(
            path(&self.language_model).as_deref(),
            path(&self.math_model).as_deref(),
        )
    }

    /// The middle stops of the source `index`.
    pub(crate) fn line(
        &self,
        index: usize,
        models: &Models,
        contamination: Option<Arc<Contamination>>,
        shows_refused: bool,
    ) -> Result<Line> {
        let (planned, settings) = (&self.sources[index], &self.manifest.source[index]);
        let scores = if planned.scores.is_empty() {
            None
        } else {
            let files = planned.scores.iter().map(|input| &input.file);
            Some(Arc::new(
                Scores::load(files).with_context(|| format!("source `{}`", settings.name))?,
            ))
        };
        let spec = LineSpec {
            source: &settings.name,
            kind: settings.kind,
            license: settings.license.as_deref(),
            filters: &planned.filters,
            languages: if settings.kind == Kind::Code {
                &self.languages
            } else {
                &[]
            },
            templates: &planned.templates,
            kept_languages: settings.languages.as_deref(),
            models,
            scores: scores.as_ref(),
            max_text_bytes: self.manifest.limits.max_text_bytes,
            settings: &settings.reader_settings(),
            shows_refused,
        };
        Line::new(&spec, contamination).with_context(|| format!("source `{}`", settings.name))
    }

    /// Refuses a plan with missing inputs.
    ///
    /// # Errors
    /// [`Failure::Usage`] with all of them.
    pub fn require_complete(&self) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(Failure::Usage.error(format!(
            "inputs are missing:\n  {}",
            self.missing.join("\n  ")
        )))
    }

    /// The `prepare` tasks' partitions in task order.
    #[must_use]
    pub fn partitions(&self) -> Vec<Partition> {
        let groups = self.sources.iter().enumerate();
        groups
            .flat_map(|(source, planned)| {
                (0..planned.groups.len()).map(move |group| Partition { source, group })
            })
            .collect()
    }

    /// Stored bytes that a partition reads.
    #[must_use]
    pub fn partition_bytes(&self, partition: Partition) -> u64 {
        let slices = &self.sources[partition.source].groups[partition.group];
        slices
            .iter()
            .map(|slice| slice_bytes(slice, self.manifest.limits.slice_bytes))
            .sum()
    }

    /// Whether the tokenizer is trained in the build.
    #[must_use]
    pub fn trains(&self) -> bool {
        self.manifest.tokenizer.train.is_some()
    }

    /// Stages of this plan in order.
    pub fn stages(&self) -> impl Iterator<Item = Stage> + '_ {
        Stage::ALL
            .into_iter()
            .filter(|stage| *stage != Stage::Train || self.trains())
    }

    /// The `prepare` tasks; their ingredients are known before anything runs.
    #[must_use]
    pub fn prepare_tasks(&self) -> Vec<Task> {
        let shared = self.shared_ingredients();
        let digests = |planned: &PlannedSource| -> HashMap<String, Digest> {
            planned
                .inputs
                .iter()
                .map(|input| (input.file.name.to_string(), input.digest))
                .collect()
        };
        let digests: Vec<_> = self.sources.iter().map(digests).collect();
        let licenses: Vec<_> = self
            .sources
            .iter()
            .map(|planned| lookup(&planned.licenses))
            .collect();
        let partitions = self.partitions();
        let tasks = partitions.iter().enumerate().map(|(index, partition)| {
            let planned = &self.sources[partition.source];
            let source = &self.manifest.source[partition.source];
            let mut ingredients = shared.clone();
            ingredients.insert("source".to_owned(), source_ingredient(source));
            for file in planned.filters.iter().chain(&planned.templates) {
                ingredients.insert(
                    format!("definition {}", file.name),
                    file.digest().to_string(),
                );
            }
            if source.kind == Kind::Code {
                for file in &self.languages {
                    ingredients
                        .insert(format!("language {}", file.name), file.digest().to_string());
                }
            }
            for scores in &planned.scores {
                ingredients.insert(
                    format!("scores {}", scores.file.name),
                    scores.digest.to_string(),
                );
            }
            if let (Some(model), true) = (&self.language_model, source.kind != Kind::Code) {
                ingredients.insert("language model".to_owned(), model.digest.to_string());
            }
            if has_math_score(source.kind) {
                let model = self.math_model.as_ref();
                let digest = model.map_or_else(built_in_math_digest, |model| model.digest);
                ingredients.insert("math model".to_owned(), digest.to_string());
            }
            if let Some(metadata) = &planned.metadata {
                ingredients.insert(
                    format!("metadata {}", metadata.file.name),
                    metadata.digest.to_string(),
                );
            }
            for slice in &planned.groups[partition.group] {
                let license = licenses[partition.source].nearest("", &slice.file.name);
                let digest = digests[partition.source]
                    .get(&*slice.file.name)
                    .copied()
                    .unwrap_or_default();
                // The path below the pattern's folder gives a source file its repository and path.
                let mut value = format!(
                    "{digest} {}",
                    slice.file.under.as_deref().unwrap_or_default()
                );
                // An archive brings its LICENSE files along in its own digest.
                if let Some(license) = license {
                    value.push_str(" license ");
                    value.push_str(license);
                }
                ingredients.insert(format!("input {}", slice_name(slice)), value);
            }
            let name = format!("{}/{:05}", source.name, partition.group);
            Task::new(Stage::Prepare, index, name, ingredients)
        });
        tasks.collect()
    }

    /// What every `prepare` task depends on.
    fn shared_ingredients(&self) -> Ingredients {
        let mut ingredients = Ingredients::new();
        let mut add = |name: &str, value: String| ingredients.insert(name.to_owned(), value);
        add("extract version", proofmill_extract::VERSION.to_string());
        add("filter version", proofmill_filter::VERSION.to_string());
        let limits = &self.manifest.limits;
        add(
            "limits",
            format!(
                "record {} text {}",
                limits.max_record_bytes, limits.max_text_bytes
            ),
        );
        if let Some(dedup) = &self.manifest.dedup {
            let (n, bands, rows) = (dedup.ngram_words, dedup.bands, dedup.rows);
            add(
                "signature",
                format!(
                    "{n} words {bands} x {rows} seed {}",
                    self.manifest.corpus.seed
                ),
            );
        }
        if let Some(contamination) = &self.manifest.decontaminate {
            add(
                "decontaminate",
                format!("{} {:?}", contamination.preset, contamination.action),
            );
            for benchmark in &self.benchmarks {
                add(
                    &format!("benchmark {}", benchmark.file.name),
                    benchmark.digest.to_string(),
                );
            }
        }
        ingredients
    }

    /// How many `match` tasks there are: enough that one holds its band records in memory.
    pub(crate) fn n_match_tasks(&self) -> usize {
        /// Stored input bytes behind one `match` task: about 256 MB of band records.
        const BYTES_PER_TASK: u64 = 4 << 30;
        let n_bytes: u64 = self
            .partitions()
            .iter()
            .map(|part| self.partition_bytes(*part))
            .sum();
        usize::try_from(n_bytes.div_ceil(BYTES_PER_TASK))
            .unwrap_or(usize::MAX)
            .clamp(4, 256)
    }

    /// Fails when an input is no longer what the plan saw.
    pub(crate) fn check_input(file: &InputFile) -> Result<()> {
        let path = &file.path;
        let meta = fs::metadata(path).with_context(|| {
            format!(
                "input `{}` has gone since the plan was made; name the manifest again to plan anew",
                path.display()
            )
        })?;
        let since_epoch = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let is_same_time =
            since_epoch.is_none_or(|since| since.as_nanos() == u128::from(file.modified_ns));
        if !file.is_folder && (meta.len() != file.n_bytes || !is_same_time) {
            return Err(Failure::TryAgain.error(format!(
                "input `{}` has changed since the plan was made; name the manifest again to plan anew",
                path.display()
            )));
        }
        Ok(())
    }
}

/// Digest over one file of all `commits`, in order.
pub(crate) fn digests(commits: &[Commit], file: &str) -> String {
    let all: Vec<String> = commits
        .iter()
        .map(|commit| commit.digest_of(file))
        .collect();
    Digest::of(all.join(" ").as_bytes()).to_string()
}

fn source_ingredient(source: &Source) -> String {
    let of = |value: &Option<String>| value.clone().unwrap_or_default();
    let ingredient = format!(
        "{} {} license {:?} text {:?} id {:?} group {:?} template {:?}",
        source.name,
        source.kind,
        of(&source.license),
        of(&source.text_column),
        of(&source.id_column),
        of(&source.group_column),
        of(&source.template),
    );
    let ingredient = match &source.languages {
        Some(languages) => format!("{ingredient} languages {languages:?}"),
        None => ingredient,
    };
    match source.reader_settings() {
        settings if settings.is_empty() => ingredient,
        settings => format!("{ingredient} settings {settings:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[corpus]\nname = \"t\"\n[tokenizer]\ntrain = { vocab_tokens = 600 }\n\
        [limits]\nslice_bytes = 40\n\
        [[source]]\nname = \"rows\"\nkind = \"text\"\ninputs = [\"data\"]\n";

    fn write(folder: &Path, manifest: &str) -> PathBuf {
        fs::create_dir_all(folder.join("data/a")).unwrap();
        fs::write(
            folder.join("data/a/x.jsonl"),
            "{\"text\": \"one row of text\"}\n".repeat(9),
        )
        .unwrap();
        fs::write(folder.join("m.toml"), manifest).unwrap();
        folder.join("m.toml")
    }

    #[test]
    fn a_plan_that_moves_takes_its_cuts_along_and_keeps_its_keys() {
        let dir = tempfile::tempdir().unwrap();
        let earlier = Plan::make(&write(&dir.path().join("old"), MANIFEST), None).unwrap();
        fs::rename(dir.path().join("old"), dir.path().join("new")).unwrap();
        let plan = Plan::make(&dir.path().join("new/m.toml"), Some(&earlier)).unwrap();
        let base = fs::canonicalize(dir.path().join("new")).unwrap();
        let slices: Vec<&Slice> = plan.sources[0].groups.iter().flatten().collect();
        assert!(slices.len() > 1, "{slices:?}");
        for slice in slices {
            assert!(slice.file.path.starts_with(&base), "{slice:?}");
            Plan::check_input(&slice.file).unwrap();
        }
        assert_eq!(plan.prepare_tasks(), earlier.prepare_tasks());
    }

    #[test]
    fn where_a_file_was_found_is_an_ingredient() {
        let dir = tempfile::tempdir().unwrap();
        let earlier = Plan::make(&write(dir.path(), MANIFEST), None).unwrap();
        let deeper = MANIFEST.replace("\"data\"", "\"data/a\"");
        let plan = Plan::make(&write(dir.path(), &deeper), Some(&earlier)).unwrap();
        assert_ne!(
            plan.prepare_tasks()[0].key(),
            earlier.prepare_tasks()[0].key()
        );
    }

    #[test]
    fn mistakes_in_what_the_manifest_names_show_in_the_plan() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("benchmark.jsonl"), "{}\n").unwrap();
        let wrong_preset =
            "[decontaminate]\nagainst = [\"benchmark.jsonl\"]\npreset = \"ngram-99\"\n[[source]]";
        for (from, to, part) in [
            ("[[source]]", wrong_preset, "ngram-99"),
            ("inputs", "filter = \"arxiv\"\ninputs", "not `text`"),
        ] {
            let manifest = write(dir.path(), &MANIFEST.replace(from, to));
            let error = Plan::make(&manifest, None).unwrap_err();
            assert_eq!(Failure::of(&error), Failure::Usage, "{error:#}");
            assert!(format!("{error:#}").contains(part), "{error:#}");
        }
    }
}
