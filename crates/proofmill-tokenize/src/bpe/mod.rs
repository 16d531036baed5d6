//! Byte-pair encoding: words to ids.
//!
//! [`Bpe`] holds the rules of one vocabulary and encodes single words from scratch; a
//! [`cache::Cache`] remembers words for one thread. Every way gives what the definition gives:
//! merge the neighbours with the lowest rank, the leftmost of equals, until none merge.

pub(crate) mod cache;
pub(crate) mod cuts;
pub(crate) mod direct;
pub(crate) mod inner;
mod key;
mod long_words;
pub(crate) mod merge;
mod pages;
pub(crate) mod pairs;
mod prefetch;
pub(crate) mod symbols;
pub(crate) mod table;
mod tiny;
pub(crate) mod whole;
pub(crate) mod window;

use cache::Scratch;
use direct::Direct;
use inner::Inner;
use key::{Key, MAX_KEY_BYTES, bytes_of, hash, is_part, key_at, word_of};
use merge::{MAX_SHORT_SYMBOLS, Short};
use pairs::{Found, Pairs};
use symbols::Symbols;
use table::Table;
use tiny::Tiny;
use whole::Whole;
use window::TooLong;

/// The rules of one vocabulary.
pub(crate) struct Bpe {
    /// What a text starts from.
    pub(crate) symbols: Symbols,
    /// What merges.
    pub(crate) pairs: Pairs,
    /// Symbols and pairs of single bytes, without a search.
    pub(crate) direct: Direct,
    /// Words that are one token although their merges do not make it.
    pub(crate) whole: Whole,
    /// Where long words can be cut, for vocabularies of bytes.
    pub(crate) inner: Option<Inner>,
    /// Bytes of the longest token.
    pub(crate) longest_token_bytes: usize,
}

impl Bpe {
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

    /// Appends the ids of the word or part that has this key.
    pub(crate) fn encode_key(&self, key: Key, out: &mut Vec<u32>) {
        let mut line = [0; 16];
        if !is_part(key)
            && self.whole.may_have(hash(key))
            && let Some(id) = self.whole.get(word_of(key, &mut line))
        {
            out.push(id);
            return;
        }
        self.merge_key(key, out);
    }

    /// Appends what the word with this key merges to.
    fn merge_key(&self, key: Key, out: &mut Vec<u32>) {
        let mut line = [0; 16];
        let mut tiny = Tiny::new();
        if self.direct.takes(key) {
            let mut last = 0;
            for byte in bytes_of(key, &mut line) {
                let (symbol, with_last) = self.direct.get(last, *byte);
                tiny.push(symbol, with_last);
                last = *byte;
            }
        } else {
            self.symbols.each(word_of(key, &mut line), |symbol, _| {
                let last = tiny.last();
                let with_last = last.map(|last| self.pairs.get(last, symbol));
                tiny.push(symbol, with_last.unwrap_or(Found::NOTHING));
            });
        }
        tiny.merge(&self.pairs, out);
    }

    /// A table for `n_words` words that has the short ones of `words`, as many as find room. Where
    /// an id stands beside a word, that is what it becomes.
    pub(crate) fn table_of<'w>(
        &self,
        n_words: usize,
        words: impl Iterator<Item = (&'w str, Option<u32>)>,
    ) -> Table {
        let mut table = Table::new(n_words);
        let mut ids = Vec::new();
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
                    None => self.encode_key(key, &mut ids),
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
        if (1..=MAX_KEY_BYTES).contains(&word.len()) {
            let key = key_at(word.as_bytes(), 0, word.len());
            self.merge_key(key, out);
            return Ok(());
        }
        if word.len() > MAX_SHORT_SYMBOLS {
            let Scratch { short, windows } = scratch;
            return windows.encode(self, word, short, out);
        }
        self.merge_short(word, &mut scratch.short);
        out.extend(scratch.short.left().map(|(_, id)| id));
        Ok(())
    }

    /// Merges a text of [`MAX_SHORT_SYMBOLS`] bytes at most.
    fn merge_short(&self, text: &str, short: &mut Short) {
        short.clear();
        self.symbols.each(text, |id, _| short.push(id));
        let bytes = text.as_bytes();
        let first = |place: usize| self.direct.get(bytes[place], bytes[place + 1]).1;
        let first = self.direct.takes_text(text).then_some(&first);
        short.merge(&self.pairs, first);
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
