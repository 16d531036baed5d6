//! Inputs of a case, loaded before anything is timed.
//!
//! The stops after `extract` are timed on text that does not pass through an extractor: the TeX files
//! of submissions, source files and rows. So the figure of one stop, and its answer, do not move when
//! another stop changes.

use anyhow::{Result, bail};
use proofmill_decontaminate::{Index, IndexBuilder, Item, Preset};
use proofmill_extract::{Definition, Extractor, Setting, SettingValue, Spec};
use proofmill_html::{Gate, gate};
use proofmill_normalize::Normalize;
use proofmill_read::{Entry, InputFile, Options, Slice};
use proofmill_run::{Definitions, NamedText};
use proofmill_types::{Body, Document, Kind, Record};

use crate::Work;

/// The files of a case, kinds in their order.
///
/// # Errors
/// A pattern that matches nothing.
pub fn files(work: &Work) -> Result<Vec<(Kind, InputFile)>> {
    let mut files = Vec::new();
    for (kind, patterns) in &work.corpus.inputs {
        let found = proofmill_read::list(*kind, patterns, &work.base)?;
        files.extend(found.into_iter().map(|file| (*kind, file)));
    }
    Ok(files)
}

/// Reads `files` whole and gives each entry to `each`, until it answers `false`.
///
/// # Errors
/// A file that cannot be read.
pub fn entries(files: &[(Kind, InputFile)], mut each: impl FnMut(Entry) -> bool) -> Result<()> {
    for (kind, file) in files {
        for entry in proofmill_read::open(&Slice::whole(file), &Options::new(*kind))? {
            if !each(entry?) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The records of a case, as far as it wants them.
///
/// # Errors
/// A file that cannot be read.
pub fn records(work: &Work) -> Result<Vec<Record>> {
    let max_bytes = work.corpus.max_bytes.unwrap_or(u64::MAX);
    let mut records = Vec::new();
    let mut n_bytes = 0;
    entries(&files(work)?, |entry| {
        if let Entry::Record(record) = entry
            && !(work.case.only_mathematics && is_refused(&record))
        {
            n_bytes += content_bytes(&record);
            records.push(record);
        }
        n_bytes < max_bytes
    })?;
    Ok(records)
}

fn is_refused(record: &Record) -> bool {
    matches!(&record.body, Body::Page(page) if gate(&page.bytes).gate != Gate::Pass)
}

/// Raw bytes of `record`; of a submission those of its `.tex` files, since nobody reads its styles and
/// bibliography data for their text.
#[must_use]
pub fn content_bytes(record: &Record) -> u64 {
    match &record.body {
        Body::Submission(submission) => {
            let tex = submission.files.iter().filter(|file| is_tex(&file.path));
            tex.map(|file| file.bytes.len() as u64).sum()
        }
        _ => record.n_bytes,
    }
}

fn is_tex(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.')
        .is_none_or(|(_, ending)| ending.eq_ignore_ascii_case("tex"))
}

/// The texts of a case as bare documents, not normalized yet.
///
/// # Errors
/// A file that cannot be read; a web page, whose text only an extractor knows.
pub fn texts(work: &Work) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for record in records(work)? {
        let (kind, text) = match record.body {
            Body::Submission(submission) => {
                let tex = submission.files.iter().filter(|file| is_tex(&file.path));
                let texts: Vec<_> = tex
                    .map(|file| String::from_utf8_lossy(&file.bytes))
                    .collect();
                (Kind::Arxiv, texts.join("\n"))
            }
            Body::Code(file) => (
                Kind::Code,
                String::from_utf8_lossy(&file.bytes).into_owned(),
            ),
            Body::Text(row) => (Kind::Text, row.text),
            Body::Instruct(row) => {
                let fields: Vec<&str> =
                    row.fields.iter().map(|(_, value)| value.as_str()).collect();
                (Kind::Instruct, fields.join("\n"))
            }
            Body::Proof(proof) => {
                let steps = proof
                    .steps
                    .iter()
                    .map(|(state, step)| format!("{state}\n{step}"));
                (Kind::ProofSteps, steps.collect::<Vec<_>>().join("\n"))
            }
            Body::Page(_) => bail!("case `{}` wants text of web pages", work.case.name),
        };
        let mut document = Document::from_text(&text);
        document.kind = kind;
        document.origin = record.origin;
        document.location = record.location;
        documents.push(document);
    }
    Ok(documents)
}

/// The texts of a case, normalized, as the stops behind `normalize` see them.
///
/// # Errors
/// As [`texts`].
pub fn normalized(work: &Work) -> Result<Vec<Document>> {
    let mut documents = texts(work)?;
    for document in &mut documents {
        document.text = Normalize::new(document.kind)
            .text(&document.text)
            .into_owned();
    }
    documents.retain(|document| !document.text.is_empty());
    Ok(documents)
}

/// UTF-8 bytes of all texts.
#[must_use]
pub fn text_bytes(documents: &[Document]) -> u64 {
    documents
        .iter()
        .map(|document| document.text.len() as u64)
        .sum()
}

/// The extractor of a case, with the built-in definitions.
///
/// # Errors
/// A setting that this kind does not have.
pub fn extractor(work: &Work) -> Result<Extractor> {
    let [kind] = work.corpus.inputs.keys().copied().collect::<Vec<_>>()[..] else {
        bail!("case `{}` needs inputs of one kind", work.case.name);
    };
    let definitions = Definitions {
        folder: None,
        base: &work.base,
    };
    let (languages, templates) = (definitions.languages()?, definitions.templates()?);
    let settings = work.case.settings.iter();
    let settings: Vec<Setting> = settings
        .map(|(name, value)| Setting {
            name: name.clone(),
            value: SettingValue::Text(value.clone()),
        })
        .collect();
    let spec = Spec {
        source: "bench",
        settings: &settings,
        languages: &pairs(&languages),
        templates: &pairs(&templates),
        ..Spec::default()
    };
    Ok(Extractor::new(kind, &spec)?)
}

fn pairs(files: &[NamedText]) -> Vec<Definition<'_>> {
    files
        .iter()
        .map(|file| (file.name.as_str(), file.text.as_str()))
        .collect()
}

/// The index of the benchmarks of a case, by the preset `ngram-13`.
///
/// # Errors
/// A file that cannot be read.
pub fn index(work: &Work) -> Result<Index> {
    let mut builder = IndexBuilder::new(Preset::Ngram13.rules());
    for file in proofmill_read::list(Kind::Text, &work.corpus.against, &work.base)? {
        for item in proofmill_read::eval_items(&file)? {
            builder.add(&Item {
                benchmark: &item.benchmark,
                item: &item.item,
                fields: &item.texts,
            });
        }
    }
    Ok(builder.finish()?)
}
