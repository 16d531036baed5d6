//! The one mixing function: a bijection of 64 bits in which every input bit reaches every output bit.

/// Mixes `bits`; a bijection.
///
/// # Source
/// The finalizer of `SplitMix64` in Stafford's variant 13 (Steele, Lea, Flood, OOPSLA 2014).
#[inline]
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
