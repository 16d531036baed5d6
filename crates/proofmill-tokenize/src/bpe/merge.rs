//! Byte-pair merging of one word: the definition, for short and for long words.
//!
//! Both ways merge, again and again, the neighbours with the lowest rank, the leftmost of equals,
//! until no neighbours merge. [`short`] looks for the lowest by reading all of them, which is best
//! up to a hundred symbols; [`long`] keeps them in a heap and takes n log n steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pairs::{Merge, Pairs};

/// Symbols up to which reading all neighbours beats the heap.
pub(crate) const MAX_SHORT_SYMBOLS: usize = 96;

/// Merges `symbols` in place. `merges` is scratch space.
pub(crate) fn short(pairs: &Pairs, symbols: &mut Vec<u32>, merges: &mut Vec<Merge>) {
    merges.clear();
    merges.extend(symbols.windows(2).map(|pair| pairs.get(pair[0], pair[1])));
    short_known(pairs, symbols, merges);
}

/// [`short`] for neighbours whose merges are known: `merges[i]` is that of `symbols[i..i + 2]`.
pub(crate) fn short_known(pairs: &Pairs, symbols: &mut Vec<u32>, merges: &mut Vec<Merge>) {
    loop {
        let (mut at, mut lowest) = (0, Merge::NONE);
        for (index, merge) in merges.iter().enumerate() {
            if *merge < lowest {
                (at, lowest) = (index, *merge);
            }
        }
        if lowest == Merge::NONE {
            return;
        }
        symbols[at] = lowest.result();
        symbols.remove(at + 1);
        merges.remove(at);
        if at > 0 {
            merges[at - 1] = pairs.get(symbols[at - 1], symbols[at]);
        }
        if at < merges.len() {
            merges[at] = pairs.get(symbols[at], symbols[at + 1]);
        }
    }
}

/// What [`long`] works with; reused from word to word.
#[derive(Default)]
pub(crate) struct Links {
    next: Vec<u32>,
    previous: Vec<u32>,
    merges: Vec<Merge>,                    // of a symbol and its next one
    heap: BinaryHeap<Reverse<(u32, u32)>>, // rank and place; stale unless `merges` says the same
}

/// Beyond the last symbol, and before the first.
const END: u32 = u32::MAX;

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
        merges,
        heap,
    } = links;
    next.clear();
    next.extend((1..n_symbols).chain([END]));
    previous.clear();
    previous.extend([END].into_iter().chain(0..n_symbols - 1));
    merges.clear();
    merges.extend(symbols.windows(2).map(|pair| pairs.get(pair[0], pair[1])));
    merges.push(Merge::NONE);
    let mut entries = std::mem::take(heap).into_vec();
    entries.clear();
    entries.extend(
        (0..n_symbols)
            .zip(merges.iter())
            .filter(|(_, merge)| **merge != Merge::NONE)
            .map(|(place, merge)| Reverse((merge.rank(), place))),
    );
    *heap = BinaryHeap::from(entries);

    while let Some(Reverse((rank, place))) = heap.pop() {
        let here = place as usize;
        let merge = merges[here];
        if merge == Merge::NONE || merge.rank() != rank {
            continue; // the neighbours have changed since
        }
        let gone = next[here] as usize;
        let after = next[gone];
        symbols[here] = merge.result();
        merges[gone] = Merge::NONE;
        next[here] = after;
        merges[here] = Merge::NONE;
        if after != END {
            previous[after as usize] = place;
            merges[here] = pairs.get(symbols[here], symbols[after as usize]);
            if merges[here] != Merge::NONE {
                heap.push(Reverse((merges[here].rank(), place)));
            }
        }
        let before = previous[here];
        if before != END {
            let merge = pairs.get(symbols[before as usize], symbols[here]);
            merges[before as usize] = merge;
            if merge != Merge::NONE {
                heap.push(Reverse((merge.rank(), before)));
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Merges of an alphabet of four, every result a new id, several ways to the same result.
    fn pairs() -> Pairs {
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
            merges.push((id(left), id(right), Merge::new(60 - rank, id(result))));
        }
        Pairs::new(&merges)
    }

    /// The definition, word for word.
    fn plain(pairs: &Pairs, symbols: &[u32]) -> Vec<u32> {
        let mut symbols = symbols.to_vec();
        loop {
            let best = (1..symbols.len())
                .map(|at| (pairs.get(symbols[at - 1], symbols[at]), at))
                .filter(|(merge, _)| *merge != Merge::NONE)
                .min_by_key(|(merge, at)| (merge.rank(), *at));
            let Some((merge, at)) = best else {
                return symbols;
            };
            symbols[at - 1] = merge.result();
            symbols.remove(at);
        }
    }

    proptest! {
        #[test]
        fn both_ways_are_the_definition(word in prop::collection::vec(0..4_u32, 0..200)) {
            let pairs = pairs();
            let expected = plain(&pairs, &word);
            let mut symbols = word.clone();
            short(&pairs, &mut symbols, &mut Vec::new());
            prop_assert_eq!(&symbols, &expected);
            let (mut symbols, mut places) = (word, Vec::new());
            long(&pairs, &mut symbols, &mut places, &mut Links::default());
            prop_assert_eq!(&symbols, &expected);
            prop_assert_eq!(places.len(), symbols.len());
        }
    }
}
