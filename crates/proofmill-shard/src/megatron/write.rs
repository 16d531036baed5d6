//! Writes a token pair document by document.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Dtype, MAGIC, VERSION, with_suffix};
use crate::atomic::{AsideFile, FileInfo};
use crate::error::ShardError;

/// Numbers of the index that are encoded at a time.
const INDEX_CHUNK: usize = 8192;

/// What [`PairWriter::finish`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairInfo {
    /// Type of the ids.
    pub dtype: Dtype,
    /// Documents.
    pub n_docs: u64,
    /// Tokens of all documents.
    pub n_tokens: u64,
    /// The `.bin` file.
    pub bin: FileInfo,
    /// The `.idx` file.
    pub idx: FileInfo,
}

/// Writes `<prefix>.bin` and `<prefix>.idx`; keeps four bytes per document in memory.
pub struct PairWriter {
    bin: AsideFile,
    idx_path: PathBuf,
    dtype: Dtype,
    vocab_tokens: u64,
    lengths: Vec<i32>,
    n_tokens: u64,
    buffer: Vec<u8>,
}

impl PairWriter {
    /// Starts a pair of ids below `vocab_tokens`; the files appear when finished, `.idx` last.
    ///
    /// # Errors
    /// [`ShardError::Io`]; [`ShardError::Refused`] if `vocab_tokens` is beyond 2^31.
    pub fn create(prefix: &Path, vocab_tokens: u64) -> Result<Self, ShardError> {
        let bin_path = with_suffix(prefix, "bin");
        let dtype = Dtype::for_vocab(vocab_tokens).ok_or_else(|| {
            let what = format!("{vocab_tokens} ids are more than 2^31");
            ShardError::refused(&bin_path, "the vocabulary", what)
        })?;
        Ok(Self {
            bin: AsideFile::create(&bin_path)?,
            idx_path: with_suffix(prefix, "idx"),
            dtype,
            vocab_tokens,
            lengths: Vec::new(),
            n_tokens: 0,
            buffer: Vec::new(),
        })
    }

    /// Documents so far.
    #[must_use]
    pub fn n_docs(&self) -> u64 {
        self.lengths.len() as u64
    }

    /// Tokens so far.
    #[must_use]
    pub fn n_tokens(&self) -> u64 {
        self.n_tokens
    }

    /// Adds one document, its end-of-document id included.
    ///
    /// # Errors
    /// [`ShardError::Refused`] for a document without tokens, of 2^31 tokens or more, or with an id
    /// outside the vocabulary; then the pair is as before. [`ShardError::Io`].
    pub fn push(&mut self, tokens: &[u32]) -> Result<(), ShardError> {
        let n_docs = self.lengths.len();
        let refused = |what: String| {
            ShardError::refused(self.bin.target(), format!("document {n_docs}"), what)
        };
        let length = i32::try_from(tokens.len())
            .map_err(|_| refused(format!("{} tokens are too many for .idx", tokens.len())))?;
        if length == 0 {
            return Err(refused("it has no tokens".to_owned()));
        }
        if let Some(at) = tokens
            .iter()
            .position(|id| u64::from(*id) >= self.vocab_tokens)
        {
            let what = format!(
                "token {at} has the id {}, the vocabulary ends below {}",
                tokens[at], self.vocab_tokens
            );
            return Err(refused(what));
        }
        self.buffer.clear();
        match self.dtype {
            Dtype::U16 => {
                // Ids below 65,536 have their value in the two low bytes.
                self.buffer.extend(tokens.iter().flat_map(|id| {
                    let [low, high, ..] = id.to_le_bytes();
                    [low, high]
                }));
            }
            Dtype::I32 => self
                .buffer
                .extend(tokens.iter().flat_map(|id| id.to_le_bytes())),
        }
        let written = self.bin.write_all(&self.buffer);
        written.map_err(|error| ShardError::io("write", self.bin.target(), error))?;
        self.lengths.push(length);
        self.n_tokens += tokens.len() as u64;
        Ok(())
    }

    /// Completes both files and gives them their names.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn finish(self) -> Result<PairInfo, ShardError> {
        let Self {
            bin,
            idx_path,
            dtype,
            lengths,
            n_tokens,
            ..
        } = self;
        let bin = bin.publish()?;
        let mut idx = AsideFile::create(&idx_path)?;
        write_index(&mut idx, dtype, &lengths)
            .map_err(|error| ShardError::io("write", &idx_path, error))?;
        let idx = idx.publish()?;
        Ok(PairInfo {
            dtype,
            n_docs: lengths.len() as u64,
            n_tokens,
            bin,
            idx,
        })
    }
}

fn write_index(out: &mut impl Write, dtype: Dtype, lengths: &[i32]) -> std::io::Result<()> {
    let n_docs = lengths.len() as u64;
    out.write_all(&MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(&[dtype.code()])?;
    out.write_all(&n_docs.to_le_bytes())?;
    out.write_all(&(n_docs + 1).to_le_bytes())?;
    write_numbers(out, lengths.iter().map(|length| length.to_le_bytes()))?;
    let mut next = 0_u64;
    let offsets = lengths.iter().map(|length| {
        let start = next;
        next += u64::from(length.unsigned_abs()) * dtype.n_bytes();
        start.to_le_bytes() // below 2^63, so the same bytes as an i64
    });
    write_numbers(out, offsets)?;
    write_numbers(out, (0..=n_docs).map(u64::to_le_bytes))
}

fn write_numbers<const N: usize>(
    out: &mut impl Write,
    numbers: impl Iterator<Item = [u8; N]>,
) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(INDEX_CHUNK * N);
    for number in numbers {
        buffer.extend_from_slice(&number);
        if buffer.len() >= INDEX_CHUNK * N {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)
}
