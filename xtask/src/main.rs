//! `cargo xtask ci` is the one check; `cargo xtask docs` writes the generated pages.

mod arrows;
mod reference;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

const HELP: &str = "cargo xtask COMMAND

  ci           format, lints, arrows, generated pages, tests, docs: what must pass before a change lands
  docs         write the generated pages under docs/
  docs --check fail if they are not what the code says
  arrows       check that crates depend downwards only";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["ci"] => ci(),
        ["docs"] => reference::write(&root()),
        ["docs", "--check"] => reference::check(&root()),
        ["arrows"] => arrows::check(&root()),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn ci() -> Result<()> {
    step("format", &["fmt", "--all", "--check"], &[])?;
    step(
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
        &[],
    )?;
    eprintln!("== arrows");
    arrows::check(&root())?;
    eprintln!("== generated pages");
    reference::check(&root())?;
    step("tests", &["test", "--workspace", "--all-targets"], &[])?;
    step("examples in docs", &["test", "--workspace", "--doc"], &[])?;
    step(
        "docs",
        &["doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

fn step(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    eprintln!("== {name}: cargo {}", arguments.join(" "));
    let started = Instant::now();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root())
        .status()?;
    if !status.success() {
        bail!("{name} failed");
    }
    eprintln!("== {name}: ok, {} s", started.elapsed().as_secs());
    Ok(())
}

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_owned)
}
