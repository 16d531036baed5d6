//! Source files in memory to verdicts: recognised, measured, judged by all rules of their language.
//!
//! This is what the stops `extract` and `filter` do to a source file, without the text that the former
//! makes of notebooks and TeX. Notebooks are left out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use divan::Bencher;
use proofmill_benches::{Answer, Stop, Work, records, works};
use proofmill_code::{Input, Languages, measure};
use proofmill_filter::{Definition, Filter};
use proofmill_run::Definitions;
use proofmill_types::{Body, Document, Kind, Stage, Verdict};

use crate::timed::{checked, thread_clock, timed};

const N_SAMPLES: u32 = 11;
const MAX_S: u64 = 6;

/// A source file, and the document that it becomes.
#[derive(Clone)]
struct Source {
    path: String,
    claimed_language: Option<String>,
    document: Document,
}

/// The source files of `work`, notebooks left out.
fn sources(work: &Work) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for record in records(work)? {
        let Body::Code(file) = record.body else {
            continue;
        };
        let is_notebook = Path::new(&file.path)
            .extension()
            .is_some_and(|extension| extension == "ipynb");
        if is_notebook {
            continue;
        }
        let mut document = Document::from_text(&String::from_utf8_lossy(&file.bytes));
        document.kind = Kind::Code;
        document.origin = record.origin;
        sources.push(Source {
            path: file.path,
            claimed_language: file.claimed_language,
            document,
        });
    }
    Ok(sources)
}

/// The built-in languages and the filter of each.
fn definitions(work: &Work) -> Result<(Languages, BTreeMap<String, Filter>)> {
    let folder = Definitions {
        folder: None,
        base: &work.base,
    };
    let files = folder.languages()?;
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|file| (file.name.as_str(), file.text.as_str()))
        .collect();
    let mut filters = BTreeMap::new();
    for (name, text) in &texts {
        let definition = Definition::parse(name, text)?;
        let language = definition.name.trim_start_matches("code-").to_owned();
        filters.insert(language, Filter::compile(&definition)?);
    }
    Ok((Languages::parse(&texts)?, filters))
}

#[divan::bench(args = works(Stop::Judge), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn judge(bencher: Bencher, work: &Work) {
    checked(work, || {
        let (languages, filters) = definitions(work)?;
        let sources = sources(work)?;
        let n_bytes = sources
            .iter()
            .map(|source| source.document.text.len() as u64);
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes.sum(),
            || sources.clone(),
            |sources| {
                let (mut n_kept, mut n_dropped, mut n_refused) = (0, 0, 0);
                for mut source in sources {
                    let found = languages.recognize(&Input {
                        path: &source.path,
                        text: &source.document.text,
                        claimed_language: source.claimed_language.as_deref(),
                    });
                    let known = found
                        .language()
                        .and_then(|name| languages.get(name).zip(filters.get(name)));
                    let Some((language, filter)) = known else {
                        n_refused += 1;
                        continue;
                    };
                    source.document.signals =
                        measure(language, &source.document.text, &source.path);
                    match filter.apply(&mut source.document) {
                        Verdict::Keep => n_kept += 1,
                        Verdict::Drop(_) => n_dropped += 1,
                    }
                }
                Ok(Answer::from([
                    ("kept", n_kept),
                    ("dropped", n_dropped),
                    ("refused", n_refused),
                ]))
            },
        )
    });
}
