//! Finds what one source of a manifest names: inputs and their slices, definitions, templates, scores
//! and LICENSE files.

use std::path::Path;

use anyhow::{Context as _, Result};
use proofmill_manifest::{Manifest, Source};
use proofmill_read::InputFile;
use proofmill_types::Kind;

use crate::definitions::Definitions;
use crate::known::Known;
use crate::licenses::of_files;
use crate::packing::pack;
use crate::plan::PlannedSource;

/// Plans `source`; what it names and nobody can find goes to `missing`.
pub(crate) fn plan_source(
    source: &Source,
    manifest: &Manifest,
    base: &Path,
    definitions: &Definitions<'_>,
    known: &Known<'_>,
    missing: &mut Vec<String>,
) -> Result<PlannedSource> {
    let filters = definitions
        .filter(source.kind, source.filter_name())
        .with_context(|| format!("source `{}`", source.name))?;
    let templates = match (&source.template, source.kind) {
        (Some(name), _) => vec![
            definitions
                .template(name)
                .with_context(|| format!("source `{}`", source.name))?,
        ],
        (None, Kind::Instruct) => definitions.templates()?,
        _ => Vec::new(),
    };
    let key = format!("source.{}.inputs", source.name);
    let mut inputs = Vec::new();
    let mut slices = Vec::new();
    for file in find(source.kind, &source.inputs, base, &key, missing) {
        let input = known.input(file)?;
        slices.extend(known.slices(source, &input, manifest.limits.slice_bytes)?);
        inputs.push(input);
    }
    let licenses = if source.kind == Kind::Code {
        let mut licenses = Vec::new();
        let mut unread = Vec::new();
        for input in &inputs {
            match known.licenses(source, input) {
                Some(found) => licenses.extend(found),
                None => unread.push(&input.file),
            }
        }
        licenses.extend(of_files(unread.into_iter())?);
        licenses.sort_by(|left, right| left.folder.cmp(&right.folder));
        licenses
    } else {
        Vec::new()
    };
    let metadata = match &source.metadata {
        Some(file) => {
            let key = format!("source.{}.metadata", source.name);
            let found = find(Kind::Text, std::slice::from_ref(file), base, &key, missing).pop();
            found.map(|file| known.input(file)).transpose()?
        }
        None => None,
    };
    let mut scores = Vec::new();
    if let Some(pattern) = &source.scores {
        let key = format!("source.{}.scores", source.name);
        for file in find(
            Kind::Instruct,
            std::slice::from_ref(pattern),
            base,
            &key,
            missing,
        ) {
            scores.push(known.input(file)?);
        }
    }
    let groups = pack(slices, manifest.limits.slice_bytes);
    Ok(PlannedSource {
        inputs,
        groups,
        filters,
        templates,
        metadata,
        scores,
        licenses,
        licenses_version: proofmill_extract::VERSION,
    })
}

/// Finds the files of `patterns`; each pattern without a file goes to `missing`.
pub(crate) fn find(
    kind: Kind,
    patterns: &[String],
    base: &Path,
    key: &str,
    missing: &mut Vec<String>,
) -> Vec<InputFile> {
    let mut files: Vec<InputFile> = Vec::new();
    for pattern in patterns {
        match proofmill_read::list(kind, std::slice::from_ref(pattern), base) {
            Ok(found) => files.extend(found),
            Err(error) => missing.push(format!("{key}: {:#}", anyhow::Error::from(error))),
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files.dedup_by(|left, right| left.name == right.name);
    files
}
