//! Running a plan: the conductor, and the one seam between it and the world.
//!
//! The conductor decides what is done when, and how long anybody waits; a [`Backend`] does it.
//! `net` is the backend over real sockets; [`scripted`] is one without any, which tests the
//! conductor. Nothing here makes a system call.

mod conductor;
pub mod pool;
pub mod scripted;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub use conductor::conduct;

use crate::errno::Errno;
use crate::outcome::Outcome;
use crate::plan::{Action, PlannedPeer};
use crate::trace::PeerTrace;

/// An operation that is under way, by the number its backend gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TaskId(pub u32);

/// How far an operation has come.
#[derive(Debug)]
pub enum Progress {
    /// It is complete.
    Done(Outcome),
    /// It is not, and the system's own answer so far is this: `EAGAIN`, `EINPROGRESS`; `None`
    /// where the call has not returned at all.
    Pending(TaskId, Option<Errno>),
}

/// Why the harness could not make or observe an operation: not an answer of the system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotLook(pub String);

/// The world, as the conductor sees it.
///
/// Each operation is started once, then settled until it is done; between that, `wait` returns
/// when settling one of the tasks may bring it further, or at `until`, or now and then.
pub trait Backend {
    /// Makes the operation's first call.
    fn start(&mut self, action: &Action) -> Result<Progress, CannotLook>;

    /// Brings a pending operation as far as it goes without waiting.
    fn settle(&mut self, task: TaskId) -> Result<Progress, CannotLook>;

    /// Waits until one of `tasks` may be brought further, at most until `until`.
    fn wait(&mut self, tasks: &[TaskId], until: Instant) -> Result<(), CannotLook>;

    /// Sends a signal to the thread that makes a pending call; with `restart`, one whose handler
    /// lets the system make the call again.
    fn interrupt(&mut self, task: TaskId, restart: bool) -> Result<(), CannotLook>;

    /// Gives up a pending operation: nobody will settle it again.
    fn abandon(&mut self, task: TaskId);

    /// Opens a peer's socket; one that listens does when this returns.
    fn open_peer(&mut self, peer: &PlannedPeer) -> Result<(), CannotLook>;

    /// Lets all peers begin.
    fn start_peers(&mut self) -> Result<(), CannotLook>;

    /// Lets each peer do at most one thing; whether any did.
    fn move_peers(&mut self) -> Result<bool, CannotLook>;

    /// When the first peer has something to do that is not due yet. [`wait`](Backend::wait) returns
    /// then, and when anything arrives that a peer waits for.
    fn peers_due(&self) -> Option<Instant>;

    /// The steps are over: lets the peers see the end of their connections. Whether any has yet to.
    fn hang_up(&mut self) -> bool;

    /// What the peers did, in the order in which they were opened; they are gone then.
    fn end_peers(&mut self) -> Vec<PeerTrace>;

    /// The time.
    fn now(&self) -> Instant;

    /// How long this thread has waited for a processor in its life; `None` where that cannot be
    /// told.
    fn starved(&self) -> Option<Duration>;
}

/// A word to all runs that they are to stop. Clones speak the same word.
#[derive(Clone, Debug, Default)]
pub struct Cancel(std::sync::Arc<AtomicBool>);

impl Cancel {
    /// Says it.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was said.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What holds for every run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Every limit and every `within` is multiplied by this; 1 or more on slow machines.
    pub timeout_scale: f64,
    /// Stops all runs.
    pub cancel: Cancel,
}

impl Settings {
    fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.timeout_scale)
    }
}
