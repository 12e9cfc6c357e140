//! Addresses and buffers as socket2 has them.
//!
//! Makes no call.

use std::ffi::OsString;
use std::io;
use std::mem::MaybeUninit;

use ::socket2::SockAddr;

use super::Address;

/// An address for socket2: its own error where it cannot say it.
pub fn to_socket2(address: &Address) -> io::Result<SockAddr> {
    if let Some(address) = address.as_socket() {
        return Ok(address.into());
    }
    match (address.unix_path(), address.abstract_name()) {
        (Some(path), _) => SockAddr::unix(path),
        (None, Some(name)) => {
            let text = String::from_utf8([&[0], name.as_slice()].concat());
            SockAddr::unix(OsString::from(text.map_err(|_| io::ErrorKind::InvalidInput)?))
        }
        (None, None) if address.is_unnamed() => SockAddr::unix(""),
        (None, None) => Err(io::ErrorKind::Unsupported.into()),
    }
}

impl From<&SockAddr> for Address {
    fn from(from: &SockAddr) -> Address {
        let len = usize::try_from(from.len()).unwrap_or(0);
        // SAFETY: socket2 promises `len` bytes behind the pointer, of which it made or was given
        // each: the storage is zeroed before a call fills it.
        let bytes = unsafe { std::slice::from_raw_parts(from.as_ptr().cast::<u8>(), len) };
        Address::from_bytes(bytes).normal()
    }
}

/// Lends `buffer` to a call of socket2, which takes room that need not be initialised and promises
/// (`Socket::recv`) to write nothing but initialised bytes into it.
pub fn through_uninit<T>(buffer: &mut [u8], call: impl FnOnce(&mut [MaybeUninit<u8>]) -> T) -> T {
    let (at, len) = (buffer.as_mut_ptr().cast::<MaybeUninit<u8>>(), buffer.len());
    // SAFETY: the same layout, and nothing uninitialised is written.
    call(unsafe { std::slice::from_raw_parts_mut(at, len) })
}
