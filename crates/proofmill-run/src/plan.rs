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
use proofmill_read::{InputFile, Slice, SliceUnit};
use proofmill_types::{Digest, Kind};
use serde::{Deserialize, Serialize};

use crate::contamination::{Contamination, preset};
use crate::definitions::{Definitions, NamedText};
use crate::failure::Failure;
use crate::line::{Line, LineSpec};
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

/// Slices and digests of files that have not changed are taken from an earlier plan.
#[derive(Default)]
struct Known<'a> {
    plan: Option<&'a Plan>,
    inputs: HashMap<&'a Path, &'a Input>,
    /// Slices by index of the source and name of the file, in their order.
    slices: HashMap<(usize, &'a str), Vec<&'a Slice>>,
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
        let tokenizer = match &manifest.tokenizer.file {
            Some(file) => find(
                Kind::Text,
                std::slice::from_ref(file),
                &base,
                "tokenizer.file",
                &mut missing,
            )
            .pop()
            .map(|file| known.input(file))
            .transpose()?,
            None => None,
        };
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let plan = Self {
            program,
            manifest,
            base,
            sources,
            languages,
            benchmarks,
            tokenizer,
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
        for index in 0..self.sources.len() {
            self.line(index, None, false)?;
        }
        Ok(())
    }

    /// The middle stops of the source `index`.
    pub(crate) fn line(
        &self,
        index: usize,
        contamination: Option<Arc<Contamination>>,
        shows_refused: bool,
    ) -> Result<Line> {
        let (planned, settings) = (&self.sources[index], &self.manifest.source[index]);
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
            max_text_bytes: self.manifest.limits.max_text_bytes,
            setting: None,
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
            if let Some(metadata) = &planned.metadata {
                ingredients.insert(
                    format!("metadata {}", metadata.file.name),
                    metadata.digest.to_string(),
                );
            }
            for slice in &planned.groups[partition.group] {
                let digest = digests[partition.source]
                    .get(&*slice.file.name)
                    .copied()
                    .unwrap_or_default();
                // The path below the pattern's folder gives a source file its repository and path.
                let value = format!(
                    "{digest} {}",
                    slice.file.under.as_deref().unwrap_or_default()
                );
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

/// Stored bytes of a slice; for a run of row groups, which is cut at about `target_bytes`, an estimate
/// that is good enough for packing and bars.
pub(crate) fn slice_bytes(slice: &Slice, target_bytes: u64) -> u64 {
    match slice.unit {
        SliceUnit::Bytes => slice
            .end
            .min(slice.file.n_bytes)
            .saturating_sub(slice.start),
        SliceUnit::RowGroups => slice.file.n_bytes.min(target_bytes),
    }
}

/// File and range, e.g. `crawl.warc 0..4096`.
pub(crate) fn slice_name(slice: &Slice) -> String {
    if slice.start == 0 && slice.end == u64::MAX {
        return slice.file.name.to_string();
    }
    format!("{} {}..{}", slice.file.name, slice.start, slice.end)
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
    format!(
        "{} {} license {:?} text {:?} id {:?} group {:?} template {:?}",
        source.name,
        source.kind,
        of(&source.license),
        of(&source.text_column),
        of(&source.id_column),
        of(&source.group_column),
        of(&source.template),
    )
}

fn plan_source(
    source: &Source,
    manifest: &Manifest,
    base: &Path,
    definitions: &Definitions<'_>,
    known: &Known<'_>,
    missing: &mut Vec<String>,
) -> Result<PlannedSource> {
    let filters = definitions
        .filter(source.kind, source.filter_name())
        .with_context(|| format!("source `{}`", source.name))?;
    let templates = match (&source.template, source.kind) {
        (Some(name), _) => vec![
            definitions
                .template(name)
                .with_context(|| format!("source `{}`", source.name))?,
        ],
        (None, Kind::Instruct) => definitions.templates()?,
        _ => Vec::new(),
    };
    let key = format!("source.{}.inputs", source.name);
    let mut inputs = Vec::new();
    let mut slices = Vec::new();
    for file in find(source.kind, &source.inputs, base, &key, missing) {
        let input = known.input(file)?;
        slices.extend(known.slices(source, &input, manifest.limits.slice_bytes)?);
        inputs.push(input);
    }
    let metadata = match &source.metadata {
        Some(file) => {
            let key = format!("source.{}.metadata", source.name);
            let found = find(Kind::Text, std::slice::from_ref(file), base, &key, missing).pop();
            found.map(|file| known.input(file)).transpose()?
        }
        None => None,
    };
    let groups = group(slices, manifest.limits.slice_bytes);
    Ok(PlannedSource {
        inputs,
        groups,
        filters,
        templates,
        metadata,
    })
}

/// Finds the files of `patterns`; each pattern without a file goes to `missing`.
fn find(
    kind: Kind,
    patterns: &[String],
    base: &Path,
    key: &str,
    missing: &mut Vec<String>,
) -> Vec<InputFile> {
    let mut files: Vec<InputFile> = Vec::new();
    for pattern in patterns {
        match proofmill_read::list(kind, std::slice::from_ref(pattern), base) {
            Ok(found) => files.extend(found),
            Err(error) => missing.push(format!("{key}: {:#}", anyhow::Error::from(error))),
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files.dedup_by(|left, right| left.name == right.name);
    files
}

/// Packs slices into tasks of about `target_bytes`.
///
/// A boundary also falls after a slice whose name hashes to 0 modulo 8 once a quarter of the target
/// is reached, so that an added file moves the boundaries near it only.
fn group(slices: Vec<Slice>, target_bytes: u64) -> Vec<Vec<Slice>> {
    let mut groups: Vec<Vec<Slice>> = Vec::new();
    let mut n_bytes = u64::MAX; // full, so the first slice opens a group
    for slice in slices {
        let n_slice_bytes = slice_bytes(&slice, target_bytes);
        if n_bytes.saturating_add(n_slice_bytes) > target_bytes {
            groups.push(Vec::new());
            n_bytes = 0;
        }
        n_bytes = n_bytes.saturating_add(n_slice_bytes);
        let is_boundary = Digest::of(slice_name(&slice).as_bytes())
            .0
            .is_multiple_of(8);
        if let Some(last) = groups.last_mut() {
            last.push(slice);
        }
        if is_boundary && n_bytes >= target_bytes / 4 {
            n_bytes = u64::MAX;
        }
    }
    groups
}

impl<'a> Known<'a> {
    fn of(plan: Option<&'a Plan>) -> Self {
        let Some(plan) = plan else {
            return Self::default();
        };
        let of_sources = plan
            .sources
            .iter()
            .flat_map(|source| source.inputs.iter().chain(&source.metadata));
        let inputs = of_sources.chain(&plan.benchmarks).chain(&plan.tokenizer);
        let mut slices: HashMap<_, Vec<_>> = HashMap::new();
        for (index, source) in plan.sources.iter().enumerate() {
            for slice in source.groups.iter().flatten() {
                slices
                    .entry((index, &*slice.file.name))
                    .or_default()
                    .push(slice);
            }
        }
        Self {
            plan: Some(plan),
            inputs: inputs.map(|input| (&*input.file.path, input)).collect(),
            slices,
        }
    }

    fn input(&self, file: InputFile) -> Result<Input> {
        let is_same = |old: &InputFile| {
            old.n_bytes == file.n_bytes
                && old.modified_ns == file.modified_ns
                && old.is_folder == file.is_folder
        };
        let digest = match self.inputs.get(&*file.path) {
            Some(earlier) if is_same(&earlier.file) => earlier.digest,
            _ => proofmill_read::digest(&file)?,
        };
        Ok(Input { file, digest })
    }

    /// Slices of `input`: from the earlier plan when neither its bytes nor the settings changed.
    fn slices(&self, source: &Source, input: &Input, target_bytes: u64) -> Result<Vec<Slice>> {
        let earlier = self
            .plan
            .filter(|plan| plan.manifest.limits.slice_bytes == target_bytes)
            .and_then(|plan| {
                let index = plan
                    .manifest
                    .source
                    .iter()
                    .position(|old| old.name == source.name && old.kind == source.kind)?;
                let slices = self.slices.get(&(index, &*input.file.name))?;
                let old = self.inputs.get(&*slices.first()?.file.path)?;
                (old.digest == input.digest).then_some(slices)
            });
        match earlier {
            // The file may have moved, or be found by another pattern: only the cuts are taken.
            Some(slices) => Ok(slices
                .iter()
                .map(|&slice| Slice {
                    file: input.file.clone(),
                    ..slice.clone()
                })
                .collect()),
            None => Ok(proofmill_read::slices(
                &input.file,
                source.kind,
                target_bytes,
            )?),
        }
    }
}
