//! A hint to the processor, of which nothing can be seen but the time.

/// Asks for what lies so many bytes behind the beginning of `bytes`, before it is read. It need not be
/// there. Nothing is asked of a processor that is no x86-64.
#[inline]
pub fn prefetch(bytes: &[u8], ahead: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        let at = bytes.as_ptr().wrapping_add(ahead);
        // SAFETY: reads nothing and cannot fault, wherever it points.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, ahead);
}
