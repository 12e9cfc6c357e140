//! The peers of a run: each given its turns, its addresses behind names, its calls noted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Net;
use super::names::Names;
use crate::kind::Type;
use crate::op::How;
use crate::op::Word;
use crate::outcome::{End, Fact, Outcome, show_end};
use crate::peer::live::{Call, Event, Live, Sink};
use crate::peer::spec::{Spec, Then};
use crate::plan::PlannedPeer;
use crate::run::CannotLook;
use crate::sys::{self, PollFd, Shutdown};
use crate::trace::{PeerCall, PeerTrace};

/// How far a peer has come, for steps that wait for it.
#[derive(Debug, Default)]
pub struct PeerProgress {
    received: AtomicU64,
    over: AtomicBool,
}

impl PeerProgress {
    /// How many bytes have arrived, on all connections.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether its script has come to its end.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// One peer of a run.
pub struct RunPeer {
    plan: PlannedPeer,
    live: Live,
    calls: Vec<PeerCall>,
    progress: Arc<PeerProgress>,
    /// Why the scene is not set: it could not connect.
    broken: Option<String>,
}

impl Net<'_> {
    /// Opens a peer's socket; one that listens does when this returns.
    pub(super) fn open_peer(&mut self, plan: &PlannedPeer) -> Result<(), CannotLook> {
        let local = match &plan.local {
            Some(local) => self.names.resolve(local, plan.spec.kind)?.0,
            None => None,
        };
        let live = Live::open(Arc::clone(&plan.spec), local.as_ref())
            .map_err(|error| CannotLook(format!("a peer: {}: {error}", plan.name.text)))?;
        let progress = Arc::new(PeerProgress::default());
        self.names.adopt(&plan.name, plan.spec.kind, live.socket(), &progress);
        self.names.note_port(plan.name.id);
        let opening = plan.opening().into_iter();
        let call = |call: String| PeerCall {
            connection: 0,
            call: call.split_once('.').map(|(_, call)| call.to_owned()).unwrap_or(call),
            receives: false,
            outcome: Outcome::ok(Vec::new()),
            at: Duration::ZERO,
        };
        let calls = opening.map(call).collect();
        self.peers.push(RunPeer { plan: plan.clone(), live, calls, progress, broken: None });
        Ok(())
    }

    /// Lets all peers begin: whom they talk to is there now.
    pub(super) fn start_peers(&mut self) -> Result<(), CannotLook> {
        if !self.peers.is_empty() {
            sys::sharpen_timers();
        }
        for peer in &mut self.peers {
            let to = match &peer.plan.to {
                Some(to) => self.names.resolve(to, peer.plan.spec.kind)?.0,
                None => None,
            };
            self.names.connects(&peer.plan.name, to.as_ref());
            peer.live.start(to);
        }
        Ok(())
    }

    /// Gives every peer a turn; whether any did something.
    pub(super) fn move_peers(&mut self) -> Result<bool, CannotLook> {
        let mut moved = false;
        for peer in &mut self.peers {
            let (name, spec) = (&peer.plan.name, &*peer.plan.spec);
            // Asked while it is open: the name keeps its address.
            self.names.learn_local(name.id);
            let to = peer.plan.to.as_ref().map(Word::show).unwrap_or_default();
            let (names, calls, broken) = (&mut self.names, &mut peer.calls, &mut peer.broken);
            let mut notes = Notes { names, spec, to: &to, calls, broken };
            moved |= peer.live.turn(&mut self.workshop.buffer, &mut notes);
            peer.progress.received.store(peer.live.bytes_received(), Ordering::Relaxed);
            peer.progress.over.store(peer.live.is_over(), Ordering::Relaxed);
            if let Some(why) = peer.broken.take() {
                return Err(CannotLook(format!("a peer: {}.{why}", name.text)));
            }
        }
        Ok(moved)
    }

    /// When the first of them has something to do.
    pub(super) fn peers_due(&self) -> Option<Instant> {
        self.peers.iter().filter_map(|peer| peer.live.due()).min()
    }

    /// Adds what the peers wait for.
    pub(super) fn gather_peers(&mut self, soonest: &mut Instant) {
        for peer in &self.peers {
            peer.live.wants(&mut self.workshop.polled, soonest);
        }
    }

    /// Hands them the events of what they added, which stands first.
    pub(super) fn ready_peers(&mut self) {
        let mut polled: &[PollFd] = &self.workshop.polled;
        for peer in &mut self.peers {
            let (own, rest) = polled.split_at(peer.live.wanted().min(polled.len()));
            peer.live.ready(own);
            polled = rest;
        }
    }

    /// The steps are over: ends the sending direction of every connection that they left open, so
    /// that peers which read see the end; and of the peers that have nothing more to send.
    ///
    /// Whether any peer still has an end to see.
    pub(super) fn hang_up(&mut self) -> bool {
        let reading = |peer: &RunPeer| peer.live.is_reading();
        if !self.peers.iter().any(reading) {
            return false;
        }
        if !std::mem::replace(&mut self.hung_up, true) {
            let peers: Vec<_> = self.peers.iter().map(|peer| peer.plan.name.id).collect();
            for (socket, kind) in self.names.open_sockets(&peers) {
                if kind.socket_type() != Type::Dgram {
                    // What is not connected has no end to tell of; a listener resets whoever was
                    // not accepted, which is an end too.
                    match socket.peer_addr() {
                        Ok(_) => drop(socket.shutdown(Shutdown::Write)),
                        Err(_) => drop(socket.close()),
                    }
                }
            }
        }
        self.peers.iter_mut().for_each(|peer| peer.live.hang_up());
        self.peers.iter().any(reading)
    }

    /// What they did.
    pub(super) fn end_peers(&mut self) -> Vec<PeerTrace> {
        let trace = |peer: RunPeer| PeerTrace {
            name: peer.plan.name.text.to_string(),
            finished: peer.live.is_over(),
            calls: peer.calls,
        };
        std::mem::take(&mut self.peers).into_iter().map(trace).collect()
    }
}

/// Notes what a peer does.
struct Notes<'n> {
    names: &'n mut Names,
    spec: &'n Spec,
    to: &'n str,
    calls: &'n mut Vec<PeerCall>,
    broken: &'n mut Option<String>,
}

impl Notes<'_> {
    fn recv(&self) -> &'static str {
        match self.spec.kind.socket_type() {
            Type::Dgram => "recv_from()",
            Type::Stream | Type::Seqpacket => "recv()",
        }
    }

    fn show_call(&self, call: Call) -> String {
        match call {
            Call::Connect => format!("connect({})", self.to),
            Call::Accept => "accept()".to_owned(),
            Call::Send(len) => format!("send_all({len} bytes)"),
            Call::Recv => self.recv().to_owned(),
            Call::End(then) => ending(then),
        }
    }
}

fn ending(then: Then) -> String {
    match then {
        Then::Keep => String::new(),
        Then::Shutdown => format!("shutdown({})", How::Write.show()),
        Then::Close => "close()".to_owned(),
        Then::Reset => "reset()".to_owned(),
    }
}

impl Sink for Notes<'_> {
    fn see(&mut self, connection: usize, at: Duration, event: Event<'_>) {
        let (call, receives, outcome) = match event {
            Event::Connected(None) => {
                (self.show_call(Call::Connect), false, Outcome::ok(Vec::new()))
            }
            Event::Connected(Some(from)) => {
                let from = Fact::From(self.names.name_of(from));
                (self.show_call(Call::Accept), false, Outcome::ok(vec![from]))
            }
            Event::Sent { whole: None, .. } => return,
            Event::Sent { whole: Some(len), to, .. } => {
                let call = match to {
                    Some(to) => format!("send_to({}, {len} bytes)", self.names.name_of(to)),
                    None => self.show_call(Call::Send(len)),
                };
                (call, false, Outcome::ok(vec![Fact::Len(len as u64)]))
            }
            Event::Dropped(len) => (format!("drop({len} bytes)"), false, Outcome::ok(Vec::new())),
            Event::Received(bytes, from) => {
                let mut facts = vec![Fact::Data(bytes.to_vec())];
                facts.extend(from.map(|from| Fact::From(self.names.name_of(from))));
                (self.recv().to_owned(), true, Outcome::ok(facts))
            }
            Event::Eof => (self.recv().to_owned(), true, Outcome::bare(End::Eof)),
            Event::Ended(then) => (ending(then), false, Outcome::ok(Vec::new())),
            Event::Failed(call, errno) => {
                let shown = self.show_call(call);
                if matches!(call, Call::Connect | Call::Accept) {
                    let answer = show_end(End::Error(errno), sys::SYSTEM);
                    *self.broken = Some(format!("{shown} = {answer}"));
                }
                (shown, call == Call::Recv, Outcome::bare(End::Error(errno)))
            }
        };
        self.calls.push(PeerCall { connection, call, receives, outcome, at });
    }
}
