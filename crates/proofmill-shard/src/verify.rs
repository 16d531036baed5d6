//! Checks every invariant of a shard, and finds the document of a token.
//!
//! What holds: each document ends with the end-of-document id and has it nowhere else; none is
//! empty; documents lie back to back; all ids are in the vocabulary; pair, provenance and
//! description agree; all bytes are those that were written. Each breach is a [`Finding`]; the
//! check goes on as far as it can, over any bytes.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::atomic::{BLOCK_BYTES, measure_file};
use crate::error::ShardError;
use crate::megatron::IndexedDataset;
use crate::shard::{ShardFiles, ShardInfo, TokenizerFacts};
use crate::tables::{ProvenanceReader, ProvenanceRow};

/// Findings listed for one shard at most; the last one then says that there are more.
pub const MAX_FINDINGS: usize = 100;
/// Tokens looked at together.
const PIECE_TOKENS: u64 = 1 << 20;

/// One thing that is wrong with a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// Where in it: byte, document, token, row or column.
    pub position: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {}: {}",
            self.file.display(),
            self.position,
            self.what
        )
    }
}

/// Checks the shard `prefix` completely, reading all its bytes; an empty list means sound.
#[must_use]
pub fn verify(prefix: &Path) -> Vec<Finding> {
    let mut findings = Findings::default();
    let files = ShardFiles::of(prefix);
    let info = findings.take(&files.json, ShardInfo::open(prefix));
    if let Some(info) = &info {
        for path in [&files.bin, &files.idx, &files.docs] {
            check_digests(path, info, &mut findings);
        }
    }
    let pair = findings.take(&files.idx, IndexedDataset::open(prefix));
    if let Some(pair) = &pair {
        check_pair(pair, info.as_ref(), &mut findings);
        check_provenance(&files.docs, pair, info.as_ref(), &mut findings);
    }
    findings.0
}

/// The document of the shard `prefix` that holds the token at `token_offset`, in constant memory;
/// `None` beyond the last token.
///
/// # Errors
/// [`ShardError`] if the files cannot be read or contradict each other.
pub fn locate(prefix: &Path, token_offset: u64) -> Result<Option<ProvenanceRow>, ShardError> {
    let pair = IndexedDataset::open(prefix)?;
    match pair.doc_at(token_offset)? {
        Some(doc_index) => ProvenanceReader::row(&ShardFiles::of(prefix).docs, doc_index).map(Some),
        None => Ok(None),
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, file: &Path, position: impl Into<String>, what: impl Into<String>) {
        let (position, what) = (position.into(), what.into());
        match self.0.len() {
            0..MAX_FINDINGS => self.0.push(Finding {
                file: file.to_owned(),
                position,
                what,
            }),
            MAX_FINDINGS => self.0.push(Finding {
                file: file.to_owned(),
                position,
                what: "more findings from here on are not listed".to_owned(),
            }),
            _ => {}
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() > MAX_FINDINGS
    }

    /// The value, or its error as a finding.
    fn take<T>(&mut self, file: &Path, result: Result<T, ShardError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(ShardError::Damaged {
                path,
                position,
                what,
            }) => {
                self.add(&path, position, what);
                None
            }
            Err(error) => {
                let mut what = error.to_string();
                let mut source = std::error::Error::source(&error);
                while let Some(inner) = source {
                    what = format!("{what}: {inner}");
                    source = inner.source();
                }
                self.add(file, "the file", what);
                None
            }
        }
    }
}

fn check_digests(path: &Path, info: &ShardInfo, findings: &mut Findings) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(expected) = info.files.get(&*name) else {
        return findings.add(path, "the file", "the description does not list it");
    };
    let Some(found) = findings.take(path, measure_file(path)) else {
        return;
    };
    if found.n_bytes != expected.n_bytes {
        let what = format!(
            "it has {} bytes instead of {}",
            found.n_bytes, expected.n_bytes
        );
        findings.add(path, "its end", what);
    }
    if found.digest != expected.digest {
        let pairs = found.block_digests.iter().zip(&expected.block_digests);
        let block = pairs.take_while(|(left, right)| left == right).count() as u64;
        let position = format!("byte {}", block * BLOCK_BYTES);
        findings.add(
            path,
            position,
            "the bytes from here on are not those that were written",
        );
    }
}

fn check_pair(pair: &IndexedDataset, info: Option<&ShardInfo>, findings: &mut Findings) {
    if let Some(info) = info {
        let facts = [
            ("documents", pair.n_docs(), info.n_docs),
            ("tokens", pair.n_tokens(), info.n_tokens),
            ("bytes per id", pair.dtype().n_bytes(), info.dtype.n_bytes()),
        ];
        for (noun, found, expected) in facts.into_iter().filter(|(_, a, b)| a != b) {
            let what = format!("it has {found} {noun}, the description says {expected}");
            findings.add(pair.idx_path(), "its header", what);
        }
    }
    let mut next_token = 0;
    for (doc_index, start_index) in (0..pair.n_docs()).zip(0_usize..) {
        if findings.is_full() {
            return;
        }
        let position = format!("document {doc_index}");
        if u64::try_from(pair.document_start(start_index)) != Ok(doc_index) {
            findings.add(
                pair.idx_path(),
                &*position,
                "its entry in the document index is wrong",
            );
        }
        let range = pair.doc_range(doc_index);
        let Some((start, n_tokens)) = findings.take(pair.idx_path(), range) else {
            continue;
        };
        let is_next = start == next_token;
        if !is_next {
            let what = format!("it starts at token {start} instead of {next_token}");
            findings.add(pair.idx_path(), &*position, what);
        }
        next_token = start + u64::from(n_tokens);
        if n_tokens == 0 {
            findings.add(pair.idx_path(), position, "it is empty");
        } else if let (Some(info), true) = (info, is_next) {
            // Documents that overlap are not read, so the work stays linear in the file.
            check_tokens(pair, (start, next_token), &info.tokenizer, findings);
        }
    }
    let n_docs = usize::try_from(pair.n_docs()).unwrap_or(usize::MAX);
    if u64::try_from(pair.document_start(n_docs)) != Ok(pair.n_docs()) {
        findings.add(
            pair.idx_path(),
            "its end",
            "the document index does not end with their number",
        );
    }
    if next_token != pair.n_tokens() {
        let what = format!(
            "the documents end at token {next_token} of {}",
            pair.n_tokens()
        );
        findings.add(pair.bin_path(), "its end", what);
    }
}

/// Checks the tokens `start..end` of one document, a piece at a time.
fn check_tokens(
    pair: &IndexedDataset,
    (start, end): (u64, u64),
    tokenizer: &TokenizerFacts,
    findings: &mut Findings,
) {
    let mut tokens = Vec::new();
    let mut next = start;
    while next < end && !findings.is_full() {
        let n_tokens = PIECE_TOKENS.min(end - next);
        tokens.clear();
        let read = pair.tokens_into(next, n_tokens, &mut tokens);
        if findings.take(pair.bin_path(), read).is_none() {
            return;
        }
        let mut add = |at: usize, what: String| {
            findings.add(pair.bin_path(), format!("token {}", next + at as u64), what);
        };
        let is_last = next + n_tokens == end;
        let inner = if is_last {
            &tokens[..tokens.len().saturating_sub(1)]
        } else {
            &tokens[..]
        };
        if let Some(at) = inner.iter().position(|id| *id == tokenizer.eod) {
            add(at, "the end-of-document id is inside a document".to_owned());
        }
        if is_last && tokens.last() != Some(&tokenizer.eod) {
            add(
                tokens.len().saturating_sub(1),
                "the document ends without the end-of-document id".to_owned(),
            );
        }
        if let Some(at) = tokens
            .iter()
            .position(|id| u64::from(*id) >= tokenizer.vocab_tokens)
        {
            add(
                at,
                format!("the id {} is outside the vocabulary", tokens[at]),
            );
        }
        next += n_tokens;
    }
}

fn check_provenance(
    path: &Path,
    pair: &IndexedDataset,
    info: Option<&ShardInfo>,
    findings: &mut Findings,
) {
    let Some(reader) = findings.take(path, ProvenanceReader::open(path)) else {
        return;
    };
    let mut n_rows = 0;
    let mut n_text_bytes = 0_u64;
    for row in reader {
        if findings.is_full() {
            return;
        }
        let Some(row) = findings.take(path, row) else {
            return;
        };
        let position = format!("row {n_rows}");
        if row.ordinal != n_rows {
            findings.add(path, &*position, format!("its ordinal is {}", row.ordinal));
        }
        // A range that cannot be read was found above, and a row too many is found below.
        if let Ok(range) = pair.doc_range(n_rows)
            && range != (row.token_offset, row.n_tokens)
        {
            let what = format!(
                "it says tokens {}+{}, the index {}+{}",
                row.token_offset, row.n_tokens, range.0, range.1
            );
            findings.add(path, position, what);
        }
        n_text_bytes = n_text_bytes.saturating_add(row.n_text_bytes);
        n_rows += 1;
    }
    if n_rows != pair.n_docs() {
        let what = format!("it has {n_rows} rows for {} documents", pair.n_docs());
        findings.add(path, "its end", what);
    }
    if info.is_some_and(|info| info.n_text_bytes != n_text_bytes) {
        let what = format!("its rows sum to {n_text_bytes} bytes of text, the description differs");
        findings.add(path, "column `n_text_bytes`", what);
    }
}
