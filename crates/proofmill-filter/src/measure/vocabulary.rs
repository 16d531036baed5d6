//! Words that mean something to a signal: English stop words and words of mathematical exposition.

use std::sync::LazyLock;

use super::words::word_hash;

/// What a word counts towards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// One of [`STOP_WORDS`], as a bit.
    Stop(u8),
    /// A word of mathematical exposition, by its place in the list.
    Math(u16),
}

/// The stop words of Rae et al. 2021, appendix A.
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// Words of mathematical exposition in several languages, each once; lines that start with a number
/// sign say what follows.
const MATH_WORDS: &str = include_str!("math_words.txt");

/// Most words that [`MATH_WORDS`] may hold.
const MAX_MATH_WORDS: usize = 1024;

/// Which words of the list were seen: one bit for each.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen([u64; MAX_MATH_WORDS / 64]);

impl Seen {
    pub(super) fn add(&mut self, index: u16) {
        let index = usize::from(index);
        self.0[index / 64] |= 1 << (index % 64);
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

fn math_words() -> impl Iterator<Item = &'static str> {
    MATH_WORDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_ascii_whitespace)
        .take(MAX_MATH_WORDS)
}

/// Slots of the table: a power of two, several times the number of words.
const N_SLOTS: usize = 4096;

/// Bits of the sieve that turns most other words away at once; small enough to stay close by.
const N_SIEVE_BITS: usize = 1 << 14;

struct Table {
    sieve: [u64; N_SIEVE_BITS / 64],
    slots: Vec<Option<(u64, Meaning)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        sieve: [0; N_SIEVE_BITS / 64],
        slots: vec![None; N_SLOTS],
    };
    let stop = STOP_WORDS
        .iter()
        .enumerate()
        .map(|(bit, word)| (*word, Meaning::Stop(1 << bit)));
    let math = (0..)
        .zip(math_words())
        .map(|(index, word)| (word, Meaning::Math(index)));
    for (word, meaning) in stop.chain(math) {
        let hash = word_hash(word);
        let mut at = slot(hash);
        while table.slots[at].is_some_and(|(other, _)| other != hash) {
            at = (at + 1) % N_SLOTS;
        }
        table.slots[at] = Some((hash, meaning));
        let (index, bit) = sieve_bit(hash);
        table.sieve[index] |= bit;
    }
    table
});

fn slot(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0) % N_SLOTS
}

fn sieve_bit(hash: u64) -> (usize, u64) {
    let bit = usize::try_from(hash >> 20).unwrap_or(0) % N_SIEVE_BITS;
    (bit / 64, 1 << (bit % 64))
}

/// What the word with `hash` counts towards.
pub(super) fn meaning(hash: u64) -> Option<Meaning> {
    let table = &*TABLE;
    let (index, bit) = sieve_bit(hash);
    if table.sieve[index] & bit == 0 {
        return None;
    }
    let mut at = slot(hash);
    while let Some((found, meaning)) = table.slots[at] {
        if found == hash {
            return Some(meaning);
        }
        at = (at + 1) % N_SLOTS;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found() {
        let all: Vec<&str> = MATH_WORDS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect();
        assert!(all.len() <= MAX_MATH_WORDS.min(N_SLOTS / 4));
        for (index, word) in (0..).zip(all) {
            assert_eq!(word.to_lowercase(), *word);
            let found = meaning(word_hash(word));
            assert_eq!(found, Some(Meaning::Math(index)), "{word}, or twice");
        }
        for (bit, word) in STOP_WORDS.iter().enumerate() {
            assert_eq!(meaning(word_hash(word)), Some(Meaning::Stop(1 << bit)));
        }
        assert_eq!(meaning(word_hash("sandwich")), None);
    }
}
