//! What is waited for with a [`Readiness`](super::Readiness), and where a system has none of its own:
//! the crate polling, over kqueue on macOS and `\Device\Afd` on Windows.
//!
//! Never reads, never writes a socket.

/// What a socket has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// What it was added under.
    pub key: usize,
    /// Whether a receive, or an accept, would not wait. An error counts.
    pub readable: bool,
    /// Whether a send would not wait, or a connect has ended. An error counts.
    pub writable: bool,
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use std::io;
    use std::sync::Mutex;
    use std::time::Duration;

    use polling::{Event, Events, PollMode, Poller};

    use super::Ready;
    use crate::errno::Errno;
    use crate::sys::imp::poll::{POLLIN, POLLOUT, borrowed, raw_source};
    use crate::sys::{SYSTEM, Socket};

    /// Any number of sockets to wait for. What one has to say is said again as long as it holds.
    #[derive(Debug)]
    pub struct Readiness {
        poller: Poller,
        events: Mutex<Events>,
    }

    impl Readiness {
        /// kqueue(2), or a completion port.
        pub fn new() -> Result<Readiness, Errno> {
            let poller = Poller::new().map_err(|error| errno(&error))?;
            Ok(Readiness { poller, events: Mutex::new(Events::new()) })
        }

        /// Waits for `events` on the socket from now on; they come under this `key`.
        pub fn add(&self, socket: &Socket, key: usize, events: i16) -> Result<(), Errno> {
            let event = event(key, events);
            // SAFETY: who closes a socket says `remove` first.
            unsafe { self.poller.add_with_mode(raw_source(socket), event, PollMode::Level) }
                .map_err(|error| errno(&error))
        }

        /// Waits for these events instead.
        pub fn change(&self, socket: &Socket, key: usize, events: i16) -> Result<(), Errno> {
            self.poller
                .modify_with_mode(borrowed(socket), event(key, events), PollMode::Level)
                .map_err(|error| errno(&error))
        }

        /// Waits for nothing of it any more. Has to be said before a socket is closed: its number
        /// may be another's a moment later.
        pub fn remove(&self, socket: &Socket) {
            // Nobody is to be told of one that was never added.
            let _ = self.poller.delete(borrowed(socket));
        }

        /// Ends a [`wait`](Readiness::wait), on whatever thread, or the next one.
        pub fn wake(&self) {
            // It fails only where the system has no memory left, and then nothing helps.
            let _ = self.poller.notify();
        }

        /// Waits so long at most, without end where no time is given, and adds what there is to
        /// `ready`. May end early with nothing.
        pub fn wait(&self, ready: &mut Vec<Ready>, timeout: Option<Duration>) -> Result<(), Errno> {
            let mut events = self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            events.clear();
            self.poller.wait(&mut events, timeout).map_err(|error| errno(&error))?;
            ready.extend(events.iter().map(|event| {
                let over = event.is_err().unwrap_or(false) || event.is_interrupt();
                Ready {
                    key: event.key,
                    readable: over || event.readable,
                    writable: over || event.writable,
                }
            }));
            Ok(())
        }
    }

    fn event(key: usize, events: i16) -> Event {
        Event::new(key, events & POLLIN != 0, events & POLLOUT != 0)
    }

    fn errno(error: &io::Error) -> Errno {
        error.raw_os_error().map_or(Errno::ENOSYS, |number| Errno::from_number(SYSTEM, number))
    }
}

#[cfg(not(target_os = "linux"))]
pub use portable::Readiness;
