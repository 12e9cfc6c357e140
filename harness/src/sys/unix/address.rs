//! Paths and the types of socket addresses, as POSIX has them.
//!
//! The structures themselves are in `sys/address`.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(in crate::sys) use libc::{
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, sockaddr as SockAddr, socklen_t as Len,
};

/// The type of `AF_*`.
pub(in crate::sys) type RawFamily = libc::c_int;

/// What stands in `sun_path`.
pub(in crate::sys) fn path_to_bytes(path: &Path) -> Cow<'_, [u8]> {
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// The path that stands in `sun_path`.
pub(in crate::sys) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
