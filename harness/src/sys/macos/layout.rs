//! Where the layout of an option's value is macOS's own; what all systems share is in `sys/encode`.
//!
//! Never judges a value. `SO_LINGER` counts ticks of 10 ms, which is what a C program gets by that
//! name unless it asks for POSIX alone; `SO_LINGER_SEC` counts seconds (`bsd/sys/socket.h`).

use crate::option::{Shape, Value};

pub(in crate::sys) use crate::sys::unix::time::{TIMEOUT_LEN, duration, timeout};

const _: () = {
    assert!(size_of::<libc::linger>() == 2 * LINGER_FIELD);
    assert!(std::mem::offset_of!(libc::ip_mreq_source, imr_multiaddr) == 0);
    assert!(std::mem::offset_of!(libc::ip_mreq_source, imr_sourceaddr) == 4);
    assert!(std::mem::offset_of!(libc::ip_mreq_source, imr_interface) == 8);
    assert!(size_of::<libc::tcp_connection_info>() <= ROOM);
};

/// Bytes of a field of `struct linger`.
pub(in crate::sys) const LINGER_FIELD: usize = 4;

/// The fields of `struct ip_mreq_source`, in order.
pub(in crate::sys) const IP_MREQ_SOURCE: [&str; 3] =
    ["imr_multiaddr", "imr_sourceaddr", "imr_interface"];

/// Bytes of `struct in_pktinfo`: index, source, destination.
pub(in crate::sys) const IN_PKTINFO_LEN: usize = 12;

/// Bytes for the longest value, `struct tcp_connection_info`.
pub(in crate::sys) const ROOM: usize = 512;

/// The structures that a socket gives and never takes: those by Linux's names are Linux's.
pub(in crate::sys) fn record(_shape: Shape, _bytes: &[u8]) -> Option<Value> {
    None
}
