//! A file as the Parquet decoder wants it, with every claimed place checked.

use std::io::{self, BufReader, Read, SeekFrom};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::Limits;
use crate::disk::{Progress, Raw};

/// A file that several column readers share.
#[derive(Clone)]
pub(crate) struct Chunks {
    shared: Arc<Mutex<Shared>>,
    size: u64,
    max_chunk_bytes: u64,
    progress: Progress,
}

struct Shared {
    raw: Box<dyn Raw>,
    fault: Option<io::Error>, // of the disk; the decoder's own error hides it
}

impl Chunks {
    pub(crate) fn new(raw: Box<dyn Raw>, size: u64, limits: &Limits, progress: Progress) -> Self {
        let shared = Arc::new(Mutex::new(Shared { raw, fault: None }));
        // A page may hold several records of the largest size.
        let max_chunk_bytes = limits.max_record_bytes.saturating_mul(4);
        Self {
            shared,
            size,
            max_chunk_bytes,
            progress,
        }
    }

    /// Size of the file in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The disk's failure since the last call, if there was one.
    pub(crate) fn take_fault(&self) -> Option<io::Error> {
        self.shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fault
            .take()
    }

    fn read_at(&self, position: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let result = match shared.raw.seek(SeekFrom::Start(position)) {
            Ok(_) => shared.raw.read(into),
            Err(error) => Err(error),
        };
        match result {
            Ok(n_read) => {
                self.progress.fetch_add(n_read as u64, Ordering::Relaxed);
                Ok(n_read)
            }
            Err(error) => {
                let kind = error.kind();
                if kind != io::ErrorKind::Interrupted {
                    shared.fault = Some(error);
                }
                Err(kind.into())
            }
        }
    }
}

/// The file from a place on.
pub(crate) struct From {
    chunks: Chunks,
    position: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_read = self.chunks.read_at(self.position, into)?;
        self.position += n_read as u64;
        Ok(n_read)
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::with_capacity(
            16 << 10,
            From {
                chunks: self.clone(),
                position: start,
            },
        ))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let n_bytes = length as u64;
        if start.checked_add(n_bytes).is_none_or(|end| end > self.size) {
            let size = self.size;
            return Err(ParquetError::EOF(format!(
                "bytes {start}+{length} lie outside the file of {size} bytes"
            )));
        }
        if n_bytes > self.max_chunk_bytes {
            let max = self.max_chunk_bytes;
            return Err(ParquetError::General(format!(
                "a page of {length} bytes, at most {max} are read"
            )));
        }
        let mut bytes = Vec::with_capacity(length);
        From {
            chunks: self.clone(),
            position: start,
        }
        .take(n_bytes)
        .read_to_end(&mut bytes)?;
        if bytes.len() != length {
            return Err(ParquetError::EOF(format!(
                "{} of {length} bytes",
                bytes.len()
            )));
        }
        Ok(bytes.into())
    }
}
