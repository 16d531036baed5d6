//! From scores or ranks of tokens to a list of merges.
//!
//! `SentencePiece` and rank files merge any two neighbours that spell a token together, the best
//! token first. A list of merges names the two parts as well. Both come to the same if each token
//! gets one merge, that of the two parts which are left when the token's own text is merged on
//! its own: until a text comes to make this token no merge has reached over its borders, so what
//! happened between them is what happens in the token alone, in the same order. A token to which
//! its own text does not merge is never made.

use rustc_hash::FxHashMap;

/// Units (bytes or characters) of the longest token. Published vocabularies stay below 300.
pub(super) const MAX_TOKEN_UNITS: usize = 512;

/// No token.
const NONE: u32 = u32::MAX;

/// Where the text of a token is parted into the two that it is merged from.
#[derive(Default)]
pub(super) struct Parting {
    borders: Vec<usize>,
    ranks: Vec<u32>, // of the token that parts `i` and `i + 1` would make
}

impl Parting {
    /// The border of the two parts from which the text with these `borders` of units (first and
    /// last byte included) is merged, or `None` if more than two are left. `rank_of` gives the
    /// rank of the token that stands between two of the borders, if there is one; lower ones
    /// merge first.
    pub(super) fn find(
        &mut self,
        borders: impl Iterator<Item = usize>,
        rank_of: impl Fn(usize, usize) -> Option<u32>,
    ) -> Option<usize> {
        let rank_of = |start, end| rank_of(start, end).unwrap_or(NONE);
        let Self {
            borders: kept,
            ranks,
        } = self;
        kept.clear();
        kept.extend(borders.take(MAX_TOKEN_UNITS + 2));
        if kept.len() > MAX_TOKEN_UNITS + 1 {
            return None;
        }
        ranks.clear();
        ranks.extend(kept.windows(3).map(|three| rank_of(three[0], three[2])));
        while kept.len() > 3 {
            let at = lowest(ranks)?;
            kept.remove(at + 1);
            ranks.remove(at);
            if at > 0 {
                ranks[at - 1] = rank_of(kept[at - 1], kept[at + 1]);
            }
            if at < ranks.len() {
                ranks[at] = rank_of(kept[at], kept[at + 2]);
            }
        }
        match kept[..] {
            [_, border, _] => Some(border),
            _ => None,
        }
    }
}

/// The merges of `tokens`, as pairs of their indices in the order of the tokens that they make.
/// Tokens that stand earlier merge first; `of_byte` gives the index of the token of a single byte.
///
/// The parts of a token are shorter than it. So tokens are parted in the order of their lengths,
/// by the merges of shorter ones, and it is never asked by its text whether something is a token.
pub(super) fn merges_of(tokens: &[(Vec<u8>, u32)], of_byte: impl Fn(u8) -> u32) -> Vec<(u32, u32)> {
    let bytes: Vec<u32> = (0..=u8::MAX).map(of_byte).collect();
    let mut of_two_bytes = vec![NONE; 1 << 16];
    let two = |left: u8, right: u8| usize::from(left) << 8 | usize::from(right);
    let pair = |left: u32, right: u32| u64::from(left) << 32 | u64::from(right);
    let mut made: FxHashMap<u64, u32> = FxHashMap::default();
    made.reserve(tokens.len());
    let mut by_length: Vec<u32> = (0..).zip(tokens).map(|(index, _)| index).collect();
    by_length.sort_by_key(|index| tokens[*index as usize].0.len()); // stable
    let mut parts = vec![None; tokens.len()];
    let (mut left, mut ranks) = (Vec::new(), Vec::new());
    for index in by_length {
        let token = &tokens[index as usize].0;
        left.clear();
        left.extend(token.iter().map(|byte| bytes[usize::from(*byte)]));
        ranks.clear();
        ranks.extend(
            token
                .windows(2)
                .map(|pair| of_two_bytes[two(pair[0], pair[1])]),
        );
        while left.len() > 2
            && let Some(at) = lowest(&ranks)
        {
            left[at] = ranks.remove(at);
            left.remove(at + 1);
            let rank = |at: usize| {
                made.get(&pair(left[at], left[at + 1]))
                    .copied()
                    .unwrap_or(NONE)
            };
            if at > 0 {
                ranks[at - 1] = rank(at - 1);
            }
            if at < ranks.len() {
                ranks[at] = rank(at);
            }
        }
        if let [first, second] = left[..] {
            parts[index as usize] = Some((first, second));
            made.insert(pair(first, second), index);
            if let [first, second] = token[..] {
                of_two_bytes[two(first, second)] = index;
            }
        }
    }
    parts.into_iter().flatten().collect()
}

/// The first place of the lowest rank.
fn lowest(ranks: &[u32]) -> Option<usize> {
    let (at, rank) = ranks.iter().enumerate().min_by_key(|(_, rank)| **rank)?;
    (*rank != NONE).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parting(tokens: &[&str], text: &str) -> Option<usize> {
        let of = |start: usize, end: usize| {
            let rank = tokens.iter().position(|token| *token == &text[start..end]);
            rank.map(|rank| u32::try_from(rank).unwrap())
        };
        Parting::default().find(0..=text.len(), of)
    }

    #[test]
    fn a_token_comes_from_what_its_own_text_leaves() {
        let tokens = ["ab", "bc", "abc", "cd", "abcd", "xyz"];
        assert_eq!(parting(&tokens, "ab"), Some(1));
        assert_eq!(parting(&tokens, "abc"), Some(2)); // ab c
        assert_eq!(parting(&tokens, "abcd"), Some(3)); // abc d, since abc is better than cd
        assert_eq!(parting(&tokens, "xyz"), None); // nothing makes it
        assert_eq!(parting(&tokens, "a"), None);
    }

    proptest! {
        /// Tokens of two letters, and the merges by asking for every text whether it is a token.
        #[test]
        fn merges_are_those_that_texts_give(
            tokens in prop::collection::vec("[ab]{2,9}", 1..60),
        ) {
            let mut texts = vec!["a".to_owned(), "b".to_owned()];
            for token in tokens {
                if !texts.contains(&token) {
                    texts.push(token);
                }
            }
            texts.rotate_left(1); // the bytes need not come first
            let index_of = |text: &str| {
                let index = texts.iter().position(|other| other == text);
                index.map(|index| u32::try_from(index).unwrap())
            };
            let mut expected = Vec::new();
            for text in &texts {
                let of = |start: usize, end: usize| index_of(&text[start..end]);
                if let Some(border) = Parting::default().find(0..=text.len(), of)
                    && let (Some(left), Some(right)) =
                        (index_of(&text[..border]), index_of(&text[border..]))
                {
                    expected.push((left, right));
                }
            }
            let tokens: Vec<_> = texts.iter().map(|text| (text.clone().into_bytes(), 0)).collect();
            let of_byte = |byte: u8| index_of(&char::from(byte).to_string()).unwrap_or(0);
            prop_assert_eq!(merges_of(&tokens, of_byte), expected);
        }
    }

    #[test]
    fn the_parts_may_be_worse_than_the_whole() {
        assert_eq!(parting(&["abcd", "ab", "cd"], "abcd"), Some(2));
    }
}
