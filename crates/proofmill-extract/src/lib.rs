//! Records to documents: the one place that knows which reader a kind of source needs.
//!
//! Extraction is pure and never fails: a record without usable text is a drop with a rule. The
//! readers themselves are crates of their own (`proofmill-latex`, `proofmill-html`,
//! `proofmill-code`); here their results become one [`Document`] with origin, group, language and
//! signals.

mod answers;
mod arithmetic;
mod arxiv;
mod code;
pub mod exercises;
mod group;
mod instruct;
mod language;
mod licensing;
mod masking;
mod proof_steps;
mod ratings;
mod settings;
mod template;
mod text;
mod web;

use std::sync::Arc;

use proofmill_types::{Body, DocId, Document, Kind, Location, Meta, Reason, Record, Signals};

pub use group::{host, page_family};
pub use language::{Detector, Language, prose_sample};
pub use settings::{Setting, SettingValue};
pub use template::Template;

/// Changes whenever any reader could give other text or signals for equal input.
pub const VERSION: u32 = 13;

/// Settings or definitions that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// A definition file that cannot be understood.
    #[error("definition `{file}` cannot be understood: {detail}")]
    Definition {
        /// The file.
        file: String,
        /// Line, column and what is allowed.
        detail: String,
    },
    /// A setting that the reader of this kind does not have, or a value that it cannot take.
    #[error("setting `{name}` for sources of kind `{kind}`: {detail}")]
    Setting {
        /// Name of the setting.
        name: String,
        /// Kind of the source.
        kind: Kind,
        /// What is allowed.
        detail: String,
    },
}

/// A definition file: its name and its text.
pub type Definition<'a> = (&'a str, &'a str);

/// What decides how the records of one source become documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spec<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// Licence of records that state none.
    pub license: Option<&'a str>,
    /// Options of the reader, from the filter definition or the source.
    pub settings: &'a [Setting],
    /// Language definitions (code only).
    pub languages: &'a [Definition<'a>],
    /// Templates (instruct only); a row takes the first that fits.
    pub templates: &'a [Definition<'a>],
    /// Tells languages; `whatlang` when `None`.
    pub language: Option<&'a Detector>,
    /// Whether a page that the cheap gate refuses is extracted all the same, to be looked at.
    pub shows_refused: bool,
}

/// A record without a document that could go on.
#[derive(Debug)]
pub struct Refused {
    /// The rule and what it found.
    pub reason: Reason,
    /// The document all the same, where the gate refused it and the spec asks to see it.
    pub doc: Option<Box<Document>>,
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { reason, doc: None }
    }
}

/// Turns records of one source into documents.
pub struct Extractor {
    source: Arc<str>,
    kind: Kind,
    license: Option<String>,
    reader: Reader,
    language: Detector,
    shows_refused: bool,
}

enum Reader {
    Arxiv(arxiv::Reader),
    Web(web::Reader),
    Code(code::Reader),
    Text,
    Instruct(instruct::Reader),
    ProofSteps,
}

/// What a reader found in a record, before it gets its origin.
#[derive(Default)]
struct Found {
    text: String,
    group: String,
    family: Option<String>,
    version: Option<String>,
    license: Option<String>,
    language: Option<String>,
    meta: Meta,
    signals: Signals,
}

impl Extractor {
    /// Compiles `spec` for sources of `kind`.
    ///
    /// # Errors
    /// [`ExtractError`] for a setting or a definition that cannot be used.
    pub fn new(kind: Kind, spec: &Spec<'_>) -> Result<Self, ExtractError> {
        let reader = match kind {
            Kind::Arxiv => Reader::Arxiv(arxiv::Reader::new(spec.settings)?),
            Kind::Web => Reader::Web(web::Reader::new(spec.settings)?),
            Kind::Code => {
                let reader = code::Reader::new(spec.settings, spec.languages, spec.license)?;
                Reader::Code(reader)
            }
            Kind::Text => {
                settings::refuse_all(spec.settings, kind)?;
                Reader::Text
            }
            Kind::Instruct => {
                settings::refuse_all(spec.settings, kind)?;
                Reader::Instruct(instruct::Reader::new(spec.templates)?)
            }
            Kind::ProofSteps => {
                settings::refuse_all(spec.settings, kind)?;
                Reader::ProofSteps
            }
        };
        Ok(Self {
            source: Arc::from(spec.source),
            kind,
            license: spec.license.map(str::to_owned),
            reader,
            language: spec.language.cloned().unwrap_or_default(),
            shows_refused: spec.shows_refused,
        })
    }

    /// Kind of the records that this extractor takes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Extracts one record.
    ///
    /// # Errors
    /// The rule that refused it: a counted drop.
    pub fn extract(&self, record: Record) -> Result<Document, Refused> {
        let Record {
            origin,
            location,
            body,
            ..
        } = record;
        let found = match (&self.reader, body) {
            (Reader::Arxiv(reader), Body::Submission(submission)) => {
                reader.extract(&submission, &self.language)?
            }
            (Reader::Web(reader), Body::Page(page)) => {
                if let Some(reason) = reader.gate(&page) {
                    let found = if self.shows_refused {
                        reader.extract(&page, &self.language).ok()
                    } else {
                        None
                    };
                    let doc = found.map(|found| Box::new(self.document(origin, location, found)));
                    return Err(Refused { reason, doc });
                }
                reader.extract(&page, &self.language)?
            }
            (Reader::Code(reader), Body::Code(file)) => reader.extract(&file)?,
            (Reader::Text, Body::Text(row)) => text::extract(row, &self.language),
            (Reader::Instruct(reader), Body::Instruct(row)) => reader.extract(&row)?,
            (Reader::ProofSteps, Body::Proof(proof)) => proof_steps::extract(proof),
            (_, body) => return Err(Reason::new("wrong-kind", body_name(&body)).into()),
        };
        Ok(self.document(origin, location, found))
    }

    fn document(&self, origin: String, location: Location, found: Found) -> Document {
        let group = if found.group.is_empty() {
            origin.clone()
        } else {
            found.group
        };
        Document {
            id: DocId::new(&self.source, &origin, &location),
            source: Arc::clone(&self.source),
            kind: self.kind,
            origin,
            location,
            group,
            family: found.family,
            version: found.version,
            license: found.license.or_else(|| self.license.clone()),
            language: found.language,
            text: found.text,
            meta: found.meta,
            signals: found.signals,
        }
    }
}

fn body_name(body: &Body) -> &'static str {
    match body {
        Body::Submission(_) => "a submission",
        Body::Page(_) => "a web page",
        Body::Code(_) => "a source file",
        Body::Text(_) => "a text row",
        Body::Instruct(_) => "an instruction row",
        Body::Proof(_) => "a proof",
    }
}
