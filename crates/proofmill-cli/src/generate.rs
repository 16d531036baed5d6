//! `generate`: arithmetic exercises as JSON lines.

use std::io::{BufWriter, Write as _, stdout};
use std::process::ExitCode;

use anyhow::{Result, ensure};
use proofmill_run::{Recipe, exercise};
use serde::Serialize;

use crate::args::{GenerateArgs, RecipeName};

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    recipe: &'a str,
    seed: u64,
    number: u64,
    exercise: &'a str,
    solution: &'a str,
    answer: &'a str,
}

pub(crate) fn generate(args: &GenerateArgs) -> Result<ExitCode> {
    let recipe = match args.recipe {
        RecipeName::Goat => Recipe::Goat,
        RecipeName::Mathglm => Recipe::MathGlm,
    };
    let mut out = BufWriter::new(stdout().lock());
    for number in args.first..args.first.saturating_add(args.rows) {
        let row = exercise(recipe, args.seed, number);
        ensure!(
            row.holds(),
            "exercise {number} of {} has a wrong answer: {row:?}",
            recipe.name()
        );
        let line = Row {
            id: format!("{}-{}-{number}", recipe.name(), args.seed),
            recipe: recipe.name(),
            seed: args.seed,
            number,
            exercise: &row.exercise,
            solution: &row.solution,
            answer: &row.answer,
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
