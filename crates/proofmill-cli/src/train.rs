//! `train classifier`: a model and its card out.

use std::io::{Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use proofmill_run::{ClassifierSettings, Formulas, train_classifier};

use crate::args::{ClassifierArgs, FormulasArg};

pub(crate) fn classifier(args: &ClassifierArgs) -> Result<ExitCode> {
    let settings = ClassifierSettings {
        formulas: match args.formulas {
            FormulasArg::Omit => Formulas::Omit,
            FormulasArg::Mark => Formulas::Mark,
        },
        log2_weights: args.log2_weights,
        n_folds: args.folds,
        n_epochs: args.epochs,
        rate: args.rate,
        l1: args.l1,
        l2: args.l2,
        seed: args.seed,
    };
    let notes = match &args.notes {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?,
        None => String::new(),
    };
    let trained = train_classifier(&args.files, &settings, &notes)?;
    write(&args.out, &trained.model)?;
    write(&args.out.with_extension("md"), trained.card.as_bytes())?;
    let all = &trained.report.all;
    writeln!(
        stdout(),
        "{} texts, {} positive; held-out domains: AUC {:.4}, F1 {:.4}, calibration error {:.4}",
        all.n,
        all.n_positive,
        all.auc,
        all.f1,
        all.calibration_error
    )?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}
