//! What is macOS's own in a socket address; the structures are in `sys/address`.
//!
//! Knows no port and no path.

use std::io;
use std::os::unix::net::SocketAddr;

pub(in crate::sys) use crate::sys::unix::address::{
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, Len, RawFamily, SockAddr, path_from_bytes, path_to_bytes,
};

const _: () = {
    assert!(std::mem::offset_of!(libc::sockaddr_in, sin_port) == 2);
    assert!(std::mem::offset_of!(libc::sockaddr_in, sin_addr) == 4);
    assert!(size_of::<libc::sockaddr_in>() == 16);
    assert!(std::mem::offset_of!(libc::sockaddr_in6, sin6_flowinfo) == 4);
    assert!(std::mem::offset_of!(libc::sockaddr_in6, sin6_addr) == 8);
    assert!(std::mem::offset_of!(libc::sockaddr_in6, sin6_scope_id) == 24);
    assert!(size_of::<libc::sockaddr_in6>() == 28);
    assert!(std::mem::offset_of!(libc::sockaddr_un, sun_path) == PATH);
    assert!(size_of::<libc::sockaddr_un>() == PATH + PATH_LEN);
};

/// Bytes in `sun_path`.
pub(in crate::sys) const PATH_LEN: usize = 104;

/// Where `sun_path` begins.
const PATH: usize = 2;

/// The first two bytes: `sa_len` and `sa_family`. The kernel replaces the length by that of the
/// call (`getsockaddr` of `bsd/kern/uipc_syscalls.c`).
pub(in crate::sys) fn head(family: RawFamily, len: usize) -> [u8; 2] {
    // Families are small numbers; AF_MAX is 41. A longer address is refused by its length.
    [u8::try_from(len).unwrap_or(u8::MAX), u8::try_from(family).unwrap_or_default()]
}

/// The family that stands in the second byte.
pub(in crate::sys) fn raw_family(bytes: &[u8]) -> Option<RawFamily> {
    bytes.get(1).copied().map(RawFamily::from)
}

/// How much of what the kernel wrote is the address. Of a Unix socket without a name it writes a
/// `sockaddr` full of zeroes (`sun_noname` of `bsd/kern/uipc_usrreq.c`).
pub(in crate::sys) fn len_written(bytes: &[u8]) -> usize {
    let unnamed = raw_family(bytes) == Some(AF_UNIX) && bytes[PATH..].iter().all(|byte| *byte == 0);
    if unnamed { PATH } else { bytes.len() }
}

/// The name of an abstract address of std's: macOS has none.
pub(in crate::sys) fn abstract_name(_address: &SocketAddr) -> Option<&[u8]> {
    None
}

/// An abstract address for std: macOS has none.
pub(in crate::sys) fn from_abstract_name(_name: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}
