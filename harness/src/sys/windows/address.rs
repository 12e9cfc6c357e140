//! What is Windows' own in a socket address; the structures are in `sys/address`.
//!
//! Knows no port and no path.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::sys::bytes::u16_at;

pub(in crate::sys) use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, SOCKADDR as SockAddr,
};

/// The type of `AF_*`.
pub(in crate::sys) type RawFamily = u16;

/// The type of an address's length.
pub(in crate::sys) type Len = i32;

/// Bytes in `sun_path`.
pub(in crate::sys) const PATH_LEN: usize = 108;

/// Where `sun_path` begins.
const PATH: usize = 2;

/// The first two bytes: an `ADDRESS_FAMILY`.
pub(in crate::sys) fn head(family: RawFamily, _len: usize) -> [u8; 2] {
    family.to_ne_bytes()
}

/// The family that stands in the first two bytes.
pub(in crate::sys) fn raw_family(bytes: &[u8]) -> Option<RawFamily> {
    u16_at(bytes, 0)
}

/// How much of what Winsock wrote is the address. Of `AF_UNIX` it gives the length of the whole
/// structure, so there it is the path's own, with its NUL.
pub(in crate::sys) fn len_written(bytes: &[u8]) -> usize {
    if raw_family(bytes) != Some(AF_UNIX) {
        return bytes.len();
    }
    let name = &bytes[PATH..];
    let written = name.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let nul = usize::from(written > 0 && written < name.len());
    PATH + written + nul
}

/// What stands in `sun_path`: UTF-8, as afunix.h has it.
pub(in crate::sys) fn path_to_bytes(path: &Path) -> Cow<'_, [u8]> {
    match path.to_string_lossy() {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The path that stands in `sun_path`.
pub(in crate::sys) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
