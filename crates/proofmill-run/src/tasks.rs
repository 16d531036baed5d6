//! The tasks of each stage and what they depend on.

use std::sync::Arc;

use anyhow::Result;
use proofmill_read::Metadata;
use proofmill_shard::tables::Split;
use proofmill_types::{Digest, Kind};

use crate::duplicates::{EDGES, removed_file};
use crate::encode::tokens_file;
use crate::licenses::lookup;
use crate::plan::{Plan, digests};
use crate::prepare::{BANDS, DOCS, LEDGER};
use crate::run::Run;
use crate::stage::{Ingredients, Stage, Task};
use crate::store::{Commit, to_json};
use crate::train::TOKENIZER;

/// The tasks of `stage`.
pub(crate) fn tasks(run: &Run, stage: Stage) -> Result<Vec<Task>> {
    Ok(match stage {
        Stage::Prepare => run.plan().prepare_tasks(),
        Stage::Match => match_tasks(run.plan(), &run.commits(Stage::Prepare)?.commits),
        Stage::Cluster => {
            let prepared = run.commits(Stage::Prepare)?;
            vec![cluster_task(
                run.plan(),
                &prepared.commits,
                &run.commits(Stage::Match)?.commits,
            )]
        }
        Stage::Train => {
            let prepared = run.commits(Stage::Prepare)?;
            vec![train_task(
                run.plan(),
                &prepared.commits,
                &run.commits(Stage::Cluster)?.commits,
            )]
        }
        Stage::Encode => {
            let prepared = run.commits(Stage::Prepare)?;
            encode_tasks(
                run,
                &prepared.commits,
                &run.commits(Stage::Cluster)?.commits[0],
            )?
        }
        Stage::Assemble => assemble_tasks(run, &run.commits(Stage::Encode)?.commits)?,
    })
}

fn match_tasks(plan: &Plan, prepared: &[Commit]) -> Vec<Task> {
    let n_tasks = plan.n_match_tasks();
    let mut shared = ingredients([("bands", digests(prepared, BANDS))]);
    if let Some(dedup) = &plan.manifest.dedup {
        shared.insert("docs".to_owned(), digests(prepared, DOCS));
        shared.insert("ngram_words".to_owned(), dedup.ngram_words.to_string());
        shared.insert("min_jaccard".to_owned(), dedup.min_jaccard.to_string());
    }
    let task = |index: usize| {
        let mut ingredients = shared.clone();
        ingredients.insert("range".to_owned(), format!("{index} of {n_tasks}"));
        Task::new(
            Stage::Match,
            index,
            format!("range {index} of {n_tasks}"),
            ingredients,
        )
    };
    (0..n_tasks).map(task).collect()
}

fn cluster_task(plan: &Plan, prepared: &[Commit], matched: &[Commit]) -> Task {
    let keep = plan.manifest.dedup.clone().unwrap_or_default().keep;
    let order: Vec<String> = plan
        .partitions()
        .iter()
        .map(|part| part.source.to_string())
        .collect();
    let ingredients = ingredients([
        ("docs", digests(prepared, DOCS)),
        ("edges", digests(matched, EDGES)),
        ("keep", format!("{keep:?}")),
        ("order of sources", order.join(" ")),
    ]);
    Task::new(Stage::Cluster, 0, "all".to_owned(), ingredients)
}

fn train_task(plan: &Plan, prepared: &[Commit], clustered: &[Commit]) -> Task {
    let settings = &plan.manifest;
    let ingredients = ingredients([
        ("docs", digests(prepared, DOCS)),
        ("removed", outputs_digest(clustered)),
        (
            "split",
            format!("{:?} seed {}", settings.split, settings.corpus.seed),
        ),
        ("train", format!("{:?}", settings.tokenizer.train)),
        ("family", format!("{:?}", settings.tokenizer.family)),
        ("engine", proofmill_tokenize::VERSION.to_string()),
    ]);
    Task::new(Stage::Train, 0, "tokenizer".to_owned(), ingredients)
}

fn encode_tasks(run: &Run, prepared: &[Commit], clustered: &Commit) -> Result<Vec<Task>> {
    let plan = run.plan();
    let tokenizer = tokenizer_ingredient(run)?;
    let settings = &plan.manifest;
    let split = format!("{:?} seed {}", settings.split, settings.corpus.seed);
    let names = plan.prepare_tasks().into_iter().map(|task| task.name);
    let tasks = prepared
        .iter()
        .zip(names)
        .enumerate()
        .map(|(index, (commit, name))| {
            let ingredients = ingredients([
                ("docs", commit.digest_of(DOCS)),
                ("ledger", commit.digest_of(LEDGER)),
                ("counts", Digest::of(&to_json(&commit.counts)).to_string()),
                ("removed", clustered.digest_of(&removed_file(index))),
                ("tokenizer", tokenizer.clone()),
                ("split", split.clone()),
            ]);
            Task::new(Stage::Encode, index, name, ingredients)
        });
    Ok(tasks.collect())
}

fn assemble_tasks(run: &Run, encoded: &[Commit]) -> Result<Vec<Task>> {
    let plan = run.plan();
    let tokenizer = tokenizer_ingredient(run)?;
    let partitions = plan.partitions();
    let mut tasks = Vec::new();
    for (number, source) in plan.manifest.source.iter().enumerate() {
        let of_source: Vec<Commit> = partitions
            .iter()
            .zip(encoded)
            .filter(|(partition, _)| partition.source == number)
            .map(|(_, commit)| commit.clone())
            .collect();
        for split in Split::ALL {
            let ingredients = ingredients([
                ("source", source.name.clone()),
                ("split", split.name().to_owned()),
                ("tokens", digests(&of_source, &tokens_file(split))),
                ("docs", digests(&of_source, DOCS)),
                ("tokenizer", tokenizer.clone()),
                (
                    "target_tokens",
                    plan.manifest.shards.target_tokens.to_string(),
                ),
            ]);
            tasks.push(Task::new(
                Stage::Assemble,
                tasks.len(),
                format!("{}/{split}", source.name),
                ingredients,
            ));
        }
    }
    Ok(tasks)
}

/// How the records of a source are read.
pub(crate) fn read_options(plan: &Plan, source: usize) -> Result<proofmill_read::Options> {
    let settings = &plan.manifest.source[source];
    let mut options = proofmill_read::Options::new(settings.kind);
    options.text_column.clone_from(&settings.text_column);
    options.id_column.clone_from(&settings.id_column);
    options.group_column.clone_from(&settings.group_column);
    set_limits(&mut options, &plan.manifest.limits);
    if let Some(metadata) = &plan.sources[source].metadata {
        options.metadata = Some(Arc::new(Metadata::read(&metadata.file)?));
    }
    if settings.kind == Kind::Code {
        options.folder_licenses = Some(Arc::new(lookup(&plan.sources[source].licenses)));
    }
    Ok(options)
}

/// The manifest's bounds on a record; a line is a record, so it may be as long as one.
pub(crate) fn set_limits(
    options: &mut proofmill_read::Options,
    limits: &proofmill_manifest::Limits,
) {
    let from = &mut options.limits;
    from.max_record_bytes = limits.max_record_bytes;
    from.max_line_bytes = from.max_line_bytes.max(limits.max_record_bytes);
}

/// What decides the ids of a text.
fn tokenizer_ingredient(run: &Run) -> Result<String> {
    let plan = run.plan();
    let settings = &plan.manifest.tokenizer;
    let file = match &plan.tokenizer {
        Some(input) => input.digest.to_string(),
        None if plan.trains() => run.commits(Stage::Train)?.commits[0].digest_of(TOKENIZER),
        None => "missing".to_owned(),
    };
    let name = settings
        .file
        .as_deref()
        .unwrap_or(&plan.manifest.corpus.name);
    Ok(format!(
        "{name} {file} engine {} family {:?} special {:?} eod {:?} bos {:?}",
        proofmill_tokenize::VERSION,
        settings.family,
        settings.special_tokens,
        settings.eod,
        settings.bos
    ))
}

/// Digest over all outputs of `commits`.
fn outputs_digest(commits: &[Commit]) -> String {
    let outputs: Vec<_> = commits.iter().flat_map(|commit| &commit.outputs).collect();
    Digest::of(&to_json(&outputs)).to_string()
}

fn ingredients<const N: usize>(pairs: [(&str, String); N]) -> Ingredients {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
