//! How sockets come into being on macOS: their flags are set by a call after the first.
//!
//! What is done with one is in `sys/unix/socket`. `SO_NOSIGPIPE` is left as the system has it:
//! Rust's runtime ignores SIGPIPE, and a scenario that reads the option reads the system's answer.

use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::Address;
use crate::sys::unix::socket::{domain, raw_type};
use crate::sys::unix::{RawSocket, Socket, answer};

/// What ioctl(2) is asked by.
pub(in crate::sys) type Request = libc::c_ulong;

/// `sys/sockio.h`.
pub(in crate::sys) const SIOCATMARK: Request = libc::SIOCATMARK;

impl Socket {
    /// socket(2), close-on-exec; non-blocking unless `blocking`.
    pub fn open(kind: Kind, blocking: bool) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::socket(domain(kind), raw_type(kind), 0) };
        adopt(answer(raw)?, blocking)
    }

    /// socket(2) with these numbers, then close-on-exec and non-blocking.
    pub fn open_any(domain: i32, socktype: i32, protocol: i32) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::socket(domain, socktype, protocol) };
        adopt(answer(raw)?, false)
    }

    /// socketpair(2), close-on-exec; non-blocking unless `blocking`.
    pub fn pair(kind: Kind, blocking: bool) -> Result<(Socket, Socket), Errno> {
        let mut raw = [-1; 2];
        // SAFETY: the call writes two ints, for which `raw` has room.
        answer(unsafe { libc::socketpair(domain(kind), raw_type(kind), 0, raw.as_mut_ptr()) })?;
        let [one, other] = raw.map(|raw| adopt(raw, blocking));
        Ok((one?, other?))
    }

    /// accept(2), close-on-exec; the new socket is non-blocking unless `blocking`. macOS itself
    /// would give it the listener's flag (`accept_nocancel` of `bsd/kern/uipc_syscalls.c`).
    pub fn accept(&self, blocking: bool) -> Result<(Socket, Address), Errno> {
        let mut from = Address::blank();
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe { libc::accept(self.raw(), from.as_mut_ptr(), &raw mut len) };
        let socket = adopt(answer(raw)?, blocking)?;
        from.set_len(len);
        Ok((socket, from))
    }

    /// accept(2) with room for `room` bytes of address, and how long the system says that is. Whether
    /// the new socket blocks is left to the system.
    pub fn accept_plain(&self, room: usize) -> Result<(Socket, usize), Errno> {
        let mut from = Address::blank().with_len(room);
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe { libc::accept(self.raw(), from.as_mut_ptr(), &raw mut len) };
        let socket = answer(raw).map(Socket::from_raw)?;
        close_on_exec(socket.raw())?;
        Ok((socket, usize::try_from(len).unwrap_or(usize::MAX)))
    }

    /// getsockopt(2) `SO_NWRITE`: bytes in the send queue, of TCP those not yet acknowledged.
    pub fn unsent(&self) -> Result<usize, Errno> {
        let bytes = self.get_option(libc::SOL_SOCKET, libc::SO_NWRITE, size_of::<libc::c_int>())?;
        let queued = bytes.try_into().map(libc::c_int::from_ne_bytes);
        Ok(queued.ok().and_then(|queued| usize::try_from(queued).ok()).unwrap_or(0))
    }

    /// getsockname(2) and getsockopt(2) `SO_TYPE`; `None` for what is no socket, or of no kind here.
    pub fn kind(&self) -> Option<Kind> {
        let family = self.local_addr().ok()?.family()?;
        let bytes =
            self.get_option(libc::SOL_SOCKET, libc::SO_TYPE, size_of::<libc::c_int>()).ok()?;
        let of_type = bytes.try_into().map(libc::c_int::from_ne_bytes).ok()?;
        let same = |kind: &Kind| kind.family() == family && raw_type(*kind) == of_type;
        Kind::ALL.into_iter().find(same)
    }
}

/// A descriptor that a call has just returned. A fork of another thread in between inherits it:
/// macOS has no `SOCK_CLOEXEC`.
fn adopt(raw: RawSocket, blocking: bool) -> Result<Socket, Errno> {
    let socket = Socket::from_raw(raw);
    close_on_exec(raw)?;
    set_nonblocking(raw, !blocking)?;
    Ok(socket)
}

/// fcntl(2) `F_SETFD`.
pub(in crate::sys) fn close_on_exec(raw: RawSocket) -> Result<(), Errno> {
    // SAFETY: takes numbers only.
    answer(unsafe { libc::fcntl(raw, libc::F_SETFD, libc::FD_CLOEXEC) }).map(drop)
}

/// ioctl(2) `FIONBIO`.
pub(super) fn set_nonblocking(raw: RawSocket, on: bool) -> Result<(), Errno> {
    let on = libc::c_int::from(on);
    // SAFETY: the call reads an int.
    answer(unsafe { libc::ioctl(raw, libc::FIONBIO, &raw const on) }).map(drop)
}
