//! What of Linux Windows has not: epoll, and signals to a thread in a call that are told.
//!
//! Refuses all, with the reason.

use super::thread::ThreadId;
use super::{RawSocket, Socket};
use crate::errno::Errno;

/// Never asked for.
pub const EPOLL_ADD: i32 = 1;

/// Never asked for.
pub const EPOLL_MODIFY: i32 = 3;

/// Never asked for.
pub const EPOLL_DELETE: i32 = 2;

/// Whether there is epoll: never.
pub fn can_epoll() -> Result<(), String> {
    Err("windows has no epoll".to_owned())
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

/// Whether a signal can be sent to a thread, and `SIGPIPE` be seen: not here.
pub fn can_signal() -> Result<(), String> {
    Err("windows has no signals".to_owned())
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

/// Whether a process can be forked: never.
pub fn can_fork() -> Result<(), String> {
    Err("windows has no fork".to_owned())
}

/// `ENOSYS`.
pub fn hold(_socket: &Socket) -> Result<Socket, Errno> {
    Err(Errno::ENOSYS)
}

/// `ENOSYS`.
pub fn without_descriptors<T>(_call: impl FnOnce() -> Result<T, Errno>) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}
