//! Reading numbers of the machine's byte order out of what the kernel wrote.
//!
//! `None` past the end: a kernel older than the harness returns less, and nothing here panics.

/// `N` bytes from `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// A `__u16`.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_ne_bytes)
}

/// A `__u32`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_ne_bytes)
}

/// An `int`.
pub(super) fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    array(bytes, at).map(i32::from_ne_bytes)
}

/// A `__u64`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_ne_bytes)
}

/// A `long`, which is also `time_t` and a `timeval`'s microseconds.
pub(super) fn long_at(bytes: &[u8], at: usize) -> Option<i64> {
    const LONG: usize = size_of::<libc::c_long>();
    let long = libc::c_long::from_ne_bytes(array::<LONG>(bytes, at)?);
    #[allow(clippy::useless_conversion, reason = "32 bits on some targets")]
    Some(i64::from(long))
}
