//! What kind of character each of 64 bytes is, as bit masks.
//!
//! Bit `i` of a mask stands for byte `i`. [`of_portable`] takes eight bytes at a time in ordinary
//! registers; [`avx2`] holds its faster twin. They agree on all bytes; tests compare them.

/// Kinds of 64 bytes. Bits of bytes outside ASCII are set in `wide` and nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// `[A-Za-z]`.
    pub(super) letter: u64,
    /// `[A-Z]`.
    pub(super) upper: u64,
    /// `[0-9]`.
    pub(super) digit: u64,
    /// `[ \t\n\v\f\r]`.
    pub(super) white: u64,
    /// The space.
    pub(super) space: u64,
    /// `[\n\r]`.
    pub(super) newline: u64,
    /// The apostrophe.
    pub(super) quote: u64,
    /// The slash.
    pub(super) slash: u64,
    /// Control characters that are not white.
    pub(super) control: u64,
    /// Bytes of characters outside ASCII.
    pub(super) wide: u64,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// The masks of `block`, without special instructions.
pub(super) fn of_portable(block: &[u8; 64]) -> Masks {
    let mut masks = Masks::default();
    for (index, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*bytes);
        let wide = word & HIGH;
        let low = word & !HIGH;
        // The high bit of each byte that is in `from..=to`, of seven-bit bytes.
        let within = |low: u64, from: u8, to: u8| {
            let at_least = low + ONES * u64::from(0x80 - from);
            let above = low + ONES * u64::from(0x7f - to);
            at_least & !above & HIGH & !wide
        };
        let put = |mask: &mut u64, high_bits: u64| {
            // One bit per byte, gathered into the topmost byte; no two products meet.
            let gathered = (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *mask |= gathered << (8 * index);
        };
        let upper = within(low, b'A', b'Z');
        let white = within(low, b'\t', b'\r') | within(low, b' ', b' ');
        put(&mut masks.letter, upper | within(low, b'a', b'z'));
        put(&mut masks.upper, upper);
        put(&mut masks.digit, within(low, b'0', b'9'));
        put(&mut masks.white, white);
        put(&mut masks.space, within(low, b' ', b' '));
        put(
            &mut masks.newline,
            within(low, b'\n', b'\n') | within(low, b'\r', b'\r'),
        );
        put(&mut masks.quote, within(low, b'\'', b'\''));
        put(&mut masks.slash, within(low, b'/', b'/'));
        put(
            &mut masks.control,
            (within(low, 0, 0x1f) | within(low, 0x7f, 0x7f)) & !white,
        );
        put(&mut masks.wide, wide);
    }
    masks
}

/// The same with AVX2.
#[cfg(target_arch = "x86_64")]
pub(super) mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    use super::Masks;

    /// The masks of `block`.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::split) fn of(block: &[u8; 64]) -> Masks {
        let [low, high] = block.as_chunks::<32>().0 else {
            return Masks::default(); // 64 is two times 32
        };
        let low = half(low);
        let high = half(high);
        let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        Masks {
            letter: join(low.letter, high.letter),
            upper: join(low.upper, high.upper),
            digit: join(low.digit, high.digit),
            white: join(low.white, high.white),
            space: join(low.space, high.space),
            newline: join(low.newline, high.newline),
            quote: join(low.quote, high.quote),
            slash: join(low.slash, high.slash),
            control: join(low.control, high.control),
            wide: join(low.wide, high.wide),
        }
    }

    struct Half {
        letter: u32,
        upper: u32,
        digit: u32,
        white: u32,
        space: u32,
        newline: u32,
        quote: u32,
        slash: u32,
        control: u32,
        wide: u32,
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: &[u8; 32]) -> Half {
        #[expect(unsafe_code, reason = "there is no safe load of 32 bytes")]
        // SAFETY: 32 bytes are readable behind the reference, and the load needs no alignment.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        let equal = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
        // Bytes of `of` in `from..from + n`: moved down to the lowest signed number on.
        let within = |of: __m256i, from: u8, n: u8| {
            let moved = _mm256_add_epi8(
                of,
                _mm256_set1_epi8(0x80_u8.wrapping_sub(from).cast_signed()),
            );
            _mm256_cmpgt_epi8(_mm256_set1_epi8((0x80 + n).cast_signed()), moved)
        };
        let mask = |bytes| _mm256_movemask_epi8(bytes).cast_unsigned();
        let folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        let letter = within(folded, b'a', 26);
        let space = equal(b' ');
        let white = _mm256_or_si256(space, within(bytes, b'\t', 5));
        let control = _mm256_or_si256(within(bytes, 0, 0x20), equal(0x7f));
        Half {
            letter: mask(letter),
            upper: mask(within(bytes, b'A', 26)),
            digit: mask(within(bytes, b'0', 10)),
            white: mask(white),
            space: mask(space),
            newline: mask(_mm256_or_si256(equal(b'\n'), equal(b'\r'))),
            quote: mask(equal(b'\'')),
            slash: mask(equal(b'/')),
            control: mask(_mm256_andnot_si256(white, control)),
            wide: mask(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the names of the masks say, byte by byte.
    fn expected(block: &[u8; 64]) -> Masks {
        let mask = |is: fn(&u8) -> bool| {
            let bit = |(index, byte)| u64::from(is(byte)) << index;
            block.iter().enumerate().map(bit).sum()
        };
        let white = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        Masks {
            letter: mask(u8::is_ascii_alphabetic),
            upper: mask(u8::is_ascii_uppercase),
            digit: mask(u8::is_ascii_digit),
            white: mask(white),
            space: mask(|byte| *byte == b' '),
            newline: mask(|byte| matches!(byte, b'\n' | b'\r')),
            quote: mask(|byte| *byte == b'\''),
            slash: mask(|byte| *byte == b'/'),
            control: mask(u8::is_ascii_control) & !mask(white),
            wide: mask(|byte| !byte.is_ascii()),
        }
    }

    fn check(block: &[u8; 64]) {
        let expected = expected(block);
        assert_eq!(of_portable(block), expected, "{block:?}");
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "as in `window::fill`")]
            // SAFETY: this machine has AVX2, as was just asked.
            let found = unsafe { avx2::of(block) };
            assert_eq!(found, expected, "{block:?}");
        }
    }

    #[test]
    fn every_byte_at_every_place() {
        let [byte_step, place_step] = if cfg!(miri) { [23, 31] } else { [1, 1] };
        for byte in (0..=u8::MAX).step_by(byte_step) {
            check(&[byte; 64]);
            for place in (0..64).step_by(place_step) {
                for around in [b' ', b'z', 0xff] {
                    let mut block = [around; 64];
                    block[place] = byte;
                    check(&block);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes(block in prop::collection::vec(any::<u8>(), 64)) {
            check(block.as_slice().try_into().unwrap());
        }
    }
}
