//! Reads a token pair where it lies.
//!
//! Opening checks the header and the sizes of both files, in constant time. Every later access
//! checks the numbers that it uses, so a damaged or hostile index is an error, never a panic or a
//! read outside the files. [`crate::verify`] checks all numbers at once.

use std::path::{Path, PathBuf};

use super::map::MappedFile;
use super::{Dtype, HEADER_BYTES, MAGIC, VERSION, with_suffix};
use crate::error::ShardError;

/// An open pair; cheap to share between threads.
pub struct IndexedDataset {
    bin: MappedFile,
    idx: MappedFile,
    bin_path: PathBuf,
    idx_path: PathBuf,
    dtype: Dtype,
    n_docs: usize,
}

impl IndexedDataset {
    /// Opens `<prefix>.bin` and `<prefix>.idx`.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Format`] for another version or type of ids;
    /// [`ShardError::Damaged`] if header and sizes contradict each other.
    pub fn open(prefix: &Path) -> Result<Self, ShardError> {
        let (bin_path, idx_path) = (with_suffix(prefix, "bin"), with_suffix(prefix, "idx"));
        let idx = MappedFile::open(&idx_path)?;
        let (dtype, n_docs) = read_header(idx.bytes(), &idx_path)?;
        let bin = MappedFile::open(&bin_path)?;
        if !(bin.bytes().len() as u64).is_multiple_of(dtype.n_bytes()) {
            let what = format!("its {} bytes are no whole ids", bin.bytes().len());
            return Err(ShardError::damaged(&bin_path, "its end", what));
        }
        Ok(Self {
            bin,
            idx,
            bin_path,
            idx_path,
            dtype,
            n_docs,
        })
    }

    /// Documents (sequences) in the pair.
    #[must_use]
    pub fn n_docs(&self) -> u64 {
        self.n_docs as u64
    }

    /// Tokens in `.bin`.
    #[must_use]
    pub fn n_tokens(&self) -> u64 {
        self.bin.bytes().len() as u64 / self.dtype.n_bytes()
    }

    /// Type of the ids.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Tells the system that access will be random, so that it reads no more than it is asked.
    pub fn advise_random(&self) {
        self.bin.advise_random();
    }

    /// The ids as they lie in `.bin`, little-endian.
    #[must_use]
    pub fn bin_bytes(&self) -> &[u8] {
        self.bin.bytes()
    }

    /// First token and number of tokens of document `doc_index`.
    ///
    /// # Errors
    /// [`ShardError::Damaged`] if there is no such document or it does not lie inside `.bin`.
    pub fn doc_range(&self, doc_index: u64) -> Result<(u64, u32), ShardError> {
        let damaged = |what: String| {
            ShardError::damaged(&self.idx_path, format!("document {doc_index}"), what)
        };
        let index = usize::try_from(doc_index)
            .ok()
            .filter(|index| *index < self.n_docs);
        let index = index.ok_or_else(|| damaged(format!("there are only {}", self.n_docs)))?;
        let (length, offset) = (self.length(index), self.offset(index));
        let n_tokens = u32::try_from(length).map_err(|_| damaged(format!("length {length}")))?;
        let n_bytes = self.dtype.n_bytes();
        let start = u64::try_from(offset)
            .ok()
            .filter(|start| start % n_bytes == 0)
            .ok_or_else(|| damaged(format!("its offset {offset} is impossible")))?
            / n_bytes;
        let end = start + u64::from(n_tokens); // below 2^62 + 2^32
        if end > self.n_tokens() {
            let what = format!("it ends at token {end} of {}", self.n_tokens());
            return Err(damaged(what));
        }
        Ok((start, n_tokens))
    }

    /// Appends the tokens of document `doc_index` to `out`.
    ///
    /// # Errors
    /// As [`IndexedDataset::doc_range`] and [`IndexedDataset::tokens_into`].
    pub fn doc_into(&self, doc_index: u64, out: &mut Vec<u32>) -> Result<(), ShardError> {
        let (start, n_tokens) = self.doc_range(doc_index)?;
        self.tokens_into(start, u64::from(n_tokens), out)
    }

    /// Appends `n_tokens` tokens from `token_offset` on to `out`, across documents.
    ///
    /// # Errors
    /// [`ShardError::Damaged`] if they do not all lie inside `.bin`, or an id is negative.
    pub fn tokens_into(
        &self,
        token_offset: u64,
        n_tokens: u64,
        out: &mut Vec<u32>,
    ) -> Result<(), ShardError> {
        let n_bytes = self.dtype.n_bytes();
        let range = || {
            let start = usize::try_from(token_offset.checked_mul(n_bytes)?).ok()?;
            let end = token_offset.checked_add(n_tokens)?.checked_mul(n_bytes)?;
            self.bin.bytes().get(start..usize::try_from(end).ok()?)
        };
        let damaged = |position: u64, what: &str| {
            ShardError::damaged(&self.bin_path, format!("token {position}"), what)
        };
        let bytes = range().ok_or_else(|| damaged(token_offset, "the file ends before"))?;
        match self.dtype {
            Dtype::U16 => {
                let (ids, _) = bytes.as_chunks::<2>();
                out.extend(ids.iter().map(|id| u32::from(u16::from_le_bytes(*id))));
            }
            Dtype::I32 => {
                let (ids, _) = bytes.as_chunks::<4>();
                if let Some(at) = ids.iter().position(|id| i32::from_le_bytes(*id) < 0) {
                    return Err(damaged(token_offset + at as u64, "the id is negative"));
                }
                out.extend(ids.iter().map(|id| u32::from_le_bytes(*id)));
            }
        }
        Ok(())
    }

    /// The document that holds the token at `token_offset`, by halving; `None` beyond the end.
    ///
    /// # Errors
    /// As [`IndexedDataset::doc_range`].
    pub fn doc_at(&self, token_offset: u64) -> Result<Option<u64>, ShardError> {
        let (mut low, mut high) = (0, self.n_docs());
        while low < high {
            let middle = low + (high - low) / 2;
            let (start, n_tokens) = self.doc_range(middle)?;
            if token_offset < start {
                high = middle;
            } else if token_offset - start < u64::from(n_tokens) {
                return Ok(Some(middle));
            } else {
                low = middle + 1;
            }
        }
        Ok(None)
    }

    /// Entry `index` of the document index, from 0 to `n_docs` inclusive.
    pub(crate) fn document_start(&self, index: usize) -> i64 {
        i64::from_le_bytes(self.idx_bytes(HEADER_BYTES + 12 * self.n_docs + 8 * index))
    }

    pub(crate) fn idx_path(&self) -> &Path {
        &self.idx_path
    }

    pub(crate) fn bin_path(&self) -> &Path {
        &self.bin_path
    }

    fn length(&self, index: usize) -> i32 {
        i32::from_le_bytes(self.idx_bytes(HEADER_BYTES + 4 * index))
    }

    fn offset(&self, index: usize) -> i64 {
        i64::from_le_bytes(self.idx_bytes(HEADER_BYTES + 4 * self.n_docs + 8 * index))
    }

    /// `N` bytes of the index at `at`; zeros beyond its end, which opening has excluded.
    fn idx_bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        bytes_at(self.idx.bytes(), at).unwrap_or([0; N])
    }
}

/// Type of ids and number of documents, once the sizes are known to fit.
fn read_header(bytes: &[u8], path: &Path) -> Result<(Dtype, usize), ShardError> {
    let format = |found: String, expected: &str| ShardError::Format {
        path: path.to_owned(),
        found,
        expected: expected.to_owned(),
    };
    if !bytes.starts_with(&MAGIC) {
        return Err(format(
            "no Megatron index".to_owned(),
            "files that start with `MMIDIDX`",
        ));
    }
    let short = || ShardError::damaged(path, format!("byte {}", bytes.len()), "it ends too early");
    let version = u64::from_le_bytes(bytes_at(bytes, 9).ok_or_else(short)?);
    if version != VERSION {
        return Err(format(format!("index version {version}"), "version 1"));
    }
    let [code] = bytes_at(bytes, 17).ok_or_else(short)?;
    let dtype = Dtype::from_code(code)
        .ok_or_else(|| format(format!("ids of type {code}"), "types 4 (i32) and 8 (u16)"))?;
    let n_sequences = u64::from_le_bytes(bytes_at(bytes, 18).ok_or_else(short)?);
    let n_starts = u64::from_le_bytes(bytes_at(bytes, 26).ok_or_else(short)?);
    if n_sequences.checked_add(1) != Some(n_starts) {
        let found = format!("{n_sequences} sequences and {n_starts} document starts");
        return Err(format(found, "one sequence per document"));
    }
    let n_bytes = n_sequences
        .checked_mul(20)
        .and_then(|n| n.checked_add(HEADER_BYTES as u64 + 8));
    if n_bytes != Some(bytes.len() as u64) {
        let what = format!(
            "{n_sequences} documents do not fit its {} bytes",
            bytes.len()
        );
        return Err(ShardError::damaged(path, "byte 18", what));
    }
    Ok((dtype, usize::try_from(n_sequences).map_err(|_| short())?))
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}
