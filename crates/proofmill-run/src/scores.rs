//! Scores from elsewhere, by document: what another classifier said about the same documents.
//!
//! A file has rows of `id`, `name` and `value`. The id is that of the document, its origin, or the id
//! of its row or WARC record, whichever the other program knew. Rules read the score as the signal
//! `score_NAME`; a document without any is counted.

use anyhow::Result;
use proofmill_filter::IMPORTED_PREFIX;
use proofmill_read::InputFile;
use proofmill_types::{Digest, Document};

use crate::failure::Failure;
use crate::table::for_each_row;

/// Fields of `meta` that name the record at its origin.
const ID_FIELDS: [&str; 4] = ["row_id", "record_id", "arxiv_id", "hexsha"];

/// Different names that the files of one source may use: each becomes a signal of every document.
const MAX_NAMES: usize = 1000;

/// All scores of one source: 40 bytes for each.
#[derive(Debug, Default)]
pub struct Scores {
    /// Names of the signals.
    names: Vec<String>,
    /// Digest of the id, index of the name, value; sorted.
    rows: Vec<(u128, usize, f64)>,
}

impl Scores {
    /// Reads `files`.
    ///
    /// # Errors
    /// [`Failure::BadInput`] for a row without id, name or finite value, or a second value for one id
    /// and name; [`Failure::Usage`] for a name that no rule could read.
    pub fn load<'a>(files: impl Iterator<Item = &'a InputFile>) -> Result<Self> {
        let mut all = Self::default();
        for file in files {
            for_each_row(file, &mut |row| {
                let (id, name) = (row.require("id")?, row.require("name")?);
                let value = row.require("value")?.parse::<f64>();
                let Some(value) = value.ok().filter(|value| value.is_finite()) else {
                    return Err(row.fault("`value` must be a finite number"));
                };
                let name = all.name(name)?;
                all.rows.push((key(id), name, value));
                Ok(())
            })?;
        }
        all.rows.sort_by_key(|row| (row.0, row.1));
        let repeats =
            |pair: &[(u128, usize, f64)]| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1);
        let n_repeated = all.rows.windows(2).filter(|pair| repeats(pair)).count();
        if n_repeated > 0 {
            return Err(Failure::BadInput.error(format!(
                "{n_repeated} scores have an id and a name that an earlier row has already"
            )));
        }
        Ok(all)
    }

    fn name(&mut self, name: &str) -> Result<usize> {
        let signal = format!("{IMPORTED_PREFIX}{name}");
        if let Some(index) = self.names.iter().position(|known| *known == signal) {
            return Ok(index);
        }
        if !proofmill_filter::is_known_signal(&signal, proofmill_types::Kind::Text) {
            return Err(Failure::Usage.error(format!(
                "a score cannot be called `{name}`: use lower-case letters, digits and `_`"
            )));
        }
        if self.names.len() == MAX_NAMES {
            return Err(
                Failure::Usage.error(format!("more than {MAX_NAMES} different names of scores"))
            );
        }
        self.names.push(signal);
        Ok(self.names.len() - 1)
    }

    /// Sets the scores of `doc` as signals; false if it has none.
    pub(crate) fn apply(&self, doc: &mut Document) -> bool {
        let ids = ID_FIELDS.iter().filter_map(|name| doc.meta.text(name));
        let own = doc.id.to_string();
        let ids: Vec<u128> = [own.as_str(), doc.origin.as_str()]
            .into_iter()
            .chain(ids)
            .map(key)
            .collect();
        let found = ids
            .iter()
            .map(|&id| self.of(id))
            .find(|rows| !rows.is_empty());
        for (_, name, value) in found.unwrap_or_default() {
            doc.signals.set(self.names[*name].clone(), *value);
        }
        found.is_some()
    }

    fn of(&self, id: u128) -> &[(u128, usize, f64)] {
        let start = self.rows.partition_point(|row| row.0 < id);
        let n_rows = self.rows[start..].partition_point(|row| row.0 == id);
        &self.rows[start..start + n_rows]
    }
}

fn key(id: &str) -> u128 {
    Digest::of(id.as_bytes()).0
}

#[cfg(test)]
mod tests {
    use proofmill_types::{Kind, Meta, MetaValue};

    use super::*;

    fn load(lines: &str) -> Result<Scores> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s.jsonl"), lines).unwrap();
        let files = proofmill_read::list(Kind::Instruct, &["s.jsonl".to_owned()], dir.path())?;
        Scores::load(files.iter())
    }

    #[test]
    fn by_every_id() {
        let lines = r#"{"id": "row-7", "name": "edu", "value": 3.5}
{"id": "row-7", "name": "toxic", "value": 0}
{"id": "https://example.org/", "name": "edu", "value": "4"}
"#;
        let scores = load(lines).unwrap();
        let mut doc = Document::from_text("x");
        assert!(!scores.apply(&mut doc));
        doc.origin = "https://example.org/".to_owned();
        assert!(scores.apply(&mut doc));
        assert_eq!(doc.signals.get("score_edu"), Some(4.0));
        let mut doc = Document::from_text("x");
        doc.meta = Meta(vec![("row_id", MetaValue::Text(Some("row-7".to_owned())))]);
        assert!(scores.apply(&mut doc));
        assert_eq!(doc.signals.get("score_edu"), Some(3.5));
        assert_eq!(doc.signals.get("score_toxic"), Some(0.0));
    }

    #[test]
    fn wrong_rows_are_named() {
        for (lines, part) in [
            (r#"{"id": "a", "name": "edu"}"#, "no column `value`"),
            (
                r#"{"id": "a", "name": "edu", "value": "high"}"#,
                "finite number",
            ),
            (
                r#"{"id": "a", "name": "Edu Score", "value": 1}"#,
                "cannot be called",
            ),
            (r#"{"id": "a""#, "bad-json"),
            (
                "{\"id\": \"a\", \"name\": \"e\", \"value\": 1}\n{\"id\": \"a\", \"name\": \"e\", \"value\": 2}",
                "earlier row",
            ),
        ] {
            let error = format!("{:#}", load(lines).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
    }
}
