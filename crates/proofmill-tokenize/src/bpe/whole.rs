//! Words that are one token although their merges do not make it.

use rustc_hash::FxHashMap;

use super::key::{MAX_KEY_BYTES, hash, key_at};

/// The words, with a quick look at whether one may be among them.
#[derive(Default)]
pub(crate) struct Whole {
    words: FxHashMap<Box<str>, u32>,
    keys: Vec<u64>, // one bit for each hash of a short word; empty if there are no words
}

/// Words of the field of bits.
const FIELD: usize = 1 << 10;

impl Whole {
    pub(crate) fn new(words: FxHashMap<Box<str>, u32>) -> Self {
        let mut keys = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "bits are set in any order")]
        for word in words.keys() {
            keys.resize(FIELD, 0);
            if (1..=MAX_KEY_BYTES).contains(&word.len()) {
                let (place, bit) = place(hash(key_at(word.as_bytes(), 0, word.len())));
                keys[place] |= bit;
            }
        }
        Self { words, keys }
    }

    /// The token that is this word.
    pub(crate) fn get(&self, word: &str) -> Option<u32> {
        self.words.get(word).copied()
    }

    /// All words and their tokens, in no order.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.iter().map(|(word, id)| (word.as_ref(), *id))
    }

    /// False if the word with this hash of its key is surely not among them.
    #[inline]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let (place, bit) = place(hash);
        self.keys.get(place).is_some_and(|bits| bits & bit != 0)
    }
}

/// The bit of a hash: from above, as tables take their places from below.
fn place(hash: u64) -> (usize, u64) {
    let place = (hash >> 40) as usize & (FIELD - 1);
    (place, 1 << (hash >> 58))
}
