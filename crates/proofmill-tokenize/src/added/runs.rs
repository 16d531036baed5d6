//! Added tokens that are runs of one byte, as vocabularies for code have them for spaces.
//!
//! Indents are everywhere in code, so these tokens are not searched for but counted: a run is as
//! many of the longest token as fit, then the longest that fits the rest. That is what leftmost
//! and longest means for them.

use memchr::memmem;

use super::Part;
use crate::config::AddedToken;

/// Bytes that are looked at together.
const BLOCK: usize = 64;
/// Bytes of the longest token that is taken.
const MAX_TOKEN_BYTES: usize = 1 << 10;

/// The tokens.
pub(super) struct Runs {
    byte: u8,
    twice: memmem::Finder<'static>, // the byte two times
    shortest: usize,
    /// By the bytes of a run, up to those of the longest token: the bytes and the id of the longest
    /// token in it.
    longest_in: Vec<(usize, u32)>,
}

impl Runs {
    /// `None` if any of `tokens` is something else, or looks at what stands around it.
    pub(super) fn new(tokens: &[AddedToken]) -> Option<Self> {
        let byte = *tokens.first()?.pattern.as_bytes().first()?;
        let mut ids = vec![None; MAX_TOKEN_BYTES + 1];
        for token in tokens {
            let is_run = token.pattern.bytes().all(|other| other == byte);
            let looks_around = token.single_word || token.lstrip || token.rstrip;
            let place = ids.get_mut(token.pattern.len())?;
            if !byte.is_ascii() || !is_run || looks_around || token.special || place.is_some() {
                return None;
            }
            *place = Some(token.id);
        }
        // A single byte is found more often than it is worth.
        let shortest = ids.iter().position(Option::is_some).filter(|n| *n >= 2)?;
        let longest = ids.iter().rposition(Option::is_some)?;
        let mut longest_in = vec![(0, 0); shortest];
        for (n_bytes, id) in ids[..=longest].iter().enumerate().skip(shortest) {
            let before = longest_in[n_bytes - 1];
            longest_in.push(id.map_or(before, |id| (n_bytes, id)));
        }
        Some(Self {
            byte,
            twice: memmem::Finder::new(&[byte; 2]).into_owned(),
            shortest,
            longest_in,
        })
    }

    /// As [`super::Finder::parts`].
    pub(super) fn parts<E>(
        &self,
        text: &str,
        mut give: impl FnMut(Part) -> Result<(), E>,
    ) -> Result<(), E> {
        let bytes = text.as_bytes();
        let longest = self.longest_in.len() - 1;
        let mut done = 0;
        let mut base = 0;
        while base < bytes.len() {
            let twice = self.places(bytes, base);
            let mut left = twice;
            let mut next = base + BLOCK;
            if twice == 0 {
                let rest = bytes.get(next..).unwrap_or_default();
                next += self.twice.find(rest).unwrap_or(rest.len());
            }
            while left != 0 {
                let offset = left.trailing_zeros();
                let mut at = base + offset as usize;
                let n_twice = (twice >> offset).trailing_ones();
                left &= u64::MAX.checked_shl(offset + n_twice).unwrap_or(0);
                let mut end = at + n_twice as usize + 1;
                if end > next {
                    // It goes on behind the block.
                    let others = bytes[end..].iter().position(|other| *other != self.byte);
                    end = others.map_or(bytes.len(), |n_bytes| end + n_bytes);
                    next = end;
                }
                if end - at < self.shortest {
                    continue;
                }
                if done < at {
                    give(Part::Text(done, at))?;
                }
                while end - at >= self.shortest {
                    let (n_bytes, id) = self.longest_in[longest.min(end - at)];
                    give(Part::Token(id))?;
                    at += n_bytes;
                }
                done = at;
            }
            base = next;
        }
        if done < bytes.len() {
            give(Part::Text(done, bytes.len()))?;
        }
        Ok(())
    }

    /// Where in the block at `base` the byte stands and stands behind itself, one bit for each place.
    fn places(&self, bytes: &[u8], base: usize) -> u64 {
        let rest = &bytes[base..];
        if let Some((here, [behind, ..])) = rest.split_first_chunk() {
            let here = equal(here, self.byte);
            return here & (here >> 1 | u64::from(*behind == self.byte) << (BLOCK - 1));
        }
        let mut block = [!self.byte; BLOCK];
        let n_bytes = rest.len().min(BLOCK);
        block[..n_bytes].copy_from_slice(&rest[..n_bytes]);
        let here = equal(&block, self.byte);
        here & here >> 1
    }
}

/// The places of an ASCII `byte` in a block, one bit for each.
fn equal(block: &[u8; BLOCK], byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = ONES * 0x7f;
    let wanted = ONES * u64::from(byte);
    let mut places = 0;
    for (index, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let differs = u64::from_le_bytes(*bytes) ^ wanted;
        // The high bit of each byte that is zero, then one bit per byte gathered on top.
        let equal = !(((differs & LOW) + LOW) | differs | LOW);
        places |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Finder;
    use super::*;
    use crate::tokenizer::SpecialTokens;

    fn tokens(lengths: &[usize]) -> Vec<AddedToken> {
        let token = |(id, n_bytes): (u32, &usize)| AddedToken {
            id,
            content: " ".repeat(*n_bytes),
            pattern: " ".repeat(*n_bytes),
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: true,
            special: false,
        };
        (0..).zip(lengths).map(token).collect()
    }

    fn parts(finder: &Finder, text: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        let pushed = finder.parts(text, |part| {
            parts.push(part);
            Ok::<(), ()>(())
        });
        assert_eq!(pushed, Ok(()));
        parts
    }

    #[test]
    fn other_tokens_are_searched_for() {
        assert!(Runs::new(&tokens(&[2, 4])).is_some());
        assert!(Runs::new(&tokens(&[1, 2])).is_none());
        assert!(Runs::new(&tokens(&[2, 2])).is_none());
        assert!(Runs::new(&tokens(&[2, MAX_TOKEN_BYTES + 1])).is_none());
        for change in [
            |token: &mut AddedToken| token.pattern.push('x'),
            |token: &mut AddedToken| token.special = true,
            |token: &mut AddedToken| token.rstrip = true,
        ] {
            let mut tokens = tokens(&[2, 4]);
            change(&mut tokens[1]);
            assert!(Runs::new(&tokens).is_none());
        }
    }

    proptest! {
        #[test]
        fn counting_finds_what_searching_finds(
            lengths in prop::collection::btree_set(2..40_usize, 1..9),
            text in "( {0,90}[a-z\n\u{e9}]{0,70}){0,6} {0,90}",
        ) {
            let lengths: Vec<usize> = lengths.into_iter().collect();
            let mut finder = Finder::new(tokens(&lengths), SpecialTokens::AsText).unwrap().unwrap();
            let counted = parts(&finder, &text);
            prop_assert!(finder.runs.take().is_some());
            prop_assert_eq!(counted, parts(&finder, &text));
        }

        #[test]
        fn places_are_those_of_the_byte(bytes in prop::collection::vec(any::<u8>(), BLOCK), byte in 0..128_u8) {
            let mut bytes = bytes;
            for place in (0..BLOCK).step_by(5) {
                bytes[place] = byte | bytes[place] & 0x80;
            }
            let block: [u8; BLOCK] = bytes.try_into().unwrap();
            let bit = |(index, other): (usize, &u8)| u64::from(*other == byte) << index;
            let expected: u64 = block.iter().enumerate().map(bit).sum();
            prop_assert_eq!(equal(&block, byte), expected);
        }
    }
}
