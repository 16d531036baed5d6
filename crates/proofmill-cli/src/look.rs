//! `verify`, `gc`, `check`, `inspect`, `explain`, `locate` and `domains`.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::Result;
use proofmill_run::{DomainsWanted, Failure, Found, Wanted};

use crate::args::{CheckArgs, DomainsArgs, ExplainArgs, GcArgs, InspectArgs, LocateArgs, OutArgs};
use crate::build::{open_existing, print_json};
use crate::show;

pub(crate) fn verify(args: &OutArgs) -> Result<ExitCode> {
    let problems = proofmill_run::verify(&args.dir)?;
    if args.json {
        print_json(&problems)?;
    } else {
        let mut out = stdout().lock();
        for problem in &problems {
            let position = if problem.position.is_empty() {
                String::new()
            } else {
                format!(" {}", problem.position)
            };
            writeln!(
                out,
                "{}{position}: {}",
                problem.file.display(),
                problem.what
            )?;
        }
    }
    if problems.is_empty() {
        eprintln!(
            "`{}` is whole: every hash, count and invariant holds",
            args.dir.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::Internal.error(format!(
        "{} problems; `proofmill gc --all {}` and the same build make the corpus anew",
        problems.len(),
        args.dir.display()
    )))
}

pub(crate) fn gc(args: &GcArgs) -> Result<ExitCode> {
    let run = open_existing(&args.dir)?;
    let removed = proofmill_run::gc(&run, args.all)?;
    writeln!(
        stdout(),
        "removed {} files, {}",
        show::count(removed.n_files),
        show::bytes(removed.n_bytes)
    )?;
    Ok(ExitCode::SUCCESS)
}

/// One case of `check --json`.
#[derive(serde::Serialize)]
struct CaseView<'a> {
    file: &'a str,
    rule: &'a str,
    case_index: usize,
    right: bool,
    outcome: String,
}

pub(crate) fn check(args: &CheckArgs) -> Result<ExitCode> {
    let checked = proofmill_run::check(args.filters.as_deref())?;
    let mut views = Vec::new();
    for file in &checked {
        for case in &file.cases {
            views.push(CaseView {
                file: &file.name,
                rule: &case.rule,
                case_index: case.case_index,
                right: case.is_right(),
                outcome: format!("{:?}", case.outcome),
            });
        }
    }
    let n_wrong = views.iter().filter(|view| !view.right).count();
    if args.json {
        print_json(&views)?;
    } else {
        let mut out = stdout().lock();
        for view in views.iter().filter(|view| !view.right) {
            writeln!(
                out,
                "{}: rule `{}`, case {}: {}",
                view.file,
                view.rule,
                view.case_index + 1,
                view.outcome
            )?;
        }
        let n_rules: usize = checked.iter().map(|file| file.n_rules).sum();
        writeln!(
            out,
            "{} definitions, {n_rules} rules, {} cases, {n_wrong} wrong",
            checked.len(),
            views.len()
        )?;
    }
    Ok(if n_wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

pub(crate) fn inspect(args: &InspectArgs) -> Result<ExitCode> {
    let run = open_existing(&args.dir)?;
    let keep = if args.kept {
        Some(true)
    } else {
        (args.dropped || args.rule.is_some()).then_some(false)
    };
    let wanted = Wanted {
        source: args.source.clone(),
        rule: args.rule.clone(),
        keep,
        n: args.n,
        seed: args.seed,
    };
    show_found(
        &proofmill_run::inspect(&run, &wanted)?,
        args.json,
        args.chars,
    )?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn explain(args: &ExplainArgs) -> Result<ExitCode> {
    let run = open_existing(&args.dir)?;
    show_found(&proofmill_run::explain(&run, &args.doc)?, args.json, 600)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn locate(args: &LocateArgs) -> Result<ExitCode> {
    let found = proofmill_run::locate(&args.dir, &args.shard, args.offset)?;
    if args.json {
        print_json(&found)?;
    } else {
        show_found(&[found], false, 0)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn domains(args: &DomainsArgs) -> Result<ExitCode> {
    let wanted = DomainsWanted {
        source: args.source.clone(),
        min_pages: args.min_pages,
        min_ratio: args.min_ratio,
    };
    let all = proofmill_run::domains(&args.dir, &wanted)?;
    let mut out = stdout().lock();
    if args.json {
        for domain in &all {
            writeln!(out, "{}", serde_json::to_string(domain)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "{:<40}{:>9}{:>9}{:>9}{:>8}{:>14}  dropped most by",
        "domain", "pages", "passed", "kept", "share", "tokens"
    )?;
    let n_shown = if args.n == 0 { all.len() } else { args.n };
    for domain in all.iter().take(n_shown) {
        let rule = match &domain.main_rule {
            Some((rule, n)) => format!("  {rule} ({})", show::count(*n)),
            None => String::new(),
        };
        writeln!(
            out,
            "{:<40}{:>9}{:>9}{:>9}{:>7.1}%{:>14}{rule}",
            domain.domain,
            show::count(domain.n_pages),
            show::count(domain.n_passed),
            show::count(domain.n_kept),
            domain.passed_ratio * 100.0,
            show::count(domain.n_tokens),
        )?;
    }
    if all.len() > n_shown {
        eprintln!("{} more domains; --n 0 shows all", all.len() - n_shown);
    }
    Ok(ExitCode::SUCCESS)
}

fn show_found(all: &[Found], as_json: bool, n_chars: usize) -> Result<()> {
    let mut out = stdout().lock();
    for found in all {
        if as_json {
            writeln!(out, "{}", serde_json::to_string(found)?)?;
            continue;
        }
        let verdict = match (&found.rule, &found.value) {
            (Some(rule), Some(value)) => format!("dropped at {} by {rule} ({value})", found.stop),
            _ => "kept".to_owned(),
        };
        writeln!(out, "=== {} · {} · {verdict}", found.source, found.origin)?;
        writeln!(out, "    read from {}", found.location)?;
        if let Some(id) = &found.doc_id {
            let (n_in, n_out) = (
                show::bytes(found.n_bytes_in),
                show::bytes(found.n_bytes_out),
            );
            writeln!(out, "    id {id}, {n_in} in, {n_out} kept")?;
        }
        if let Some(detail) = &found.detail {
            writeln!(out, "    {detail}")?;
        }
        if let Some(survivor) = &found.survivor {
            writeln!(out, "    {survivor} stays in its place")?;
        }
        if let (Some(split), Some(n_tokens)) = (&found.split, found.n_tokens) {
            let place = found
                .shard
                .as_ref()
                .map_or_else(String::new, |(shard, offset)| {
                    format!(", {shard} from token {}", show::count(*offset))
                });
            writeln!(out, "    {split}, {} tokens{place}", show::count(n_tokens))?;
        }
        if let Some(text) = &found.text {
            let end = if n_chars == 0 {
                None
            } else {
                text.char_indices().nth(n_chars).map(|(at, _)| at)
            };
            match end {
                Some(end) => {
                    let more = show::bytes((text.len() - end) as u64);
                    writeln!(out, "\n{}\n    [... {more} more]\n", &text[..end])?;
                }
                None => writeln!(out, "\n{text}\n")?,
            }
        }
    }
    Ok(())
}
