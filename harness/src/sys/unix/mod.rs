//! What POSIX has, once for all Unix systems; what is one system's own is in its folder.
//!
//! Never knows on which of them it runs: it asks `imp` for numbers and for what differs.

pub(super) mod address;
pub(super) mod errno;
mod fork;
pub(super) mod machine;
mod message;
mod owned;
pub(super) mod process;
mod select;
pub(super) mod signal;
pub(super) mod socket;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod time;

pub use fork::{can_fork, hold, without_descriptors};
pub use machine::{descriptor_limit, group_id, is_root, process_id, user_id};
pub use owned::{AsRaw, Owned};
pub use select::select;
pub use socket::{RawSocket, Socket, unlink};

use super::imp::SYSTEM;
use crate::errno::Errno;

/// The error of the last call on this thread.
fn last_errno() -> Errno {
    // A call that failed has set errno; 0 would render as `errno 0` and be seen.
    let number = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    Errno::from_number(SYSTEM, number)
}

/// A call's answer: -1 is an error, everything else the value.
pub(super) fn answer(returned: libc::c_int) -> Result<libc::c_int, Errno> {
    if returned == -1 { Err(last_errno()) } else { Ok(returned) }
}

/// The same for calls that count bytes.
pub(super) fn count(returned: libc::ssize_t) -> Result<usize, Errno> {
    usize::try_from(returned).map_err(|_| last_errno())
}
