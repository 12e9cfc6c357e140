//! Control messages that only macOS has; the calls and the others are in `sys/unix/message`.
//!
//! Never judges a message: one that is cut short is `None`.

use super::socket::close_on_exec;
use crate::sys::bytes::u64_at;
use crate::sys::unix::Socket;
use crate::sys::{Control, Credentials};

/// The type of `cmsg_len`; messages begin at multiples of four (`CMSG_ALIGN` of
/// `bsd/sys/socket.h`).
pub(in crate::sys) type CmsgLen = libc::socklen_t;

/// macOS has no flag by which descriptors arrive close-on-exec: see [`received`].
pub(in crate::sys) const CLOEXEC: libc::c_int = 0;

/// The type of a message with credentials, which the kernel takes from nobody: `EINVAL` for all
/// but `SCM_RIGHTS` (`unp_internalize` of `bsd/kern/uipc_usrreq.c`).
pub(in crate::sys) const CREDENTIALS: libc::c_int = libc::SCM_CREDS;

/// `SCM_TIMESTAMP_MONOTONIC` of `bsd/sys/socket.h`.
const SCM_TIMESTAMP_MONOTONIC: libc::c_int = 4;

/// What a sender says of itself. No layout is right where none is taken.
pub(in crate::sys) fn credentials(of: Credentials) -> Vec<u8> {
    [of.pid.to_ne_bytes(), of.uid.to_ne_bytes(), of.gid.to_ne_bytes()].concat()
}

/// A descriptor that has just arrived, from now on close-on-exec. A fork of another thread between
/// the two calls inherits it.
pub(in crate::sys) fn received(raw: libc::c_int) -> Socket {
    // It fails only for what is no descriptor, and then whoever uses it is told.
    let _ = close_on_exec(raw);
    Socket::from_raw(raw)
}

/// Those of macOS alone.
pub(in crate::sys) fn read_one(level: i32, kind: i32, data: &[u8]) -> Option<Control> {
    match (level, kind) {
        (libc::SOL_SOCKET, SCM_TIMESTAMP_MONOTONIC) => Some(Control::Number {
            name: "SCM_TIMESTAMP_MONOTONIC",
            value: u64_at(data, 0)?.cast_signed(),
        }),
        _ => None,
    }
}
