//! Training of the classifier of mathematics, from labelled rows to a model and its card.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use proofmill_score::linear::{
    DomainReport, Example, Figures, Report, Settings, Trained, train, weak_label,
};
use proofmill_types::{Digest, Kind};

use crate::failure::Failure;
use crate::table::{Row, for_each_row};

/// Domains that a card lists one by one; the rest is summed up.
const MAX_DOMAINS: usize = 40;

/// Rows of one file, for the card.
#[derive(Clone, Debug, Default)]
struct FileCounts {
    name: String,
    digest: Digest,
    n: usize,
    n_positive: usize,
    n_weak: usize,
    n_empty: usize,
}

/// A trained classifier as files.
#[derive(Debug)]
pub struct TrainedClassifier {
    /// The model.
    pub model: Vec<u8>,
    /// Markdown: data, settings, figures.
    pub card: String,
    /// Figures of the held-out domains.
    pub report: Report,
}

/// Trains on rows of `text`, `label` and `domain` in `files` (JSON lines, arrays, Parquet; patterns).
///
/// A label is `true`, `false`, `1`, `0`, `math` or `no-math`; a row without one is labelled by its LaTeX
/// ([`weak_label`]). Without `domain` the host of `url` counts, without both the file. `notes` go into the
/// card: where the texts come from, and under which licence.
///
/// # Errors
/// [`Failure::BadInput`] for a row that cannot be used, [`Failure::Usage`] where nothing can be learnt.
pub fn train_classifier(
    files: &[PathBuf],
    settings: &Settings,
    notes: &str,
) -> Result<TrainedClassifier> {
    let patterns: Vec<String> = files
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    let mut examples = Vec::new();
    let mut counts = Vec::new();
    for file in proofmill_read::list(Kind::Instruct, &patterns, Path::new(""))? {
        let mut count = FileCounts {
            name: file.name.rsplit('/').next().unwrap_or_default().to_owned(),
            digest: proofmill_read::digest(&file)?,
            ..FileCounts::default()
        };
        for_each_row(&file, &mut |row| {
            let text = row.require("text")?;
            let given = label(row)?;
            count.n_weak += usize::from(given.is_none());
            let label = given.unwrap_or_else(|| weak_label(text));
            let domain = match (row.get("domain"), row.get("url")) {
                (Some(domain), _) => domain.to_owned(),
                (None, Some(url)) => proofmill_extract::host(url),
                (None, None) => count.name.clone(),
            };
            match Example::new(text, label, &domain, settings) {
                Some(example) => {
                    count.n += 1;
                    count.n_positive += usize::from(label);
                    examples.push(example);
                }
                None => count.n_empty += 1,
            }
            Ok(())
        })?;
        counts.push(count);
    }
    let Trained { classifier, report } =
        train(&examples, settings).map_err(|error| Failure::Usage.error(error.to_string()))?;
    let model = classifier.encode();
    let card = card(&model, settings, &counts, &report, notes).context("a card is text")?;
    Ok(TrainedClassifier {
        model,
        card,
        report,
    })
}

fn label(row: &Row) -> Result<Option<bool>> {
    Ok(match row.get("label") {
        None | Some("") => None,
        Some("true" | "1" | "1.0" | "math") => Some(true),
        Some("false" | "0" | "0.0" | "no-math") => Some(false),
        Some(other) => {
            return Err(row.fault(&format!(
                "label `{other}` is none of `true`, `false`, `1`, `0`, `math`, `no-math`"
            )));
        }
    })
}

/// Everything that a user of the model should know about it.
fn card(
    model: &[u8],
    settings: &Settings,
    files: &[FileCounts],
    report: &Report,
    notes: &str,
) -> Result<String, std::fmt::Error> {
    let mut card = String::from("# Classifier of mathematical prose\n\n");
    writeln!(
        card,
        "Written by `proofmill train classifier`. A linear model over hashed runs of one to three words.\n\n\
         | model | |\n|---|---|\n| bytes | {} |\n| XXH3-128 | `{}` |\n| weights that are not 0 | {} |\n\n\
         ## Settings\n\n| setting | value |\n|---|---|\n| formulas | {} |\n| weights | 2^{} |\n| folds | {} |\n\
         | epochs | {} |\n| rate | {} |\n| l1 | {} |\n| l2 | {} |\n| seed | {} |\n",
        model.len(),
        Digest::of(model),
        report.n_weights,
        format!("{:?}", settings.formulas).to_lowercase(),
        settings.log2_weights,
        settings.n_folds,
        settings.n_epochs,
        settings.rate,
        settings.l1,
        settings.l2,
        settings.seed,
    )?;
    card.push_str(
        "## Training data\n\n| file | XXH3-128 | texts | positive | labelled by their LaTeX | without a word |\n|---|---|---|---|---|---|\n",
    );
    for file in files {
        let FileCounts {
            name,
            digest,
            n,
            n_positive,
            n_weak,
            n_empty,
        } = file;
        writeln!(
            card,
            "| `{name}` | `{digest}` | {n} | {n_positive} | {n_weak} | {n_empty} |"
        )?;
    }
    if !notes.is_empty() {
        writeln!(card, "\n{}", notes.trim_end())?;
    }
    card.push_str(
        "\n## Figures\n\nOf models trained without the domains that they judged; precision, recall and F1 at 0.5.\n\n\
         | domains | texts | positive | AUC | precision | recall | F1 | calibration error |\n|---|---|---|---|---|---|---|---|\n",
    );
    figures_row(&mut card, "all", &report.all)?;
    for (index, fold) in report.folds.iter().enumerate() {
        figures_row(&mut card, &format!("fold {}", index + 1), fold)?;
    }
    card.push_str("\n| probability | texts | mean | share positive |\n|---|---|---|---|\n");
    for (index, bin) in report.all.bins.iter().enumerate() {
        writeln!(
            card,
            "| 0.{index} to {} | {} | {:.3} | {:.3} |",
            if index == 9 {
                "1.0".to_owned()
            } else {
                format!("0.{}", index + 1)
            },
            bin.n,
            bin.mean_probability,
            bin.positive_ratio
        )?;
    }
    card.push_str(
        "\n| domain | texts | positive | right | mean probability |\n|---|---|---|---|---|\n",
    );
    let mut domains: Vec<_> = report.domains.iter().collect();
    domains.sort_by_key(|domain| (usize::MAX - domain.n, &domain.domain));
    for domain in domains.iter().take(MAX_DOMAINS) {
        writeln!(
            card,
            "| {} | {} | {} | {} | {:.3} |",
            domain.domain, domain.n, domain.n_positive, domain.n_right, domain.mean_probability
        )?;
    }
    if domains.len() > MAX_DOMAINS {
        let rest = &domains[MAX_DOMAINS..];
        let sum =
            |of: fn(&DomainReport) -> usize| -> usize { rest.iter().map(|one| of(one)).sum() };
        writeln!(
            card,
            "| {} others | {} | {} | {} | |",
            rest.len(),
            sum(|domain| domain.n),
            sum(|domain| domain.n_positive),
            sum(|domain| domain.n_right)
        )?;
    }
    Ok(card)
}

fn figures_row(card: &mut String, name: &str, figures: &Figures) -> std::fmt::Result {
    writeln!(
        card,
        "| {name} | {} | {} | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} |",
        figures.n,
        figures.n_positive,
        figures.auc,
        figures.precision,
        figures.recall,
        figures.f1,
        figures.calibration_error
    )
}
