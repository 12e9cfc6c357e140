//! What happened in one run: the outcome of each step, in order.
//!
//! A trace is recorded by the conductor and judged by `check`; what of it goes into a record is
//! chosen by `normalise`. It holds names, never ports, descriptors or paths.

use std::time::Duration;

use crate::outcome::Outcome;

/// The outcome of one of the plan's steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Which step, by its index in the plan.
    pub step: usize,
    /// What the system answered.
    pub outcome: Outcome,
}

/// What one peer did.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerTrace {
    /// The peer's name.
    pub name: String,
    /// Its calls, in their order.
    pub calls: Vec<PeerCall>,
    /// Whether its script came to its end, on every connection.
    pub finished: bool,
}

/// One call of a peer and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerCall {
    /// On which of its connections, from 0.
    pub connection: usize,
    /// As a transcript shows it, without the peer's name: `send_all(5 bytes)`.
    pub call: String,
    /// Whether it received, or tried to: how that interleaves with the rest is the machine's.
    pub receives: bool,
    /// What the system answered.
    pub outcome: Outcome,
    /// When, as the time since the connection was made.
    pub at: Duration,
}

/// Why a run could not tell what the system does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A declared socket could not be set up: the call and its answer.
    Setup(String),
    /// The same, since somebody else has its address.
    InUse(String),
    /// The harness could not make or observe something: the reason.
    Harness(String),
    /// The run's own limit ran out.
    Limit,
    /// Somebody stopped the run.
    Cancelled,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The outcomes, in the order of the steps; up to the first that broke a claim.
    pub events: Vec<Event>,
    /// What the peers did.
    pub peers: Vec<PeerTrace>,
    /// What each program under test printed last, and how it fared, by its name.
    pub programs: Vec<(String, String)>,
    /// Why the run ended before its time, where it did.
    pub broken: Option<Broken>,
    /// How long this thread waited for a processor meanwhile, in microseconds; `None` where the
    /// system does not tell.
    pub starved_us: Option<u64>,
}
