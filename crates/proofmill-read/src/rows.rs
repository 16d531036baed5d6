//! What a row means, by kind: text, source code or instruction.

use proofmill_types::{Body, CodeFile, InstructRow, Kind, Location, Record, TextRow};
use sha1::{Digest as _, Sha1};

use crate::Options;
use crate::cell::{Cell, Row, nested};
use crate::entry::Entry;
use crate::{proof_steps, rules};

/// Makes the entry of one row, which has `n_bytes` as read.
pub(crate) fn entry(mut row: Row, options: &Options, location: Location, n_bytes: u64) -> Entry {
    let name = location.to_string();
    match options.kind {
        Kind::Instruct => {
            let fields = row
                .iter()
                .filter_map(|(name, cell)| cell.text().map(|text| (name.clone(), text.to_owned())));
            let body = Body::Instruct(InstructRow {
                fields: fields.collect(),
            });
            let id = options
                .id_column
                .as_deref()
                .and_then(|column| text_of(&row, &[column]));
            Entry::Record(Record {
                origin: id.unwrap_or(name),
                location,
                n_bytes,
                body,
            })
        }
        Kind::Code => code(&mut row, options, location, n_bytes, name),
        Kind::ProofSteps => proof_steps::theorem(&row, location, n_bytes),
        Kind::Text | Kind::Web | Kind::Arxiv => text(&mut row, options, location, n_bytes, name),
    }
}

fn text(row: &mut Row, options: &Options, location: Location, n_bytes: u64, name: String) -> Entry {
    let text = match take_text(row, options, &["text", "content"]) {
        Ok(bytes) => bytes,
        Err((rule, detail)) => return Entry::bad(rule, name, location, n_bytes, detail),
    };
    let Ok(text) = String::from_utf8(text) else {
        return Entry::bad(
            rules::INVALID_UTF8,
            name,
            location,
            n_bytes,
            "text column is not UTF-8",
        );
    };
    if text.trim().is_empty() {
        return Entry::bad(rules::EMPTY, name, location, n_bytes, "an empty text");
    }
    for column in ["meta", "metadata"] {
        for (key, cell) in row.get(column).and_then(nested).into_iter().flatten() {
            row.entry(key).or_insert(cell);
        }
    }
    let column_or = |column: &Option<String>, names: &[&str]| match column {
        Some(column) => text_of(row, &[column]),
        None => text_of(row, names),
    };
    let text_row = TextRow {
        id: column_or(&options.id_column, &["id", "doc_id", "arxiv_id"]),
        url: text_of(row, &["url", "uri", "source_url"]),
        license: text_of(row, &["license", "licence"]),
        language: text_of(row, &["language", "lang"]),
        date: text_of(row, &["date", "timestamp", "created"]),
        group: options
            .group_column
            .as_deref()
            .and_then(|column| text_of(row, &[column])),
        text,
    };
    let origin = text_row
        .url
        .clone()
        .or_else(|| text_row.id.clone())
        .unwrap_or(name);
    Entry::Record(Record {
        origin,
        location,
        n_bytes,
        body: Body::Text(text_row),
    })
}

fn code(row: &mut Row, options: &Options, location: Location, n_bytes: u64, name: String) -> Entry {
    const REPO: [&str; 5] = [
        "max_stars_repo_name",
        "repo_name",
        "repository_name",
        "repo",
        "repository",
    ];
    const PATH: [&str; 4] = ["max_stars_repo_path", "path", "file_path", "filename"];
    const LANGUAGE: [&str; 3] = ["lang", "language", "programming_language"];
    const HEXSHA: [&str; 3] = ["hexsha", "blob_id", "sha"];
    const LICENSES: [&str; 4] = [
        "max_stars_repo_licenses",
        "licenses",
        "detected_licenses",
        "license",
    ];
    let repo = text_of(row, &REPO).unwrap_or_default();
    let path = text_of(row, &PATH).unwrap_or_default();
    let origin = match (repo.is_empty(), path.is_empty()) {
        (true, true) => name,
        (true, false) => path.clone(),
        (false, _) => format!("{repo}/{path}"),
    };
    let bytes = match take_text(row, options, &["content", "text", "code"]) {
        Ok(bytes) => bytes,
        Err((rule, detail)) => return Entry::bad(rule, origin, location, n_bytes, detail),
    };
    if bytes.is_empty() {
        return Entry::bad(rules::EMPTY, origin, location, n_bytes, "an empty file");
    }
    let licenses = LICENSES
        .iter()
        .filter_map(|name| row.get(*name))
        .map(Cell::texts);
    let hexsha = text_of(row, &HEXSHA).filter(|text| is_hexsha(text));
    let file = CodeFile {
        claimed_language: text_of(row, &LANGUAGE),
        hexsha: hexsha.unwrap_or_else(|| git_blob_hash(&bytes)),
        licenses: licenses
            .into_iter()
            .find(|texts| !texts.is_empty())
            .unwrap_or_default(),
        folder_license: None,
        repo,
        path,
        bytes,
    };
    let n_bytes = file.bytes.len() as u64;
    Entry::Record(Record {
        origin,
        location,
        n_bytes,
        body: Body::Code(file),
    })
}

/// The main column of a row, taken out of it.
fn take_text(
    row: &mut Row,
    options: &Options,
    usual: &[&str],
) -> Result<Vec<u8>, (&'static rules::Rule, String)> {
    let named = options.text_column.as_deref();
    let column = match named {
        Some(column) => row.contains_key(column).then_some(column),
        None => usual
            .iter()
            .copied()
            .find(|column| row.contains_key(*column)),
    };
    let Some(column) = column else {
        let wanted = named.map_or_else(|| usual.join("` or `"), str::to_owned);
        let found: Vec<&str> = row.keys().take(12).map(String::as_str).collect();
        return Err((
            rules::NO_TEXT,
            format!("no column `{wanted}` among `{}`", found.join("`, `")),
        ));
    };
    match row.remove(column) {
        Some(Cell::Text(text)) => Ok(text.into_bytes()),
        Some(Cell::Bytes(bytes)) => Ok(bytes),
        Some(Cell::Json(_)) => Err((rules::NULL_TEXT, format!("column `{column}` is no text"))),
        Some(Cell::Null) | None => Err((rules::NULL_TEXT, format!("column `{column}` is null"))),
    }
}

/// The first of `names` that has a value.
fn text_of(row: &Row, names: &[&str]) -> Option<String> {
    let texts = names
        .iter()
        .filter_map(|name| row.get(*name).and_then(Cell::text));
    texts
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .next()
}

fn is_hexsha(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Git's name of a file with this content, as The Stack's `hexsha` has it.
pub(crate) fn git_blob_hash(content: &[u8]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", content.len()));
    hasher.update(content);
    let mut name = String::with_capacity(40);
    for byte in hasher.finalize() {
        for digit in [byte >> 4, byte & 15] {
            name.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blob_hash_is_that_of_git() {
        assert_eq!(
            git_blob_hash(b""),
            "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        );
        assert_eq!(
            git_blob_hash(b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }
}
