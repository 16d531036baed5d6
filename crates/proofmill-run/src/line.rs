//! One record through the middle stops: extract, normalize, filter, decontaminate.
//!
//! `build` and `proofmill extract` run this same code, so what one prints is what the other keeps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use proofmill_extract::{Extractor, Setting, SettingValue, Spec};
use proofmill_filter::{Definition, Filter, Keep};
use proofmill_normalize::Normalize;
use proofmill_types::{DocId, Document, Kind, Location, Reason, Record, Stage as _, Stop, Verdict};

use crate::contamination::Contamination;
use crate::definitions::NamedText;
use crate::failure::Failure;
use crate::models::Models;
use crate::scores::Scores;
use crate::times::StopTimes;

/// Drops what is too long to be one training document; the value is the length in bytes.
const TOO_LONG: &str = "text-too-long";

/// The middle stops of one source.
pub struct Line {
    source: String,
    extractor: Extractor,
    normalize: Normalize,
    filters: Filters,
    models: Models,
    scores: Option<Arc<Scores>>,
    contamination: Option<Arc<Contamination>>,
    max_text_bytes: u64,
}

/// One definition for all documents, or one per programming language.
enum Filters {
    One(Box<Filter>),
    ByLanguage(BTreeMap<String, Filter>),
}

/// What decides the verdicts of a line.
#[derive(Clone, Copy)]
pub struct LineSpec<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// What it holds.
    pub kind: Kind,
    /// Licence of records that state none.
    pub license: Option<&'a str>,
    /// Filter definitions in force.
    pub filters: &'a [NamedText],
    /// Language definitions (code only).
    pub languages: &'a [NamedText],
    /// Templates (instruct only).
    pub templates: &'a [NamedText],
    /// Languages that are kept, instead of those of the definition.
    pub kept_languages: Option<&'a [String]>,
    /// Tells languages and mathematics.
    pub models: &'a Models,
    /// Scores from elsewhere.
    pub scores: Option<&'a Arc<Scores>>,
    /// Documents with more bytes of text are dropped.
    pub max_text_bytes: u64,
    /// Settings that override the definition's: name and word.
    pub settings: &'a [(String, String)],
    /// Whether records that a cheap gate refuses are extracted all the same, to be looked at.
    pub shows_refused: bool,
}

/// What became of one record.
#[derive(Debug)]
pub struct Fate {
    /// Id of the document that it became or would have become.
    pub id: DocId,
    /// As the record's.
    pub origin: String,
    /// As the record's.
    pub location: Location,
    /// Bytes of the record.
    pub n_bytes: u64,
    /// Stops passed, with the bytes of text after each.
    pub passed: Vec<(Stop, u64)>,
    /// The document, as far as it came; `None` if extraction refused it.
    pub doc: Option<Box<Document>>,
    /// Where and why it ended; `None` if it was kept.
    pub dropped: Option<(Stop, Reason)>,
    /// Whether it came to the filter without a score that its source could have.
    pub is_without_score: bool,
}

impl Line {
    /// Compiles the stops of one source.
    ///
    /// # Errors
    /// A definition or setting that cannot be used.
    pub fn new(spec: &LineSpec<'_>, contamination: Option<Arc<Contamination>>) -> Result<Self> {
        let mut settings = Vec::new();
        let mut compiled = BTreeMap::new();
        for file in spec.filters {
            let mut definition = Definition::parse(&file.name, &file.text)?;
            if definition.kind != spec.kind {
                return Err(Failure::Usage.error(format!(
                    "definition `{}` is for sources of kind `{}`, not `{}`",
                    file.name, definition.kind, spec.kind
                )));
            }
            if let Some(languages) = spec.kept_languages {
                keep_languages(&mut definition, languages)?;
            }
            settings.extend(definition.settings.iter().map(to_setting));
            let stem = file
                .name
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .trim_end_matches(".toml");
            compiled.insert(stem.to_owned(), Filter::compile(&definition)?);
        }
        // A definition for each language, but one reader: no file may decide for the others.
        if spec.kind == Kind::Code && !settings.is_empty() {
            return Err(Failure::Usage.error(
                "definitions for code have no settings; `secrets`, `contacts`, `licenses` and \
                 `notebooks` are keys of the source",
            ));
        }
        for (name, word) in spec.settings {
            settings.retain(|setting: &Setting| setting.name != *name);
            settings.push(Setting {
                name: name.clone(),
                value: SettingValue::Text(word.clone()),
            });
        }
        let languages: Vec<_> = spec.languages.iter().map(NamedText::pair).collect();
        let templates: Vec<_> = spec.templates.iter().map(NamedText::pair).collect();
        let extractor = Extractor::new(
            spec.kind,
            &Spec {
                source: spec.source,
                license: spec.license,
                settings: &settings,
                languages: &languages,
                templates: &templates,
                language: Some(&spec.models.language),
                shows_refused: spec.shows_refused,
            },
        )?;
        let filters = if spec.kind == Kind::Code {
            Filters::ByLanguage(compiled)
        } else {
            let (_, filter) = compiled
                .pop_first()
                .context("a source has one filter definition")?;
            Filters::One(Box::new(filter))
        };
        Ok(Self {
            source: spec.source.to_owned(),
            extractor,
            normalize: Normalize::new(spec.kind),
            filters,
            models: spec.models.clone(),
            scores: spec.scores.cloned(),
            contamination,
            max_text_bytes: spec.max_text_bytes,
        })
    }

    /// Sends `record` down the line; `times` adds up what each stop took.
    #[must_use]
    pub fn process(&self, record: Record, times: &StopTimes) -> Fate {
        let mut fate = Fate {
            id: DocId::new(&self.source, &record.origin, &record.location),
            origin: record.origin.clone(),
            location: record.location.clone(),
            n_bytes: record.n_bytes,
            passed: vec![(Stop::Read, record.n_bytes)],
            doc: None,
            dropped: None,
            is_without_score: false,
        };
        let started = Instant::now();
        let extracted = self.extractor.extract(record);
        times.add(Stop::Extract, started);
        let mut doc = match extracted {
            Ok(doc) => Box::new(doc),
            Err(refused) => {
                fate.dropped = Some((Stop::Extract, refused.reason));
                fate.doc = refused.doc;
                return fate;
            }
        };
        fate.dropped = self.judge(&mut doc, &mut fate, times);
        fate.doc = Some(doc);
        fate
    }

    /// The stops after extraction.
    fn judge(
        &self,
        doc: &mut Document,
        fate: &mut Fate,
        times: &StopTimes,
    ) -> Option<(Stop, Reason)> {
        let n_bytes = doc.text.len() as u64;
        if n_bytes > self.max_text_bytes {
            #[expect(clippy::cast_precision_loss, reason = "a length stays far below 2^53")]
            return Some((Stop::Extract, Reason::measured(TOO_LONG, n_bytes as f64)));
        }
        fate.passed.push((Stop::Extract, n_bytes));
        for stop in [Stop::Normalize, Stop::Filter, Stop::Decontaminate] {
            let started = Instant::now();
            let verdict = match stop {
                Stop::Normalize => self.normalize.apply(doc),
                Stop::Filter => {
                    self.models.score(doc);
                    let scores = self.scores.as_ref();
                    fate.is_without_score = scores.is_some_and(|scores| !scores.apply(doc));
                    self.filters.apply(doc)
                }
                _ => self
                    .contamination
                    .as_ref()
                    .map_or(Verdict::Keep, |found| found.apply(doc)),
            };
            times.add(stop, started);
            if let Verdict::Drop(reason) = verdict {
                return Some((stop, reason));
            }
            fate.passed.push((stop, doc.text.len() as u64));
        }
        None
    }
}

impl Filters {
    fn apply(&self, doc: &mut Document) -> Verdict {
        let filter = match self {
            Self::One(filter) => Some(&**filter),
            Self::ByLanguage(filters) => doc.language.as_ref().and_then(|name| filters.get(name)),
        };
        if let Some(filter) = filter {
            return filter.apply(doc);
        }
        let language = doc.language.clone().unwrap_or_default();
        Verdict::Drop(Reason::new("language-without-definition", language))
    }
}

/// Makes the rules of `definition` on the signal `language` keep `languages` and no other.
fn keep_languages(definition: &mut Definition, languages: &[String]) -> Result<()> {
    let mut n_rules = 0;
    for rule in &mut definition.rules {
        if let (true, Keep::OneOf(kept)) = (rule.signal == "language", &mut rule.keep) {
            *kept = languages.to_vec();
            n_rules += 1;
        }
    }
    if n_rules == 0 {
        return Err(Failure::Usage.error(format!(
            "`languages` needs a rule that keeps some languages (`one_of`), and definition `{}` has none",
            definition.name
        )));
    }
    Ok(())
}

/// The extractor's form of a setting.
pub(crate) fn to_setting(setting: &proofmill_filter::Setting) -> Setting {
    use proofmill_filter::SettingValue as From;
    let value = match &setting.value {
        From::Bool(value) => SettingValue::Bool(*value),
        From::Number(value) => SettingValue::Number(*value),
        From::Text(value) => SettingValue::Text(value.clone()),
        From::List(value) => SettingValue::List(value.clone()),
    };
    Setting {
        name: setting.name.clone(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proofmill_types::{Body, CodeFile};

    use super::*;
    use crate::counts::{Counts, Tally};
    use crate::definitions::Definitions;

    #[test]
    fn a_language_without_definition_is_counted_at_the_filter() {
        let definitions = Definitions {
            folder: None,
            base: Path::new("."),
        };
        let languages = definitions.languages().unwrap();
        let lean: Vec<NamedText> = languages
            .iter()
            .filter(|file| file.name.ends_with("lean.toml"))
            .cloned()
            .collect();
        let spec = LineSpec {
            source: "s",
            kind: Kind::Code,
            license: None,
            filters: &lean,
            languages: &languages,
            templates: &[],
            kept_languages: None,
            models: &Models::default(),
            scores: None,
            max_text_bytes: 1 << 20,
            settings: &[],
            shows_refused: false,
        };
        let line = Line::new(&spec, None).unwrap();
        let text = "import sympy\nx = sympy.symbols('x')\nprint(sympy.integrate(x ** 2, x))\n";
        let file = CodeFile {
            path: "a.py".into(),
            bytes: text.into(),
            ..CodeFile::default()
        };
        let location = Location {
            file: "f".into(),
            offset: 0,
            length: 0,
            row: None,
        };
        let record = Record {
            origin: "o".into(),
            location,
            n_bytes: 9,
            body: Body::Code(file),
        };
        let fate = line.process(record, &StopTimes::default());
        let (stop, reason) = fate.dropped.unwrap();
        assert_eq!(
            (stop, &*reason.rule),
            (Stop::Filter, "language-without-definition")
        );

        let mut counts = Counts {
            records: Tally::one(9),
            ..Counts::default()
        };
        for (stop, n_bytes) in fate.passed {
            counts.pass(stop, Tally::one(n_bytes));
        }
        counts.drop(stop, &reason.rule, Tally::one(9));
        assert_eq!(counts.check(), Ok(()));
        let mut kept = Counts {
            records: Tally::one(9),
            ..Counts::default()
        };
        for stop in Stop::ALL {
            kept.pass(stop, Tally::one(9));
        }
        counts.add(&kept);
        assert_eq!(counts.check(), Ok(()), "beside a document that is kept");
    }
}
