//! Cuts files into slices that can be read on their own, at the boundaries of records.
//!
//! The entries of a file's slices, one after the other, are the entries of the whole file, for any
//! target size.

use std::fs::File;
use std::io::{self, BufRead};
use std::sync::Arc;

use proofmill_types::Kind;
use serde::{Deserialize, Serialize};

use crate::disk::{Disk, Progress, Raw};
use crate::format::{self, Format};
use crate::stream::{Fault, Stream};
use crate::tar::{Step, TarWalk};
use crate::warc::{self, WarcWalk};
use crate::{InputFile, Limits, ReadError, table};

/// What `start` and `end` of a [`Slice`] count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SliceUnit {
    /// Bytes as stored.
    Bytes,
    /// Row groups of a Parquet file.
    RowGroups,
}

/// A part of a file that one task reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slice {
    /// The file.
    pub file: InputFile,
    /// First byte or row group.
    pub start: u64,
    /// One past the last byte or row group.
    pub end: u64,
    /// What `start` and `end` count.
    pub unit: SliceUnit,
    /// Row or line of the file at which the slice begins, from 0.
    pub first_row: u64,
}

impl Slice {
    /// The whole of `file`.
    #[must_use]
    pub fn whole(file: &InputFile) -> Self {
        let (start, end) = (0, u64::MAX);
        Self {
            file: file.clone(),
            start,
            end,
            unit: SliceUnit::Bytes,
            first_row: 0,
        }
    }
}

/// Cuts `file` into slices of about `target_bytes` stored bytes, at least one.
///
/// Plain tars are cut between members, plain JSON lines at line ends, plain WARC files between
/// records, Parquet between row groups. Compressed and small files are one slice.
///
/// # Errors
/// [`ReadError::Io`] if the file cannot be read.
pub fn slices(file: &InputFile, kind: Kind, target_bytes: u64) -> Result<Vec<Slice>, ReadError> {
    if file.is_folder || file.n_bytes <= target_bytes {
        return Ok(vec![Slice::whole(file)]);
    }
    match cut(file, kind, target_bytes.max(1)) {
        Ok(slices) if !slices.is_empty() => Ok(slices),
        Ok(_) | Err(Fault::Damage(_)) => Ok(vec![Slice::whole(file)]),
        Err(Fault::Disk(source)) => Err(ReadError::Io {
            path: file.path.clone(),
            source,
        }),
    }
}

fn cut(file: &InputFile, kind: Kind, target_bytes: u64) -> Result<Vec<Slice>, Fault> {
    let limits = Limits::default();
    let again = || File::open(&file.path).map(|file| Box::new(file) as Box<dyn Raw>);
    let format = format::recognise(file, kind, &limits, &again)?;
    if format == Format::Parquet {
        return table::slices(file, again().map_err(Fault::Disk)?, target_bytes);
    }
    let raw = again().map_err(Fault::Disk)?;
    let stream =
        Stream::open(raw, 0, file.n_bytes, &limits, Progress::default()).map_err(Fault::Disk)?;
    if stream.is_compressed() {
        return Ok(Vec::new());
    }
    let mut cuts = Cuts {
        starts: vec![(0, 0)],
        target_bytes,
    };
    match format {
        Format::JsonLines => {
            cut_lines(again().map_err(Fault::Disk)?, &mut cuts).map_err(Fault::Disk)?;
        }
        Format::BulkTar | Format::CodeTar => {
            let mut walk = TarWalk::new(stream, Some(file.n_bytes));
            while let Some(step) = walk.step()? {
                if let Step::Member(member) = step {
                    cuts.offer(member.at, 0);
                }
            }
        }
        Format::Warc => {
            let mut walk = WarcWalk::new(Arc::clone(&file.name), stream, file.n_bytes, &limits);
            while let Some(at) = warc::next_record(&mut walk)? {
                cuts.offer(at, 0);
            }
        }
        _ => return Ok(Vec::new()),
    }
    Ok(cuts.slices(file))
}

/// Places at which a slice begins.
struct Cuts {
    starts: Vec<(u64, u64)>, // byte and row
    target_bytes: u64,
}

impl Cuts {
    /// A slice may begin at byte `at`, which is row `row`.
    fn offer(&mut self, at: u64, row: u64) {
        let (last, _) = self.starts.last().copied().unwrap_or_default();
        if at.saturating_sub(last) >= self.target_bytes {
            self.starts.push((at, row));
        }
    }

    fn slices(&self, file: &InputFile) -> Vec<Slice> {
        let ends = self
            .starts
            .iter()
            .skip(1)
            .map(|(start, _)| *start)
            .chain([file.n_bytes]);
        let parts = self.starts.iter().zip(ends);
        let slice = |(&(start, first_row), end)| Slice {
            file: file.clone(),
            start,
            end,
            unit: SliceUnit::Bytes,
            first_row,
        };
        parts
            .filter(|(start, end)| start.0 < *end)
            .map(slice)
            .collect()
    }
}

fn cut_lines(raw: Box<dyn Raw>, cuts: &mut Cuts) -> io::Result<()> {
    let mut disk = Disk::new(raw, 0, Progress::default())?;
    let mut row = 0;
    loop {
        let at = disk.position();
        let ahead = disk.fill_buf()?;
        if ahead.is_empty() {
            return Ok(());
        }
        for newline in memchr::memchr_iter(b'\n', ahead) {
            row += 1;
            cuts.offer(at + newline as u64 + 1, row);
        }
        let n_ahead = ahead.len();
        disk.consume(n_ahead);
    }
}
