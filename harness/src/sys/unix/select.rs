//! select(2), which some programs still ask, and whose sets say what poll does not.

use std::ffi::c_long;
use std::time::Duration;

use super::time::timeval;
use super::{RawSocket, answer};
use crate::errno::Errno;

/// select(2), which waits as long as told: in which of its three sets, in the order of its arguments,
/// the descriptor is left of those that it was `asked` for in. Sets are as long as the descriptor
/// needs, which the kernel allows: `FD_SETSIZE`, 1024, is only how long the C library makes them,
/// beyond which macOS's answers `EINVAL`.
pub fn select(raw: RawSocket, asked: [bool; 3], limit: Duration) -> Result<[bool; 3], Errno> {
    const BITS: usize = c_long::BITS as usize;
    let at = usize::try_from(raw).map_err(|_| Errno::EBADF)?;
    let (word, bit) = (at / BITS, 1 << (at % BITS));
    // Never shorter than the C library's own, which its checks may count on.
    let len = (word + 1).max(size_of::<libc::fd_set>() / size_of::<c_long>());
    let mut sets = asked.map(|asked| {
        let mut set: Vec<c_long> = vec![0; len];
        set[word] = if asked { bit } else { 0 };
        set
    });
    let [read, write, except] = sets.each_mut().map(|set| set.as_mut_ptr().cast());
    let mut limit = timeval(limit);
    // SAFETY: each set is as long as `raw + 1` bits need, and select reads and writes no more.
    let ready = answer(unsafe { libc::select(raw + 1, read, write, except, &raw mut limit) })?;
    // Bits beyond the highest open descriptor Linux does not even clear.
    Ok(sets.map(|set| ready > 0 && set[word] & bit != 0))
}
