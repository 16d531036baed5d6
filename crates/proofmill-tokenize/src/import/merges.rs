//! From scores or ranks of tokens to a list of merges.
//!
//! `SentencePiece` and rank files merge any two neighbours that spell a token together, the best
//! token first. A list of merges names the two parts as well. Both come to the same if each token
//! gets one merge, that of the two parts which are left when the token's own text is merged on
//! its own: until a text comes to make this token no merge has reached over its borders, so what
//! happened between them is what happens in the token alone, in the same order. A token to which
//! its own text does not merge is never made.

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

/// The first place of the lowest rank.
fn lowest(ranks: &[u32]) -> Option<usize> {
    let (at, rank) = ranks.iter().enumerate().min_by_key(|(_, rank)| **rank)?;
    (*rank != NONE).then_some(at)
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_parts_may_be_worse_than_the_whole() {
        assert_eq!(parting(&["abcd", "ab", "cd"], "abcd"), Some(2));
    }
}
