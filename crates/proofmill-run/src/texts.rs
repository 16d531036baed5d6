//! The texts of files, for commands that work on texts alone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use proofmill_read::{Entry, Limits, Options, Slice};
use proofmill_types::{BadRecord, Body, Kind, Location};

/// Bytes of the longest text: these are files that were named one by one, not a crawl.
const MAX_TEXT_BYTES: u64 = 4 << 30;

/// What stands at one place of a file.
pub enum TextEntry {
    /// A whole file, or a row of one, and where it is.
    Text(Location, String),
    /// Something that is no text.
    Bad(BadRecord),
}

/// The texts of files, or of all files in folders, as sources of kind `text` are read: rows of JSON
/// lines, JSON arrays and Parquet, any other file as one text, compressed or not.
///
/// # Errors
/// A path that is not there; later, from the iterator, trouble with a disk.
pub fn texts(paths: &[PathBuf]) -> Result<impl Iterator<Item = Result<TextEntry>> + Send> {
    let mut files = Vec::new();
    for path in paths {
        path.metadata()
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let pattern = path.to_string_lossy().into_owned();
        files.extend(proofmill_read::list(Kind::Text, &[pattern], Path::new(""))?);
    }
    let mut options = Options::new(Kind::Text);
    options.limits = Limits {
        max_record_bytes: MAX_TEXT_BYTES,
        max_line_bytes: MAX_TEXT_BYTES,
        ..options.limits
    };
    let entries = files.into_iter().flat_map(move |file| {
        let (entries, error) = match proofmill_read::open(&Slice::whole(&file), &options) {
            Ok(reader) => (Some(reader), None),
            Err(error) => (None, Some(Err(error))),
        };
        entries.into_iter().flatten().chain(error)
    });
    Ok(entries.filter_map(|entry| match entry {
        Ok(Entry::Record(record)) => match record.body {
            Body::Text(row) => Some(Ok(TextEntry::Text(record.location, row.text))),
            _ => None, // this kind of source has no others
        },
        Ok(Entry::Bad(bad)) => Some(Ok(TextEntry::Bad(bad))),
        Err(error) => Some(Err(error.into())),
    }))
}
