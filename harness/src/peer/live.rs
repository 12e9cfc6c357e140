//! A peer over real sockets: one action a turn, never a wait.
//!
//! Whoever runs it (the conductor of a scenario, a thread of the library) gives it turns, and
//! between them waits for what [`Live::wants`] names. `schedule` and `reads` decide what the next
//! action is; the calls are `sys`'s, and what they answer goes to a [`Sink`]. How a thread of many
//! peers waits for it is in `watched`.

mod watched;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::Counts;
pub use super::event::{Call, Event, Progress, Sink};
use super::link::Link;
use super::spec::{Role, Spec};
use crate::errno::Errno;
use crate::net::so_error;
use crate::option::{self, Value};
use crate::sys::{self, Address, PollFd, Socket};
pub(super) use watched::Watcher;

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

/// A peer and its sockets. No turn costs more where there are many connections.
#[derive(Debug)]
pub struct Live {
    spec: Arc<Spec>,
    socket: Arc<Socket>,
    to: Option<Arc<Address>>,
    stage: Stage,
    /// Whether the socket's own next call has to wait for readiness.
    blocked: bool,
    /// What a thread of many peers waits for on it; `None` where it has not been told of it.
    watched: Option<i16>,
    links: Vec<Link>,
    /// The number of its first connection, from which everything drawn is drawn.
    first: usize,
    /// The connections that may be able to move, in turn.
    runnable: VecDeque<usize>,
    /// When others will be.
    dues: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Those that have come to a halt, where a thread of many peers wants to know.
    halted: Option<Vec<usize>>,
    counts: Counts,
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
        Ok(Live {
            spec,
            socket,
            to: None,
            stage: Stage::Still,
            blocked: false,
            watched: None,
            links: Vec::new(),
            first: 0,
            runnable: VecDeque::with_capacity(1),
            dues: BinaryHeap::new(),
            halted: None,
            counts: Counts::default(),
        })
    }

    /// Does what a listening peer's connection of this number does, counted from 0.
    #[must_use]
    pub fn as_number(self, first: usize) -> Live {
        Live { first, ..self }
    }

    /// Its socket: the connection, the listener, or where the datagrams go.
    pub fn socket(&self) -> &Arc<Socket> {
        &self.socket
    }

    /// Lets it begin; `to` is whom it connects to, or where its datagrams go.
    pub fn start(&mut self, to: Option<Address>) {
        self.to = to.map(Arc::new);
        self.stage = match self.spec.role {
            Role::Connect => Stage::Connecting { begun: false },
            Role::Listen { .. } => Stage::Up,
            Role::Datagram => {
                self.link(Arc::clone(&self.socket));
                Stage::Up
            }
        };
    }

    fn link(&mut self, socket: Arc<Socket>) {
        let number = self.links.len();
        let mut link = Link::new(&self.spec, socket, self.first + number);
        if !self.listens() {
            self.links.reserve_exact(1);
            link.watched = self.watched.take();
        }
        link.queued = true;
        self.counts.change(Progress::default(), link.progress());
        link.counted = link.progress();
        self.links.push(link);
        self.runnable.push_back(number);
    }

    fn listens(&self) -> bool {
        matches!(self.spec.role, Role::Listen { .. })
    }

    /// Connects at once where the system can, as it does on loopback; whoever runs it goes on.
    pub(super) fn connect_now(&mut self, sink: &mut dyn Sink) {
        let mut none = Vec::new();
        self.turn(&mut none, sink);
        let mut own = [PollFd::new(self.socket.raw(), sys::POLLOUT)];
        if self.blocked && sys::poll(&mut own, Some(Duration::ZERO)) == Ok(1) {
            self.blocked = false;
            self.turn(&mut none, sink);
        }
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
        self.queue_due();
        while let Some(number) = self.runnable.pop_front() {
            let link = &mut self.links[number];
            let moved = link.turn(number, self.to.as_ref(), buffer, sink);
            let progress = link.progress();
            self.counts.change(link.counted, progress);
            link.counted = progress;
            if moved {
                self.runnable.push_back(number);
                return true;
            }
            link.queued = false;
            let due = link.due();
            if let Some(due) = due.filter(|_| due != link.noted_due) {
                self.dues.push(Reverse((due, number)));
            }
            link.noted_due = due;
            if let Some(halted) = &mut self.halted {
                halted.push(number);
            }
        }
        false
    }

    /// Makes runnable whose time has come.
    fn queue_due(&mut self) {
        if self.dues.is_empty() {
            return;
        }
        let now = Instant::now();
        while self.next_due().is_some_and(|due| due <= now) {
            if let Some(Reverse((_, number))) = self.dues.pop() {
                self.links[number].noted_due = None;
                self.queue(number);
            }
        }
    }

    fn queue(&mut self, number: usize) {
        if let Some(link) = self.links.get_mut(number)
            && !std::mem::replace(&mut link.queued, true)
        {
            self.runnable.push_back(number);
        }
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
                self.link(Arc::clone(&self.socket));
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
                self.link(Arc::new(socket));
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

    /// What the socket's own next call waits for.
    fn own_wants(&self) -> i16 {
        match (self.blocked, self.stage) {
            (true, Stage::Connecting { .. }) => sys::POLLOUT,
            (true, Stage::Up) => sys::POLLIN,
            (false, _) | (true, Stage::Still | Stage::Failed) => 0,
        }
    }

    /// Adds what it waits for: one entry for its socket, one for each connection; `soonest` becomes
    /// the time at which it has something to do, where that is sooner.
    pub fn wants(&self, polled: &mut Vec<PollFd>, soonest: &mut Instant) {
        polled.push(wanted(&self.socket, self.own_wants()));
        for link in &self.links {
            if let Some(due) = link.due() {
                *soonest = (*soonest).min(due);
            }
            polled.push(wanted(link.socket(), link.wants()));
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

    /// The same from the heap, once it has had its turns: costs the same however many there are.
    pub(super) fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, number))) = self.dues.peek().copied() {
            if self.links[number].noted_due == Some(due) {
                return Some(due);
            }
            // It has changed its mind.
            self.dues.pop();
        }
        None
    }

    /// Whether what is [`due`](Live::next_due) next is a send.
    pub(super) fn is_exact(&mut self) -> bool {
        self.next_due();
        self.dues.peek().is_some_and(|Reverse((_, number))| self.links[*number].is_exact())
    }

    /// Takes the events that poll gave to what `wants` added.
    pub fn ready(&mut self, polled: &[PollFd]) {
        let Some((own, rest)) = polled.split_first() else { return };
        if own.revents != 0 {
            self.blocked = false;
        }
        for (number, polled) in (0..self.links.len()).zip(rest) {
            let other = polled.revents & !(sys::POLLIN | sys::POLLOUT) != 0;
            let [readable, writable] =
                [sys::POLLIN, sys::POLLOUT].map(|event| other || polled.revents & event != 0);
            if readable || writable {
                self.links[number].ready(readable, writable);
                self.queue(number);
            }
        }
    }

    /// How far it is; of a listening peer, at least one connection is over where it is.
    pub fn progress(&self) -> Progress {
        let all = self.links.len();
        let idle = match (self.stage, self.spec.role) {
            (Stage::Failed, _) => true,
            (Stage::Still | Stage::Connecting { .. }, _) | (Stage::Up, Role::Listen { .. }) => {
                false
            }
            (Stage::Up, Role::Connect | Role::Datagram) => self.counts.idle == all,
        };
        Progress { over: all > 0 && self.counts.over == all, done: self.counts.done == all, idle }
    }

    /// Whether every script has come to its end; of a listening peer, at least one.
    pub fn is_over(&self) -> bool {
        self.progress().over
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
