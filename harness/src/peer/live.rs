//! A peer over real sockets: one action a turn, never a wait.
//!
//! Whoever runs it (the conductor of a scenario, a thread of the library) gives it turns, and
//! between them waits for what [`Live::wants`] names. `schedule` and `reads` decide what the next
//! action is; the calls are `sys`'s, and what they answer goes to a [`Sink`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::link::Link;
use super::spec::{Role, Spec, Then};
use crate::errno::Errno;
use crate::net::so_error;
use crate::option::{self, Value};
use crate::sys::{self, Address, PollFd, Socket};

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
}

/// Why a peer's socket could not be set up: the call and its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call} = {}", .errno.name())]
pub struct OpenError {
    /// `bind`, `listen`, `SO_RCVBUF`.
    pub call: &'static str,
    /// What the system answered.
    pub errno: Errno,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not started.
    Still,
    /// To be connected.
    Connecting {
        /// Whether the call was made.
        begun: bool,
    },
    /// Listens, or has its one connection.
    Up,
    /// Could not connect or accept.
    Failed,
}

/// A peer and its sockets.
#[derive(Debug)]
pub struct Live {
    spec: Arc<Spec>,
    socket: Arc<Socket>,
    to: Option<Address>,
    stage: Stage,
    /// Whether the socket's own next call has to wait for readiness.
    blocked: bool,
    links: Vec<Link>,
    /// Whose turn is next.
    next: usize,
}

impl Live {
    /// Opens its socket, with its options; binds it to `local` and listens, where its role says so.
    pub fn open(spec: Arc<Spec>, local: Option<&Address>) -> Result<Live, OpenError> {
        let failed = |call| move |errno| OpenError { call, errno };
        let socket = Socket::open(spec.kind, false).map_err(failed("socket"))?;
        set_options(&socket, &spec)?;
        if let Some(local) = local {
            socket.bind(local).map_err(failed("bind"))?;
        }
        if let Role::Listen { backlog } = spec.role {
            socket.listen(backlog.unwrap_or(128)).map_err(failed("listen"))?;
        }
        let socket = Arc::new(socket);
        let (to, stage, links) = (None, Stage::Still, Vec::new());
        Ok(Live { spec, socket, to, stage, blocked: false, links, next: 0 })
    }

    /// Its socket: the connection, the listener, or where the datagrams go.
    pub fn socket(&self) -> &Arc<Socket> {
        &self.socket
    }

    /// Lets it begin; `to` is whom it connects to, or where its datagrams go.
    pub fn start(&mut self, to: Option<Address>) {
        self.to = to;
        self.stage = match self.spec.role {
            Role::Connect => Stage::Connecting { begun: false },
            Role::Listen { .. } => Stage::Up,
            Role::Datagram => {
                self.links.push(Link::new(&self.spec, Arc::clone(&self.socket), 0));
                Stage::Up
            }
        };
    }

    /// Does at most one thing that can be done now. Whether it did.
    pub fn turn(&mut self, buffer: &mut Vec<u8>, sink: &mut dyn Sink) -> bool {
        if !self.blocked {
            let moved = match (self.stage, self.spec.role) {
                (Stage::Connecting { begun }, _) => self.connect(begun, sink),
                (Stage::Up, Role::Listen { .. }) => self.accept(sink),
                (Stage::Up, Role::Connect | Role::Datagram) | (Stage::Still | Stage::Failed, _) => {
                    false
                }
            };
            if moved {
                return true;
            }
        }
        for _ in 0..self.links.len() {
            let index = self.next % self.links.len();
            self.next = index + 1;
            if self.links[index].turn(index, self.to.as_ref(), buffer, sink) {
                return true;
            }
        }
        false
    }

    /// The first call begins; once the socket is writable, `SO_ERROR` tells how it ended.
    fn connect(&mut self, begun: bool, sink: &mut dyn Sink) -> bool {
        let result = match (&self.to, begun) {
            (_, true) => so_error(&self.socket).and_then(|error| error.map_or(Ok(()), Err)),
            (Some(to), false) => self.socket.connect(to),
            (None, false) => Err(Errno::EINVAL),
        };
        self.stage = match result {
            Ok(()) => {
                sink.see(0, Duration::ZERO, Event::Connected(None));
                self.links.push(Link::new(&self.spec, Arc::clone(&self.socket), 0));
                Stage::Up
            }
            Err(sys::CONNECTING) => {
                self.blocked = true;
                Stage::Connecting { begun: true }
            }
            Err(errno) => {
                sink.see(0, Duration::ZERO, Event::Failed(Call::Connect, errno));
                Stage::Failed
            }
        };
        !self.blocked
    }

    fn accept(&mut self, sink: &mut dyn Sink) -> bool {
        let number = self.links.len();
        match self.socket.accept(false) {
            Ok((socket, from)) => {
                // Linux hands the listener's on, POSIX does not say so.
                let _ = set_nodelay(&socket, &self.spec);
                sink.see(number, Duration::ZERO, Event::Connected(Some(&from)));
                self.links.push(Link::new(&self.spec, Arc::new(socket), number));
            }
            Err(Errno::EAGAIN) => self.blocked = true,
            // The connection was gone before it was accepted: the next one may be there.
            Err(Errno::ECONNABORTED | Errno::EINTR) => {}
            Err(errno) => {
                self.stage = Stage::Failed;
                sink.see(number, Duration::ZERO, Event::Failed(Call::Accept, errno));
            }
        }
        !self.blocked
    }

    /// Adds what it waits for: one entry for its socket, one for each connection; `soonest` becomes
    /// the time at which it has something to do, where that is sooner.
    pub fn wants(&self, polled: &mut Vec<PollFd>, soonest: &mut Instant) {
        let own = match (self.blocked, self.stage) {
            (true, Stage::Connecting { .. }) => sys::POLLOUT,
            (true, Stage::Up) => sys::POLLIN,
            (false, _) | (true, Stage::Still | Stage::Failed) => 0,
        };
        polled.push(wanted(&self.socket, own));
        for link in &self.links {
            polled.push(wanted(link.socket(), link.wants(soonest)));
        }
    }

    /// How many entries [`wants`](Live::wants) adds.
    pub fn wanted(&self) -> usize {
        self.links.len() + 1
    }

    /// When it has something to do next, where it knows.
    pub fn due(&self) -> Option<Instant> {
        self.links.iter().filter_map(Link::due).min()
    }

    /// Whether what is [`due`](Live::due) next is a send.
    pub fn is_exact(&self) -> bool {
        let first =
            self.links.iter().filter(|link| link.due().is_some()).min_by_key(|link| link.due());
        first.is_some_and(Link::is_exact)
    }

    /// Takes the events that poll gave to what `wants` added.
    pub fn ready(&mut self, polled: &[PollFd]) {
        let Some((own, rest)) = polled.split_first() else { return };
        if own.revents != 0 {
            self.blocked = false;
        }
        for (link, polled) in self.links.iter_mut().zip(rest) {
            if polled.revents != 0 {
                link.ready();
            }
        }
    }

    /// Whether every script has come to its end; of a listening peer, at least one.
    pub fn is_over(&self) -> bool {
        !self.links.is_empty() && self.links.iter().all(Link::is_over)
    }

    /// Whether nothing will be sent any more on any connection there is.
    pub fn is_done(&self) -> bool {
        self.links.iter().all(Link::is_done)
    }

    /// Whether it failed, or has nothing left to do: no script to go on with, nothing to read.
    pub fn is_idle(&self) -> bool {
        match (self.stage, self.spec.role) {
            (Stage::Failed, _) => true,
            (Stage::Still | Stage::Connecting { .. }, _) | (Stage::Up, Role::Listen { .. }) => {
                false
            }
            (Stage::Up, Role::Connect | Role::Datagram) => self.links.iter().all(Link::is_idle),
        }
    }

    /// Whether a connection is open on which it still reads, so that the end will be seen.
    pub fn is_reading(&self) -> bool {
        self.spec.kind.is_connection_oriented() && self.links.iter().any(Link::is_reading)
    }

    /// How many bytes have arrived, on all connections.
    pub fn bytes_received(&self) -> u64 {
        self.links.iter().map(Link::bytes_received).sum()
    }

    /// Ends the sending direction of connections that have nothing more to send, so that the other
    /// side sees the end.
    pub fn hang_up(&mut self) {
        self.links.iter_mut().for_each(Link::hang_up);
    }
}

/// What poll is asked of a socket; an entry that is passed over where nothing is.
fn wanted(socket: &Socket, events: i16) -> PollFd {
    if events == 0 { PollFd::none() } else { PollFd::new(socket.raw(), events) }
}

/// Before bind, listen and connect: the receive buffer decides the window that is offered.
fn set_options(socket: &Socket, spec: &Spec) -> Result<(), OpenError> {
    let buffers = [("SO_RCVBUF", spec.rcvbuf), ("SO_SNDBUF", spec.sndbuf)];
    for (name, bytes) in buffers {
        if let Some(bytes) = bytes {
            set(socket, name, &Value::Int(i64::try_from(bytes).unwrap_or(i64::MAX)))?;
        }
    }
    set_nodelay(socket, spec)
}

fn set_nodelay(socket: &Socket, spec: &Spec) -> Result<(), OpenError> {
    if spec.kind.is_tcp() && spec.nodelay {
        set(socket, "TCP_NODELAY", &Value::Bool(true))?;
    }
    Ok(())
}

/// Sets an option by its name.
pub(super) fn set(socket: &Socket, name: &'static str, value: &Value) -> Result<(), OpenError> {
    let failed = |errno| OpenError { call: name, errno };
    let numbers = sys::option_number(name).zip(option::find(name));
    let ((level, number), option) = numbers.ok_or(failed(Errno::ENOPROTOOPT))?;
    let value = sys::encode(option.shape, value).map_err(|_| failed(Errno::EINVAL))?;
    socket.set_option(level, number, &value).map_err(failed)
}
