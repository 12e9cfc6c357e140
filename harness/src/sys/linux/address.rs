//! What is Linux's own in a socket address; the structures are in `sys/address`.
//!
//! Knows no port and no path.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

use crate::sys::bytes::u16_at;

pub(in crate::sys) use crate::sys::unix::address::{
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, Len, RawFamily, SockAddr, path_from_bytes, path_to_bytes,
};

/// Bytes in `sun_path`.
pub(in crate::sys) const PATH_LEN: usize = 108;

/// The first two bytes: a `sa_family_t`.
pub(in crate::sys) fn head(family: RawFamily, _len: usize) -> [u8; 2] {
    // Families are small numbers; AF_MAX is 46.
    libc::sa_family_t::try_from(family).unwrap_or_default().to_ne_bytes()
}

/// The family that stands in the first two bytes.
pub(in crate::sys) fn raw_family(bytes: &[u8]) -> Option<RawFamily> {
    u16_at(bytes, 0).map(RawFamily::from)
}

/// How much of what the kernel wrote is the address: Linux says so itself.
pub(in crate::sys) fn len_written(bytes: &[u8]) -> usize {
    bytes.len()
}

/// The name of an abstract address of std's.
pub(in crate::sys) fn abstract_name(address: &SocketAddr) -> Option<&[u8]> {
    address.as_abstract_name()
}

/// An abstract address for std.
pub(in crate::sys) fn from_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name)
}
