//! What happens to a peer, and who is told.
//!
//! Values only: the calls are made in `live` and `link`.

use std::time::Duration;

use super::spec::Then;
use crate::errno::Errno;
use crate::sys::{Address, Socket};

/// What happened on a connection.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// The connection is made, or was accepted from this address.
    Connected(Option<&'e Address>),
    /// A send took these bytes.
    Sent {
        /// What it took.
        bytes: &'e [u8],
        /// The length of the piece that this completes.
        whole: Option<usize>,
        /// To whom, where the socket is not connected.
        to: Option<&'e Address>,
        /// When it was due, as the time since the connection was made.
        due: Duration,
        /// When the call returned.
        done: Duration,
    },
    /// A datagram of so many bytes was not sent, as a fault says.
    Dropped(usize),
    /// A receive gave these bytes; of a datagram from this address.
    Received(&'e [u8], Option<&'e Address>),
    /// The other side ended its stream.
    Eof,
    /// The script ended, so.
    Ended(Then),
    /// A call failed.
    Failed(Call, Errno),
}

/// A call that may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// connect(2).
    Connect,
    /// accept(2).
    Accept,
    /// send(2) or sendto(2), of so many bytes.
    Send(usize),
    /// recv(2) or recvfrom(2).
    Recv,
    /// shutdown(2) or close(2).
    End(Then),
}

impl Call {
    /// The call's name in the manual.
    pub fn name(self) -> &'static str {
        match self {
            Call::Connect => "connect",
            Call::Accept => "accept",
            Call::Send(_) => "send",
            Call::Recv => "recv",
            Call::End(Then::Shutdown) => "shutdown",
            Call::End(Then::Keep | Then::Close | Then::Reset) => "close",
        }
    }
}

/// Who is told what happens.
pub trait Sink {
    /// This happened on the connection of that number, so long after it was made.
    fn see(&mut self, connection: usize, at: Duration, event: Event<'_>);

    /// This socket, on which somebody was told to wait, is about to be closed.
    fn closing(&mut self, _socket: &Socket) {}
}

/// How far a peer, or one connection of it, has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether every script has come to its end.
    pub over: bool,
    /// Whether nothing will be sent any more, on any connection.
    pub done: bool,
    /// Whether it has nothing left to do.
    pub idle: bool,
}

/// Of how many connections each is true.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) over: usize,
    pub(super) done: usize,
    pub(super) idle: usize,
}

impl Counts {
    /// One of them has come so much further.
    pub(super) fn change(&mut self, before: Progress, after: Progress) {
        let counts = [
            (&mut self.over, before.over, after.over),
            (&mut self.done, before.done, after.done),
            (&mut self.idle, before.idle, after.idle),
        ];
        for (count, before, after) in counts {
            *count = *count + usize::from(after) - usize::from(before);
        }
    }
}
