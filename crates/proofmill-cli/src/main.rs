//! The command line: arguments in, data on stdout, talk on stderr, an exit code at the end.
//!
//! Everything that works is in `proofmill-run`; here it is only called and shown.

mod args;
mod build;
mod lines;
mod look;
mod progress;
mod show;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use proofmill_run::Failure;

fn main() -> ExitCode {
    let args = Args::parse();
    // A panic has told where it happened; the exit code says that it is ours.
    match std::panic::catch_unwind(|| run(args.command)) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("error: {error:#}");
            ExitCode::from(Failure::of(&error).exit_code())
        }
        Err(_) => ExitCode::from(Failure::Internal.exit_code()),
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Build(args) => build::build(&args),
        Command::Plan(args) => build::plan(&args),
        Command::Task(args) => build::task(&args),
        Command::Status(args) => build::status(&args),
        Command::Verify(args) => look::verify(&args),
        Command::Gc(args) => look::gc(&args),
        Command::Extract(args) => lines::extract(&args),
        Command::Dedup(args) => lines::dedup(&args),
        Command::Decontaminate(args) => lines::decontaminate(&args),
        Command::Tokenize(args) => lines::tokenize(&args),
        Command::Check(args) => look::check(&args),
        Command::Inspect(args) => look::inspect(&args),
        Command::Explain(args) => look::explain(&args),
        Command::Locate(args) => look::locate(&args),
    }
}

/// Whether the reader of our output has gone (`proofmill ... | head`): no failure of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = match (
            cause.downcast_ref::<std::io::Error>(),
            cause.downcast_ref::<serde_json::Error>(),
        ) {
            (Some(io), _) => Some(io.kind()),
            (None, Some(json)) => json.io_error_kind(),
            (None, None) => None,
        };
        kind == Some(std::io::ErrorKind::BrokenPipe)
    })
}
