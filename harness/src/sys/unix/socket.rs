//! A socket and its calls: each function makes one system call and gives its answer.
//!
//! Never retries, never hides a length, never adds a flag but close-on-exec, which no socket call
//! can observe. Calls with ancillary data are in `message`; those by which sockets come into being
//! are the system's.

use std::ffi::CString;
use std::io::IoSlice;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};

use super::{answer, count};
use crate::errno::Errno;
use crate::kind::{Family, Kind, Type};
use crate::sys::imp::socket::{Request, SIOCATMARK};
use crate::sys::{Address, Shutdown};

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
    /// A descriptor that is not open: the highest that this process may have. The system gives the
    /// lowest that is free, and so comes to it only where all others are taken.
    pub fn never_open() -> Socket {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the call writes an rlimit. Where it fails the limit stays 0.
        unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        let highest = RawSocket::try_from(limit.rlim_cur).map_or(RawSocket::MAX, |most| most - 1);
        Socket(AtomicI32::new(highest))
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
        // A stream gives no address: Linux and macOS say so with length 0, POSIX lets a system not
        // write.
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
            Shutdown::Number(number) => number,
        };
        // SAFETY: takes numbers only.
        answer(unsafe { libc::shutdown(self.raw(), how) }).map(drop)
    }

    /// close(2). Whatever it answers, the descriptor is gone: neither Linux nor macOS wants a second
    /// close.
    /// `EBADF` where the socket was closed before.
    ///
    /// A call on another thread must be inside the kernel already
    /// ([`is_blocked`](crate::sys::is_blocked)): one that has read the descriptor and not yet used it
    /// would meet whatever socket gets the number next.
    pub fn close(&self) -> Result<(), Errno> {
        // SAFETY: the descriptor is owned, and whoever takes it out of its place gives it up.
        answer(unsafe { libc::close(self.take_raw()) }).map(drop)
    }

    /// The descriptor, given up: whoever takes it closes it.
    pub(in crate::sys) fn take_raw(&self) -> RawSocket {
        self.0.swap(CLOSED, Ordering::AcqRel)
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

    /// getsockname(2) with room for `room` bytes: how long the system says the address is.
    pub fn local_addr_len(&self, room: usize) -> Result<usize, Errno> {
        let mut address = Address::blank().with_len(room);
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { libc::getsockname(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// getpeername(2) with room for `room` bytes: how long the system says the address is.
    pub fn peer_addr_len(&self, room: usize) -> Result<usize, Errno> {
        let mut address = Address::blank().with_len(room);
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { libc::getpeername(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
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
    pub(in crate::sys) fn read_option(
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
    /// the next datagram on Linux, all that is in the buffer on macOS.
    pub fn available(&self) -> Result<usize, Errno> {
        self.ask_int(libc::FIONREAD)
    }

    /// ioctl(2) `SIOCATMARK`: whether the next byte is the one after the urgent mark.
    pub fn at_mark(&self) -> Result<bool, Errno> {
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

    /// fcntl(2) `F_DUPFD_CLOEXEC`: a second descriptor of the same open socket.
    pub fn duplicate(&self) -> Result<Socket, Errno> {
        // SAFETY: takes numbers only.
        let raw = unsafe { libc::fcntl(self.raw(), libc::F_DUPFD_CLOEXEC, 0) };
        answer(raw).map(Socket::from_raw)
    }

    /// The descriptor, for [`poll`](crate::sys::poll). Whoever closes it behind the socket's back loses
    /// another's.
    pub fn raw(&self) -> RawSocket {
        self.0.load(Ordering::Acquire)
    }

    /// Takes a descriptor that a call has just returned, and that nobody else owns.
    pub(in crate::sys) fn from_raw(raw: RawSocket) -> Socket {
        Socket(AtomicI32::new(raw))
    }

    pub(in crate::sys) fn ask_int(&self, request: Request) -> Result<usize, Errno> {
        let mut value: libc::c_int = 0;
        // SAFETY: FIONREAD, SIOCATMARK and SIOCOUTQ, which are all that is asked, write an int.
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

/// `AF_*`.
pub(in crate::sys) fn domain(kind: Kind) -> libc::c_int {
    match kind.family() {
        Family::Inet4 => libc::AF_INET,
        Family::Inet6 => libc::AF_INET6,
        Family::Unix => libc::AF_UNIX,
    }
}

/// `SOCK_*`, without flags.
pub(in crate::sys) fn raw_type(kind: Kind) -> libc::c_int {
    match kind.socket_type() {
        Type::Stream => libc::SOCK_STREAM,
        Type::Dgram => libc::SOCK_DGRAM,
        Type::Seqpacket => libc::SOCK_SEQPACKET,
    }
}
