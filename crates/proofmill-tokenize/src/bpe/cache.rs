//! What short words have merged to before, for one thread.
//!
//! Natural text repeats its words, so nearly every word is found here with one look at one line
//! of memory. Words are handled by the batch: all are hashed and their lines asked for before the
//! first is looked up. A cache never changes an id: what it does not hold is merged, and any entry
//! may be lost at any time. Its memory is fixed when it is made.

use std::ops::Range;

use super::Bpe;
use super::key::{
    Key, MAX_KEY_BYTES, hash, key_at, key_at_end, key_of_line, key_of_part, key_of_token, token_of,
};
use super::long_words::LongWords;
use super::merge::Short;
use super::table::{Sought, Table};
use super::window::{TooLong, Windows};

/// Words that are handled at once.
const BATCH: usize = 128;
/// Long words that are kept, for each short one.
const LONG_WORDS_SHARE: usize = 16;

/// Caches and scratch space of one thread.
///
/// Words and tokens are pushed in the order of the text; their ids are all there after
/// [`Cache::flush`].
pub(crate) struct Cache {
    table: Table,
    long_words: LongWords,
    batch: Box<Batch>,
    scratch: Scratch,
}

/// Words whose ids are still to be looked up.
struct Batch {
    n_words: usize,
    words: [Sought; BATCH],
}

impl Batch {
    /// Takes the words that end at `ends`, the first of which starts `rest`, at byte `start`: as
    /// many as find room, up to one that is no key. Gives their number.
    #[inline]
    fn take(&mut self, table: &Table, mut rest: &[u8], mut start: usize, ends: &[usize]) -> usize {
        let mut n_taken = 0;
        for (word, end) in self.words[self.n_words..].iter_mut().zip(ends) {
            let n_bytes = end - start;
            if n_bytes > MAX_KEY_BYTES {
                break;
            }
            let key;
            if let Some(line) = rest.first_chunk() {
                key = key_of_line(line, n_bytes);
                rest = &rest[n_bytes..];
            } else {
                key = key_at_end(rest, n_bytes);
                rest = rest.get(n_bytes..).unwrap_or_default();
            }
            let set = table.set_of(hash(key));
            *word = Sought { key, set };
            start = *end;
            n_taken += 1;
        }
        self.n_words += n_taken;
        n_taken
    }
}

/// What merging a word works with.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) short: Box<Short>,
    pub(crate) windows: Windows,
}

impl Cache {
    /// A cache that starts with the words of `table`, and never holds more than that can.
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            table: table.copy(),
            long_words: LongWords::new(table.n_words() / LONG_WORDS_SHARE),
            batch: Box::new(Batch {
                n_words: 0,
                words: [Sought::default(); BATCH],
            }),
            scratch: Scratch::default(),
        }
    }

    /// Takes an added token.
    pub(crate) fn push_token(&mut self, bpe: &Bpe, id: u32, out: &mut Vec<u32>) {
        self.push(bpe, key_of_token(id), out);
    }

    /// Takes the words of `text` that end at `ends` and follow each other from byte `start` on.
    pub(crate) fn push_words(
        &mut self,
        bpe: &Bpe,
        text: &str,
        mut start: usize,
        mut ends: &[usize],
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        let bytes = text.as_bytes();
        while let Some(first_end) = ends.first() {
            if first_end - start > MAX_KEY_BYTES {
                self.push_long(bpe, text, start..*first_end, out)?;
                start = *first_end;
                ends = &ends[1..];
                continue;
            }
            if self.batch.n_words == BATCH {
                self.flush(bpe, out);
            }
            let n_taken = self.batch.take(&self.table, &bytes[start..], start, ends);
            start = ends[n_taken - 1];
            ends = &ends[n_taken..];
        }
        Ok(())
    }

    /// Takes a word of `text` that is no key.
    #[inline(never)]
    fn push_long(
        &mut self,
        bpe: &Bpe,
        text: &str,
        place: Range<usize>,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        let word = &text[place.clone()];
        let inner = match &bpe.inner {
            Some(inner) if !word.is_ascii() => inner,
            _ => {
                self.flush(bpe, out);
                return self.long_words.encode(bpe, word, &mut self.scratch, out);
            }
        };
        let mut start = 0;
        while start < word.len() {
            let end = inner.next(word, start);
            if end - start == word.len() {
                // Not a part: it may be one token as a whole.
                self.flush(bpe, out);
                return self.long_words.encode(bpe, word, &mut self.scratch, out);
            }
            if end - start > MAX_KEY_BYTES {
                self.encode_long_part(bpe, &word[start..end], out)?;
            } else {
                let key = key_at(text.as_bytes(), place.start + start, end - start);
                // Mostly there is no difference.
                let differs = bpe.whole.may_have(hash(key));
                self.push(bpe, if differs { key_of_part(key) } else { key }, out);
            }
            start = end;
        }
        Ok(())
    }

    fn encode_long_part(
        &mut self,
        bpe: &Bpe,
        part: &str,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        self.flush(bpe, out);
        if bpe.whole.get(part).is_some() {
            return bpe.merge_word(part, &mut self.scratch, out);
        }
        self.long_words.encode(bpe, part, &mut self.scratch, out)
    }

    fn push(&mut self, bpe: &Bpe, key: Key, out: &mut Vec<u32>) {
        if self.batch.n_words == BATCH {
            self.flush(bpe, out);
        }
        let set = self.table.set_of(hash(key));
        self.batch.words[self.batch.n_words] = Sought { key, set };
        self.batch.n_words += 1;
    }

    /// Appends the ids of all that was pushed.
    pub(crate) fn flush(&mut self, bpe: &Bpe, out: &mut Vec<u32>) {
        let Self { table, batch, .. } = self;
        let n_words = std::mem::take(&mut batch.n_words).min(BATCH);
        let mut words = &batch.words[..n_words];
        loop {
            let n_found = table.look_up_all(words, out);
            let Some(Sought { key, set }) = words.get(n_found) else {
                return;
            };
            missed(bpe, table, (*set, *key), out);
            words = &words[n_found + 1..];
        }
    }

    /// Forgets what was pushed.
    pub(crate) fn clear(&mut self) {
        self.batch.n_words = 0;
    }
}

/// Appends the ids of a word whose entry does not give them at once.
#[cold]
#[inline(never)]
fn missed(bpe: &Bpe, table: &mut Table, (set, key): (u32, Key), out: &mut Vec<u32>) {
    if let Some(ids) = table.look_around(set, key) {
        out.extend_from_slice(ids);
        return;
    }
    let n_before = out.len();
    if let Some(id) = token_of(key) {
        out.push(id);
    } else {
        bpe.encode_key(key, out);
    }
    table.put(set, key, &out[n_before..]);
}
