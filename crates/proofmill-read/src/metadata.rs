//! What arXiv's metadata file says about papers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::lines::Line;
use crate::{InputFile, Limits, ReadError, lines};

/// Licences by arXiv id, from a JSON lines file with `id` and `license` in each row.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    licenses: BTreeMap<Box<str>, Arc<str>>, // few licences, many papers
}

#[derive(Deserialize)]
struct Row {
    id: String,
    license: Option<String>,
}

impl Metadata {
    /// Reads a metadata file, compressed or not.
    ///
    /// # Errors
    /// [`ReadError::Io`], and [`ReadError::Line`] for a line without an `id`: this file is named in
    /// the manifest, so a bad one is a mistake rather than a drop.
    pub fn read(file: &InputFile) -> Result<Self, ReadError> {
        let mut all = Self::default();
        let mut interned: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let mut lines = lines::of_file(file, &Limits::default())?;
        while let Some(line) = lines
            .next_line()
            .map_err(|fault| lines::fault_of(file, fault))?
        {
            let bad = |detail: String| ReadError::Line {
                file: file.name.to_string(),
                line: line.row() + 1,
                detail,
            };
            let Line::Text { bytes, .. } = &line else {
                return Err(bad("too long".into()));
            };
            let row: Row = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
            if let Some(license) = row.license {
                let license = interned
                    .entry(license)
                    .or_insert_with_key(|text| Arc::from(text.as_str()));
                all.licenses.insert(canonical(&row.id), Arc::clone(license));
            }
        }
        Ok(all)
    }

    /// Licence of the paper `family`, if the file has one.
    #[must_use]
    pub fn license(&self, family: &str) -> Option<String> {
        self.licenses.get(family).map(ToString::to_string)
    }
}

/// `math/0401001` of `math.AG/0401001`.
fn canonical(id: &str) -> Box<str> {
    match id.split_once('/') {
        Some((archive, number)) => {
            format!("{}/{number}", archive.split('.').next().unwrap_or(archive)).into()
        }
        None => id.into(),
    }
}
