//! Text in blocks of 64 bytes, one bit for each byte: the arithmetic that passes over text share.
//!
//! A question about bytes ("is it a letter?") is put to a whole block at once and answered by a number
//! whose bit `n` speaks of byte `n`. Counting is then a sum of bits, the next byte of a kind is the lowest
//! bit, and runs are found with shifts and carries. No answer depends on the machine.

/// Bytes of a block, and bits of an answer.
pub const BLOCK_BYTES: usize = 64;

/// Bytes that are looked at together.
pub type Block = [u8; BLOCK_BYTES];

/// Gives `each` all blocks of `bytes` in order, with the place where each begins. The last one is
/// filled up with zeros.
#[inline]
pub fn each_block(bytes: &[u8], mut each: impl FnMut(usize, &Block)) {
    let (blocks, rest) = bytes.as_chunks();
    for (index, block) in blocks.iter().enumerate() {
        each(index * BLOCK_BYTES, block);
    }
    if !rest.is_empty() {
        each(bytes.len() - rest.len(), &filled(rest));
    }
}

/// The block that begins at `at`, filled up with zeros behind the end of `bytes`.
#[inline]
#[must_use]
pub fn block_at(bytes: &[u8], at: usize) -> Block {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk()
        .copied()
        .unwrap_or_else(|| filled(&rest[..rest.len().min(BLOCK_BYTES)]))
}

/// A block of less than a block and zeros.
fn filled(rest: &[u8]) -> Block {
    let mut block = [0; BLOCK_BYTES];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// The bytes of `block` for which `holds`.
///
/// Fastest where `holds` only compares, without calls and tables.
#[inline]
#[must_use]
pub fn mask(block: &Block, holds: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0; BLOCK_BYTES];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        *flag = if holds(byte) { u8::MAX } else { 0 };
    }
    gather(&flags)
}

/// The bytes of `block` that are among `bytes`, of which there should be few.
#[inline]
#[must_use]
pub fn any_of(block: &Block, bytes: &[u8]) -> u64 {
    let mut flags = [0; BLOCK_BYTES];
    for wanted in bytes {
        for (flag, byte) in flags.iter_mut().zip(block) {
            *flag |= if byte == wanted { u8::MAX } else { 0 };
        }
    }
    gather(&flags)
}

/// The highest bit of each byte.
#[cfg(target_arch = "x86_64")]
#[inline]
fn gather(flags: &Block) -> u64 {
    use std::arch::x86_64::{_mm_loadu_si128, _mm_movemask_epi8};

    let mut bits = 0;
    for (index, part) in flags.as_chunks::<16>().0.iter().enumerate() {
        #[expect(unsafe_code, reason = "there is no safe call of one instruction")]
        // SAFETY: every processor of this architecture has SSE2, 16 bytes are readable behind the
        // reference, and the load needs no alignment.
        let part = unsafe { _mm_movemask_epi8(_mm_loadu_si128(part.as_ptr().cast())) };
        bits |= u64::from(part.cast_unsigned()) << (16 * index);
    }
    bits
}

/// The highest bit of each byte.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn gather(flags: &Block) -> u64 {
    gather_anywhere(flags)
}

/// As [`gather`], on any machine: a product moves the eight bits of a word next to each other.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn gather_anywhere(flags: &Block) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const COLLECT: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for (index, word) in flags.as_chunks::<8>().0.iter().enumerate() {
        let ones = (u64::from_le_bytes(*word) >> 7) & ONES;
        bits |= (ones.wrapping_mul(COLLECT) >> 56) << (8 * index);
    }
    bits
}

/// The places of the bits of `mask`, lowest first.
#[inline]
pub fn places(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = mask.trailing_zeros() as usize;
        mask &= mask.checked_sub(1)?;
        Some(place)
    })
}

/// The first `n` bits; all from 64 on.
#[inline]
#[must_use]
pub fn first(n: usize) -> u64 {
    if n < BLOCK_BYTES {
        (1 << n) - 1
    } else {
        u64::MAX
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(block: &Block, holds: impl Fn(u8) -> bool) -> u64 {
        let bit = |(place, &byte): (usize, &u8)| u64::from(holds(byte)) << place;
        block.iter().enumerate().map(bit).sum()
    }

    proptest! {
        #[test]
        fn masks_agree_with_the_definition(block in prop::array::uniform32(any::<[u8; 2]>())) {
            let block: Block = block.concat().try_into().unwrap();
            let holds = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
            prop_assert_eq!(mask(&block, holds), plain(&block, holds));
            let few = [block[3], 0, 255, b' '];
            prop_assert_eq!(any_of(&block, &few), plain(&block, |byte| few.contains(&byte)));
            prop_assert_eq!(gather(&block), plain(&block, |byte| byte >= 0x80));
            prop_assert_eq!(gather_anywhere(&block), gather(&block));
            let found: Vec<usize> = places(mask(&block, holds)).collect();
            let expected: Vec<usize> = (0..64).filter(|&place| holds(block[place])).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn blocks_cover_the_text(bytes in prop::collection::vec(1_u8.., 0..300), at in 0_usize..310) {
            let mut all = Vec::new();
            each_block(&bytes, |start, block| {
                assert_eq!(start, all.len());
                all.extend_from_slice(block);
            });
            prop_assert_eq!(all.len(), bytes.len().next_multiple_of(BLOCK_BYTES));
            let n_zeros = all.len() - bytes.len();
            prop_assert!(all.starts_with(&bytes) && all.ends_with(&vec![0; n_zeros]));
            let rest = bytes.get(at..).unwrap_or_default();
            let n_bytes = rest.len().min(BLOCK_BYTES);
            let block = block_at(&bytes, at);
            prop_assert_eq!(&block[..n_bytes], &rest[..n_bytes]);
            prop_assert!(block[n_bytes..].iter().all(|&byte| byte == 0));
        }
    }

    #[test]
    fn first_bits() {
        assert_eq!(
            [first(0), first(1), first(64), first(70)],
            [0, 1, u64::MAX, u64::MAX]
        );
    }
}
