//! A running peer: its address, what it saw, waits for what it is to see, and its end.

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::engine::{Engine, Recruit};
use super::event::Call;
use super::group::Starting;
use super::live::{Live, OpenError};
use super::place::{BoundPath, Place};
use super::seen::{Met, Seen, Shared, Want};
use super::spec::{Role, Spec};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::{self, Socket};

/// Whose thread runs a peer.
pub(super) enum Owner {
    /// Its own.
    Alone(Engine),
    /// That of a group.
    Group(Arc<Engine>),
}

impl Owner {
    pub(super) fn engine(&self) -> &Engine {
        match self {
            Owner::Alone(engine) => engine,
            Owner::Group(engine) => engine,
        }
    }
}

/// A peer that runs. Dropping it stops it: its sockets are closed when the drop returns.
pub struct Peer {
    pub(super) owner: Owner,
    shared: Arc<Shared>,
    /// Where it stands on its thread.
    number: usize,
    addr: Option<SocketAddr>,
    seed: u64,
    within: Duration,
    /// Where the connection is not made yet, whose address is asked for then.
    socket: Option<Arc<Socket>>,
    role: Role,
    /// Removed last: fields are dropped in their order.
    bound: Option<BoundPath>,
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
    /// It, and what its thread is to be given.
    pub(super) fn new(
        owner: Owner,
        live: Live,
        shared: Arc<Shared>,
        spec: &Spec,
        bound: Option<BoundPath>,
        within: Duration,
    ) -> (Peer, Recruit) {
        let socket = Arc::clone(live.socket());
        let recruit = owner.engine().place(live, Arc::clone(&shared));
        let (role, seed, socket) = (spec.role, spec.seed, Some(socket));
        let number = recruit.place();
        (Peer { owner, shared, number, addr: None, seed, within, socket, role, bound }, recruit)
    }

    /// Its address: where it listens or is bound, or its end of the connection.
    ///
    /// # Panics
    ///
    /// Of an `AF_UNIX` peer: that has a [`path`](Peer::path).
    pub fn addr(&self) -> SocketAddr {
        self.addr.expect("TCP and UDP peers have an address, AF_UNIX peers a path")
    }

    /// The path that it listens on or is bound to, until it is dropped.
    ///
    /// # Panics
    ///
    /// Of a TCP or UDP peer, and of an `AF_UNIX` one that connects: its socket has no name, but of
    /// datagrams.
    pub fn path(&self) -> &Path {
        let bound = self.bound.as_ref().map(|bound| &*bound.path);
        bound.expect("an AF_UNIX peer that listens or is bound has a path")
    }

    /// Its own end as text, of whatever family: its address, or its path. `None` of a socket without a
    /// name, as that of an `AF_UNIX` peer that connects.
    pub fn endpoint(&self) -> Option<String> {
        let path = self.bound.as_ref().map(|bound| bound.path.display().to_string());
        path.or_else(|| self.addr.map(|addr| addr.to_string()))
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
        self.wait(&format!("{bytes} bytes"), Want::Received(bytes)).map(|()| self.received())
    }

    /// Waits until all is sent, on at least one connection.
    pub fn wait_sent(&self) -> Result<(), PeerError> {
        self.wait("all to be sent", Want::Sent)
    }

    /// Waits until every connection is at its end: the other side has ended it, or the peer itself
    /// has, or a call failed. At least one has to have been made.
    pub fn wait_end(&self) -> Result<Seen, PeerError> {
        self.wait("the end", Want::End).map(|()| self.seen())
    }

    /// As [`wait_received`](Peer::wait_received), for a task. It ends with the task's own time limit.
    pub async fn until_received(&self, bytes: u64) -> Result<Vec<u8>, PeerError> {
        self.until(&format!("{bytes} bytes"), Want::Received(bytes)).await.map(|()| self.received())
    }

    /// As [`wait_sent`](Peer::wait_sent), for a task.
    pub async fn until_sent(&self) -> Result<(), PeerError> {
        self.until("all to be sent", Want::Sent).await
    }

    /// As [`wait_end`](Peer::wait_end), for a task.
    pub async fn until_end(&self) -> Result<Seen, PeerError> {
        self.until("the end", Want::End).await.map(|()| self.seen())
    }

    /// Stops it, as a drop does, and gives all that it saw until then.
    pub fn stop(self) -> Seen {
        let shared = Arc::clone(&self.shared);
        drop(self);
        shared.seen()
    }

    fn wait(&self, wanted: &str, want: Want) -> Result<(), PeerError> {
        let why = match self.shared.wait(self.within, want) {
            Some(Met::Yes) => return Ok(()),
            Some(Met::InVain(_)) => format!("waited for {wanted}, in vain"),
            None => format!("waited {:?} for {wanted}", self.within),
        };
        Err(PeerError { why, seen: self.seen() })
    }

    async fn until(&self, wanted: &str, want: Want) -> Result<(), PeerError> {
        match poll_fn(|context| self.shared.poll(context, want)).await {
            Met::Yes => Ok(()),
            Met::InVain(_) => {
                let why = format!("waited for {wanted}, in vain");
                Err(PeerError { why, seen: self.seen() })
            }
        }
    }
}

impl Starting {
    pub(super) fn connected(self) -> Result<Peer, StartError> {
        let answer = match self.peer.role {
            Role::Connect => self.peer.shared.wait(self.peer.within, Want::Connection),
            Role::Listen { .. } | Role::Datagram => Some(Met::Yes),
        };
        self.ready(answer.unwrap_or(Met::InVain(Some(Errno::ETIMEDOUT))))
    }

    pub(super) async fn connected_async(self) -> Result<Peer, StartError> {
        let shared = &self.peer.shared;
        let answer = match self.peer.role {
            Role::Connect => poll_fn(|context| shared.poll(context, Want::Connection)).await,
            Role::Listen { .. } | Role::Datagram => Met::Yes,
        };
        self.ready(answer)
    }

    fn ready(self, answer: Met) -> Result<Peer, StartError> {
        let mut peer = self.peer;
        if let Met::InVain(errno) = answer {
            let errno = errno.unwrap_or(Errno::ENOTCONN);
            return Err(StartError::connect(self.to.as_ref(), errno));
        }
        if let Some(socket) = peer.socket.take() {
            peer.addr = socket.local_addr().ok().and_then(|addr| addr.as_socket());
        }
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Owner::Group(engine) = &self.owner {
            engine.remove(self.number);
            // The thread obeys between two turns; it is gone itself where this takes long.
            self.shared.wait(Duration::from_secs(5), Want::Gone);
        }
    }
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

    pub(super) fn open(error: &OpenError, kind: Kind, local: Option<&Place>) -> StartError {
        let why = match (error.call, error.errno) {
            ("socket", Errno::EMFILE) => {
                let (open, limit) = (sys::open_descriptors(), sys::descriptor_limit());
                let of = limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
                format!("{error}: {open}{of} descriptors are open in this process")
            }
            ("socket", _) => format!("this system has no {kind} sockets: {error}"),
            _ => {
                let at = local.map(|local| format!(" on {local}")).unwrap_or_default();
                format!("{error}{at}")
            }
        };
        StartError::system(why, error.errno)
    }

    /// There are fewer descriptors than sockets.
    pub(super) fn budget(count: usize, open: usize, limit: usize) -> StartError {
        let available = limit.saturating_sub(open);
        let why = format!(
            "{count} sockets are needed, and of {limit} descriptors that this process may have \
             {available} are available: start fewer, raise the limit (`ulimit -n`), or use a second \
             process"
        );
        StartError::system(why, Errno::EMFILE)
    }

    fn connect(to: Option<&Place>, errno: Errno) -> StartError {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        let call = Call::Connect.name();
        StartError::system(format!("{call}{to} = {}", errno.name()), errno)
    }
}
