//! Windows: what `sys/mod.rs` asks of a platform, over Winsock's own calls.
//!
//! Never retries, never waits longer than asked. Numbers are those of `winsock2.h`, `ws2ipdef.h`
//! and `winerror.h`. What Windows does not have is refused with the reason, never imitated.
//!
//! `address` and `socket` first; `message` for `WSARecvMsg` and `WSASendMsg`; `table` for what the
//! system says of connections.

pub(super) mod address;
mod isolate;
mod lacking;
pub(super) mod layout;
mod machine;
mod message;
pub(super) mod names;
mod options;
mod owned;
pub(super) mod poll;
mod process;
mod socket;
mod table;
mod tcp_info;
#[cfg(test)]
mod tests;
mod thread;

use std::sync::Once;

use windows_sys::Win32::Networking::WinSock::{SOCKET_ERROR, WSADATA, WSAGetLastError, WSAStartup};

pub use super::lacking::{
    EPOLL_ADD, EPOLL_DELETE, EPOLL_MODIFY, can_epoll, epoll_control, epoll_create, epoll_wait,
    reserve_descriptors, signal_thread, signals_handled, watching_sigpipe,
};
pub use super::readiness::Readiness;
pub use isolate::{can_isolate, isolate_thread, prepare_isolation};
pub use lacking::{can_fork, can_signal, hold, without_descriptors};
pub use machine::{
    can_list_connections, can_pair, can_poll_errors, can_tell_unsent, descriptor_limit,
    ephemeral_ports, group_id, identify, is_root, open_descriptors, process_id, resident_memory,
    sysctl, thread_count, user_id,
};
pub use options::option_number;
pub use owned::{AsRaw, Owned};
pub use poll::{
    CLOSED_ASKED, CLOSED_SIGNS, CLOSED_WAKES, POLL_GRAIN, POLLIN, POLLOUT, WAIT_GRAIN, Waker, poll,
    select, sharpen_timers,
};
pub use process::start_tree;
pub use socket::{RawSocket, Socket, unlink};
pub use table::{ConnectionTable, has_queued};
pub use thread::{RunDelay, ThreadId, current_thread_id, interrupt, is_blocked, run_delay};

use crate::errno::Errno;
use crate::platform::System;
use crate::sys::{Address, PollFd, bytes};

/// Whose error numbers and spellings these are.
pub const SYSTEM: System = System::Windows;

/// What a non-blocking connect says of a connection that has begun: `WSAEWOULDBLOCK`.
pub const CONNECTING: Errno = Errno::EAGAIN;

/// The error of a receive whose message was longer than the buffer, which is filled all the same:
/// `WSAEMSGSIZE`, as Microsoft's page on recv has it.
pub const CUT: Option<Errno> = Some(Errno::EMSGSIZE);

/// Starts Winsock, once; every way to a socket comes by here first. It is never stopped: the end
/// of the process does that.
fn startup() -> Result<(), Errno> {
    static STARTED: Once = Once::new();
    let mut failure = 0;
    STARTED.call_once(|| {
        let mut data = WSADATA::default();
        // SAFETY: the call writes a WSADATA. Version 2.2 is the only one there is since 1996.
        failure = unsafe { WSAStartup(0x0202, &raw mut data) };
    });
    // Who comes second after a failure is told WSANOTINITIALISED by the call itself.
    if failure == 0 { Ok(()) } else { Err(Errno::from_number(SYSTEM, failure)) }
}

/// The error of the last call on this thread.
fn last_errno() -> Errno {
    // SAFETY: takes nothing and cannot fail.
    Errno::from_number(SYSTEM, unsafe { WSAGetLastError() })
}

/// A call's answer: `SOCKET_ERROR` is an error, everything else the value.
fn answer(returned: i32) -> Result<i32, Errno> {
    if returned == SOCKET_ERROR { Err(last_errno()) } else { Ok(returned) }
}

/// The same for calls that count bytes.
fn count(returned: i32) -> Result<usize, Errno> {
    usize::try_from(returned).map_err(|_| last_errno())
}
