//! What a peer saw: kept while it runs, asked by whoever started it, shown when a test fails.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::event::{Call, Event, Progress, Sink};
use super::spec::Then;
use crate::errno::Errno;
use crate::payload;

/// What is kept of the bytes that arrive on one connection where nothing else is said; what comes after
/// is counted only.
pub const MOST_KEPT: usize = 16 << 20;

/// One send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was due, as the time since the connection was made.
    pub due: Duration,
    /// When the call was made.
    pub at: Duration,
    /// When it returned.
    pub done: Duration,
    /// How many bytes it took.
    pub len: usize,
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side ended its stream.
    Eof,
    /// The peer itself did, so.
    Script(Then),
    /// A call failed.
    Failed(Call, Errno),
}

/// What was seen on one connection; of a datagram peer, on its socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Who connected, where somebody did.
    pub from: Option<SocketAddr>,
    /// How many bytes were sent.
    pub bytes_sent: u64,
    /// How many bytes arrived.
    pub bytes_received: u64,
    /// The bytes that arrived, the first 16 MiB of them, or as many as
    /// [`keep_received`](super::Builder::keep_received) says.
    pub received: Vec<u8>,
    /// Of a datagram peer: the length of each datagram in `received`, and its sender.
    pub datagrams: Vec<(usize, Option<SocketAddr>)>,
    /// Each send, where times were asked for.
    pub sends: Vec<Sent>,
    /// How many datagrams a fault dropped.
    pub dropped: usize,
    /// What ended it, in the order in which it happened.
    pub ended: Vec<Ended>,
}

impl Connection {
    /// Whether nothing more can arrive: the other side has ended it, the peer has closed it, or a
    /// call failed. A peer that has shut down its sending side goes on reading.
    pub fn is_at_end(&self) -> bool {
        let last = |ended: &Ended| match ended {
            Ended::Eof
            | Ended::Script(Then::Close | Then::Reset)
            | Ended::Failed(Call::Send(_) | Call::Recv | Call::Connect | Call::Accept, _) => true,
            Ended::Script(Then::Keep | Then::Shutdown) | Ended::Failed(Call::End(_), _) => false,
        };
        self.ended.iter().any(last)
    }
}

/// What a peer saw, as it was when this was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its connections, in the order in which they were made.
    pub connections: Vec<Connection>,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.connections.is_empty() {
            return f.write_str("no connection");
        }
        for (index, connection) in self.connections.iter().enumerate() {
            let comma = if index > 0 { "; " } else { "" };
            write!(f, "{comma}{connection}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from {
            write!(f, "a connection from {from}: ")?;
        }
        write!(f, "sent {} bytes, received ", self.bytes_sent)?;
        match self.bytes_received {
            0 => f.write_str("nothing")?,
            count => write!(f, "{count} bytes {}", payload::show(&self.received))?,
        }
        self.ended.iter().try_for_each(|ended| write!(f, ", then {ended}"))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Eof => f.write_str("the end of the stream"),
            Ended::Script(then) => f.write_str(match then {
                Then::Keep => "kept the connection",
                Then::Shutdown => "shut down its sending side",
                Then::Close => "closed",
                Then::Reset => "reset the connection",
            }),
            Ended::Failed(call, errno) => write!(f, "{}: {}", call.name(), errno.name()),
        }
    }
}

/// What the thread of a peer and whoever asks share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    keeps_times: bool,
    /// How many of the bytes that arrive are kept, on each connection.
    most_kept: usize,
    watch: Option<Watch>,
}

/// Who is told of every event at once, on the peer's thread.
#[derive(Clone)]
pub(super) struct Watch(pub Arc<Watcher>);

type Watcher = dyn Fn(usize, Duration, &Event<'_>) + Send + Sync;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

#[derive(Debug, Default)]
struct State {
    seen: Seen,
    /// Of all connections together: the bytes that arrived, and how many are at their end.
    received: u64,
    at_end: usize,
    /// Why it is of no use: it could not connect or accept.
    failed: Option<(Call, Errno)>,
    progress: Progress,
    /// Whether the thread has let it go, and its sockets are closed.
    gone: bool,
    /// The threads that wait, by what for, and the tasks: who is told in vain costs a system call.
    threads: Vec<Want>,
    tasks: Vec<(Want, Waker)>,
}

/// What one may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// A connection.
    Connection,
    /// So many bytes, on all connections together.
    Received(u64),
    /// That all is sent on every connection, and there is one.
    Sent,
    /// That every connection is at its end, and there is one.
    End,
    /// That the thread has let it go.
    Gone,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// It is there.
    Yes,
    /// It will never be; the call that failed, where one did.
    InVain(Option<Errno>),
}

impl Shared {
    pub(super) fn new(keeps_times: bool, most_kept: usize, watch: Option<Watch>) -> Arc<Shared> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Shared { state, changed, keeps_times, most_kept, watch })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen until now.
    pub(super) fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    /// The peer has had its turns, and is so far.
    pub(super) fn moved(&self, progress: Progress) {
        let mut state = self.lock();
        state.progress = progress;
        self.tell(state);
    }

    /// The peer is gone.
    pub(super) fn gone(&self) {
        let mut state = self.lock();
        state.gone = true;
        self.tell(state);
    }

    /// Wakes whoever has an answer now.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let answered = state.threads.iter().any(|want| state.answer(*want).is_some());
        let mut wakers = Vec::new();
        if !state.tasks.is_empty() {
            let tasks = std::mem::take(&mut state.tasks);
            for (want, waker) in tasks {
                match state.answer(want) {
                    Some(_) => wakers.push(waker),
                    None => state.tasks.push((want, waker)),
                }
            }
        }
        drop(state);
        if answered {
            self.changed.notify_all();
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits for it; `None` once `within` is over.
    pub(super) fn wait(&self, within: Duration, want: Want) -> Option<Met> {
        let deadline = Instant::now() + within;
        let mut state = self.lock();
        loop {
            if let Some(met) = state.answer(want) {
                return Some(met);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state.threads.push(want);
            let (locked, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state = locked;
            if let Some(at) = state.threads.iter().position(|other| *other == want) {
                state.threads.swap_remove(at);
            }
        }
    }

    /// The same for a task, which is woken when there is an answer.
    pub(super) fn poll(&self, context: &mut Context<'_>, want: Want) -> Poll<Met> {
        let mut state = self.lock();
        if let Some(met) = state.answer(want) {
            return Poll::Ready(met);
        }
        let waker = context.waker();
        let same = |(other, task): &(Want, Waker)| *other == want && task.will_wake(waker);
        if !state.tasks.iter().any(same) {
            state.tasks.push((want, waker.clone()));
        }
        Poll::Pending
    }
}

impl State {
    /// Whether it is there, or never will be.
    fn answer(&self, want: Want) -> Option<Met> {
        let connections = self.seen.connections.len();
        let met = match want {
            Want::Connection => connections > 0,
            Want::Received(bytes) => self.received >= bytes,
            Want::Sent => self.progress.over,
            Want::End => {
                let at_end = self.at_end == connections && self.progress.done;
                connections > 0 && (at_end || self.progress.idle)
            }
            Want::Gone => self.gone,
        };
        let hopeless = match want {
            Want::Received(_) | Want::Sent => self.progress.idle || self.failed.is_some(),
            Want::Connection | Want::End => self.failed.is_some(),
            Want::Gone => false,
        };
        // Of one that fails to connect, that it failed comes first.
        let failed = self.failed.filter(|_| want == Want::Connection).map(|(_, errno)| errno);
        match (met, hopeless) {
            (_, true) if failed.is_some() => Some(Met::InVain(failed)),
            (true, _) => Some(Met::Yes),
            (false, true) => Some(Met::InVain(failed)),
            (false, false) => None,
        }
    }

    fn connection(&mut self, number: usize) -> &mut Connection {
        let connections = &mut self.seen.connections;
        if connections.is_empty() {
            // Most have one; a listener's grow as lists do.
            connections.reserve_exact(1);
        }
        if connections.len() <= number {
            connections.resize_with(number + 1, Connection::default);
        }
        &mut connections[number]
    }
}

impl Sink for &Shared {
    fn see(&mut self, number: usize, at: Duration, event: Event<'_>) {
        if let Some(Watch(watch)) = &self.watch {
            watch(number, at, &event);
        }
        let mut state = self.lock();
        match event {
            Event::Failed(call @ (Call::Connect | Call::Accept), errno) => {
                state.failed = Some((call, errno));
                return;
            }
            Event::Connected(from) => {
                let from = from.and_then(crate::sys::Address::as_socket);
                state.connection(number).from = from;
                return;
            }
            _ => {}
        }
        if let Event::Received(bytes, _) = &event {
            state.received += bytes.len() as u64;
        }
        let (keeps_times, most_kept) = (self.keeps_times, self.most_kept);
        let connection = state.connection(number);
        let was_at_end = connection.is_at_end();
        connection.note(at, event, keeps_times, most_kept);
        if connection.is_at_end() && !was_at_end {
            state.at_end += 1;
        }
    }
}

impl Connection {
    fn note(&mut self, at: Duration, event: Event<'_>, keeps_times: bool, most_kept: usize) {
        match event {
            Event::Connected(_) => {}
            Event::Sent { bytes, due, done, .. } => {
                self.bytes_sent += bytes.len() as u64;
                if keeps_times {
                    self.sends.push(Sent { due, at, done, len: bytes.len() });
                }
            }
            Event::Dropped(_) => self.dropped += 1,
            Event::Received(bytes, from) => {
                self.bytes_received += bytes.len() as u64;
                let room = most_kept.saturating_sub(self.received.len());
                self.received.extend_from_slice(&bytes[..bytes.len().min(room)]);
                if let Some(from) = from {
                    self.datagrams.push((bytes.len(), from.as_socket()));
                }
            }
            Event::Eof => self.ended.push(Ended::Eof),
            Event::Ended(then) => self.ended.push(Ended::Script(then)),
            Event::Failed(call, errno) => self.ended.push(Ended::Failed(call, errno)),
        }
    }
}
