//! One request to the system: keep this memory in large pages.
//!
//! Tables that are read at random, all over, spend much of a look on finding the page. Only
//! Linux is asked, and nothing but time depends on the answer.

/// An empty vector with room for `n`, in large pages if the system has them.
pub(super) fn vec_in_large_pages<T>(n: usize) -> Vec<T> {
    let mut vec = Vec::with_capacity(n);
    ask_for_large_pages(vec.spare_capacity_mut());
    vec
}

#[cfg(any(not(target_os = "linux"), miri))]
fn ask_for_large_pages<T>(_: &mut [std::mem::MaybeUninit<T>]) {}

#[cfg(all(target_os = "linux", not(miri)))]
fn ask_for_large_pages<T>(memory: &mut [std::mem::MaybeUninit<T>]) {
    /// Bytes of a large page on most machines.
    const PAGE: usize = 2 << 20;

    let n_before = memory.as_ptr().cast::<u8>().align_offset(PAGE);
    let n_bytes = size_of_val(memory).saturating_sub(n_before) / PAGE * PAGE;
    if n_bytes == 0 {
        return;
    }
    let start = memory.as_mut_ptr().cast::<u8>().wrapping_add(n_before);
    #[expect(
        unsafe_code,
        reason = "the request has no safe form; a tenth of the time of a text"
    )]
    // SAFETY: the range is whole pages inside `memory`, which is borrowed for us alone, and this
    // advice changes neither what memory holds nor whether it can be read.
    let answer =
        unsafe { rustix::mm::madvise(start.cast(), n_bytes, rustix::mm::Advice::LinuxHugepage) };
    let _ = answer; // without large pages it is only slower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_vector() {
        let most = if cfg!(miri) { 1 << 12 } else { 1 << 20 };
        for n in [0, 1, 1000, most] {
            let mut vec: Vec<u64> = vec_in_large_pages(n);
            assert!(vec.is_empty() && vec.capacity() >= n);
            vec.resize(n, 7);
            assert!(vec.iter().all(|element| *element == 7));
        }
    }
}
