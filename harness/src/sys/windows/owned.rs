//! Sockets that a library owns: watched while it has them, given to it, told of.
//!
//! Makes no socket and sends nothing. `net/via` is who needs it.

use std::os::windows::io::{FromRawSocket, OwnedSocket};

use windows_sys::Win32::Foundation::{GetHandleInformation, HANDLE_FLAG_INHERIT};

use super::{RawSocket, Socket, last_errno};
use crate::errno::Errno;

/// What has a handle, whoever owns it.
pub use std::os::windows::io::AsRawSocket as AsRaw;

/// An open socket of nobody in particular, as the libraries take it.
pub type Owned = OwnedSocket;

impl Socket {
    /// The handle of a socket that `owner` has, to watch it by. [`disown`](Socket::disown) comes before
    /// the owner closes it.
    pub fn watching(owner: &impl AsRaw) -> Socket {
        // std's type has 64 bits on every Windows; a handle has as many as a pointer.
        #[expect(clippy::cast_possible_truncation, reason = "it was a handle before")]
        let raw = owner.as_raw_socket() as RawSocket;
        Socket::of_raw(raw)
    }

    /// Lets go of a handle that another owns: calls answer `WSAENOTSOCK` from now on.
    pub fn disown(&self) {
        let _ = self.take_raw();
    }

    /// Gives the handle away.
    pub fn into_owned(self) -> Owned {
        // SAFETY: the handle is open and owned by this socket, which has just given it up.
        unsafe { OwnedSocket::from_raw_socket(self.take_raw() as u64) }
    }

    /// `GetHandleInformation`: whether child processes inherit it.
    pub fn fd_flags(&self) -> Result<Vec<&'static str>, Errno> {
        let mut flags = 0;
        // SAFETY: the call writes a DWORD; a socket is a handle.
        if unsafe { GetHandleInformation(self.raw() as *mut _, &raw mut flags) } == 0 {
            return Err(last_errno());
        }
        let inherits = flags & HANDLE_FLAG_INHERIT != 0;
        Ok(inherits.then_some("HANDLE_FLAG_INHERIT").into_iter().collect())
    }
}
