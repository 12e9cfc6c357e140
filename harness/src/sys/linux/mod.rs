//! Linux: what `sys/mod.rs` asks of a platform, over libc.
//!
//! Never retries, never waits longer than asked. Numbers are those of the kernel's UAPI headers.
//!
//! `address` and `socket` first; `message` for recvmsg(2) and sendmsg(2); `table` for what the
//! kernel says of connections; `isolate` for a network namespace a thread.

pub(super) mod address;
mod isolate;
pub(super) mod layout;
mod machine;
mod message;
pub(super) mod names;
mod options;
mod poll;
mod proc_net;
mod socket;
mod table;
mod tcp_info;
#[cfg(test)]
mod tests;
mod thread;

pub use isolate::{can_isolate, isolate_thread, prepare_isolation};
pub use machine::{
    can_ipv6, can_kind, can_pair, can_tell_unsent, ephemeral_ports, group_id, identify, is_root,
    open_descriptors, process_id, resident_memory, sysctl, thread_count, user_id,
};
pub use options::option_number;
pub use poll::{CLOSED_ASKED, CLOSED_SIGNS, POLLIN, POLLOUT, Waker, poll, select, sharpen_timers};
pub use socket::{RawSocket, Socket, unlink};
pub use table::{ConnectionTable, has_queued};
pub use thread::{RunDelay, ThreadId, current_thread_id, interrupt, is_blocked, run_delay};

use crate::errno::Errno;
use crate::platform::System;
#[cfg(test)]
use crate::sys::PollFd;
use crate::sys::{Address, bytes};

/// Whose error numbers and spellings these are.
pub const SYSTEM: System = System::Linux;

/// What a non-blocking connect says of a connection that has begun.
pub const CONNECTING: Errno = Errno::EINPROGRESS;

/// The error of a receive whose message was longer than the buffer: on Linux it is none.
pub const CUT: Option<Errno> = None;

/// The error of the last call on this thread.
fn last_errno() -> Errno {
    // A call that failed has set errno; 0 would render as `errno 0` and be seen.
    let number = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    Errno::from_number(SYSTEM, number)
}

/// A call's answer: -1 is an error, everything else the value.
fn answer(returned: libc::c_int) -> Result<libc::c_int, Errno> {
    if returned == -1 { Err(last_errno()) } else { Ok(returned) }
}

/// The same for calls that count bytes.
fn count(returned: libc::ssize_t) -> Result<usize, Errno> {
    usize::try_from(returned).map_err(|_| last_errno())
}
