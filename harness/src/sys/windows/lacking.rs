//! What of Unix Windows has not: signals, and a second process by fork.
//!
//! Refuses all, with the reason.

use super::Socket;
use crate::errno::Errno;

/// Whether a signal can be sent to a thread, and `SIGPIPE` be seen: never.
pub fn can_signal() -> Result<(), String> {
    Err("windows has no signals".to_owned())
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
