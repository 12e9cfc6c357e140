//! A running peer: its address, what it saw, waits for what it is to see, and its end.

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::live::{Call, Live, OpenError};
use super::seen::{Connection, Seen, Shared, View};
use super::spec::Role;
use crate::errno::Errno;
use crate::sys::Socket;

/// Whose thread runs a peer.
pub(super) enum Owner {
    /// Its own.
    Alone(Engine),
    /// That of a group.
    Group(Arc<Engine>),
}

impl Owner {
    fn engine(&self) -> &Engine {
        match self {
            Owner::Alone(engine) => engine,
            Owner::Group(engine) => engine,
        }
    }
}

/// A peer that runs. Dropping it stops it: its sockets are closed when the drop returns.
pub struct Peer {
    owner: Owner,
    shared: Arc<Shared>,
    number: usize,
    addr: Option<SocketAddr>,
    to: Option<SocketAddr>,
    role: Role,
    seed: u64,
    within: Duration,
    socket: Option<Arc<Socket>>,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("addr", &self.addr)
            .field("seen", &self.seen())
            .finish_non_exhaustive()
    }
}

impl Peer {
    pub(super) fn new(
        owner: Owner,
        live: Live,
        shared: Arc<Shared>,
        socket: Arc<Socket>,
        role: Role,
        seed: u64,
        (within, to): (Duration, Option<SocketAddr>),
    ) -> Peer {
        let addr = socket.local_addr().ok().and_then(|addr| addr.as_socket());
        let number = owner.engine().add(live, Arc::clone(&shared));
        // A connection has its address only once it is made.
        let socket = (role == Role::Connect).then_some(socket);
        Peer { owner, shared, number, addr, to, role, seed, within, socket }
    }

    pub(super) fn connected(self) -> Result<Peer, StartError> {
        let answer = match self.role {
            Role::Connect => self.shared.wait(self.within, connection),
            Role::Listen { .. } | Role::Datagram => Some(Ok(())),
        };
        self.ready(answer.unwrap_or(Err(Errno::ETIMEDOUT)))
    }

    pub(super) async fn connected_async(self) -> Result<Peer, StartError> {
        let answer = match self.role {
            Role::Connect => poll_fn(|context| self.shared.poll(context, connection)).await,
            Role::Listen { .. } | Role::Datagram => Ok(()),
        };
        self.ready(answer)
    }

    fn ready(mut self, answer: Result<(), Errno>) -> Result<Peer, StartError> {
        answer.map_err(|errno| StartError::connect(self.to, errno))?;
        if let Some(socket) = self.socket.take() {
            self.addr = socket.local_addr().ok().and_then(|addr| addr.as_socket());
        }
        Ok(self)
    }

    /// Its address: where it listens or is bound, or its end of the connection.
    ///
    /// # Panics
    ///
    /// Never: a peer that was started has one.
    pub fn addr(&self) -> SocketAddr {
        self.addr.expect("a peer that was started has an address")
    }

    /// What everything drawn was drawn from: with it the peer does the same again.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What it saw until now.
    pub fn seen(&self) -> Seen {
        self.shared.seen()
    }

    /// The bytes that arrived until now, of all its connections one after the other.
    pub fn received(&self) -> Vec<u8> {
        all_received(&self.seen())
    }

    /// Waits until at least so many bytes have arrived, on all connections together, and gives all
    /// that did.
    pub fn wait_received(&self, bytes: u64) -> Result<Vec<u8>, PeerError> {
        self.wait(&format!("{bytes} bytes"), |view| received(view, bytes))
    }

    /// Waits until all is sent, on at least one connection.
    pub fn wait_sent(&self) -> Result<(), PeerError> {
        self.wait("all to be sent", sent)
    }

    /// Waits until every connection is at its end: the other side has ended it, or the peer itself
    /// has, or a call failed. At least one has to have been made.
    pub fn wait_end(&self) -> Result<Seen, PeerError> {
        self.wait("the end", ended)
    }

    /// As [`wait_received`](Peer::wait_received), for a task. It ends with the task's own time limit.
    pub async fn until_received(&self, bytes: u64) -> Result<Vec<u8>, PeerError> {
        self.until(&format!("{bytes} bytes"), |view| received(view, bytes)).await
    }

    /// As [`wait_sent`](Peer::wait_sent), for a task.
    pub async fn until_sent(&self) -> Result<(), PeerError> {
        self.until("all to be sent", sent).await
    }

    /// As [`wait_end`](Peer::wait_end), for a task.
    pub async fn until_end(&self) -> Result<Seen, PeerError> {
        self.until("the end", ended).await
    }

    fn wait<T>(
        &self,
        wanted: &str,
        ask: impl Fn(&View<'_>) -> Option<Result<T, ()>>,
    ) -> Result<T, PeerError> {
        let answer = self.shared.wait(self.within, ask);
        let why = match answer {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(())) => format!("waited for {wanted}, in vain"),
            None => format!("waited {:?} for {wanted}", self.within),
        };
        Err(PeerError { why, seen: self.seen() })
    }

    async fn until<T>(
        &self,
        wanted: &str,
        ask: impl Fn(&View<'_>) -> Option<Result<T, ()>>,
    ) -> Result<T, PeerError> {
        let answer = poll_fn(|context| self.shared.poll(context, &ask)).await;
        answer.map_err(|()| PeerError {
            why: format!("waited for {wanted}, in vain"),
            seen: self.seen(),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Owner::Group(engine) = &self.owner {
            engine.remove(self.number);
            // The thread obeys between two turns; it is gone itself where this takes long.
            self.shared.wait(Duration::from_secs(5), |view| view.gone.then_some(()));
        }
    }
}

fn connection(view: &View<'_>) -> Option<Result<(), Errno>> {
    match view.failed {
        Some((_, errno)) => Some(Err(errno)),
        None => (!view.seen.connections.is_empty()).then_some(Ok(())),
    }
}

fn received(view: &View<'_>, bytes: u64) -> Option<Result<Vec<u8>, ()>> {
    let arrived: u64 = view.seen.connections.iter().map(|one| one.bytes_received).sum();
    if arrived >= bytes {
        return Some(Ok(all_received(view.seen)));
    }
    (view.progress.idle || view.failed.is_some()).then_some(Err(()))
}

fn sent(view: &View<'_>) -> Option<Result<(), ()>> {
    if view.progress.over {
        return Some(Ok(()));
    }
    (view.progress.idle || view.failed.is_some()).then_some(Err(()))
}

fn ended(view: &View<'_>) -> Option<Result<Seen, ()>> {
    let connections = &view.seen.connections;
    let at_end = connections.iter().all(Connection::is_at_end) && view.progress.done;
    if !connections.is_empty() && (at_end || view.progress.idle) {
        return Some(Ok(view.seen.clone()));
    }
    view.failed.map(|_| Err(()))
}

fn all_received(seen: &Seen) -> Vec<u8> {
    seen.connections.iter().flat_map(|one| &one.received).copied().collect()
}

/// What was waited for did not come; it says what the peer saw instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}; the peer saw: {seen}")]
pub struct PeerError {
    why: String,
    seen: Seen,
}

impl PeerError {
    /// What the peer saw.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }
}

/// A peer could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to start a peer: {why}")]
pub struct StartError {
    why: String,
    errno: Option<Errno>,
    far: Option<SocketAddr>,
}

impl StartError {
    /// The system's answer, where it is what failed.
    pub fn errno(&self) -> Option<Errno> {
        self.errno
    }

    /// The address that is not loopback, where that is why.
    pub fn far(&self) -> Option<SocketAddr> {
        self.far
    }

    pub(super) fn mistake(why: String) -> StartError {
        StartError { why, errno: None, far: None }
    }

    fn system(why: String, errno: Errno) -> StartError {
        StartError { why, errno: Some(errno), far: None }
    }

    pub(super) fn remote(addr: SocketAddr) -> StartError {
        let why = format!("{addr} is not loopback, and `allow_remote` was not said");
        StartError { far: Some(addr), ..StartError::mistake(why) }
    }

    pub(super) fn thread(errno: Errno) -> StartError {
        StartError::system(format!("no thread: {}", errno.name()), errno)
    }

    pub(super) fn open(error: &OpenError, local: Option<SocketAddr>) -> StartError {
        let at = local.map(|local| format!(" on {local}")).unwrap_or_default();
        StartError::system(format!("{error}{at}"), error.errno)
    }

    fn connect(to: Option<SocketAddr>, errno: Errno) -> StartError {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        let call = Call::Connect.name();
        StartError::system(format!("{call}{to} = {}", errno.name()), errno)
    }
}
