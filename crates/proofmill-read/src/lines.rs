//! Lines of a stream, bounded, with their positions.

use std::fs::File;

use crate::disk::Progress;
use crate::stream::{Fault, Stream};
use crate::{InputFile, Limits, ReadError, sniff};

/// One line without its end.
pub(crate) enum Line {
    Text {
        bytes: Vec<u8>,
        at: u64,
        row: u64,
    },
    /// A line above the limit; its bytes were passed over.
    TooLong {
        n_bytes: u64,
        at: u64,
        row: u64,
    },
}

impl Line {
    /// Line number from 0.
    pub(crate) fn row(&self) -> u64 {
        match self {
            Self::Text { row, .. } | Self::TooLong { row, .. } => *row,
        }
    }
}

/// The lines of a stream.
pub(crate) struct Lines {
    stream: Stream,
    row: u64,
    max_line_bytes: u64,
}

impl Lines {
    /// Lines of `stream`, the first one being number `first_row`.
    pub(crate) fn new(stream: Stream, first_row: u64, limits: &Limits) -> Self {
        Self {
            stream,
            row: first_row,
            max_line_bytes: limits.max_line_bytes,
        }
    }

    /// The first byte that is no blank, nothing being read yet.
    pub(crate) fn first_byte(&mut self) -> Result<Option<u8>, Fault> {
        let ahead = sniff::skip_blank(self.stream.ahead()?);
        Ok(ahead.first().copied())
    }

    /// All bytes that are left; `None` if there are more than `max_bytes`.
    pub(crate) fn rest(&mut self, max_bytes: u64) -> Result<Option<Vec<u8>>, Fault> {
        let mut bytes = Vec::new();
        self.stream
            .read_into(&mut bytes, max_bytes.saturating_add(1))?;
        Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
    }

    /// The next line; `None` at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>, Fault> {
        let at = self.stream.position();
        let row = self.row;
        let mut bytes = Vec::new();
        let mut n_bytes: u64 = 0;
        let mut is_ended = false;
        while !is_ended {
            let ahead = self.stream.ahead()?;
            if ahead.is_empty() {
                break;
            }
            let newline = memchr::memchr(b'\n', ahead);
            let part = &ahead[..newline.unwrap_or(ahead.len())];
            n_bytes += part.len() as u64;
            if n_bytes <= self.max_line_bytes {
                bytes.extend_from_slice(part);
            } else {
                bytes = Vec::new();
            }
            let n_taken = part.len() + usize::from(newline.is_some());
            self.stream.consume(n_taken);
            is_ended = newline.is_some();
        }
        if n_bytes == 0 && !is_ended {
            return Ok(None);
        }
        self.row += 1;
        if n_bytes > self.max_line_bytes {
            return Ok(Some(Line::TooLong { n_bytes, at, row }));
        }
        Ok(Some(Line::Text { bytes, at, row }))
    }
}

/// The lines of a whole file.
pub(crate) fn of_file(file: &InputFile, limits: &Limits) -> Result<Lines, ReadError> {
    let raw = File::open(&file.path).map_err(ReadError::io(&file.path))?;
    let stream = Stream::open(Box::new(raw), 0, u64::MAX, limits, Progress::default())
        .map_err(ReadError::io(&file.path))?;
    Ok(Lines::new(stream, 0, limits))
}

/// A fault of a file that must be sound.
pub(crate) fn fault_of(file: &InputFile, fault: Fault) -> ReadError {
    let path = file.path.clone();
    match fault {
        Fault::Disk(source) => ReadError::Io { path, source },
        Fault::Damage(damage) => {
            let source = std::io::Error::new(std::io::ErrorKind::InvalidData, damage.detail);
            ReadError::Io { path, source }
        }
    }
}
