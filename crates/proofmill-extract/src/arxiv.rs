//! arXiv submissions through `proofmill-latex`.

use proofmill_latex::{Citations, Diagrams, File, Footnotes, Mode, Options, Paper, References};
use proofmill_types::{Kind, Meta, MetaValue, Reason, Signals, Submission};

use crate::{Detector, ExtractError, Found, Setting};

const KIND: Kind = Kind::Arxiv;

/// Settings of the reader, as `filters/arxiv.toml` names them.
const NAMES: [&str; 17] = [
    "mode",
    "title",
    "authors",
    "abstract",
    "acknowledgements",
    "bibliography",
    "citations",
    "references",
    "labels",
    "formula_labels",
    "captions",
    "tables",
    "diagrams",
    "footnotes",
    "verbatim",
    "algorithms",
    "emphasis",
];

pub(crate) struct Reader {
    options: Options,
}

impl Reader {
    pub(crate) fn new(settings: &[Setting]) -> Result<Self, ExtractError> {
        Ok(Self {
            options: options(settings, KIND)?,
        })
    }

    pub(crate) fn extract(
        &self,
        submission: &Submission,
        detector: &Detector,
    ) -> Result<Found, Reason> {
        let files: Vec<File<'_>> = submission
            .files
            .iter()
            .map(|file| File {
                path: &file.path,
                bytes: &file.bytes,
            })
            .collect();
        let paper = proofmill_latex::extract(&files, &self.options)
            .map_err(|reason| Reason::new(reason.name(), reason.to_string()))?;
        let mut signals = signals(&paper);
        let language = detector.detect(&paper.text);
        if let Some(language) = language {
            signals.set("language_probability", language.probability);
        }
        let names = |counts: &[(String, u32)]| -> Vec<String> {
            counts
                .iter()
                .take(50)
                .map(|(name, count)| format!("{name} {count}"))
                .collect()
        };
        let has_family = !submission.family.is_empty();
        Ok(Found {
            group: submission.family.clone(),
            family: has_family.then(|| submission.family.clone()),
            version: submission.version.map(|version| format!("{version:05}")),
            license: submission.license.clone(),
            language: language.map(|language| language.code.to_owned()),
            meta: Meta(vec![
                (
                    "arxiv_id",
                    MetaValue::Text(has_family.then(|| submission.family.clone())),
                ),
                (
                    "version",
                    MetaValue::Number(submission.version.map(u64::from)),
                ),
                ("title", MetaValue::Text(paper.title)),
                ("abstract", MetaValue::Text(paper.abstract_text)),
                ("main_file", MetaValue::Text(Some(paper.main_file))),
                ("bibliography", MetaValue::Text(paper.bibliography)),
                (
                    "unknown_commands",
                    MetaValue::List(names(&paper.unknown_commands)),
                ),
                (
                    "unresolved_macros",
                    MetaValue::List(names(&paper.unresolved_macros)),
                ),
            ]),
            text: paper.text,
            signals,
        })
    }
}

/// Options of the LaTeX reader from settings; shared with TeX files of repositories.
pub(crate) fn options(settings: &[Setting], kind: Kind) -> Result<Options, ExtractError> {
    let mode = match settings.iter().find(|setting| setting.name == "mode") {
        Some(setting) => setting.choice(kind, &[("source", Mode::Source), ("text", Mode::Text)])?,
        None => Mode::Source,
    };
    let mut options = Options::for_mode(mode);
    for setting in settings {
        match setting.name.as_str() {
            "mode" => {}
            "title" => options.title = setting.bool(kind)?,
            "authors" => options.authors = setting.bool(kind)?,
            "abstract" => options.abstract_text = setting.bool(kind)?,
            "acknowledgements" => options.acknowledgements = setting.bool(kind)?,
            "bibliography" => options.bibliography = setting.bool(kind)?,
            "citations" => {
                options.citations = setting.choice(
                    kind,
                    &[("keep", Citations::Keep), ("drop", Citations::Drop)],
                )?;
            }
            "references" => {
                let choices = [
                    ("number", References::Number),
                    ("placeholder", References::Placeholder),
                ];
                options.references = setting.choice(kind, &choices)?;
            }
            "labels" => options.labels = setting.bool(kind)?,
            "formula_labels" => options.formula_labels = setting.bool(kind)?,
            "captions" => options.captions = setting.bool(kind)?,
            "tables" => options.tables = setting.bool(kind)?,
            "diagrams" => {
                let choices = [
                    ("keep-commutative", Diagrams::KeepCommutative),
                    ("placeholder", Diagrams::Placeholder),
                ];
                options.diagrams = setting.choice(kind, &choices)?;
            }
            "footnotes" => {
                let choices = [
                    ("after-paragraph", Footnotes::AfterParagraph),
                    ("in-place", Footnotes::InPlace),
                    ("drop", Footnotes::Drop),
                ];
                options.footnotes = setting.choice(kind, &choices)?;
            }
            "verbatim" => options.verbatim = setting.bool(kind)?,
            "algorithms" => options.algorithms = setting.bool(kind)?,
            "emphasis" => options.emphasis = setting.bool(kind)?,
            _ => return Err(setting.unknown(kind, &NAMES)),
        }
    }
    Ok(options)
}

/// Signals of the LaTeX reader under their stable names.
pub(crate) fn signals(paper: &Paper) -> Signals {
    let from = &paper.signals;
    let mut signals = Signals::new();
    signals.set("math_ratio", from.math_share);
    for (name, count) in [
        (
            "n_formulas",
            from.inline_formulas.saturating_add(from.display_formulas),
        ),
        ("n_display_formulas", from.display_formulas),
        ("n_sections", from.sections),
        ("n_theorems", from.theorems),
        ("n_proofs", from.proofs),
        ("n_control_words", from.control_words),
        ("n_unknown_commands", from.unknown_commands),
        ("n_unresolved_macros", from.unresolved_macros),
        ("n_missing_files", from.missing_files),
        ("n_replaced_chars", from.replaced_chars),
        ("n_limit_breaches", from.limit_breaches),
        ("n_recoveries", from.recoveries()),
        ("n_recoveries_losing_text", from.lossy_recoveries),
    ] {
        signals.set(name, f64::from(count));
    }
    let n_math_words = from.math_control_words;
    let unresolved = f64::from(from.unresolved_macros) / f64::from(n_math_words.max(1));
    signals.set("unresolved_macro_ratio", unresolved.min(1.0));
    #[expect(
        clippy::cast_precision_loss,
        reason = "a brace count stays far below 2^53"
    )]
    signals.set("brace_balance", from.brace_balance as f64);
    signals
}
