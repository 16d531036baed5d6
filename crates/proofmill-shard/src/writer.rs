//! Writes shards: tokens and provenance together, cut at document boundaries.
//!
//! A shard ends with the document by which it reaches the wanted number of tokens. So the cuts
//! follow from the documents and their order alone, never from workers or time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::atomic::{FileInfo, publish_bytes};
use crate::error::ShardError;
use crate::megatron::PairWriter;
use crate::shard::{FORMAT_VERSION, ShardFiles, ShardInfo, TokenizerFacts};
use crate::tables::{ProvenanceRow, ProvenanceWriter};

/// What shards are written with.
#[derive(Clone, Debug, Default)]
pub struct ShardSettings {
    /// What made the tokens; its vocabulary and end-of-document id are checked on every document.
    pub tokenizer: TokenizerFacts,
    /// Tokens after which a shard ends, at the next document boundary.
    pub target_tokens: u64,
}

/// One finished shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its path without ending.
    pub prefix: PathBuf,
    /// Its description.
    pub info: ShardInfo,
    /// Size and digest of the description itself.
    pub json: FileInfo,
}

/// Writes `<dir>/<prefix>-00000.bin`, `.idx`, `.docs.parquet`, `.json`, and so on.
pub struct ShardWriter {
    dir: PathBuf,
    prefix: String,
    settings: ShardSettings,
    open: Option<OpenShard>,
    finished: Vec<Shard>,
}

struct OpenShard {
    prefix: PathBuf,
    pair: PairWriter,
    provenance: ProvenanceWriter,
    n_text_bytes: u64,
}

impl ShardWriter {
    /// Starts a series of shards in the folder `dir`, which must exist.
    ///
    /// # Errors
    /// [`ShardError::Refused`] if `eod` is outside the vocabulary or `target_tokens` is 0.
    pub fn create(dir: &Path, prefix: &str, settings: ShardSettings) -> Result<Self, ShardError> {
        let refused =
            |what: String| Err(ShardError::refused(&dir.join(prefix), "the settings", what));
        let TokenizerFacts {
            eod, vocab_tokens, ..
        } = settings.tokenizer;
        if u64::from(eod) >= vocab_tokens {
            return refused(format!(
                "the end-of-document id {eod} is not below {vocab_tokens}"
            ));
        }
        if settings.target_tokens == 0 {
            return refused("target_tokens is 0".to_owned());
        }
        let (dir, prefix) = (dir.to_owned(), prefix.to_owned());
        Ok(Self {
            dir,
            prefix,
            settings,
            open: None,
            finished: Vec::new(),
        })
    }

    /// Adds one document: its tokens with the end-of-document id, and where it comes from.
    ///
    /// Ordinal, offset and number of tokens of `row` are set here.
    ///
    /// # Errors
    /// [`ShardError::Refused`] if the end-of-document id is not exactly at the end, or as
    /// [`PairWriter::push`]; [`ShardError::Io`].
    pub fn push(&mut self, tokens: &[u32], row: &ProvenanceRow) -> Result<(), ShardError> {
        let shard = match &mut self.open {
            Some(shard) => shard,
            none => {
                let name = format!("{}-{:05}", self.prefix, self.finished.len());
                let prefix = self.dir.join(name);
                none.insert(OpenShard::create(
                    prefix,
                    self.settings.tokenizer.vocab_tokens,
                )?)
            }
        };
        shard.push(tokens, row, self.settings.tokenizer.eod)?;
        if shard.pair.n_tokens() >= self.settings.target_tokens {
            self.close()?;
        }
        Ok(())
    }

    /// Completes the last shard and gives all of them in order; none if there was no document.
    ///
    /// # Errors
    /// [`ShardError::Io`].
    pub fn finish(mut self) -> Result<Vec<Shard>, ShardError> {
        self.close()?;
        Ok(self.finished)
    }

    fn close(&mut self) -> Result<(), ShardError> {
        if let Some(shard) = self.open.take() {
            self.finished.push(shard.finish(&self.settings.tokenizer)?);
        }
        Ok(())
    }
}

impl OpenShard {
    fn create(prefix: PathBuf, vocab_tokens: u64) -> Result<Self, ShardError> {
        let pair = PairWriter::create(&prefix, vocab_tokens)?;
        let provenance = ProvenanceWriter::create(&ShardFiles::of(&prefix).docs)?;
        Ok(Self {
            prefix,
            pair,
            provenance,
            n_text_bytes: 0,
        })
    }

    fn push(&mut self, tokens: &[u32], row: &ProvenanceRow, eod: u32) -> Result<(), ShardError> {
        let ordinal = self.pair.n_docs();
        let refused = |what: String| {
            let position = format!("document {ordinal} (`{}`)", row.origin);
            ShardError::refused(&self.prefix, position, what)
        };
        let at = tokens.iter().position(|id| *id == eod);
        if at.is_none() || at.map(|at| at + 1) != Some(tokens.len()) {
            let what = match at {
                None => format!("the end-of-document id {eod} is missing"),
                Some(at) => format!("the end-of-document id {eod} is inside, as token {at}"),
            };
            return Err(refused(what));
        }
        let token_offset = self.pair.n_tokens();
        let n_tokens = u32::try_from(tokens.len())
            .map_err(|_| refused(format!("{} tokens are too many", tokens.len())))?;
        self.pair.push(tokens)?;
        self.provenance.push(&ProvenanceRow {
            ordinal,
            token_offset,
            n_tokens,
            ..row.clone()
        })?;
        self.n_text_bytes = self.n_text_bytes.saturating_add(row.n_text_bytes);
        Ok(())
    }

    fn finish(self, tokenizer: &TokenizerFacts) -> Result<Shard, ShardError> {
        let Self {
            prefix,
            pair,
            provenance,
            n_text_bytes,
        } = self;
        let paths = ShardFiles::of(&prefix);
        let docs = provenance.finish()?;
        let pair = pair.finish()?;
        let name = |path: &Path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let files = BTreeMap::from([
            (name(&paths.bin), pair.bin),
            (name(&paths.idx), pair.idx),
            (name(&paths.docs), docs),
        ]);
        let info = ShardInfo {
            format_version: FORMAT_VERSION,
            dtype: pair.dtype,
            n_docs: pair.n_docs,
            n_tokens: pair.n_tokens,
            n_text_bytes,
            tokenizer: tokenizer.clone(),
            files,
        };
        let json = publish_bytes(&paths.json, &info.to_json())?;
        Ok(Shard { prefix, info, json })
    }
}
