//! One socket of a poll: `struct pollfd` and `WSAPOLLFD`, which are laid out alike.
//!
//! Never waits; the call is the platform's.

use super::RawSocket;

/// A socket to wait for, and what for.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollFd {
    /// The socket; a negative one is passed over.
    pub raw: RawSocket,
    /// The events to wait for. `POLLERR`, `POLLHUP` and `POLLNVAL` come unasked, and asking for
    /// them is `WSAEINVAL` on Windows.
    pub events: i16,
    /// The events that are there.
    pub revents: i16,
}

impl PollFd {
    /// Waits for `events` on `raw`.
    pub fn new(raw: RawSocket, events: i16) -> PollFd {
        PollFd { raw, events, revents: 0 }
    }

    /// An entry that is passed over: all bits set are -1, and `INVALID_SOCKET`.
    pub fn none() -> PollFd {
        PollFd::new(!0, 0)
    }

    /// Whether it is one that is passed over.
    pub fn is_none(&self) -> bool {
        self.raw == !0
    }
}
