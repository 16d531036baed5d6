//! The documents to measure on.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// One text and what it is (`latex`, `code`, ...).
#[derive(Deserialize)]
pub struct Document {
    pub kind: String,
    pub text: String,
}

/// Reads JSON lines.
pub fn read(path: &Path) -> Result<Vec<Document>> {
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let parse = |line: std::io::Result<String>| Ok(serde_json::from_str(&line?)?);
    BufReader::new(file).lines().map(parse).collect()
}

/// All kinds, in order of appearance.
pub fn kinds(documents: &[Document]) -> Vec<&str> {
    let mut kinds: Vec<&str> = Vec::new();
    for document in documents {
        if !kinds.contains(&document.kind.as_str()) {
            kinds.push(&document.kind);
        }
    }
    kinds
}
