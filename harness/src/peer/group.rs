//! Peers come to life: their sockets, their thread, alone or with others.

use std::sync::Arc;

use super::build::Builder;
use super::engine::{Engine, Recruit};
use super::handle::{Owner, Peer, StartError};
use super::live::Live;
use super::place::{BoundPath, Place};
use super::seen::Shared;
use super::spec::{Role, Spec};
use super::timer::Timing;
use crate::kind::{Family, Kind};
use crate::sys;

/// What the process needs beside the sockets of its peers while they start: the thread's own
/// descriptors, a file that is read.
const SPARE_DESCRIPTORS: usize = 8;

/// How many descriptors the process is made ready for: 128 KiB of the kernel's memory.
const DESCRIPTORS: usize = 16 * 1024;

/// How many are given to the thread at a time: few wake-ups, and the first need not wait for the last.
const AT_ONCE: usize = 256;

/// A thread that several peers share: one timer for all of them, however many they are.
#[derive(Clone, Debug)]
pub struct Group(Arc<Engine>);

impl Group {
    /// Starts the thread; it ends with the last of its peers.
    ///
    /// On Linux the process is given a table for thousands of descriptors at once, which takes some
    /// milliseconds where other threads are running.
    pub fn start(timing: Timing) -> Result<Group, StartError> {
        let limit = sys::descriptor_limit().unwrap_or(usize::MAX);
        sys::reserve_descriptors(limit.min(DESCRIPTORS));
        Engine::start(timing).map(|engine| Group(Arc::new(engine))).map_err(StartError::thread)
    }
}

impl Builder {
    /// Starts it on a thread of its own. When this returns it listens, is bound or is connected.
    pub fn start(mut self) -> Result<Peer, StartError> {
        self.check()?;
        let engine = Engine::start(self.timing).map_err(StartError::thread)?;
        self.run(Owner::Alone(engine))?.connected()
    }

    /// Starts it on a thread that it shares with others.
    pub fn start_in(mut self, group: &Group) -> Result<Peer, StartError> {
        self.check()?;
        self.run(Owner::Group(Arc::clone(&group.0)))?.connected()
    }

    /// Starts so many of it on a thread that they share, as fast as the system makes connections.
    ///
    /// Each does what the connection of its number does of a peer that listens: the first draws what
    /// a peer alone would, the others something else, and the same every time.
    ///
    /// Whether the process may open so many sockets is looked at before the first is opened; what
    /// else it opens, such as the other ends, is its own to count.
    ///
    /// A listener whose queue is shorter than what it has not accepted yet lets connections wait for
    /// seconds, and Linux forgets those on which nothing is sent: std's takes 128, a peer's 4,096.
    ///
    /// ```
    /// use sockdrill::peer::{self, Group, Timing};
    ///
    /// let server = peer::tcp().listen().echo().start()?;
    /// let group = Group::start(Timing::Economy)?;
    /// let clients = peer::tcp().connect(server.addr()).send("ping").start_many(100, &group)?;
    /// for client in &clients {
    ///     assert_eq!(client.wait_received(4)?, b"ping");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_many(mut self, count: usize, group: &Group) -> Result<Vec<Peer>, StartError> {
        self.check()?;
        let (open, limit) = (sys::open_descriptors(), sys::descriptor_limit());
        if limit.is_some_and(|limit| {
            open.saturating_add(count) > limit.saturating_sub(SPARE_DESCRIPTORS)
        }) {
            return Err(StartError::budget(count, open, limit.unwrap_or_default()));
        }
        let spec = Arc::new(self.spec.clone());
        let mut starting = Vec::with_capacity(count);
        // Dropped before those, where one cannot be opened.
        let mut recruits = Vec::with_capacity(AT_ONCE.min(count));
        for number in 0..count {
            let (one, recruit) = self.one(&spec, number, Owner::Group(Arc::clone(&group.0)))?;
            starting.push(one);
            recruits.push(recruit);
            if recruits.len() == AT_ONCE || number + 1 == count {
                group.0.add(recruits.drain(..));
            }
        }
        starting.into_iter().map(Starting::connected).collect()
    }

    /// As [`start`](Builder::start), for a task: it waits for the connection without its thread.
    pub async fn start_async(mut self) -> Result<Peer, StartError> {
        self.check()?;
        let engine = Engine::start(self.timing).map_err(StartError::thread)?;
        self.run(Owner::Alone(engine))?.connected_async().await
    }

    fn run(self, owner: Owner) -> Result<Starting, StartError> {
        let (starting, recruit) = self.one(&Arc::new(self.spec.clone()), 0, owner)?;
        starting.peer.owner.engine().add([recruit]);
        Ok(starting)
    }

    /// The one of this number: its socket is open, and its thread is to be given it.
    fn one(
        &self,
        spec: &Arc<Spec>,
        number: usize,
        owner: Owner,
    ) -> Result<(Starting, Recruit), StartError> {
        let (local, folder) = self.local(spec)?;
        let mut live = Live::open(Arc::clone(spec), local.as_ref().map(Place::address).as_ref())
            .map_err(|error| StartError::open(&error, spec.kind, local.as_ref()))?
            .as_number(number);
        let bound = local.as_ref().and_then(Place::path).map(ToOwned::to_owned);
        let bound = bound.map(|path| BoundPath { path, _folder: folder });
        let shared = Shared::new(self.times, self.most_kept, self.watch.clone());
        live.start(self.to.as_ref().map(Place::address));
        if spec.role == Role::Connect {
            live.connect_now(&mut &*shared);
        }
        let (peer, recruit) = Peer::new(owner, live, shared, spec, bound, self.within);
        Ok((Starting { peer, to: self.to.clone() }, recruit))
    }

    /// What it is bound to, and the folder that was made for it.
    fn local(&self, spec: &Spec) -> Result<(Option<Place>, Option<tempfile::TempDir>), StartError> {
        let needs_one = spec.role != Role::Connect || spec.kind == Kind::UnixDgram;
        if self.local.is_some() || spec.kind.family() != Family::Unix || !needs_one {
            return Ok((self.local.clone(), None));
        }
        let folder = tempfile::Builder::new().prefix("sockdrill-peer-").tempdir();
        let folder = folder
            .map_err(|error| StartError::mistake(format!("no folder for its path: {error}")))?;
        Ok((Some(Place::Path(folder.path().join("socket"))), Some(folder)))
    }
}

/// A peer that may not be connected yet.
pub(super) struct Starting {
    pub(super) peer: Peer,
    pub(super) to: Option<Place>,
}
