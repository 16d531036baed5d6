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
mod pages;
pub(crate) mod pairs;
mod prefetch;
pub(crate) mod symbols;
pub(crate) mod table;
pub(crate) mod whole;
pub(crate) mod window;

use cache::Scratch;
use inner::Inner;
use key::{MAX_KEY_BYTES, hash, key_at};
use merge::{MAX_SHORT_SYMBOLS, Short};
use pairs::{Found, Pairs};
use symbols::{ABSENT, Symbols};
use table::Table;
use whole::Whole;
use window::TooLong;

/// The rules of one vocabulary.
pub(crate) struct Bpe {
    /// What a text starts from.
    pub(crate) symbols: Symbols,
    /// What merges.
    pub(crate) pairs: Pairs,
    /// What two single bytes merge to, row by row; empty for vocabularies of characters.
    pub(crate) byte_pairs: Vec<Found>,
    /// Words that are one token although their merges do not make it.
    pub(crate) whole: Whole,
    /// Where long words can be cut, for vocabularies of bytes.
    pub(crate) inner: Option<Inner>,
    /// Bytes of the longest token.
    pub(crate) longest_token_bytes: usize,
}

impl Bpe {
    /// What two single bytes merge to, for vocabularies of bytes.
    pub(crate) fn byte_pairs(symbols: &Symbols, pairs: &Pairs) -> Vec<Found> {
        let Symbols::Bytes(ids) = symbols else {
            return Vec::new();
        };
        // A byte that no text has may have no id.
        let found = |left: u32, right: u32| match left.max(right) {
            ABSENT => Found::NOTHING,
            _ => pairs.get(left, right),
        };
        let rows = ids
            .iter()
            .flat_map(|left| ids.iter().map(|right| (*left, *right)));
        rows.map(|(left, right)| found(left, right)).collect()
    }

    /// Appends the ids of `word`; on an error `out` is unchanged.
    pub(crate) fn encode_word(
        &self,
        word: &str,
        scratch: &mut Scratch,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        if let Some(id) = self.whole.get(word) {
            out.push(id);
            return Ok(());
        }
        self.merge_word(word, scratch, out)
    }

    /// [`Bpe::encode_word`] for words of [`MAX_SHORT_SYMBOLS`] bytes at most.
    pub(crate) fn encode_short(&self, word: &str, short: &mut Short, out: &mut Vec<u32>) {
        match self.whole.get(word) {
            Some(id) => out.push(id),
            None => self.merge_short(word, short, out),
        }
    }

    /// A table for `n_words` words that has the short ones of `words`, as many as find room. Where
    /// an id stands beside a word, that is what it becomes.
    pub(crate) fn table_of<'w>(
        &self,
        n_words: usize,
        words: impl Iterator<Item = (&'w str, Option<u32>)>,
    ) -> Table {
        let mut table = Table::new(n_words);
        let (mut short, mut ids) = (Short::default(), Vec::new());
        for (word, id) in words {
            if !(1..=MAX_KEY_BYTES).contains(&word.len()) {
                continue;
            }
            let key = key_at(word.as_bytes(), 0, word.len());
            let set = table.set_of(hash(key));
            if table.would_take(set, key) {
                ids.clear();
                match id {
                    Some(id) => ids.push(id),
                    None => self.encode_short(word, &mut short, &mut ids),
                }
                table.put(set, key, &ids);
            }
        }
        table
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
        let bytes = word.as_bytes();
        let first = |place: usize| {
            let pair = usize::from(bytes[place]) << 8 | usize::from(bytes[place + 1]);
            self.byte_pairs[pair]
        };
        let first = (!self.byte_pairs.is_empty()).then_some(&first);
        short.merge(&self.pairs, first, out);
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
