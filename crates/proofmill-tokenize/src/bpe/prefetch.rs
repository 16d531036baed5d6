//! One hint to the processor: this line of memory will be wanted soon.

/// Asks for the line of `slots[index]`. Changes nothing, whatever `index` is.
#[inline]
pub(super) fn prefetch<T>(slots: &[T], index: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let line = slots.as_ptr().wrapping_add(index).cast::<i8>();
        #[expect(
            unsafe_code,
            reason = "the hint has no safe form; a tenth of the time of a text"
        )]
        // SAFETY: every x86_64 has the instruction, and it may be given any address: one that
        // cannot be read is ignored.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(line);
        }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (slots, index);
}
