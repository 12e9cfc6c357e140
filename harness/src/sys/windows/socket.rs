//! A socket and its calls: each function makes one Winsock call and gives its answer.
//!
//! Never retries, never hides a length, never adds a flag but those that keep handles from child
//! processes. Calls with ancillary data are in `message`.

use std::os::windows::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::Storage::FileSystem::DeleteFileW;
use windows_sys::Win32::System::Threading::GetCurrentProcessId;

use super::options::IOCTL;
use super::{Address, SYSTEM, answer, count, last_errno, startup};
use crate::errno::Errno;
use crate::kind::{Family, Kind, Type};
use crate::sys::Shutdown;

/// What the system calls a socket by: `SOCKET`, a handle.
pub type RawSocket = ws::SOCKET;

/// An open socket. Dropping it closes it.
///
/// The handle is in an atomic so that it can be closed while a call on another thread is still
/// inside it, which is a behaviour people ask about. `INVALID_SOCKET` once closed: later calls
/// answer `WSAENOTSOCK`.
#[derive(Debug)]
pub struct Socket(AtomicUsize);

/// A length for Winsock, which takes an `int`.
pub(super) fn int(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

impl Socket {
    /// `WSASocketW`, as `socket` makes it, not inherited; non-blocking unless `blocking`.
    pub fn open(kind: Kind, blocking: bool) -> Result<Socket, Errno> {
        startup()?;
        let (family, ty) = (domain(kind), socket_type(kind));
        let flags = ws::WSA_FLAG_OVERLAPPED | ws::WSA_FLAG_NO_HANDLE_INHERIT;
        // SAFETY: takes numbers, and no protocol's description.
        let raw = unsafe { ws::WSASocketW(family, ty, 0, std::ptr::null(), 0, flags) };
        let socket = Socket::from_raw(raw)?;
        if !blocking {
            socket.set_nonblocking(true)?;
        }
        Ok(socket)
    }

    /// `WSASocketW` with these numbers, not inherited, then non-blocking.
    pub fn open_any(domain: i32, socktype: i32, protocol: i32) -> Result<Socket, Errno> {
        startup()?;
        let flags = ws::WSA_FLAG_OVERLAPPED | ws::WSA_FLAG_NO_HANDLE_INHERIT;
        // SAFETY: takes numbers, and no protocol's description.
        let raw = unsafe { ws::WSASocketW(domain, socktype, protocol, std::ptr::null(), 0, flags) };
        let socket = Socket::from_raw(raw)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    /// A handle that stands for nothing: handles are multiples of four and grow from below.
    pub fn never_open() -> Socket {
        Socket(AtomicUsize::new(0xdead_beec))
    }

    /// Windows has no socketpair(2): `ENOSYS`, which Winsock itself never gives.
    pub fn pair(_kind: Kind, _blocking: bool) -> Result<(Socket, Socket), Errno> {
        Err(Errno::ENOSYS)
    }

    /// bind.
    pub fn bind(&self, to: &Address) -> Result<(), Errno> {
        // SAFETY: an address holds at least as many bytes as its length says.
        answer(unsafe { ws::bind(self.raw(), to.as_ptr(), to.raw_len()) }).map(drop)
    }

    /// listen.
    pub fn listen(&self, backlog: i32) -> Result<(), Errno> {
        // SAFETY: takes numbers only.
        answer(unsafe { ws::listen(self.raw(), backlog) }).map(drop)
    }

    /// connect. `WSAEWOULDBLOCK` on a non-blocking socket says that it has begun.
    pub fn connect(&self, to: &Address) -> Result<(), Errno> {
        // SAFETY: an address holds at least as many bytes as its length says.
        answer(unsafe { ws::connect(self.raw(), to.as_ptr(), to.raw_len()) }).map(drop)
    }

    /// accept; the new socket is non-blocking unless `blocking`, whatever it inherits.
    pub fn accept(&self, blocking: bool) -> Result<(Socket, Address), Errno> {
        let mut from = Address::blank();
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe { ws::accept(self.raw(), from.as_mut_ptr(), &raw mut len) };
        let socket = Socket::from_raw(raw)?;
        from.set_len(len);
        socket.set_nonblocking(!blocking)?;
        Ok((socket, from))
    }

    /// accept with room for `room` bytes of address, and how long the system says that is. Whether
    /// the new socket blocks is left to the system.
    pub fn accept_plain(&self, room: usize) -> Result<(Socket, usize), Errno> {
        let mut from = Address::blank().with_len(room);
        let mut len = from.raw_len();
        // SAFETY: `from` has room for `len` bytes.
        let raw = unsafe { ws::accept(self.raw(), from.as_mut_ptr(), &raw mut len) };
        let socket = Socket::from_raw(raw)?;
        Ok((socket, usize::try_from(len).unwrap_or(usize::MAX)))
    }

    /// recv: bytes received, 0 at the end of a stream. [`CUT`](super::CUT) says that the buffer is
    /// full and the rest of the datagram lost.
    pub fn recv(&self, buffer: &mut [u8], flags: i32) -> Result<usize, Errno> {
        let (at, room) = (buffer.as_mut_ptr(), int(buffer.len()));
        // SAFETY: `at` has room for `room` bytes.
        count(unsafe { ws::recv(self.raw(), at, room, flags) })
    }

    /// send.
    pub fn send(&self, data: &[u8], flags: i32) -> Result<usize, Errno> {
        // SAFETY: `data` is readable for its length.
        count(unsafe { ws::send(self.raw(), data.as_ptr(), int(data.len()), flags) })
    }

    /// send on a socket that does not block meanwhile: `blocking` says what it is otherwise.
    pub fn send_now(&self, data: &[u8], blocking: bool) -> Result<usize, Errno> {
        if blocking {
            self.set_nonblocking(true)?;
        }
        let sent = self.send(data, 0);
        if blocking {
            self.set_nonblocking(false)?;
        }
        sent
    }

    /// sendto.
    pub fn send_to(&self, data: &[u8], to: &Address, flags: i32) -> Result<usize, Errno> {
        let (at, len) = (data.as_ptr(), int(data.len()));
        // SAFETY: `data` is readable for its length, and so is `to`.
        count(unsafe { ws::sendto(self.raw(), at, len, flags, to.as_ptr(), to.raw_len()) })
    }

    /// shutdown.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), Errno> {
        let how = match how {
            Shutdown::Read => ws::SD_RECEIVE,
            Shutdown::Write => ws::SD_SEND,
            Shutdown::Both => ws::SD_BOTH,
            Shutdown::Number(number) => number,
        };
        // SAFETY: takes numbers only.
        answer(unsafe { ws::shutdown(self.raw(), how) }).map(drop)
    }

    /// closesocket. `WSAENOTSOCK` where the socket was closed before. After `WSAEWOULDBLOCK`, which
    /// a lingering non-blocking socket gives, the socket is still open.
    pub fn close(&self) -> Result<(), Errno> {
        let raw = self.take_raw();
        // SAFETY: the handle is owned, and whoever takes it out of its place gives it up.
        let closed = answer(unsafe { ws::closesocket(raw) }).map(drop);
        if closed == Err(Errno::EAGAIN) {
            self.0.store(raw, Ordering::Release);
        }
        closed
    }

    /// The handle, given up: whoever takes it closes it.
    pub(super) fn take_raw(&self) -> RawSocket {
        self.0.swap(ws::INVALID_SOCKET, Ordering::AcqRel)
    }

    /// A handle that is open.
    pub(super) fn of_raw(raw: RawSocket) -> Socket {
        Socket(raw.into())
    }

    /// getsockname.
    pub fn local_addr(&self) -> Result<Address, Errno> {
        let mut address = Address::blank();
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { ws::getsockname(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        address.set_len(len);
        Ok(address)
    }

    /// getsockname with room for `room` bytes: how long the system says the address is.
    pub fn local_addr_len(&self, room: usize) -> Result<usize, Errno> {
        let mut address = Address::blank().with_len(room);
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { ws::getsockname(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// getpeername with room for `room` bytes: how long the system says the address is.
    pub fn peer_addr_len(&self, room: usize) -> Result<usize, Errno> {
        let mut address = Address::blank().with_len(room);
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { ws::getpeername(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// getpeername.
    pub fn peer_addr(&self) -> Result<Address, Errno> {
        let mut address = Address::blank();
        let mut len = address.raw_len();
        // SAFETY: `address` has room for `len` bytes.
        answer(unsafe { ws::getpeername(self.raw(), address.as_mut_ptr(), &raw mut len) })?;
        address.set_len(len);
        Ok(address)
    }

    /// getsockopt, or `WSAIoctl` for what is one of its requests, with room for `len` bytes; as many
    /// as the system wrote. `SIO_TCP_INFO` is asked for its first version.
    pub fn get_option(&self, level: i32, number: i32, len: usize) -> Result<Vec<u8>, Errno> {
        let mut value = vec![0; len];
        if level == IOCTL {
            let written = self.request(number, &[0; 4], &mut value)?;
            value.truncate(written);
            return Ok(value);
        }
        let mut written = int(value.len());
        let at = value.as_mut_ptr();
        // SAFETY: `at` has room for `written` bytes.
        answer(unsafe { ws::getsockopt(self.raw(), level, number, at, &raw mut written) })?;
        value.truncate(usize::try_from(written).unwrap_or(0));
        Ok(value)
    }

    /// setsockopt, or `WSAIoctl` for what is one of its requests.
    pub fn set_option(&self, level: i32, number: i32, value: &[u8]) -> Result<(), Errno> {
        if level == IOCTL {
            return self.request(number, value, &mut []).map(drop);
        }
        let (at, len) = (value.as_ptr(), int(value.len()));
        // SAFETY: `at` is readable for at least `len` bytes.
        answer(unsafe { ws::setsockopt(self.raw(), level, number, at, len) }).map(drop)
    }

    /// ioctlsocket `FIONREAD`: bytes that a receive would find; of a datagram socket those of all
    /// datagrams together.
    pub fn available(&self) -> Result<usize, Errno> {
        self.ask(ws::FIONREAD)
    }

    /// Winsock does not tell what is in the send queue: `WSAEOPNOTSUPP`.
    pub fn unsent(&self) -> Result<usize, Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    /// ioctlsocket `SIOCATMARK`: true where no urgent data waits to be read, which is the reverse
    /// of Unix (Microsoft's page on it).
    pub fn at_mark(&self) -> Result<bool, Errno> {
        self.ask(ws::SIOCATMARK).map(|mark| mark != 0)
    }

    /// ioctlsocket `FIONBIO`.
    pub fn set_nonblocking(&self, on: bool) -> Result<(), Errno> {
        let mut on = u32::from(on);
        // SAFETY: the call reads a DWORD.
        answer(unsafe { ws::ioctlsocket(self.raw(), ws::FIONBIO, &raw mut on) }).map(drop)
    }

    /// `WSADuplicateSocketW` for this very process: a second handle of the same open socket.
    pub fn duplicate(&self) -> Result<Socket, Errno> {
        let mut info = ws::WSAPROTOCOL_INFOW::default();
        // SAFETY: the call writes a WSAPROTOCOL_INFOW; the other takes nothing.
        let returned =
            unsafe { ws::WSADuplicateSocketW(self.raw(), GetCurrentProcessId(), &raw mut info) };
        answer(returned)?;
        let from = ws::FROM_PROTOCOL_INFO;
        let flags = ws::WSA_FLAG_OVERLAPPED | ws::WSA_FLAG_NO_HANDLE_INHERIT;
        // SAFETY: `info` was filled in by the call above.
        let raw = unsafe { ws::WSASocketW(from, from, from, &raw const info, 0, flags) };
        Socket::from_raw(raw)
    }

    /// Winsock does not tell whether calls on a socket block: `WSAEOPNOTSUPP`.
    pub fn is_blocking(&self) -> Result<bool, Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    /// Its kind, by its address and `SO_TYPE`; `None` where it is none of ours, or has no address.
    pub fn kind(&self) -> Option<Kind> {
        let family = self.local_addr().ok()?.family()?;
        let ty = self.get_option(ws::SOL_SOCKET, ws::SO_TYPE, size_of::<i32>()).ok()?;
        let ty = ty.try_into().map(i32::from_ne_bytes).ok()?;
        Kind::ALL.into_iter().find(|kind| kind.family() == family && socket_type(*kind) == ty)
    }

    /// The handle, for [`poll`](super::poll). Whoever closes it behind the socket's back loses
    /// another's.
    pub fn raw(&self) -> RawSocket {
        self.0.load(Ordering::Acquire)
    }

    /// Takes the answer of a call that makes a socket, which nobody else owns.
    fn from_raw(raw: RawSocket) -> Result<Socket, Errno> {
        if raw == ws::INVALID_SOCKET { Err(last_errno()) } else { Ok(Socket(raw.into())) }
    }

    /// `WSAIoctl`: how many bytes it wrote.
    fn request(&self, code: i32, given: &[u8], room: &mut [u8]) -> Result<usize, Errno> {
        let mut written = 0;
        // SAFETY: `given` is readable and `room` writable for their lengths, and the call is not
        // overlapped, so that nothing is written after it.
        answer(unsafe {
            ws::WSAIoctl(
                self.raw(),
                code.cast_unsigned(),
                given.as_ptr().cast(),
                int(given.len()).cast_unsigned(),
                room.as_mut_ptr().cast(),
                int(room.len()).cast_unsigned(),
                &raw mut written,
                std::ptr::null_mut(),
                None,
            )
        })?;
        Ok(usize::try_from(written).unwrap_or(0))
    }

    fn ask(&self, request: i32) -> Result<usize, Errno> {
        let mut value = 0_u32;
        // SAFETY: each of the requests above writes a DWORD.
        answer(unsafe { ws::ioctlsocket(self.raw(), request, &raw mut value) })?;
        Ok(usize::try_from(value).unwrap_or(usize::MAX))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if *self.0.get_mut() != ws::INVALID_SOCKET && self.close() == Err(Errno::EAGAIN) {
            // It would linger: a blocking one may, and nobody waits for a socket that is dropped.
            let _ = self.set_option(ws::SOL_SOCKET, ws::SO_LINGER, &[0; 4]);
            let _ = self.close();
        }
    }
}

/// `DeleteFileW`: removes the name that bind gave a Unix socket in the file system.
pub fn unlink(path: &Path) -> Result<(), Errno> {
    let mut wide: Vec<u16> = path.as_os_str().encode_wide().collect();
    // A path with a NUL in it names no file; Windows would see the part before it.
    if wide.contains(&0) {
        return Err(Errno::EINVAL);
    }
    wide.push(0);
    // SAFETY: `wide` ends with its NUL.
    if unsafe { DeleteFileW(wide.as_ptr()) } != 0 {
        return Ok(());
    }
    // SAFETY: takes nothing and cannot fail.
    Err(Errno::from_number(SYSTEM, unsafe { GetLastError() }.cast_signed()))
}

fn domain(kind: Kind) -> i32 {
    i32::from(match kind.family() {
        Family::Inet4 => ws::AF_INET,
        Family::Inet6 => ws::AF_INET6,
        Family::Unix => ws::AF_UNIX,
    })
}

fn socket_type(kind: Kind) -> i32 {
    match kind.socket_type() {
        Type::Stream => ws::SOCK_STREAM,
        Type::Dgram => ws::SOCK_DGRAM,
        Type::Seqpacket => ws::SOCK_SEQPACKET,
    }
}
