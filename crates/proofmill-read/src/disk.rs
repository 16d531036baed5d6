//! Stored bytes: a file or a buffer, with its position counted and its faults marked.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file, or bytes in memory.
pub(crate) trait Raw: Read + Seek + Send {}
impl<T: Read + Seek + Send> Raw for T {}

/// How far a reader has come, shared with whoever shows it.
pub(crate) type Progress = Arc<AtomicU64>;

/// A buffered file that knows its position and tells failures of the disk from damaged data.
pub(crate) struct Disk {
    raw: Box<dyn Raw>,
    buffer: Vec<u8>,
    low: usize,
    at: u64, // position of the end of `buffer`
    base: u64,
    chunk_bytes: usize,
    progress: Progress,
}

/// Bytes asked of the disk at once.
const CHUNK_BYTES: usize = 256 << 10;

impl Disk {
    /// Reads `raw` from `start`.
    pub(crate) fn new(mut raw: Box<dyn Raw>, start: u64, progress: Progress) -> io::Result<Self> {
        raw.seek(SeekFrom::Start(start)).map_err(DiskFault::wrap)?;
        Ok(Self {
            raw,
            buffer: Vec::new(),
            low: 0,
            at: start,
            base: start,
            chunk_bytes: CHUNK_BYTES,
            progress,
        })
    }

    /// Reads in chunks no larger than an input of `n_bytes` needs.
    pub(crate) fn for_size(mut self, n_bytes: usize) -> Self {
        self.chunk_bytes = n_bytes.clamp(512, CHUNK_BYTES);
        self
    }

    /// Position of the next byte.
    pub(crate) fn position(&self) -> u64 {
        self.at - (self.buffer.len() - self.low) as u64
    }

    /// Goes to byte `position`.
    pub(crate) fn go_to(&mut self, position: u64) -> io::Result<()> {
        let first = self.at - self.buffer.len() as u64;
        if let Ok(low) = usize::try_from(position.wrapping_sub(first))
            && position >= first
            && low <= self.buffer.len()
        {
            self.low = low;
            return Ok(());
        }
        self.raw
            .seek(SeekFrom::Start(position))
            .map_err(DiskFault::wrap)?;
        self.buffer.clear();
        self.low = 0;
        self.at = position;
        Ok(())
    }
}

impl BufRead for Disk {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.low == self.buffer.len() {
            self.buffer.resize(self.chunk_bytes, 0);
            self.low = 0;
            let n_read = loop {
                match self.raw.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.buffer.truncate(*n_read.as_ref().unwrap_or(&0));
            self.at += n_read.map_err(DiskFault::wrap)? as u64;
            self.progress
                .store(self.at.saturating_sub(self.base), Ordering::Relaxed);
        }
        Ok(&self.buffer[self.low..])
    }

    fn consume(&mut self, n_bytes: usize) {
        self.low = (self.low + n_bytes).min(self.buffer.len());
    }
}

impl Read for Disk {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n_bytes = available.len().min(into.len());
        into[..n_bytes].copy_from_slice(&available[..n_bytes]);
        self.consume(n_bytes);
        Ok(n_bytes)
    }
}

/// Marks an error as one of the disk, through any decoder that passes it on.
#[derive(Debug)]
pub(crate) struct DiskFault(io::Error);

impl DiskFault {
    pub(crate) fn wrap(error: io::Error) -> io::Error {
        io::Error::new(error.kind(), Self(error))
    }

    /// Whether `error` came from the disk.
    pub(crate) fn is(error: &io::Error) -> bool {
        error
            .get_ref()
            .is_some_and(<dyn Error + Send + Sync>::is::<Self>)
    }
}

impl fmt::Display for DiskFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Error for DiskFault {}
