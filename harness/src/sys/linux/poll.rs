//! Waiting: ppoll(2), and an eventfd(2) that ends a wait from another thread.
//!
//! Waits at most as long as asked and gives `EINTR` back: whoever waits knows its deadline.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::{RawSocket, answer};
use crate::errno::Errno;
use crate::sys::{Address, PollFd};

/// What to ask for where something can be received.
pub const POLLIN: i16 = libc::POLLIN;

/// What to ask for where something can be sent.
pub const POLLOUT: i16 = libc::POLLOUT;

/// What to ask for to be told that the peer closed.
pub const CLOSED_ASKED: i16 = libc::POLLRDHUP;

/// The events that say that the peer closed.
pub const CLOSED_SIGNS: i16 = libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR;

/// Whether a wait for [`CLOSED_ASKED`] ends when the peer closes.
pub const CLOSED_WAKES: bool = true;

/// What a timeout of [`poll`] is rounded up to: nothing.
pub const POLL_GRAIN: Duration = Duration::ZERO;

/// ppoll(2), to the nanosecond and with the signal mask as it is: how many have events, 0 when the
/// time is over. `None` waits without end.
pub fn poll(sockets: &mut [PollFd], timeout: Option<Duration>) -> Result<usize, Errno> {
    const {
        assert!(size_of::<PollFd>() == size_of::<libc::pollfd>());
        assert!(align_of::<PollFd>() == align_of::<libc::pollfd>());
    }
    let timeout = timeout.map(timespec);
    let limit = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let (at, len) = (sockets.as_mut_ptr().cast(), sockets.len() as libc::nfds_t);
    // SAFETY: PollFd has the layout of pollfd, there are `len` of them, and `limit` is null or
    // points to a timespec that outlives the call.
    let ready = answer(unsafe { libc::ppoll(at, len, limit, std::ptr::null()) })?;
    Ok(usize::try_from(ready).unwrap_or(0))
}

/// A timeout as the kernel takes it.
pub(super) fn timespec(timeout: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    }
}

/// prctl(2) `PR_SET_TIMERSLACK`: ends waits of this thread within a microsecond of their time
/// instead of up to 50 µs later, the default of timer slack.
pub fn sharpen_timers() {
    // The only failure is an unknown request, and then the default stays.
    // SAFETY: takes numbers only.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_000 as libc::c_ulong, 0, 0, 0) };
}

/// Ends a [`poll`] on another thread: an eventfd(2), readable from [`wake`](Waker::wake) until
/// [`drain`](Waker::drain).
#[derive(Debug)]
pub struct Waker(OwnedFd);

impl Waker {
    /// Opens one.
    pub fn new() -> Result<Waker, Errno> {
        // SAFETY: takes numbers only.
        let raw = answer(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the call has just returned it; nobody else owns it.
        Ok(Waker(unsafe { OwnedFd::from_raw_fd(raw) }))
    }

    /// The address that it takes from others: none.
    pub fn address(&self) -> Option<Address> {
        None
    }

    /// Makes it readable. Any number of wakes before a drain are one.
    pub fn wake(&self) {
        let one = 1_u64.to_ne_bytes();
        // It fails only when 2^64 - 2 wakes are pending, and then it is readable already.
        // SAFETY: `one` is readable for its length.
        unsafe { libc::write(self.raw(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes it unreadable; whether it was readable.
    pub fn drain(&self) -> bool {
        let mut count = [0; 8];
        // SAFETY: `count` has room for its length.
        let read = unsafe { libc::read(self.raw(), count.as_mut_ptr().cast(), count.len()) };
        read == 8
    }

    /// The descriptor to wait on, with `POLLIN`.
    pub fn raw(&self) -> RawSocket {
        self.0.as_raw_fd()
    }
}
