//! Where an added token may start: a quick look at a few bytes, which is all that most text gets.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};
use memchr::memmem;

/// Bytes of a pattern that are looked for.
const PREFIX_BYTES: usize = 4;
/// Bytes that all patterns start with which tell enough.
const LEAST_COMMON_BYTES: usize = 2;

/// What patterns start with.
pub(super) struct Gate {
    common: Option<memmem::Finder<'static>>, // what all start with, if it tells enough
    prefixes: Option<Searcher>, // unless there are too many, or the machine is too plain
    pairs: Box<[u64; 1024]>,    // one bit for each two bytes that a pattern starts with
}

impl Gate {
    pub(super) fn new<'p>(patterns: impl Iterator<Item = &'p [u8]>) -> Self {
        let mut pairs = Box::new([0; 1024]);
        let mut prefixes = Vec::new();
        for pattern in patterns {
            let seconds = match pattern.get(1) {
                Some(second) => *second..=*second,
                None => 0..=255,
            };
            for second in seconds {
                let (word, bit) = place(pattern[0], second);
                pairs[word] |= bit;
            }
            prefixes.push(&pattern[..pattern.len().min(PREFIX_BYTES)]);
        }
        prefixes.sort_unstable();
        // A prefix of another one finds its places too.
        prefixes.dedup_by(|next, kept| next.starts_with(kept));
        let shared = |left: &[u8], right: &[u8]| {
            let pairs = left.iter().zip(right);
            pairs.take_while(|(a, b)| a == b).count()
        };
        let common = match &prefixes[..] {
            [first, .., last] => &first[..shared(first, last)],
            [only] => only,
            [] => &[],
        };
        let common =
            (common.len() >= LEAST_COMMON_BYTES).then(|| memmem::Finder::new(common).into_owned());
        let mut searcher = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        searcher.extend(prefixes);
        Self {
            common,
            prefixes: searcher.build(),
            pairs,
        }
    }

    /// The first place from `from` on where a pattern may start.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        if let Some(common) = &self.common {
            return Some(from + common.find(text.get(from..)?)?);
        }
        if let Some(prefixes) = &self.prefixes {
            let span = Span::from(from..text.len());
            return prefixes.find_in(text, span).map(|found| found.start());
        }
        let rest = text.get(from..)?;
        let last = rest.len().checked_sub(1)?;
        let opens = |pair: &[u8]| {
            let (word, bit) = place(pair[0], pair[1]);
            self.pairs[word] & bit != 0
        };
        Some(from + rest.windows(2).position(opens).unwrap_or(last))
    }
}

fn place(first: u8, second: u8) -> (usize, u64) {
    let index = usize::from(first) << 8 | usize::from(second);
    (index >> 6, 1 << (index & 63))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETS: [&[&str]; 5] = [
        &["<|a|>", "<|b|>", "</t>", "<t>"],
        &["  ", "   ", "    ", "<|x"],
        &["x", "ab"],
        &["<|a|>", "<|b|>"],
        &["ab", "bc", "cd", "de", "efgh", "aaaa"],
    ];

    proptest! {
        #[test]
        fn no_pattern_is_missed(
            set in 0..SETS.len(),
            parts in prop::collection::vec("[ab <|/tx]{0,40}|[c-h ]{0,9}", 0..8),
        ) {
            let patterns = SETS[set];
            let gate = Gate::new(patterns.iter().map(|pattern| pattern.as_bytes()));
            let text = parts.concat();
            let mut from = 0;
            for (at, _) in text.char_indices() {
                if patterns.iter().any(|pattern| text[at..].starts_with(pattern)) {
                    let found = gate.next(text.as_bytes(), from).unwrap();
                    prop_assert!(found <= at, "{found} {at}");
                    while gate.next(text.as_bytes(), from).unwrap() < at {
                        from = gate.next(text.as_bytes(), from).unwrap() + 1;
                    }
                    prop_assert_eq!(gate.next(text.as_bytes(), from), Some(at));
                    from = at;
                }
            }
        }
    }
}
