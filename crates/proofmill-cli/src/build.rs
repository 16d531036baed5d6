//! `build`, `plan`, `task` and `status`.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use proofmill_run::{
    Corpus, Failure, Lock, Plan, Progress, Quiet, Run, RunOptions, Stage, StageState, stage_states,
};

use crate::args::{BuildArgs, OutArgs, PlanArgs, TaskArgs};
use crate::progress::Shown;
use crate::show;

pub(crate) fn build(args: &BuildArgs) -> Result<ExitCode> {
    let earlier = Run::saved_plan(&args.out).unwrap_or_default();
    let plan = Plan::make(&args.manifest, earlier.as_ref())?;
    plan.require_complete()?;
    if args.locked {
        let lock = Lock::read(&args.out)?;
        let changes = lock.changes(&plan);
        if !changes.is_empty() {
            return Err(Failure::Usage.error(format!(
                "--locked: this is not what `{}` pins:\n  {}",
                args.out.join(proofmill_run::LOCK).display(),
                changes.join("\n  ")
            )));
        }
    }
    let run = Run::open(
        plan,
        &args.out,
        options(args.threads, Arc::new(Shown::new()))?,
    )?;
    let summary = run.build()?;
    let corpus = Corpus::read(&args.out)?;
    if summary.is_unchanged {
        eprintln!(
            "nothing to do: `{}` is what the manifest asks for",
            args.out.display()
        );
    } else {
        eprintln!("{}", show::summary(&summary));
    }
    if args.json {
        print_json(&corpus.sources)?;
    } else {
        stdout()
            .lock()
            .write_all(show::yield_table(&corpus).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The answer of `plan --json`.
#[derive(serde::Serialize)]
struct PlanView<'a> {
    manifest: &'a proofmill_run::Manifest,
    missing: &'a [String],
    sources: Vec<SourceView<'a>>,
    stages: Vec<StageState>,
}

#[derive(serde::Serialize)]
struct SourceView<'a> {
    name: &'a str,
    kind: proofmill_types::Kind,
    n_files: usize,
    n_bytes: u64,
    n_tasks: usize,
    filters: Vec<&'a str>,
    weight_ratio: f64,
}

pub(crate) fn plan(args: &PlanArgs) -> Result<ExitCode> {
    let earlier = match &args.out {
        Some(out) => Run::saved_plan(out).unwrap_or_default(),
        None => None,
    };
    let plan = Plan::make(&args.manifest, earlier.as_ref())?;
    let total: f64 = plan
        .manifest
        .source
        .iter()
        .map(|source| source.weight)
        .sum();
    let out = args.out.clone().unwrap_or_default();
    let run = Run::open(plan, &out, options(Some(1), Arc::new(Quiet))?)?;
    let stages = if run.plan().missing.is_empty() {
        stage_states(&run)?
    } else {
        Vec::new()
    };
    let plan = run.plan();
    let sources = plan.manifest.source.iter().zip(&plan.sources);
    let view = PlanView {
        manifest: &plan.manifest,
        missing: &plan.missing,
        sources: sources
            .map(|(source, planned)| SourceView {
                name: &source.name,
                kind: source.kind,
                n_files: planned.inputs.len(),
                n_bytes: planned.inputs.iter().map(|input| input.file.n_bytes).sum(),
                n_tasks: planned.groups.len(),
                filters: planned
                    .filters
                    .iter()
                    .map(|file| file.name.as_str())
                    .collect(),
                weight_ratio: if total > 0.0 {
                    source.weight / total
                } else {
                    0.0
                },
            })
            .collect(),
        stages,
    };
    if args.json {
        print_json(&view)?;
    } else {
        print_plan(&mut stdout().lock(), &view)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_plan(out: &mut impl Write, view: &PlanView<'_>) -> Result<()> {
    writeln!(out, "# settings in force\n{}", toml_of(view.manifest)?)?;
    writeln!(out, "# sources")?;
    for source in &view.sources {
        let filters = match source.filters.as_slice() {
            [one] => (*one).to_owned(),
            many => format!("{} definitions", many.len()),
        };
        writeln!(
            out,
            "{:<24}{:<10}{:>8} files{:>12}{:>8} tasks  {:>5.1} % of the mixture  {filters}",
            source.name,
            source.kind.name(),
            source.n_files,
            show::bytes(source.n_bytes),
            source.n_tasks,
            source.weight_ratio * 100.0,
        )?;
    }
    if !view.missing.is_empty() {
        writeln!(out, "\n# missing: a build needs these first")?;
        for missing in view.missing {
            writeln!(out, "- {missing}")?;
        }
    }
    print_stages(out, &view.stages)
}

fn print_stages(out: &mut impl Write, stages: &[StageState]) -> Result<()> {
    if stages.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n# tasks")?;
    for state in stages {
        let n_tasks = state
            .n_tasks
            .map_or_else(|| "?".to_owned(), |n_tasks| n_tasks.to_string());
        let is_waiting = state.n_done == 0 && state.todo.is_empty() && state.n_tasks != Some(0);
        let waits = if is_waiting {
            "  (known when the stages before are done)"
        } else {
            ""
        };
        writeln!(
            out,
            "{:<10}{:>6} of {n_tasks} done{waits}",
            state.stage.name(),
            state.n_done
        )?;
        for todo in state.todo.iter().take(20) {
            writeln!(
                out,
                "  {:>5} {}: {}",
                todo.index,
                todo.name,
                todo.why.join("; ")
            )?;
        }
        if state.todo.len() > 20 {
            writeln!(out, "        and {} more", state.todo.len() - 20)?;
        }
    }
    Ok(())
}

pub(crate) fn task(args: &TaskArgs) -> Result<ExitCode> {
    let Some(stage) = Stage::from_name(&args.stage) else {
        let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.name()).collect();
        return Err(Failure::Usage.error(format!(
            "there is no stage `{}`; there are {}",
            args.stage,
            names.join(", ")
        )));
    };
    let (first, end) = parse_range(&args.index)?;
    let plan = match &args.manifest {
        Some(manifest) => Plan::make(
            manifest,
            Run::saved_plan(&args.out).unwrap_or_default().as_ref(),
        )?,
        None => Run::saved_plan(&args.out)?.ok_or_else(|| {
            Failure::Usage.error(format!(
                "`{}` holds no plan yet; name the manifest: proofmill task MANIFEST --out DIR ...",
                args.out.display()
            ))
        })?,
    };
    let run = Run::open(plan, &args.out, options(args.threads, Arc::new(Quiet))?)?;
    if args.manifest.is_some() {
        run.save_plan()?;
    }
    for index in first..end {
        let was_run = run.run_task(stage, index)?;
        eprintln!(
            "{stage} {index}: {}",
            if was_run { "done" } else { "was done" }
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `7` or `3..9`.
fn parse_range(text: &str) -> Result<(usize, usize)> {
    let wrong = || {
        Failure::Usage.error(format!(
            "--index `{text}` is neither a number nor a range like 3..9, which leaves out 9"
        ))
    };
    let number = |text: &str| {
        text.parse::<u32>()
            .map(|number| number as usize)
            .map_err(|_| wrong())
    };
    let (first, end) = match text.split_once("..") {
        Some((first, end)) => (number(first)?, number(end)?),
        None => (number(text)?, number(text)? + 1),
    };
    if first < end {
        Ok((first, end))
    } else {
        Err(wrong())
    }
}

/// The answer of `status --json`.
#[derive(serde::Serialize)]
struct StatusView {
    is_complete: bool,
    stages: Vec<StageState>,
}

pub(crate) fn status(args: &OutArgs) -> Result<ExitCode> {
    let run = open_existing(&args.dir)?;
    let view = StatusView {
        is_complete: Corpus::read(&args.dir).is_ok(),
        stages: stage_states(&run)?,
    };
    if args.json {
        print_json(&view)?;
    } else {
        let mut out = stdout().lock();
        print_stages(&mut out, &view.stages)?;
        writeln!(
            out,
            "\n{}",
            if view.is_complete {
                "complete: corpus.json is there"
            } else {
                "not complete yet"
            }
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The run whose plan is frozen in `dir`.
pub(crate) fn open_existing(dir: &Path) -> Result<Run> {
    let plan = Run::saved_plan(dir)?.ok_or_else(|| {
        Failure::Usage.error(format!(
            "`{}` is no build directory: it has no stages/plan.json",
            dir.display()
        ))
    })?;
    Run::open(
        plan,
        dir,
        RunOptions {
            shows_refused: true,
            ..options(None, Arc::new(Quiet))?
        },
    )
}

/// Options of a run; Ctrl-C and SIGTERM stop it at the next document boundary.
fn options(threads: Option<u16>, progress: Arc<dyn Progress>) -> Result<RunOptions> {
    let n_threads = match threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // A second signal ends the process at once.
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop))
            .context("cannot listen to signals")?;
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .context("cannot listen to signals")?;
    }
    Ok(RunOptions {
        n_threads,
        stop,
        progress,
        shows_refused: false,
    })
}

/// Pretty JSON on stdout.
pub(crate) fn print_json<T: serde::Serialize>(value: &T) -> Result<()> {
    let mut out = stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn toml_of(manifest: &proofmill_run::Manifest) -> Result<String> {
    proofmill_run::manifest_toml(manifest).context("cannot print the manifest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_tasks() {
        assert_eq!(parse_range("7").unwrap(), (7, 8));
        assert_eq!(parse_range("3..9").unwrap(), (3, 9));
        for wrong in ["", "-1", "9..3", "3..3", "3..", "a", "99999999999999999999"] {
            assert_eq!(
                Failure::of(&parse_range(wrong).unwrap_err()),
                Failure::Usage,
                "{wrong}"
            );
        }
    }
}
