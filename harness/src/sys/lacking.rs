//! What of Linux the other systems have not: epoll, signals to a thread in a call that are told, and
//! a table of descriptors that is better made large at once.
//!
//! Refuses all, with the reason.

use super::{RawSocket, SYSTEM, Socket, ThreadId};
use crate::errno::Errno;

/// Never asked for.
pub const EPOLL_ADD: i32 = 1;

/// Never asked for.
pub const EPOLL_MODIFY: i32 = 3;

/// Never asked for.
pub const EPOLL_DELETE: i32 = 2;

/// Whether there is epoll: never.
pub fn can_epoll() -> Result<(), String> {
    Err(format!("{} has no epoll", SYSTEM.name()))
}

/// `ENOSYS`.
pub fn epoll_create() -> Result<Socket, Errno> {
    Err(Errno::ENOSYS)
}

/// `ENOSYS`.
pub fn epoll_control(
    _instance: &Socket,
    _action: i32,
    _watched: RawSocket,
    _events: &[&str],
    _number: u64,
) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}

/// `ENOSYS`.
pub fn epoll_wait(
    _instance: &Socket,
    _maxevents: i32,
) -> Result<Vec<(u64, Vec<&'static str>)>, Errno> {
    Err(Errno::ENOSYS)
}

/// `ENOSYS`.
pub fn signal_thread(_thread: ThreadId, _restart: bool) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}

/// Never changes.
pub fn signals_handled(_thread: ThreadId) -> u32 {
    0
}

/// Makes the call; no signal is seen.
pub fn watching_sigpipe<T>(call: impl FnOnce() -> T) -> (T, bool) {
    (call(), false)
}

/// Nothing: their tables grow without a wait.
pub fn reserve_descriptors(_count: usize) {}
