//! Files that are one document each, from disk or from memory.

use std::io::Read;
use std::sync::Arc;

use proofmill_types::{Body, CodeFile, Kind, Location, Page, Record, TextRow};

use crate::arxiv;
use crate::disk::{Disk, Progress, Raw};
use crate::entry::{Entry, at};
use crate::format::Format;
use crate::rows::git_blob_hash;
use crate::stream::{Fault, Stream};
use crate::{InputFile, Limits, Options, ReadError, proof_steps, rules, sniff};

/// A file in memory, or the word that it is too large.
pub(crate) enum Whole {
    Bytes(Vec<u8>),
    TooLarge(String),
}

/// Reads a whole file: as stored if `is_packed`, else decompressed.
pub(crate) fn read_whole(
    raw: Box<dyn Raw>,
    size: u64,
    is_packed: bool,
    limits: &Limits,
    progress: &Progress,
) -> Result<Whole, Fault> {
    let max = limits.max_record_bytes;
    let mut bytes = Vec::new();
    if is_packed {
        let disk = Disk::new(raw, 0, Arc::clone(progress)).map_err(Fault::Disk)?;
        disk.take(max.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(Fault::Disk)?;
    } else {
        let mut stream =
            Stream::open(raw, 0, size, limits, Arc::clone(progress)).map_err(Fault::Disk)?;
        stream.read_into(&mut bytes, max.saturating_add(1))?;
        // Damage behind the last byte counts too: a checksum stands there.
        if bytes.len() as u64 <= max {
            stream.peek(1)?;
        }
    }
    if bytes.len() as u64 > max {
        return Ok(Whole::TooLarge(format!("more than {max} bytes")));
    }
    Ok(Whole::Bytes(bytes))
}

/// Reads one document from memory, as from standard input: an HTML page, a TeX file or a packed
/// submission, a source file, a text.
///
/// `name` is the file name, if there is one; a source file's language may hang on its ending. The
/// first entry is the document or why it could not be read; others are refused archive members.
///
/// # Errors
/// Never by itself: nothing is read from disk.
pub fn read_document(
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
) -> Result<Vec<Entry>, ReadError> {
    let size = bytes.len() as u64;
    let file = InputFile {
        path: name.into(),
        name: Arc::from(name),
        under: None,
        n_bytes: size,
        modified_ns: 0,
        is_folder: false,
    };
    let format = if options.kind == Kind::Arxiv {
        Format::Submission
    } else {
        Format::Document
    };
    entries(&file, format, bytes, size, options)
}

/// Entries of a file in memory; `n_stored` is its size on disk.
pub(crate) fn entries(
    file: &InputFile,
    format: Format,
    bytes: Vec<u8>,
    n_stored: u64,
    options: &Options,
) -> Result<Vec<Entry>, ReadError> {
    let location = at(&file.name, 0, n_stored);
    let name = file.name.as_ref();
    let n_bytes = bytes.len() as u64;
    if options.kind == Kind::Arxiv {
        return arxiv::single(file, bytes, options);
    }
    let bad = |rule, detail: &str| {
        Ok(vec![Entry::bad(
            rule,
            name,
            location.clone(),
            n_stored,
            detail,
        )])
    };
    if bytes.trim_ascii().is_empty() {
        return bad(rules::EMPTY, "an empty file");
    }
    if format == Format::Unknown {
        let kind = options.kind;
        return bad(rules::UNKNOWN_FORMAT, &format!("no input of kind `{kind}`"));
    }
    let (origin, body) = match options.kind {
        Kind::Web => {
            let page = Page {
                bytes,
                ..Page::default()
            };
            (name.to_owned(), Body::Page(page))
        }
        Kind::Code => {
            let licenses = options.folder_licenses.as_deref();
            let license = licenses.and_then(|licenses| licenses.nearest("", name));
            let path = file.under.as_deref().unwrap_or_else(|| {
                // A file of its own has no repository.
                name.rsplit('/').next().unwrap_or(name)
            });
            let mut entry = code(path, location, bytes, license);
            if let Entry::Record(record) = &mut entry
                && !path.contains('/')
            {
                name.clone_into(&mut record.origin);
            }
            return Ok(vec![entry]);
        }
        Kind::Arxiv | Kind::Text | Kind::Instruct | Kind::ProofSteps => {
            let text = match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => {
                    let at_byte = error.utf8_error().valid_up_to();
                    return bad(rules::INVALID_UTF8, &format!("not UTF-8 at byte {at_byte}"));
                }
            };
            let text = text
                .strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text);
            if options.kind == Kind::ProofSteps {
                return Ok(proof_steps::entries(file, &text, n_stored));
            }
            (
                name.to_owned(),
                Body::Text(TextRow {
                    text,
                    ..TextRow::default()
                }),
            )
        }
    };
    Ok(vec![Entry::Record(Record {
        origin,
        location,
        n_bytes,
        body,
    })])
}

/// The record of a source file at `path`, below the folder of repositories or inside an archive of
/// them: its first folder is the repository, the rest the path inside it.
pub(crate) fn code(path: &str, location: Location, bytes: Vec<u8>, license: Option<&str>) -> Entry {
    let n_bytes = bytes.len() as u64;
    let bad = |rule, detail| Entry::bad(rule, path, location.clone(), n_bytes, detail);
    if bytes.trim_ascii().is_empty() {
        return bad(rules::EMPTY, "an empty file");
    }
    if sniff::is_binary(&bytes) {
        return bad(rules::NOT_TEXT, "a binary file");
    }
    let (repo, inner) = path.split_once('/').unwrap_or(("", path));
    let file = CodeFile {
        repo: repo.to_owned(),
        path: inner.to_owned(),
        hexsha: git_blob_hash(&bytes),
        folder_license: license.map(str::to_owned),
        bytes,
        ..CodeFile::default()
    };
    Entry::Record(Record {
        origin: path.to_owned(),
        location,
        n_bytes,
        body: Body::Code(file),
    })
}
