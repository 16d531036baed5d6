//! Opens a slice and yields its entries: chooses the format, keeps the progress, turns damage into
//! counted drops.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proofmill_types::Kind;

use crate::arxiv::{self, BulkTar};
use crate::code_tar::CodeTar;
use crate::disk::{Progress, Raw};
use crate::entry::{Entry, at};
use crate::format::{self, Format};
use crate::json::{JsonArray, JsonLines};
use crate::lines::Lines;
use crate::stream::{Fault, Stream};
use crate::table::{self, Table};
use crate::tar::TarWalk;
use crate::warc::WarcReader;
use crate::{FolderLicenses, InputFile, Limits, Metadata, ReadError, Slice, document, rules};

/// How a source is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the source holds.
    pub kind: Kind,
    /// Column of the text or source code; by default `text` or `content`, whichever is there.
    pub text_column: Option<String>,
    /// Column of the id; by default `id`.
    pub id_column: Option<String>,
    /// Column that names the group for the split; by default none.
    pub group_column: Option<String>,
    /// Licences of arXiv papers.
    pub metadata: Option<Arc<Metadata>>,
    /// Licences of source code, by LICENSE files.
    pub folder_licenses: Option<Arc<FolderLicenses>>,
    /// Bounds on untrusted input.
    pub limits: Limits,
}

impl Options {
    /// The defaults for `kind`.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            text_column: None,
            id_column: None,
            group_column: None,
            metadata: None,
            folder_licenses: None,
            limits: Limits::default(),
        }
    }
}

/// A format's reader: gives its entries one small batch at a time.
pub(crate) trait Entries: Send {
    /// Appends the next entries, possibly none; `false` at the end.
    ///
    /// A [`Fault::Damage`] ends the input: all that can be read was given before.
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault>;
}

/// The entries of one slice, in the order of the file; one record is in memory at a time.
pub struct Reader {
    path: PathBuf,
    file: Arc<str>,
    n_bytes: u64,
    entries: Option<Box<dyn Entries>>,
    queue: VecDeque<Entry>,
    progress: Progress,
}

/// Opens `slice`.
///
/// # Errors
/// [`ReadError::Io`] if the file cannot be opened or read; a file whose content is wrong opens well
/// and yields a bad record.
pub fn open(slice: &Slice, options: &Options) -> Result<Reader, ReadError> {
    let file = &slice.file;
    if file.is_folder {
        let mut reader = Reader::bare(file, Progress::default());
        reader.queue.extend(arxiv::folder(file, options)?);
        return Ok(reader);
    }
    let raw = File::open(&file.path).map_err(ReadError::io(&file.path))?;
    let size = raw.metadata().map_err(ReadError::io(&file.path))?.len();
    // A second handle for what reads at several places at once.
    let again = || File::open(&file.path).map(|file| Box::new(file) as Box<dyn Raw>);
    open_raw(slice, size, &again, options)
}

/// Reads a whole file that lies in memory, as [`open`] reads one from disk.
///
/// # Errors
/// Never by itself; the type is that of [`open`].
pub fn open_bytes(name: &str, bytes: &[u8], options: &Options) -> Result<Reader, ReadError> {
    let n_bytes = bytes.len() as u64;
    let file = InputFile {
        path: PathBuf::from(name),
        name: Arc::from(name),
        under: None,
        n_bytes,
        modified_ns: 0,
        is_folder: false,
    };
    let shared = bytes::Bytes::copy_from_slice(bytes);
    let again = || Ok(Box::new(io::Cursor::new(shared.clone())) as Box<dyn Raw>);
    open_raw(&Slice::whole(&file), n_bytes, &again, options)
}

fn open_raw(
    slice: &Slice,
    size: u64,
    again: &dyn Fn() -> io::Result<Box<dyn Raw>>,
    options: &Options,
) -> Result<Reader, ReadError> {
    let file = &slice.file;
    let limits = &options.limits;
    let progress = Progress::default();
    let mut reader = Reader::bare(file, Arc::clone(&progress));
    reader.n_bytes = size;
    let on_disk = |error| ReadError::io(&file.path)(error);
    let open_stream = |start, end, progress: &Progress| {
        let raw = again().map_err(on_disk)?;
        Stream::open(raw, start, end, limits, Arc::clone(progress)).map_err(on_disk)
    };
    let format = match format::recognise(file, options.kind, limits, again) {
        Ok(format) => format,
        Err(fault) => {
            reader.refuse(fault)?;
            return Ok(reader);
        }
    };
    let name = Arc::clone(&file.name);
    let end = slice.end.min(size);
    let shared = || Arc::new(options.clone());
    reader.entries = match format {
        Format::Parquet => {
            match Table::open(again().map_err(on_disk)?, size, slice, &progress, shared()) {
                Ok(table) => Some(Box::new(table)),
                Err(table::Refusal::Disk(error)) => return Err(on_disk(error)),
                Err(table::Refusal::Damage(detail)) => {
                    let location = at(&name, 0, size);
                    let bad = Entry::bad(rules::PARQUET_DAMAGED, &*name, location, size, detail);
                    reader.queue.push_back(bad);
                    None
                }
            }
        }
        Format::JsonLines => {
            let stream = open_stream(slice.start, end, &progress)?;
            let lines = Lines::new(stream, slice.first_row, limits);
            Some(Box::new(JsonLines {
                file: name,
                lines,
                options: shared(),
            }))
        }
        Format::JsonArray => {
            let stream = open_stream(0, size, &progress)?;
            Some(Box::new(JsonArray {
                file: name,
                stream,
                options: shared(),
                row: 0,
                n_open: 0,
            }))
        }
        Format::BulkTar | Format::CodeTar => {
            let stream = open_stream(slice.start, end, &progress)?;
            let archive_end = (!stream.is_compressed()).then_some(size);
            let walk = TarWalk::new(stream, archive_end);
            Some(tar_entries(format, name, walk, shared()))
        }
        Format::Warc => {
            let stream = open_stream(slice.start, end, &progress)?;
            Some(Box::new(WarcReader::new(name, stream, size, shared())))
        }
        Format::DamagedWarc => {
            let raw = again().map_err(on_disk)?;
            let stream = Stream::open_gzip(raw, limits, Arc::clone(&progress)).map_err(on_disk)?;
            Some(Box::new(WarcReader::new(name, stream, size, shared())))
        }
        Format::Submission | Format::Document | Format::Unknown => {
            let is_packed = format == Format::Submission;
            let raw = again().map_err(on_disk)?;
            match document::read_whole(raw, size, is_packed, limits, &progress) {
                Ok(document::Whole::Bytes(bytes)) => {
                    reader
                        .queue
                        .extend(document::entries(file, format, bytes, size, options)?);
                }
                Ok(document::Whole::TooLarge(detail)) => {
                    let location = at(&name, 0, size);
                    let rule = rules::RECORD_TOO_LARGE;
                    reader
                        .queue
                        .push_back(Entry::bad(rule, &*name, location, size, detail));
                }
                Err(fault) => reader.refuse(fault)?,
            }
            None
        }
    };
    Ok(reader)
}

fn tar_entries(
    format: Format,
    file: Arc<str>,
    walk: TarWalk,
    options: Arc<Options>,
) -> Box<dyn Entries> {
    if format == Format::CodeTar {
        Box::new(CodeTar {
            file,
            walk,
            options,
        })
    } else {
        Box::new(BulkTar {
            file,
            walk,
            options,
        })
    }
}

impl Reader {
    fn bare(file: &InputFile, progress: Progress) -> Self {
        Self {
            path: file.path.clone(),
            file: Arc::clone(&file.name),
            n_bytes: file.n_bytes,
            entries: None,
            queue: VecDeque::new(),
            progress,
        }
    }

    /// Stored bytes read so far within the slice.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.progress.load(Ordering::Relaxed)
    }

    /// Ends the input at a fault: a counted drop, or an error of the disk.
    fn refuse(&mut self, fault: Fault) -> Result<(), ReadError> {
        self.entries = None;
        match fault {
            Fault::Disk(source) => Err(ReadError::Io {
                path: self.path.clone(),
                source,
            }),
            Fault::Damage(damage) => {
                let n_lost = self.n_bytes.saturating_sub(damage.stored);
                let location = at(&self.file, damage.stored, n_lost);
                let origin = self.file.as_ref();
                self.queue.push_back(Entry::bad(
                    damage.rule,
                    origin,
                    location,
                    n_lost,
                    damage.detail,
                ));
                Ok(())
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.queue.pop_front() {
                return Some(Ok(entry));
            }
            match self.entries.as_mut()?.more(&mut self.queue) {
                Ok(true) => {}
                Ok(false) => self.entries = None,
                Err(fault) => {
                    if let Err(error) = self.refuse(fault) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}
