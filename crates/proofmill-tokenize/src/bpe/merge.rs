//! Byte-pair merging of one word: the definition, for short and for long words.
//!
//! Both ways merge, again and again, the neighbours with the lowest rank, the leftmost of equals,
//! until no neighbours merge. [`Short`] looks for the lowest by reading all of them, many at once,
//! which is best up to some hundred symbols; [`long`] keeps them in a heap and takes n log n steps.
//! The shortest words have a way of their own, [`super::tiny`].

#![expect(
    clippy::inline_always,
    reason = "what finds the lowest key must be in the function that may use AVX2"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pairs::{Found, NO_RANK, Pairs};

/// Symbols up to which reading all neighbours is the way; places among them fit one byte.
pub(crate) const MAX_SHORT_SYMBOLS: usize = 255;
/// Keys that are compared together.
const LANES: usize = 16;

/// What short words are merged in; reused from word to word.
///
/// A key is the rank of the merge of a symbol and its next one, and the symbol's place below it:
/// the lowest key is the next merge.
pub(crate) struct Short {
    n_symbols: usize,
    symbols: [u32; 256],
    keys: [i32; 256],
    next: [u8; 256],
    previous: [u8; 256],
    results: [u32; 256], // of the merges whose keys these are
}

const PLACE_BITS: u32 = 8;
const NO_KEY: i32 = (NO_RANK << PLACE_BITS).cast_signed();
/// The places around each place while nothing has merged.
const NEXT: [u8; 256] = around(1);
const PREVIOUS: [u8; 256] = around(u8::MAX);

const fn around(distance: u8) -> [u8; 256] {
    let mut places = [0; 256];
    let mut place = 0_u8;
    loop {
        places[place as usize] = place.wrapping_add(distance);
        if place == u8::MAX {
            return places;
        }
        place += 1;
    }
}

impl Default for Short {
    fn default() -> Self {
        Self {
            n_symbols: 0,
            symbols: [0; 256],
            keys: [NO_KEY; 256],
            next: NEXT,
            previous: PREVIOUS,
            results: [0; 256],
        }
    }
}

impl Short {
    /// Forgets all symbols.
    pub(crate) fn clear(&mut self) {
        self.n_symbols = 0;
    }

    /// Appends a symbol; those beyond [`MAX_SHORT_SYMBOLS`] are not taken.
    #[inline]
    pub(crate) fn push(&mut self, symbol: u32) {
        if self.n_symbols < MAX_SHORT_SYMBOLS {
            self.symbols[self.n_symbols] = symbol;
            self.n_symbols += 1;
        }
    }

    /// Merges what was pushed by `pairs`; [`Short::left`] has what is left. If it is quicker,
    /// `first` gives what each symbol and its next one merge to, by place.
    pub(crate) fn merge(&mut self, pairs: &Pairs, first: Option<&impl Fn(usize) -> Found>) {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            #[expect(
                unsafe_code,
                reason = "calls code for instructions that not all machines have; a third of the time of a word"
            )]
            // SAFETY: this machine has them, as was just asked.
            unsafe {
                self.merge_avx2(pairs, first);
            }
            return;
        }
        self.merge_portable(pairs, first);
    }

    /// The same code, in which the compiler may compare eight keys by one instruction.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn merge_avx2(&mut self, pairs: &Pairs, first: Option<&impl Fn(usize) -> Found>) {
        self.merge_portable(pairs, first);
    }

    #[inline(always)]
    fn merge_portable(&mut self, pairs: &Pairs, first: Option<&impl Fn(usize) -> Found>) {
        let n_symbols = self.n_symbols;
        let n_lanes = n_symbols.next_multiple_of(LANES);
        let Some(last) = n_symbols.checked_sub(1) else {
            return;
        };
        for place in 0..last {
            let [left, right] = [self.symbols[place], self.symbols[place + 1]];
            let found = match first {
                Some(first) => first(place),
                None => pairs.get(left, right),
            };
            self.set(place, found);
        }
        self.keys[last..n_lanes].fill(NO_KEY);
        self.next[..n_symbols].copy_from_slice(&NEXT[..n_symbols]);
        self.previous[..n_symbols].copy_from_slice(&PREVIOUS[..n_symbols]);
        loop {
            let lowest = lowest(&self.keys[..n_lanes]);
            if lowest >= NO_KEY {
                break;
            }
            let [here, ..] = lowest.to_le_bytes();
            let gone = self.next[usize::from(here)];
            let after = self.next[usize::from(gone)];
            let symbol = self.results[usize::from(here)];
            self.symbols[usize::from(here)] = symbol;
            self.next[usize::from(here)] = after;
            self.keys[usize::from(gone)] = NO_KEY;
            self.keys[usize::from(here)] = NO_KEY;
            if usize::from(after) < n_symbols {
                self.previous[usize::from(after)] = here;
                let right = self.symbols[usize::from(after)];
                let found = pairs.get(symbol, right);
                self.set(usize::from(here), found);
            }
            if here > 0 {
                let before = usize::from(self.previous[usize::from(here)]);
                let found = pairs.get(self.symbols[before], symbol);
                self.set(before, found);
            }
        }
    }

    /// What is left after merging: symbols, each with the place of the first one that it is made
    /// of.
    pub(crate) fn left(&self) -> impl Iterator<Item = (usize, u32)> {
        let next = |place: &usize| Some(usize::from(self.next[*place]));
        std::iter::successors(Some(0), next)
            .take_while(|place| *place < self.n_symbols)
            .map(|place| (place, self.symbols[place]))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "places are below 256")]
    fn set(&mut self, place: usize, found: Found) {
        self.keys[place] = (found.rank() << PLACE_BITS | place as u32).cast_signed();
        self.results[place] = found.result();
    }
}

/// The lowest of `keys`; there are [`LANES`] of them or a multiple.
#[inline(always)]
fn lowest(keys: &[i32]) -> i32 {
    let (blocks, _) = keys.as_chunks::<LANES>();
    let Some((first, rest)) = blocks.split_first() else {
        return NO_KEY;
    };
    // By indices, which become eight lanes at a time whoever compiles this.
    let mut lanes = *first;
    for block in rest {
        for lane in 0..LANES {
            lanes[lane] = lanes[lane].min(block[lane]);
        }
    }
    let mut n_lanes = LANES;
    while n_lanes > 1 {
        n_lanes /= 2;
        for lane in 0..n_lanes {
            lanes[lane] = lanes[lane].min(lanes[lane + n_lanes]);
        }
    }
    lanes[0]
}

/// What [`long`] works with; reused from word to word.
#[derive(Default)]
pub(crate) struct Links {
    next: Vec<u32>,
    previous: Vec<u32>,
    found: Vec<Found>, // what a symbol and its next one merge to
    heap: BinaryHeap<Reverse<(u32, u32)>>, // rank and place; stale unless `found` has that rank
}

/// Beyond the last symbol, and before the first.
const END: u32 = u32::MAX;

fn entry(found: Found, place: u32) -> Reverse<(u32, u32)> {
    Reverse((found.rank(), place))
}

/// Merges `symbols` in place and says where each result starts: `places` gets the index of its
/// first symbol. There are fewer than 2^32 - 1 symbols.
pub(crate) fn long(
    pairs: &Pairs,
    symbols: &mut Vec<u32>,
    places: &mut Vec<u32>,
    links: &mut Links,
) {
    let n_symbols = u32::try_from(symbols.len()).expect("words are merged in windows");
    places.clear();
    if n_symbols == 0 {
        return;
    }
    let Links {
        next,
        previous,
        found,
        heap,
    } = links;
    next.clear();
    next.extend((1..n_symbols).chain([END]));
    previous.clear();
    previous.extend([END].into_iter().chain(0..n_symbols - 1));
    found.clear();
    found.extend(symbols.windows(2).map(|pair| pairs.get(pair[0], pair[1])));
    found.push(Found::NOTHING);
    let mut entries = std::mem::take(heap).into_vec();
    entries.clear();
    let merging = (0..n_symbols).zip(&*found);
    let merging = merging.filter(|(_, found)| found.rank() != NO_RANK);
    entries.extend(merging.map(|(place, found)| entry(*found, place)));
    *heap = BinaryHeap::from(entries);

    while let Some(Reverse((rank, place))) = heap.pop() {
        let here = place as usize;
        if found[here].rank() != rank {
            continue; // the neighbours have changed since
        }
        let gone = next[here] as usize;
        let after = next[gone];
        symbols[here] = found[here].result();
        found[gone] = Found::NOTHING;
        found[here] = Found::NOTHING;
        next[here] = after;
        if after != END {
            previous[after as usize] = place;
            found[here] = pairs.get(symbols[here], symbols[after as usize]);
            if found[here].rank() != NO_RANK {
                heap.push(entry(found[here], place));
            }
        }
        let before = previous[here];
        if before != END {
            let with_before = pairs.get(symbols[before as usize], symbols[here]);
            found[before as usize] = with_before;
            if with_before.rank() != NO_RANK {
                heap.push(entry(with_before, before));
            }
        }
    }

    let mut place = 0;
    while place != END {
        places.push(place);
        place = next[place as usize];
    }
    for (kept, place) in places.iter().enumerate() {
        symbols[kept] = symbols[*place as usize];
    }
    symbols.truncate(places.len());
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::pairs::Merge;
    use super::*;

    /// Merges of an alphabet of four, every result a new id, several ways to the same result.
    pub(in super::super) fn pairs() -> Pairs {
        let mut spelled: Vec<Vec<u32>> = (0..4).map(|id| vec![id]).collect();
        let mut merges = Vec::new();
        for rank in 0..60_u32 {
            let left = (rank * 7 + 3) as usize % spelled.len();
            let right = (rank * 5 + 1) as usize % spelled.len();
            let text = [spelled[left].clone(), spelled[right].clone()].concat();
            if text.len() > 24 {
                continue;
            }
            let known = spelled.iter().position(|other| *other == text);
            let result = known.unwrap_or_else(|| {
                spelled.push(text);
                spelled.len() - 1
            });
            let id = |index: usize| u32::try_from(index).unwrap();
            merges.push(Merge {
                left: id(left),
                right: id(right),
                rank: 60 - rank,
                result: id(result),
            });
        }
        Pairs::new(&merges)
    }

    /// The definition, word for word.
    pub(in super::super) fn plain(pairs: &Pairs, symbols: &[u32]) -> Vec<u32> {
        let mut symbols = symbols.to_vec();
        loop {
            let best = (1..symbols.len())
                .map(|at| (pairs.get(symbols[at - 1], symbols[at]), at))
                .filter(|(found, _)| found.rank() != NO_RANK)
                .min_by_key(|(found, _)| found.rank());
            let Some((found, at)) = best else {
                return symbols;
            };
            symbols[at - 1] = found.result();
            symbols.remove(at);
        }
    }

    fn by_short(pairs: &Pairs, short: &mut Short, word: &[u32]) -> Vec<u32> {
        short.clear();
        for symbol in word {
            short.push(*symbol);
        }
        short.merge(pairs, None::<&fn(usize) -> Found>);
        short.left().map(|(_, symbol)| symbol).collect()
    }

    /// Symbols of a word at most.
    const MAX_SYMBOLS: usize = if cfg!(miri) { 40 } else { 255 };

    proptest! {
        #[test]
        fn both_ways_are_the_definition(
            words in prop::collection::vec(prop::collection::vec(0..4_u32, 0..=MAX_SYMBOLS), 1..4),
        ) {
            let pairs = pairs();
            let mut short = Short::default();
            for word in words {
                let expected = plain(&pairs, &word);
                prop_assert_eq!(&by_short(&pairs, &mut short, &word), &expected);
                let (mut symbols, mut places) = (word, Vec::new());
                long(&pairs, &mut symbols, &mut places, &mut Links::default());
                prop_assert_eq!(&symbols, &expected);
                prop_assert_eq!(places.len(), symbols.len());
            }
        }
    }

    #[test]
    fn the_longest_short_word() {
        let pairs = pairs();
        for symbol in 0..4 {
            let word = [symbol; MAX_SHORT_SYMBOLS];
            let found = by_short(&pairs, &mut Short::default(), &word);
            assert_eq!(found, plain(&pairs, &word));
        }
    }
}
