//! The command line: arguments in, data on stdout, talk on stderr, an exit code at the end.
//!
//! Everything that works is in `proofmill-run`; here it is only called and shown.

mod args;
mod build;
mod generate;
mod lines;
mod look;
mod progress;
mod show;
mod tokenizer;
mod train;

use std::io::ErrorKind;
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
            if let Some(advice) = advice(&error) {
                eprintln!("{advice}");
            }
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
        Command::Tokenizer(args::TokenizerCommand::Info(args)) => tokenizer::info(&args),
        Command::Tokenizer(args::TokenizerCommand::Check(args)) => tokenizer::check(&args),
        Command::Tokenizer(args::TokenizerCommand::Convert(args)) => tokenizer::convert(&args),
        Command::Tokenizer(args::TokenizerCommand::Train(args)) => tokenizer::train(&args),
        Command::Score(args) => lines::score(&args),
        Command::Train(args::TrainCommand::Classifier(args)) => train::classifier(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Check(args) => look::check(&args),
        Command::Inspect(args) => look::inspect(&args),
        Command::Explain(args) => look::explain(&args),
        Command::Locate(args) => look::locate(&args),
        Command::Domains(args) => look::domains(&args),
    }
}

/// What to do about trouble with a disk.
fn advice(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| match io_kind(cause)? {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("the disk is full: free some space and run the same command again, it resumes")
        }
        ErrorKind::ReadOnlyFilesystem => {
            Some("the file system is read-only: choose an --out that can be written")
        }
        ErrorKind::PermissionDenied => {
            Some("check the permissions of that path, or choose another one")
        }
        _ => None,
    })
}

/// Whether the reader of our output has gone (`proofmill ... | head`): no failure of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| io_kind(cause) == Some(ErrorKind::BrokenPipe))
}

/// Kind of the trouble, if `cause` is trouble with input or output.
fn io_kind(cause: &(dyn std::error::Error + 'static)) -> Option<ErrorKind> {
    match cause.downcast_ref::<std::io::Error>() {
        Some(io) => Some(io.kind()),
        None => cause.downcast_ref::<serde_json::Error>()?.io_error_kind(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_with_a_disk_comes_with_advice() {
        let error =
            |kind| anyhow::Error::new(std::io::Error::from(kind)).context("cannot write `x`");
        assert!(
            advice(&error(ErrorKind::StorageFull)).is_some_and(|text| text.contains("resumes"))
        );
        assert!(advice(&error(ErrorKind::ReadOnlyFilesystem)).is_some());
        assert_eq!(advice(&error(ErrorKind::NotFound)), None);
        assert!(is_broken_pipe(&error(ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&error(ErrorKind::StorageFull)));
    }
}
