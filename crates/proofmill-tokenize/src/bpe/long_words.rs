//! What longer words have merged to before: those of 16 to 256 bytes.
//!
//! Words and ids lie one after the other in two stores of fixed size; when one is full, all is
//! forgotten. A table with one place for each hash points into them. As for short words, a word is
//! compared in full and what is not here is merged.

use super::Bpe;
use super::cache::Scratch;
use super::window::TooLong;

/// Bytes of the longest word that is kept.
const MAX_WORD_BYTES: usize = 256;
/// Room in the stores for each place of the table.
const BYTES_PER_PLACE: usize = 32;
const IDS_PER_PLACE: usize = 12;

#[derive(Clone, Copy, Default)]
struct Place {
    hash: u64, // with `n_bytes` 0 the place is empty
    word_at: u32,
    ids_at: u32,
    n_bytes: u16,
    n_ids: u16,
}

/// The store.
#[derive(Clone)]
pub(crate) struct LongWords {
    places: Vec<Place>, // a power of two of them
    words: Vec<u8>,
    ids: Vec<u32>,
}

impl LongWords {
    pub(crate) fn new(n_places: usize) -> Self {
        Self {
            places: vec![Place::default(); n_places.next_power_of_two()],
            words: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// Appends the ids of `word`; on an error `out` is unchanged.
    pub(crate) fn encode(
        &mut self,
        bpe: &Bpe,
        word: &str,
        scratch: &mut Scratch,
        out: &mut Vec<u32>,
    ) -> Result<(), TooLong> {
        if word.len() > MAX_WORD_BYTES {
            return bpe.encode_word(word, scratch, out);
        }
        let hash = hash(word.as_bytes());
        let index = (hash >> 32) as usize & (self.places.len() - 1);
        let place = self.places[index];
        let (word_at, ids_at) = (place.word_at as usize, place.ids_at as usize);
        if place.hash == hash
            && self.words[word_at..word_at + usize::from(place.n_bytes)] == *word.as_bytes()
        {
            out.extend_from_slice(&self.ids[ids_at..ids_at + usize::from(place.n_ids)]);
            return Ok(());
        }
        let n_before = out.len();
        bpe.encode_word(word, scratch, out)?;
        self.keep(index, hash, word, &out[n_before..]);
        Ok(())
    }

    fn keep(&mut self, index: usize, hash: u64, word: &str, ids: &[u32]) {
        let n_places = self.places.len();
        if self.words.len() + word.len() > n_places * BYTES_PER_PLACE
            || self.ids.len() + ids.len() > n_places * IDS_PER_PLACE
        {
            self.places.fill(Place::default());
            self.words.clear();
            self.ids.clear();
        }
        let (Ok(word_at), Ok(ids_at), Ok(n_bytes), Ok(n_ids)) = (
            u32::try_from(self.words.len()),
            u32::try_from(self.ids.len()),
            u16::try_from(word.len()),
            u16::try_from(ids.len()),
        ) else {
            return;
        };
        self.places[index] = Place {
            hash,
            word_at,
            ids_at,
            n_bytes,
            n_ids,
        };
        self.words.extend_from_slice(word.as_bytes());
        self.ids.extend_from_slice(ids);
    }
}

/// A hash of at least 16 bytes. Whoever makes them collide gains slow merges, no wrong ids.
#[expect(
    clippy::cast_possible_truncation,
    reason = "both halves of a product are used"
)]
fn hash(bytes: &[u8]) -> u64 {
    let fold = |left: u64, right: u64| {
        let product =
            u128::from(left ^ 0x2d35_8dcc_aa6c_78a5) * u128::from(right ^ 0x8bb8_4b93_962e_acc9);
        (product as u64) ^ ((product >> 64) as u64)
    };
    let (pairs, rest) = bytes.as_chunks::<8>();
    let mut hash = bytes.len() as u64;
    for eight in pairs {
        hash = fold(hash, u64::from_le_bytes(*eight));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    fold(hash, u64::from_le_bytes(last))
}
