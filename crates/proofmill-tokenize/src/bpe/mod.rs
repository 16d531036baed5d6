//! Byte-pair encoding: words to ids.
//!
//! [`Bpe`] holds the rules of one vocabulary and encodes single words from scratch; a
//! [`cache::Cache`] remembers words for one thread. Every way gives what the definition gives:
//! merge the neighbours with the lowest rank, the leftmost of equals, until none merge.

pub(crate) mod cache;
pub(crate) mod cuts;
mod long_words;
pub(crate) mod merge;
pub(crate) mod pairs;
mod prefetch;
pub(crate) mod symbols;
pub(crate) mod window;

use rustc_hash::FxHashMap;

use cache::Scratch;
use pairs::{Merge, Pairs};
use symbols::Symbols;
use window::TooLong;

/// The rules of one vocabulary.
pub(crate) struct Bpe {
    /// What a text starts from.
    pub(crate) symbols: Symbols,
    /// What merges.
    pub(crate) pairs: Pairs,
    /// Merges of two single bytes, row by row; empty for vocabularies of characters.
    pub(crate) byte_pairs: Vec<Merge>,
    /// Words that are one token although their merges do not make it.
    pub(crate) whole: FxHashMap<Box<str>, u32>,
    /// Bytes of the longest token.
    pub(crate) longest_token_bytes: usize,
}

impl Bpe {
    /// Merges of two single bytes, for vocabularies of bytes.
    pub(crate) fn byte_pairs(symbols: &Symbols, pairs: &Pairs) -> Vec<Merge> {
        let Symbols::Bytes(ids) = symbols else {
            return Vec::new();
        };
        let rows = ids
            .iter()
            .flat_map(|left| ids.iter().map(|right| (*left, *right)));
        rows.map(|(left, right)| pairs.get(left, right)).collect()
    }

    /// Appends the ids of `word` by merging it; on an error `out` is unchanged.
    pub(crate) fn encode_word(
        &self,
        word: &str,
        scratch: &mut Scratch,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        if let Some(id) = self.whole.get(word) {
            out.push(*id);
            return Ok(());
        }
        if word.len() > merge::MAX_SHORT_SYMBOLS {
            return scratch.windows.encode(self, word, out);
        }
        let Scratch {
            symbols, merges, ..
        } = scratch;
        symbols.clear();
        self.symbols.of(word, symbols);
        if self.byte_pairs.is_empty() {
            merge::short(&self.pairs, symbols, merges);
        } else {
            merges.clear();
            let neighbours = word.as_bytes().windows(2);
            merges.extend(
                neighbours
                    .map(|pair| self.byte_pairs[usize::from(pair[0]) << 8 | usize::from(pair[1])]),
            );
            merge::short_known(&self.pairs, symbols, merges);
        }
        out.extend_from_slice(symbols);
        Ok(())
    }
}

/// The last border of characters that is not beyond `at`.
pub(crate) fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
