//! A socket and its calls: each function makes one system call and gives its answer.
//!
//! Never retries, never hides a length, never adds a flag but close-on-exec, which no socket call
//! can observe. Calls with ancillary data are in `message`.

use std::ffi::CString;
use std::io::IoSlice;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};

use super::{Address, answer, count};
use crate::errno::Errno;
use crate::kind::{Family, Kind, Type};
use crate::sys::Shutdown;

/// What the system calls a socket by: a descriptor.
pub type RawSocket = libc::c_int;

/// An open socket, or another descriptor that came by `SCM_RIGHTS`. Dropping it closes it.
///
/// The descriptor is in an atomic so that it can be closed while a call on another thread is still
/// inside it, which is a behaviour people ask about. -1 once closed: later calls answer `EBADF`.
#[derive(Debug)]
pub struct Socket(AtomicI32);

/// What stands for no descriptor.
const CLOSED: RawSocket = -1;

impl Socket {
    /// socket(2), close-on-exec; non-blocking unless `blocking`.
    pub fn open(kind: Kind, blocking: bool) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::socket(domain(kind), socket_type(kind, blocking), 0) };
        answer(raw).map(Socket::from_raw)
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

    /// bind(2).
    pub fn bind(&self, to: &Address) -> Result<(), Errno> {
        // SAFETY: an address holds at least as many bytes as its length says.
        answer(unsafe { libc::bind(self.raw(), to.as_ptr(), to.raw_len()) }).map(drop)
    }

    /// listen(2).
    pub fn listen(&self, backlog: i32) -> Result<(), Errno> {
        // SAFETY: takes numbers only.
        answer(unsafe { libc::listen(self.raw(), backlog) }).map(drop)
    }

    /// connect(2). `EINPROGRESS` on a non-blocking socket is an answer like any other.
    pub fn connect(&self, to: &Address) -> Result<(), Errno> {
        // SAFETY: an address holds at least as many bytes as its length says.
        answer(unsafe { libc::connect(self.raw(), to.as_ptr(), to.raw_len()) }).map(drop)
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

    /// recv(2): bytes received, 0 at the end of a stream. With `MSG_TRUNC` it may exceed the buffer.
    pub fn recv(&self, buffer: &mut [u8], flags: i32) -> Result<usize, Errno> {
        let (at, room) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: `at` has room for `room` bytes.
        count(unsafe { libc::recv(self.raw(), at, room, flags) })
    }

    /// recvfrom(2): bytes received and who sent them; no address from streams and from Unix
    /// sockets never bound.
    pub fn recv_from(
        &self,
        buffer: &mut [u8],
        flags: i32,
    ) -> Result<(usize, Option<Address>), Errno> {
        let (at, room) = (buffer.as_mut_ptr().cast(), buffer.len());
        let mut from = Address::blank();
        let mut len = from.raw_len();
        // SAFETY: `at` has room for `room` bytes, `from` for `len`.
        let returned =
            unsafe { libc::recvfrom(self.raw(), at, room, flags, from.as_mut_ptr(), &raw mut len) };
        let received = count(returned)?;
        // A stream gives no address: Linux says so with length 0, POSIX lets a system not write.
        let untouched = len == from.raw_len();
        Ok((received, if untouched { None } else { from.written(len) }))
    }

    /// send(2). A closed peer is `EPIPE`: Rust's runtime ignores SIGPIPE.
    pub fn send(&self, data: &[u8], flags: i32) -> Result<usize, Errno> {
        // SAFETY: `data` is readable for its length.
        count(unsafe { libc::send(self.raw(), data.as_ptr().cast(), data.len(), flags) })
    }

    /// send(2) with `MSG_DONTWAIT`, whether the socket is `blocking` otherwise or not.
    pub fn send_now(&self, data: &[u8], _blocking: bool) -> Result<usize, Errno> {
        self.send(data, libc::MSG_DONTWAIT)
    }

    /// sendto(2).
    pub fn send_to(&self, data: &[u8], to: &Address, flags: i32) -> Result<usize, Errno> {
        let (at, len) = (data.as_ptr().cast(), data.len());
        // SAFETY: `data` is readable for its length, and so is `to`.
        count(unsafe { libc::sendto(self.raw(), at, len, flags, to.as_ptr(), to.raw_len()) })
    }

    /// readv(2)'s counterpart on the sending side, writev(2).
    pub fn write_vectored(&self, parts: &[IoSlice<'_>]) -> Result<usize, Errno> {
        let len = libc::c_int::try_from(parts.len()).unwrap_or(libc::c_int::MAX);
        // SAFETY: IoSlice is promised to have the layout of iovec.
        count(unsafe { libc::writev(self.raw(), parts.as_ptr().cast(), len) })
    }

    /// readv(2).
    pub fn read_vectored(&self, parts: &mut [std::io::IoSliceMut<'_>]) -> Result<usize, Errno> {
        let len = libc::c_int::try_from(parts.len()).unwrap_or(libc::c_int::MAX);
        // SAFETY: IoSliceMut is promised to have the layout of iovec.
        count(unsafe { libc::readv(self.raw(), parts.as_mut_ptr().cast(), len) })
    }

    /// shutdown(2).
    pub fn shutdown(&self, how: Shutdown) -> Result<(), Errno> {
        let how = match how {
            Shutdown::Read => libc::SHUT_RD,
            Shutdown::Write => libc::SHUT_WR,
            Shutdown::Both => libc::SHUT_RDWR,
        };
        // SAFETY: takes numbers only.
        answer(unsafe { libc::shutdown(self.raw(), how) }).map(drop)
    }

    /// close(2). Whatever it answers, the descriptor is gone: Linux never wants a second close.
    /// `EBADF` where the socket was closed before.
    ///
    /// A call on another thread must be inside the kernel already
    /// ([`is_blocked`](super::is_blocked)): one that has read the descriptor and not yet used it
    /// would meet whatever socket gets the number next.
    pub fn close(&self) -> Result<(), Errno> {
        // SAFETY: the descriptor is owned, and whoever takes it out of its place gives it up.
        answer(unsafe { libc::close(self.0.swap(CLOSED, Ordering::AcqRel)) }).map(drop)
    }

    /// getsockname(2).
    pub fn local_addr(&self) -> Result<Address, Errno> {
        let mut address = Address::blank();
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { libc::getsockname(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        address.set_len(len);
        Ok(address)
    }

    /// getpeername(2).
    pub fn peer_addr(&self) -> Result<Address, Errno> {
        let mut address = Address::blank();
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { libc::getpeername(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        address.set_len(len);
        Ok(address)
    }

    /// getsockopt(2) with room for `len` bytes; as many as the system wrote.
    pub fn get_option(&self, level: i32, number: i32, len: usize) -> Result<Vec<u8>, Errno> {
        let mut value = vec![0; len];
        let written = self.read_option(level, number, &mut value)?;
        value.truncate(written);
        Ok(value)
    }

    /// The same into a buffer that is there already; bytes written.
    pub(super) fn read_option(
        &self,
        level: i32,
        number: i32,
        value: &mut [u8],
    ) -> Result<usize, Errno> {
        let mut len = libc::socklen_t::try_from(value.len()).unwrap_or(libc::socklen_t::MAX);
        let at = value.as_mut_ptr().cast();
        // SAFETY: `at` has room for at least `len` bytes.
        answer(unsafe { libc::getsockopt(self.raw(), level, number, at, &raw mut len) })?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX).min(value.len()))
    }

    /// setsockopt(2).
    pub fn set_option(&self, level: i32, number: i32, value: &[u8]) -> Result<(), Errno> {
        let len = libc::socklen_t::try_from(value.len()).unwrap_or(libc::socklen_t::MAX);
        let at = value.as_ptr().cast();
        // SAFETY: `at` is readable for at least `len` bytes.
        answer(unsafe { libc::setsockopt(self.raw(), level, number, at, len) }).map(drop)
    }

    /// ioctl(2) `FIONREAD`: bytes that a receive would find; of a datagram socket the length of
    /// the next datagram.
    pub fn available(&self) -> Result<usize, Errno> {
        self.ask_int(libc::FIONREAD)
    }

    /// ioctl(2) `SIOCOUTQ`: bytes in the send queue, of TCP those not yet acknowledged.
    pub fn unsent(&self) -> Result<usize, Errno> {
        self.ask_int(libc::TIOCOUTQ)
    }

    /// ioctl(2) `SIOCATMARK`: whether the next byte is the one after the urgent mark.
    pub fn at_mark(&self) -> Result<bool, Errno> {
        /// `asm-generic/sockios.h`.
        const SIOCATMARK: libc::Ioctl = 0x8905;
        self.ask_int(SIOCATMARK).map(|mark| mark != 0)
    }

    /// ioctl(2) `FIONBIO`: one call where fcntl(2) would need two.
    pub fn set_nonblocking(&self, on: bool) -> Result<(), Errno> {
        let on = libc::c_int::from(on);
        // SAFETY: the call reads an int.
        answer(unsafe { libc::ioctl(self.raw(), libc::FIONBIO, &raw const on) }).map(drop)
    }

    /// fcntl(2) `F_GETFL`: whether calls on it block, which all descriptors of one socket share.
    pub fn is_blocking(&self) -> Result<bool, Errno> {
        // SAFETY: takes numbers only.
        let flags = answer(unsafe { libc::fcntl(self.raw(), libc::F_GETFL) })?;
        Ok(flags & libc::O_NONBLOCK == 0)
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

    /// fcntl(2) `F_DUPFD_CLOEXEC`: a second descriptor of the same open socket.
    pub fn duplicate(&self) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::fcntl(self.raw(), libc::F_DUPFD_CLOEXEC, 0) };
        answer(raw).map(Socket::from_raw)
    }

    /// The descriptor, for [`poll`](super::poll). Whoever closes it behind the socket's back loses
    /// another's.
    pub fn raw(&self) -> RawSocket {
        self.0.load(Ordering::Acquire)
    }

    /// Takes a descriptor that a call has just returned, and that nobody else owns.
    pub(super) fn from_raw(raw: RawSocket) -> Socket {
        Socket(AtomicI32::new(raw))
    }

    fn ask_int(&self, request: libc::Ioctl) -> Result<usize, Errno> {
        let mut value: libc::c_int = 0;
        // SAFETY: each of the requests above writes an int.
        answer(unsafe { libc::ioctl(self.raw(), request, &raw mut value) })?;
        Ok(usize::try_from(value).unwrap_or(0))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if *self.0.get_mut() != CLOSED {
            // Who cares for the answer calls `close`.
            let _ = self.close();
        }
    }
}

/// unlink(2): removes the name that bind(2) gave a Unix socket in the file system.
pub fn unlink(path: &Path) -> Result<(), Errno> {
    // A path with a NUL in it names no file; the kernel would see the part before it.
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::EINVAL)?;
    // SAFETY: a CString ends with its NUL.
    answer(unsafe { libc::unlink(path.as_ptr()) }).map(drop)
}

fn domain(kind: Kind) -> libc::c_int {
    match kind.family() {
        Family::Inet4 => libc::AF_INET,
        Family::Inet6 => libc::AF_INET6,
        Family::Unix => libc::AF_UNIX,
    }
}

fn raw_type(kind: Kind) -> libc::c_int {
    match kind.socket_type() {
        Type::Stream => libc::SOCK_STREAM,
        Type::Dgram => libc::SOCK_DGRAM,
        Type::Seqpacket => libc::SOCK_SEQPACKET,
    }
}

fn socket_type(kind: Kind, blocking: bool) -> libc::c_int {
    let nonblock = if blocking { 0 } else { libc::SOCK_NONBLOCK };
    raw_type(kind) | libc::SOCK_CLOEXEC | nonblock
}
