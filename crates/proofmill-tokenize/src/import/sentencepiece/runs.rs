//! Pieces of equal score that are runs of one character, as Mistral has them for spaces.
//!
//! `SentencePiece` merges equals from the left, a list of merges by its order. For runs that come
//! after all other merges of their character the two can be compared by trying: only the length of
//! a run decides.

use rustc_hash::{FxHashMap, FxHashSet};

/// Runs that are tried, as multiples of the longest piece; both ways repeat themselves behind it.
const TRIED_PIECES: usize = 6;
/// Characters of the longest piece at most.
const MAX_RUN_CHARS: usize = 64;

/// The merges of `equals`, or `None` if they are no such runs or the order would matter. `all` are
/// the texts of all pieces that merges make, `index_of` knows them and all single characters.
pub(super) fn merges<'p>(
    equals: &[&str],
    all: impl Iterator<Item = &'p str>,
    index_of: &FxHashMap<&str, u32>,
) -> Option<Vec<(u32, u32)>> {
    let c = equals.first()?.chars().next()?;
    let n_chars = |text: &str| {
        text.chars()
            .all(|other| other == c)
            .then(|| text.chars().count())
    };
    let mut lengths = vec![1];
    for text in equals {
        lengths.push(n_chars(text)?);
    }
    // No other merge may make such a run, before or after.
    if all.filter(|text| n_chars(text).is_some()).count() != equals.len() {
        return None;
    }
    let longest = *lengths.iter().max()?;
    if longest > MAX_RUN_CHARS {
        return None;
    }
    let known: FxHashSet<usize> = lengths.iter().copied().collect();
    let run = |n: usize| c.to_string().repeat(n);
    let index = |n: usize| index_of.get(run(n).as_str()).copied();
    let mut listed = Vec::new();
    for whole in &lengths[1..] {
        let parts =
            (1..*whole).filter(|left| known.contains(left) && known.contains(&(whole - left)));
        let mut of_whole = Vec::new();
        for left in parts {
            of_whole.push(((index(left)?, index(whole - left)?), (left, whole - left)));
        }
        of_whole.sort_unstable();
        listed.extend(of_whole);
    }
    let rank_of: FxHashMap<(usize, usize), usize> = listed
        .iter()
        .enumerate()
        .map(|(rank, (_, parts))| (*parts, rank))
        .collect();
    let is_same = (1..=TRIED_PIECES * longest).all(|n| {
        let by_list = merged(n, |left, right| rank_of.get(&(left, right)).copied());
        by_list
            == merged(n, |left, right| {
                known.contains(&(left + right)).then_some(0)
            })
    });
    is_same.then(|| listed.into_iter().map(|(pair, _)| pair).collect())
}

/// The lengths of the parts to which a run of `n` characters merges: lowest rank first, then from
/// the left.
fn merged(n: usize, rank_of: impl Fn(usize, usize) -> Option<usize>) -> Vec<usize> {
    let mut parts = vec![1; n];
    loop {
        let ranks = (1..parts.len()).map(|at| (rank_of(parts[at - 1], parts[at]), at));
        let best = ranks.filter_map(|(rank, at)| Some((rank?, at))).min();
        let Some((_, at)) = best else {
            return parts;
        };
        parts[at - 1] += parts.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(equals: &[&str], others: &[&str]) -> Option<usize> {
        let all = equals.iter().chain(others).copied();
        let index_of = ["a", "b"].into_iter().chain(all.clone()).zip(0..).collect();
        merges(equals, all, &index_of).map(|merges| merges.len())
    }

    #[test]
    fn only_runs_whose_order_is_nothing_are_taken() {
        assert_eq!(of(&["aa"], &[]), Some(1));
        assert_eq!(of(&["aa", "aaaa"], &["ab"]), Some(2));
        assert_eq!(of(&["aa", "ab"], &[]), None);
        assert_eq!(of(&["aaaa"], &["aa"]), None, "another score");
        assert_eq!(
            of(&["aa", "aaa"], &[]),
            None,
            "from the left aaaa is aaa a, by the list aa aa"
        );
    }
}
