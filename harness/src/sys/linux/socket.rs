//! How sockets come into being on Linux: their flags are set by the call itself.
//!
//! What is done with one is in `sys/unix/socket`.

use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::Address;
use crate::sys::unix::socket::{domain, raw_type};
use crate::sys::unix::{Socket, answer};

/// What ioctl(2) is asked by.
pub(in crate::sys) type Request = libc::Ioctl;

/// `asm-generic/sockios.h`.
pub(in crate::sys) const SIOCATMARK: Request = 0x8905;

impl Socket {
    /// socket(2), close-on-exec; non-blocking unless `blocking`.
    pub fn open(kind: Kind, blocking: bool) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::socket(domain(kind), socket_type(kind, blocking), 0) };
        answer(raw).map(Socket::from_raw)
    }

    /// socket(2) with these numbers, then close-on-exec and non-blocking.
    pub fn open_any(domain: i32, socktype: i32, protocol: i32) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let socket =
            answer(unsafe { libc::socket(domain, socktype, protocol) }).map(Socket::from_raw)?;
        // SAFETY: takes numbers only.
        answer(unsafe { libc::fcntl(socket.raw(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    /// socketpair(2), close-on-exec; non-blocking unless `blocking`.
    pub fn pair(kind: Kind, blocking: bool) -> Result<(Socket, Socket), Errno> {
        let mut raw = [-1; 2];
        // SAFETY: the call writes two ints, for which `raw` has room.
        let returned = unsafe {
            libc::socketpair(domain(kind), socket_type(kind, blocking), 0, raw.as_mut_ptr())
        };
        answer(returned).map(|_| (Socket::from_raw(raw[0]), Socket::from_raw(raw[1])))
    }

    /// accept4(2), close-on-exec; the new socket is non-blocking unless `blocking`.
    pub fn accept(&self, blocking: bool) -> Result<(Socket, Address), Errno> {
        let flags = libc::SOCK_CLOEXEC | if blocking { 0 } else { libc::SOCK_NONBLOCK };
        let mut from = Address::blank();
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe { libc::accept4(self.raw(), from.as_mut_ptr(), &raw mut len, flags) };
        let socket = answer(raw).map(Socket::from_raw)?;
        from.set_len(len);
        Ok((socket, from))
    }

    /// accept(2) with room for `room` bytes of address, and how long the system says that is. Whether
    /// the new socket blocks is left to the system.
    pub fn accept_plain(&self, room: usize) -> Result<(Socket, usize), Errno> {
        let mut from = Address::blank().with_len(room);
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe {
            libc::accept4(self.raw(), from.as_mut_ptr(), &raw mut len, libc::SOCK_CLOEXEC)
        };
        let socket = answer(raw).map(Socket::from_raw)?;
        Ok((socket, usize::try_from(len).unwrap_or(usize::MAX)))
    }

    /// ioctl(2) `SIOCOUTQ`: bytes in the send queue, of TCP those not yet acknowledged.
    pub fn unsent(&self) -> Result<usize, Errno> {
        self.ask_int(libc::TIOCOUTQ)
    }

    /// getsockopt(2) `SO_DOMAIN` and `SO_TYPE`; `None` for what is no socket, or of no kind here.
    pub fn kind(&self) -> Option<Kind> {
        let ask = |number: libc::c_int| {
            let bytes = self.get_option(libc::SOL_SOCKET, number, size_of::<libc::c_int>()).ok()?;
            bytes.try_into().map(libc::c_int::from_ne_bytes).ok()
        };
        let (family, of_type) = (ask(libc::SO_DOMAIN)?, ask(libc::SO_TYPE)?);
        let same = |kind: &Kind| (domain(*kind), raw_type(*kind)) == (family, of_type);
        Kind::ALL.into_iter().find(same)
    }
}

fn socket_type(kind: Kind, blocking: bool) -> libc::c_int {
    let nonblock = if blocking { 0 } else { libc::SOCK_NONBLOCK };
    raw_type(kind) | libc::SOCK_CLOEXEC | nonblock
}
