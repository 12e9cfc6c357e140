//! Waiting: poll(2), and a pipe(2) that ends a wait from another thread.
//!
//! Waits at most as long as asked, to the millisecond, and gives `EINTR` back: whoever waits knows
//! its deadline. macOS's poll is a kqueue of one-shot filters that lives for one call
//! (`poll_nocancel` and `poll_callback` of `bsd/kern/sys_generic.c`), which explains what is
//! different below.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::socket::{close_on_exec, set_nonblocking};
use crate::errno::Errno;
use crate::sys::unix::{RawSocket, Socket, answer};
use crate::sys::{Address, PollFd};

/// What to ask for where something can be received.
pub const POLLIN: i16 = libc::POLLIN;

/// What to ask for where something can be sent.
pub const POLLOUT: i16 = libc::POLLOUT;

/// What to ask for to be told that the peer closed: unlike elsewhere, `POLLHUP` has to be asked
/// for, and who asks for nothing is told nothing. It is told once nothing more can be received.
pub const CLOSED_ASKED: i16 = libc::POLLHUP;

/// The events that say that the peer closed.
pub const CLOSED_SIGNS: i16 = libc::POLLHUP;

/// Whether a wait for [`CLOSED_ASKED`] ends when the peer closes: not where bytes are still to be
/// received, since they use up the one shot of the filter and `POLLHUP` is not among its events
/// yet.
pub const CLOSED_WAKES: bool = false;

/// What a timeout of [`poll`] is rounded up to.
pub const POLL_GRAIN: Duration = Duration::from_millis(1);

/// What a timeout of [`Readiness::wait`](crate::sys::Readiness::wait) is rounded up to: nothing,
/// kevent(2) takes nanoseconds.
pub const WAIT_GRAIN: Duration = Duration::ZERO;

/// The socket as the crate polling takes it to add.
pub(in crate::sys) fn raw_source(socket: &Socket) -> RawSocket {
    socket.raw()
}

/// The socket as the crate polling takes it otherwise.
pub(in crate::sys) fn borrowed(socket: &Socket) -> BorrowedFd<'_> {
    // SAFETY: the socket is open for as long as it is borrowed: nobody waits for a closed one.
    unsafe { BorrowedFd::borrow_raw(socket.raw()) }
}

/// poll(2): how many have events, 0 when the time is over. `None` waits without end. With no
/// descriptor at all it sleeps.
pub fn poll(sockets: &mut [PollFd], timeout: Option<Duration>) -> Result<usize, Errno> {
    const {
        assert!(size_of::<PollFd>() == size_of::<libc::pollfd>());
        assert!(align_of::<PollFd>() == align_of::<libc::pollfd>());
    }
    // Up to the next millisecond: rounded down, a wait would be a busy one.
    let millis = |timeout: Duration| timeout.as_nanos().div_ceil(1_000_000);
    let limit = timeout.map_or(-1, |timeout| i32::try_from(millis(timeout)).unwrap_or(i32::MAX));
    let len = libc::nfds_t::try_from(sockets.len()).unwrap_or(libc::nfds_t::MAX);
    // SAFETY: PollFd has the layout of pollfd, and there are at least `len` of them.
    let ready = answer(unsafe { libc::poll(sockets.as_mut_ptr().cast(), len, limit) })?;
    Ok(usize::try_from(ready).unwrap_or(0))
}

/// Nothing: macOS may put a thread's timers off to save power, and what would forbid it
/// (`THREAD_LATENCY_QOS_POLICY`) has not been tried.
pub fn sharpen_timers() {}

/// Ends a [`poll`] on another thread: a pipe(2), readable from [`wake`](Waker::wake) until
/// [`drain`](Waker::drain).
#[derive(Debug)]
pub struct Waker {
    read: OwnedFd,
    write: OwnedFd,
}

impl Waker {
    /// Opens one.
    pub fn new() -> Result<Waker, Errno> {
        let mut ends = [-1; 2];
        // SAFETY: the call writes two ints, for which `ends` has room.
        answer(unsafe { libc::pipe(ends.as_mut_ptr()) })?;
        // SAFETY: the call has just returned both; nobody else owns them.
        let [read, write] = ends.map(|raw| unsafe { OwnedFd::from_raw_fd(raw) });
        for end in [&read, &write] {
            close_on_exec(end.as_raw_fd())?;
            set_nonblocking(end.as_raw_fd(), true)?;
        }
        Ok(Waker { read, write })
    }

    /// The address that it takes from others: none.
    pub fn address(&self) -> Option<Address> {
        None
    }

    /// Makes it readable. Any number of wakes before a drain are one.
    pub fn wake(&self) {
        let one = [1_u8];
        // It fails only when the pipe is full, and then it is readable already.
        // SAFETY: `one` is readable for its length.
        unsafe { libc::write(self.write.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes it unreadable; whether it was readable.
    pub fn drain(&self) -> bool {
        let mut bytes = [0_u8; 64];
        let mut was = false;
        loop {
            // SAFETY: `bytes` has room for its length.
            let read = unsafe { libc::read(self.raw(), bytes.as_mut_ptr().cast(), bytes.len()) };
            if read <= 0 {
                return was;
            }
            was = true;
        }
    }

    /// The descriptor to wait on, with `POLLIN`.
    pub fn raw(&self) -> RawSocket {
        self.read.as_raw_fd()
    }
}
