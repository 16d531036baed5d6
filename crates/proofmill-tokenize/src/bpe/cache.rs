//! What short words have merged to before.
//!
//! Natural text repeats its words, so nearly every word is found here with one look at one line
//! of memory. A word of up to [`MAX_KEY_BYTES`] bytes is its own key, compared in full; up to
//! [`INLINE_IDS`] ids stand beside it. Words are handled by the block: all are hashed and their
//! lines asked for before the first is looked up. A cache never changes an id: what it does not
//! hold is merged, and any entry may be lost at any time. Its memory is fixed when it is made.

use super::Bpe;
use super::long_words::LongWords;
use super::pairs::Merge;
use super::prefetch::prefetch;
use super::window::{TooLong, Windows};

/// Bytes of the longest word that is its own key.
const MAX_KEY_BYTES: usize = 15;
/// Ids that stand beside their word.
const INLINE_IDS: usize = 4;
/// Words that are handled at once.
pub(crate) const BLOCK_WORDS: usize = 64;
/// Ids of words with more than [`INLINE_IDS`], for each entry of the table.
const SPILLED_IDS_PER_ENTRY: usize = 2;

/// Ids are below this; the bits above hold how many there are.
pub(crate) const MAX_ID: u32 = (1 << COUNT_SHIFT) - 1;
const COUNT_SHIFT: u32 = 28;
/// Instead of a count: the ids are in `spilled`, from `ids[1]` on, `ids[2]` of them.
const SPILLED: u32 = 15;

/// A word and its ids; half a line of memory.
#[derive(Clone, Copy, Default)]
#[repr(C, align(32))]
struct Entry {
    word: u128,             // its bytes, zeros, and its length on top; 0 in an empty entry
    ids: [u32; INLINE_IDS], // the upper bits of the first are the count
}

/// Caches and scratch space of one thread.
pub(crate) struct Cache {
    sets: Vec<[Entry; 2]>, // a power of two of them
    spilled: Vec<u32>,
    max_spilled: usize,
    long_words: LongWords,
    block: Box<[(u128, u32); BLOCK_WORDS]>, // keys and sets of the words at hand
    scratch: Scratch,
}

/// What merging a word works with.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) symbols: Vec<u32>,
    pub(crate) merges: Vec<Merge>,
    pub(crate) windows: Windows,
}

impl Cache {
    /// An empty cache for `n_entries` short words, a power of two and at least 2.
    pub(crate) fn new(n_entries: usize) -> Self {
        let n_sets = (n_entries / 2).next_power_of_two();
        Self {
            sets: vec![[Entry::default(); 2]; n_sets],
            spilled: Vec::new(),
            max_spilled: 2 * n_sets * SPILLED_IDS_PER_ENTRY,
            long_words: LongWords::new(n_sets / 8),
            block: Box::new([(0, 0); BLOCK_WORDS]),
            scratch: Scratch::default(),
        }
    }

    /// A cache with the same words, for another thread.
    pub(crate) fn copy(&self) -> Self {
        Self {
            sets: self.sets.clone(),
            spilled: self.spilled.clone(),
            max_spilled: self.max_spilled,
            long_words: self.long_words.copy(),
            block: Box::new([(0, 0); BLOCK_WORDS]),
            scratch: Scratch::default(),
        }
    }

    /// Merges `words` and keeps those that find a free place, so the first are kept.
    pub(crate) fn seed<'w>(&mut self, bpe: &Bpe, words: impl Iterator<Item = &'w str>) {
        let mut ids = Vec::new();
        for word in words {
            if word.is_empty() || word.len() > MAX_KEY_BYTES {
                continue;
            }
            let key = key_at(word.as_bytes(), 0, word.len());
            let set = self.set_of(key);
            if self.sets[set].iter().any(|entry| entry.word == 0) {
                ids.clear();
                if bpe.encode_word(word, &mut self.scratch, &mut ids).is_ok() {
                    self.keep(set, key, &ids);
                }
            }
        }
    }

    /// Appends the ids of the words of `text` that end at `ends` and follow each other from byte
    /// `from` on; at most [`BLOCK_WORDS`]. On an error `out` may have some of them.
    pub(crate) fn encode(
        &mut self,
        bpe: &Bpe,
        text: &str,
        from: usize,
        ends: &[usize],
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        let bytes = text.as_bytes();
        let mut start = from;
        for (index, end) in ends.iter().enumerate() {
            let end = *end;
            let n_bytes = end - start;
            if n_bytes <= MAX_KEY_BYTES {
                let key = key_at(bytes, start, n_bytes);
                let set = self.set_of(key);
                prefetch(&self.sets, set);
                #[expect(clippy::cast_possible_truncation, reason = "tables are below 2^32")]
                let set = set as u32;
                self.block[index] = (key, set);
            } else {
                self.block[index] = (0, 0);
            }
            start = end;
        }
        let mut start = from;
        let mut n_out = out.len();
        out.resize(n_out + INLINE_IDS * ends.len(), 0);
        for (index, end) in ends.iter().enumerate() {
            let end = *end;
            let (key, set) = self.block[index];
            let [first, second] = &self.sets[set as usize];
            let entry = if first.word == key { first } else { second };
            let count = entry.ids[0] >> COUNT_SHIFT;
            if entry.word == key && key != 0 && count != SPILLED {
                let mut ids = entry.ids;
                ids[0] &= MAX_ID;
                out[n_out..n_out + INLINE_IDS].copy_from_slice(&ids);
                n_out += count as usize;
            } else {
                out.truncate(n_out);
                self.encode_rare(bpe, &text[start..end], (key, set as usize), out)?;
                n_out = out.len();
                out.resize(n_out + INLINE_IDS * (ends.len() - index), 0);
            }
            start = end;
        }
        out.truncate(n_out);
        Ok(())
    }

    /// A word that is not in the table with its ids beside it.
    #[cold]
    #[inline(never)]
    fn encode_rare(
        &mut self,
        bpe: &Bpe,
        word: &str,
        (key, set): (u128, usize),
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        if key == 0 {
            return self.long_words.encode(bpe, word, &mut self.scratch, out);
        }
        if let Some(entry) = self.sets[set].iter().find(|entry| entry.word == key) {
            let start = entry.ids[1] as usize;
            out.extend_from_slice(&self.spilled[start..start + entry.ids[2] as usize]);
            return Ok(());
        }
        let n_before = out.len();
        bpe.encode_word(word, &mut self.scratch, out)?;
        self.keep(set, key, &out[n_before..]);
        Ok(())
    }

    /// Puts a word into its set: the first entry stays once it is taken, the second changes.
    fn keep(&mut self, set: usize, key: u128, ids: &[u32]) {
        let index = |n: usize| u32::try_from(n).unwrap_or(u32::MAX); // stores are below 2^32
        let mut entry = Entry {
            word: key,
            ids: [0; INLINE_IDS],
        };
        if ids.len() <= INLINE_IDS {
            entry.ids[..ids.len()].copy_from_slice(ids);
            entry.ids[0] |= index(ids.len()) << COUNT_SHIFT;
        } else {
            if self.spilled.len() + ids.len() > self.max_spilled {
                self.forget_spilled();
            }
            if ids.len() > self.max_spilled {
                return;
            }
            let start = index(self.spilled.len());
            entry.ids = [SPILLED << COUNT_SHIFT, start, index(ids.len()), 0];
            self.spilled.extend_from_slice(ids);
        }
        let [first, second] = &mut self.sets[set];
        *(if first.word == 0 { first } else { second }) = entry;
    }

    /// Drops all words whose ids are in `spilled`.
    fn forget_spilled(&mut self) {
        self.spilled.clear();
        for entry in self.sets.iter_mut().flatten() {
            if entry.ids[0] >> COUNT_SHIFT == SPILLED {
                *entry = Entry::default();
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "halves of a number, and an index"
    )]
    fn set_of(&self, key: u128) -> usize {
        let low = (key as u64) ^ 0x2d35_8dcc_aa6c_78a5;
        let high = ((key >> 64) as u64) ^ 0x8bb8_4b93_962e_acc9;
        let product = u128::from(low) * u128::from(high);
        let hash = (product as u64) ^ ((product >> 64) as u64);
        hash as usize & (self.sets.len() - 1)
    }
}

/// The key of the word of `n_bytes` bytes, 1 to [`MAX_KEY_BYTES`], at byte `start`.
fn key_at(bytes: &[u8], start: usize, n_bytes: usize) -> u128 {
    let loaded = if let Some((line, _)) = bytes[start..].split_first_chunk() {
        u128::from_le_bytes(*line)
    } else {
        let mut line = [0; 16];
        line[..n_bytes].copy_from_slice(&bytes[start..start + n_bytes]);
        u128::from_le_bytes(line)
    };
    loaded & MASKS[n_bytes & 15] | (n_bytes as u128) << 120
}

/// The lowest bytes of a number, by how many.
const MASKS: [u128; 16] = {
    let mut masks = [0; 16];
    let mut n_bytes = 1;
    while n_bytes < masks.len() {
        masks[n_bytes] = u128::MAX >> (128 - 8 * n_bytes);
        n_bytes += 1;
    }
    masks
};
