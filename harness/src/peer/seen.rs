//! What a peer saw: kept while it runs, asked by whoever started it, shown when a test fails.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::live::{Call, Event, Live, Sink};
use super::spec::Then;
use crate::errno::Errno;
use crate::payload;

/// What is kept of the bytes that arrive on one connection; what comes after is counted only.
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
    /// The bytes that arrived, the first 16 MiB of them.
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
    watch: Option<Watch>,
}

/// Who is told of every event at once, on the peer's thread.
pub(super) struct Watch(pub Box<Watcher>);

type Watcher = dyn Fn(usize, Duration, &Event<'_>) + Send + Sync;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

#[derive(Debug, Default)]
struct State {
    seen: Seen,
    /// Why it is of no use: it could not connect or accept.
    failed: Option<(Call, Errno)>,
    progress: Progress,
    /// Whether the thread has let it go.
    gone: bool,
    wakers: Vec<Waker>,
    /// How many threads wait: telling nobody costs a system call too.
    waiting: usize,
}

/// How far a peer has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Whether every script has come to its end.
    pub(super) over: bool,
    /// Whether nothing will be sent any more, on any connection.
    pub(super) done: bool,
    /// Whether it has nothing left to do.
    pub(super) idle: bool,
}

/// What there is to ask about.
pub(super) struct View<'s> {
    pub(super) seen: &'s Seen,
    pub(super) failed: Option<(Call, Errno)>,
    pub(super) progress: Progress,
    /// Whether its thread has let it go, and its sockets are closed.
    pub(super) gone: bool,
}

impl Shared {
    pub(super) fn new(keeps_times: bool, watch: Option<Watch>) -> Arc<Shared> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Shared { state, changed, keeps_times, watch })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen until now.
    pub(super) fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    /// The peer has had its turns.
    pub(super) fn moved(&self, live: &Live) {
        let mut state = self.lock();
        state.progress =
            Progress { over: live.is_over(), done: live.is_done(), idle: live.is_idle() };
        self.tell(state);
    }

    /// The peer is gone.
    pub(super) fn gone(&self) {
        let mut state = self.lock();
        state.gone = true;
        self.tell(state);
    }

    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let wakers = std::mem::take(&mut state.wakers);
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.changed.notify_all();
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until `ask` has an answer; `None` once `within` is over.
    pub(super) fn wait<T>(
        &self,
        within: Duration,
        ask: impl Fn(&View<'_>) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + within;
        let mut state = self.lock();
        loop {
            if let Some(answer) = ask(&state.view()) {
                return Some(answer);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state.waiting += 1;
            let (locked, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state = locked;
            state.waiting -= 1;
        }
    }

    /// The same for a task, which is woken when there may be an answer.
    pub(super) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        ask: impl Fn(&View<'_>) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        if let Some(answer) = ask(&state.view()) {
            return Poll::Ready(answer);
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        Poll::Pending
    }
}

impl State {
    fn view(&self) -> View<'_> {
        View { seen: &self.seen, failed: self.failed, progress: self.progress, gone: self.gone }
    }

    fn connection(&mut self, number: usize) -> &mut Connection {
        let connections = &mut self.seen.connections;
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
        let keeps_times = self.keeps_times;
        state.connection(number).note(at, event, keeps_times);
    }
}

impl Connection {
    fn note(&mut self, at: Duration, event: Event<'_>, keeps_times: bool) {
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
                let room = MOST_KEPT.saturating_sub(self.received.len());
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
