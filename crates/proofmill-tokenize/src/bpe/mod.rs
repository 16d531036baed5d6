//! Byte-pair encoding: words to ids.
//!
//! [`Bpe`] holds the rules of one vocabulary and encodes single words from scratch; a
//! [`cache::Cache`] remembers words for one thread. Every way gives what the definition gives:
//! merge the neighbours with the lowest rank, the leftmost of equals, until none merge.

pub(crate) mod cache;
pub(crate) mod cuts;
pub(crate) mod inner;
mod key;
mod long_words;
pub(crate) mod merge;
pub(crate) mod pairs;
mod prefetch;
pub(crate) mod symbols;
mod table;
pub(crate) mod window;

use rustc_hash::FxHashMap;

use cache::Scratch;
use inner::Inner;
use merge::{MAX_SHORT_SYMBOLS, Short};
use pairs::{NO_RANK, Pairs};
use symbols::{ABSENT, Symbols};
use window::TooLong;

/// The rules of one vocabulary.
pub(crate) struct Bpe {
    /// What a text starts from.
    pub(crate) symbols: Symbols,
    /// What merges.
    pub(crate) pairs: Pairs,
    /// Ranks of the merges of two single bytes, row by row; empty for vocabularies of characters.
    pub(crate) byte_ranks: Vec<u32>,
    /// Words that are one token although their merges do not make it.
    pub(crate) whole: FxHashMap<Box<str>, u32>,
    /// Where long words can be cut, for vocabularies of bytes.
    pub(crate) inner: Option<Inner>,
    /// Bytes of the longest token.
    pub(crate) longest_token_bytes: usize,
}

impl Bpe {
    /// Ranks of the merges of two single bytes, for vocabularies of bytes.
    pub(crate) fn byte_ranks(symbols: &Symbols, pairs: &Pairs) -> Vec<u32> {
        let Symbols::Bytes(ids) = symbols else {
            return Vec::new();
        };
        // A byte that no text has may have no id.
        let rank = |left: u32, right: u32| match left.max(right) {
            ABSENT => NO_RANK,
            _ => pairs.rank(left, right),
        };
        let rows = ids
            .iter()
            .flat_map(|left| ids.iter().map(|right| (*left, *right)));
        rows.map(|(left, right)| rank(left, right)).collect()
    }

    /// Appends the ids of `word`; on an error `out` is unchanged.
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
        self.merge_word(word, scratch, out)
    }

    /// Appends what `word` merges to, be it a whole token or not; on an error `out` is unchanged.
    pub(crate) fn merge_word(
        &self,
        word: &str,
        scratch: &mut Scratch,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        if word.len() > MAX_SHORT_SYMBOLS {
            return scratch.windows.encode(self, word, out);
        }
        self.merge_short(word, &mut scratch.short, out);
        Ok(())
    }

    /// [`Bpe::merge_word`] for words of [`MAX_SHORT_SYMBOLS`] bytes at most.
    pub(crate) fn merge_short(&self, word: &str, short: &mut Short, out: &mut Vec<u32>) {
        short.clear();
        self.symbols.each(word, |id, _| short.push(id));
        let pairs = &self.pairs;
        if self.byte_ranks.is_empty() {
            short.merge(pairs, |_, left, right| pairs.rank(left, right), out);
        } else {
            let bytes = word.as_bytes();
            let rank_at = |place: usize, _, _| {
                let pair = usize::from(bytes[place]) << 8 | usize::from(bytes[place + 1]);
                self.byte_ranks[pair]
            };
            short.merge(pairs, rank_at, out);
        }
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
