//! Waiting for any number of sockets: epoll(7), level-triggered, and an eventfd(2) that wakes it.
//!
//! Written out: mio waits in whole milliseconds, which no schedule can use, and a wait of the crate
//! polling is five calls here (its timer set and armed, the wait, its notifier read and armed), which
//! a peer in bulk would pay for every receive. Never reads, never writes a socket of others.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::poll::{POLLIN, POLLOUT, Waker, poll, timespec};
use super::{RawSocket, answer};
use crate::errno::Errno;
use crate::sys::{PollFd, Ready, Socket};

/// What a timeout of [`Readiness::wait`] is rounded up to: nothing.
pub const WAIT_GRAIN: Duration = Duration::ZERO;

/// How many events one call gives: more would only wait longer for their turn.
const AT_ONCE: u16 = 256;

/// Room for them.
type Events = [libc::epoll_event; AT_ONCE as usize];

/// The number of the waker, which no socket has.
const WAKER: u64 = u64::MAX;

/// Any number of sockets to wait for. What one has to say is said again as long as it holds.
#[derive(Debug)]
pub struct Readiness {
    epoll: OwnedFd,
    waker: Waker,
    /// Whether the kernel has `epoll_pwait2`, since Linux 5.11.
    is_fine: AtomicBool,
}

impl Readiness {
    /// `epoll_create1(2)`.
    pub fn new() -> Result<Readiness, Errno> {
        // SAFETY: takes numbers only.
        let raw = answer(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the call has just returned it; nobody else owns it.
        let epoll = unsafe { OwnedFd::from_raw_fd(raw) };
        let readiness = Readiness { epoll, waker: Waker::new()?, is_fine: AtomicBool::new(true) };
        readiness.control(libc::EPOLL_CTL_ADD, readiness.waker.raw(), WAKER, POLLIN)?;
        Ok(readiness)
    }

    /// Waits for `events` on the socket from now on; they come under this `key`.
    pub fn add(&self, socket: &Socket, key: usize, events: i16) -> Result<(), Errno> {
        self.control(libc::EPOLL_CTL_ADD, socket.raw(), key as u64, events)
    }

    /// Waits for these events instead.
    pub fn change(&self, socket: &Socket, key: usize, events: i16) -> Result<(), Errno> {
        self.control(libc::EPOLL_CTL_MOD, socket.raw(), key as u64, events)
    }

    /// Waits for nothing of it any more. Has to be said before a socket is closed: its number may be
    /// another's a moment later.
    pub fn remove(&self, socket: &Socket) {
        // Nobody is to be told of one that was never added.
        let _ = self.control(libc::EPOLL_CTL_DEL, socket.raw(), 0, 0);
    }

    /// Ends a [`wait`](Readiness::wait), on whatever thread, or the next one.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Waits so long at most, without end where no time is given, and adds what there is to `ready`.
    /// May end early with nothing.
    pub fn wait(&self, ready: &mut Vec<Ready>, timeout: Option<Duration>) -> Result<(), Errno> {
        let mut events: Events = [libc::epoll_event { events: 0, u64: 0 }; AT_ONCE as usize];
        let count = if self.is_fine.load(Ordering::Relaxed) {
            match self.wait_fine(&mut events, timeout) {
                Err(Errno::ENOSYS) => {
                    self.is_fine.store(false, Ordering::Relaxed);
                    self.wait_coarse(&mut events, timeout)
                }
                answer => answer,
            }
        } else {
            self.wait_coarse(&mut events, timeout)
        }?;
        for event in &events[..count] {
            // The structure is packed: nothing may point into it.
            let (key, signs) = (event.u64, event.events);
            if key == WAKER {
                self.waker.drain();
                continue;
            }
            let over = signs & (libc::EPOLLHUP | libc::EPOLLERR).cast_unsigned() != 0;
            let has = |asked: libc::c_int| over || signs & asked.cast_unsigned() != 0;
            ready.push(Ready {
                key: usize::try_from(key).unwrap_or(usize::MAX),
                readable: has(libc::EPOLLIN),
                writable: has(libc::EPOLLOUT),
            });
        }
        Ok(())
    }

    /// `epoll_pwait2`, to the nanosecond; by its number, since older C libraries lack it.
    fn wait_fine(&self, events: &mut Events, timeout: Option<Duration>) -> Result<usize, Errno> {
        let timeout = timeout.map(timespec);
        let limit = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let (at, room) = (events.as_mut_ptr(), libc::c_int::from(AT_ONCE));
        let no_mask = std::ptr::null::<libc::sigset_t>();
        // SAFETY: `events` has room for as many as `room` says, `limit` is null or points to a timespec
        // that outlives the call, and no signal mask is given.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                at,
                room,
                limit,
                no_mask,
                size_of::<libc::c_ulong>(),
            )
        };
        answer(libc::c_int::try_from(count).unwrap_or(-1))
            .map(|count| usize::try_from(count).unwrap_or(0))
    }

    /// The same in two calls: ppoll(2) of the epoll descriptor waits, and `epoll_wait` asks.
    fn wait_coarse(&self, events: &mut Events, timeout: Option<Duration>) -> Result<usize, Errno> {
        if timeout != Some(Duration::ZERO) {
            poll(&mut [PollFd::new(self.epoll.as_raw_fd(), POLLIN)], timeout)?;
        }
        let (at, room) = (events.as_mut_ptr(), libc::c_int::from(AT_ONCE));
        // SAFETY: `events` has room for as many as `room` says.
        let count = answer(unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), at, room, 0) })?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    fn control(
        &self,
        what: libc::c_int,
        raw: RawSocket,
        key: u64,
        events: i16,
    ) -> Result<(), Errno> {
        let input = if events & POLLIN != 0 { libc::EPOLLIN } else { 0 };
        let output = if events & POLLOUT != 0 { libc::EPOLLOUT } else { 0 };
        let mut event = libc::epoll_event { events: (input | output).cast_unsigned(), u64: key };
        // SAFETY: the call reads one epoll_event.
        answer(unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), what, raw, &raw mut event) })
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kernels before 5.11, and sandboxes: both ways to wait say the same.
    #[test]
    fn without_epoll_pwait2_waits_are_the_same() {
        let readiness = Readiness::new().expect("an epoll");
        readiness.is_fine.store(false, Ordering::Relaxed);
        let (one, other) = Socket::pair(crate::kind::Kind::UnixStream, false).expect("a pair");
        readiness.add(&one, 7, POLLIN).expect("an entry");
        let mut ready = Vec::new();
        readiness.wait(&mut ready, Some(Duration::from_micros(300))).expect("nothing");
        assert_eq!(ready, []);
        other.send(b"x", 0).expect("a send");
        readiness.wait(&mut ready, None).expect("an event");
        assert_eq!(ready, [Ready { key: 7, readable: true, writable: false }]);
    }
}
