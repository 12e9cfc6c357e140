//! Waiting: `WSAPoll`, and a socket to oneself that ends a wait from another thread.
//!
//! Waits at most as long as asked, to the millisecond: Winsock knows no finer one.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::windows::io::BorrowedSocket;
use std::time::Duration;

use windows_sys::Win32::Media::timeBeginPeriod;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::System::Threading::Sleep;

use super::socket::int;
use super::{Address, PollFd, RawSocket, Socket, answer};
use crate::errno::Errno;
use crate::kind::Kind;

/// What to ask for where something can be received: `POLLRDNORM | POLLRDBAND`.
pub const POLLIN: i16 = ws::POLLIN;

/// What to ask for where something can be sent: `POLLWRNORM`.
pub const POLLOUT: i16 = ws::POLLOUT;

/// What to ask for to be told that the peer closed: nothing, `POLLHUP` comes unasked.
pub const CLOSED_ASKED: i16 = 0;

/// The events that say that the peer closed.
pub const CLOSED_SIGNS: i16 = ws::POLLHUP | ws::POLLERR;

/// Whether a wait for [`CLOSED_ASKED`] ends when the peer closes: there is nothing to ask for.
pub const CLOSED_WAKES: bool = false;

/// What a timeout of [`poll`] is rounded up to.
pub const POLL_GRAIN: Duration = Duration::from_millis(1);

/// What a timeout of [`Readiness::wait`](crate::sys::Readiness::wait) is rounded up to: completion
/// ports know whole milliseconds only.
pub const WAIT_GRAIN: Duration = Duration::from_millis(1);

/// The socket as the crate polling takes it to add.
pub(in crate::sys) fn raw_source(socket: &Socket) -> std::os::windows::io::RawSocket {
    socket.raw() as u64
}

/// The socket as the crate polling takes it otherwise.
pub(in crate::sys) fn borrowed(socket: &Socket) -> BorrowedSocket<'_> {
    // SAFETY: the socket is open for as long as it is borrowed: nobody waits for a closed one.
    unsafe { BorrowedSocket::borrow_raw(raw_source(socket)) }
}

/// `WSAPoll`: how many have events, 0 when the time is over. `None` waits without end. It refuses
/// to wait for no socket at all, so that is `Sleep`.
pub fn poll(sockets: &mut [PollFd], timeout: Option<Duration>) -> Result<usize, Errno> {
    const {
        assert!(size_of::<PollFd>() == size_of::<ws::WSAPOLLFD>());
        assert!(align_of::<PollFd>() == align_of::<ws::WSAPOLLFD>());
    }
    // Up to the next millisecond: rounded down, a wait would be a busy one.
    let millis = |timeout: Duration| timeout.as_nanos().div_ceil(1_000_000);
    let limit = timeout.map_or(-1, |timeout| i32::try_from(millis(timeout)).unwrap_or(i32::MAX));
    if sockets.iter().any(PollFd::is_none) {
        return poll_some(sockets, timeout);
    }
    if sockets.is_empty() {
        // SAFETY: takes a number only; -1 is INFINITE.
        unsafe { Sleep(limit.cast_unsigned()) };
        return Ok(0);
    }
    let (at, len) = (sockets.as_mut_ptr().cast(), int(sockets.len()).cast_unsigned());
    // SAFETY: PollFd has the layout of WSAPOLLFD, and there are `len` of them.
    let ready = answer(unsafe { ws::WSAPoll(at, len, limit) })?;
    Ok(usize::try_from(ready).unwrap_or(0))
}

/// Entries that stand for no socket are passed over, as poll(2) does: `WSAPoll` refuses them.
fn poll_some(sockets: &mut [PollFd], timeout: Option<Duration>) -> Result<usize, Errno> {
    let is_some = |one: &&mut PollFd| !one.is_none();
    let mut some: Vec<PollFd> = sockets.iter().filter(|one| !one.is_none()).copied().collect();
    let ready = poll(&mut some, timeout)?;
    for (one, polled) in sockets.iter_mut().filter(is_some).zip(some) {
        *one = polled;
    }
    Ok(ready)
}

/// select, which waits as long as told: in which of its three sets, in the order of its arguments,
/// the socket is left of those that it was `asked` for in. In none of them it is `WSAEINVAL`.
pub fn select(raw: RawSocket, asked: [bool; 3], limit: Duration) -> Result<[bool; 3], Errno> {
    let mut sets = asked.map(|asked| {
        let mut set = ws::FD_SET { fd_count: u32::from(asked), ..ws::FD_SET::default() };
        set.fd_array[0] = raw;
        set
    });
    let [read, write, except] = sets.each_mut().map(std::ptr::from_mut);
    let limit = ws::TIMEVAL {
        tv_sec: i32::try_from(limit.as_secs()).unwrap_or(i32::MAX),
        tv_usec: limit.subsec_micros().cast_signed(),
    };
    // SAFETY: each set says how many sockets it has; the first argument is passed over.
    answer(unsafe { ws::select(0, read, write, except, &raw const limit) })?;
    Ok(sets.map(|set| set.fd_count > 0))
}

/// `timeBeginPeriod`: waits end within 1 ms of their time instead of 15.6 ms, the default. For the
/// whole process, until it ends.
pub fn sharpen_timers() {
    // The only failure is a period that the machine has not, and then the default stays.
    // SAFETY: takes a number only.
    unsafe { timeBeginPeriod(1) };
}

/// Ends a [`poll`] on another thread: a UDP socket connected to itself, readable from
/// [`wake`](Waker::wake) until [`drain`](Waker::drain). Windows can wait for sockets only.
#[derive(Debug)]
pub struct Waker(Socket);

impl Waker {
    /// Opens one.
    pub fn new() -> Result<Waker, Errno> {
        let socket = Socket::open(Kind::Udp4, false)?;
        socket.bind(&Address::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))?;
        // Connected to itself, it takes no datagram from anybody else.
        socket.connect(&socket.local_addr()?)?;
        Ok(Waker(socket))
    }

    /// The address that it takes from others.
    pub fn address(&self) -> Option<Address> {
        self.0.local_addr().ok()
    }

    /// Makes it readable. Any number of wakes before a drain are one.
    pub fn wake(&self) {
        // It fails only when its buffer is full, and then it is readable already.
        let _ = self.0.send(&[1], 0);
    }

    /// Makes it unreadable; whether it was readable.
    pub fn drain(&self) -> bool {
        let mut was = false;
        while self.0.recv(&mut [0; 1], 0).is_ok() {
            was = true;
        }
        was
    }

    /// The socket to wait on, with [`POLLIN`].
    pub fn raw(&self) -> RawSocket {
        self.0.raw()
    }
}
