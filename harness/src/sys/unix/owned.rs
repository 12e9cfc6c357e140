//! Descriptors that a library owns: watched while it has them, given to it, told of.
//!
//! Makes no socket and sends nothing. `net/via` is who needs it.

use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::net;

use super::{Socket, answer};
use crate::errno::Errno;
use crate::sys::Address;

/// What has a descriptor, whoever owns it.
pub use std::os::fd::AsRawFd as AsRaw;

/// An open socket of nobody in particular, as the libraries take it.
pub type Owned = OwnedFd;

impl Socket {
    /// The descriptor of a socket that `owner` has, to watch it by. [`disown`](Socket::disown) comes
    /// before the owner closes it.
    pub fn watching(owner: &impl AsRaw) -> Socket {
        Socket::from_raw(owner.as_raw_fd())
    }

    /// Lets go of a descriptor that another owns: calls answer `EBADF` from now on.
    pub fn disown(&self) {
        let _ = self.take_raw();
    }

    /// Gives the descriptor away.
    pub fn into_owned(self) -> Owned {
        // SAFETY: the descriptor is open and owned by this socket, which has just given it up.
        unsafe { OwnedFd::from_raw_fd(self.take_raw()) }
    }

    /// fcntl(2) `F_GETFD` and `F_GETFL`: of the descriptor's flags those that `flags::DESCRIPTOR` has.
    pub fn fd_flags(&self) -> Result<Vec<&'static str>, Errno> {
        // SAFETY: takes numbers only.
        let of_descriptor = answer(unsafe { libc::fcntl(self.raw(), libc::F_GETFD) })?;
        let cloexec = (of_descriptor & libc::FD_CLOEXEC != 0).then_some("FD_CLOEXEC");
        let nonblock = (!self.is_blocking()?).then_some("O_NONBLOCK");
        Ok(cloexec.into_iter().chain(nonblock).collect())
    }
}

impl From<&net::SocketAddr> for Address {
    fn from(from: &net::SocketAddr) -> Address {
        match (from.as_pathname(), crate::sys::imp::address::abstract_name(from)) {
            (Some(path), _) => Address::from_path(path),
            (None, Some(name)) => Address::from_abstract(name),
            (None, None) => Address::unnamed(),
        }
    }
}

impl Address {
    /// The same for std: its own error where it has no such address.
    pub fn to_unix(&self) -> std::io::Result<net::SocketAddr> {
        match (self.unix_path(), self.abstract_name()) {
            (Some(path), _) => net::SocketAddr::from_pathname(path),
            (None, Some(name)) => crate::sys::imp::address::from_abstract_name(&name),
            (None, None) => net::SocketAddr::from_pathname(""),
        }
    }
}
