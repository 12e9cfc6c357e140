//! A backend without sockets: it answers as it was told, and its clock moves only in waits.
//!
//! What it is for: the conductor's own rules (order, limits, patience, peers), each shown without
//! an operating system that could be slow, or different.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Backend, CannotLook, Progress, TaskId};
use crate::errno::Errno;
use crate::outcome::{End, Outcome};
use crate::payload;
use crate::peer::schedule::{Schedule, Step};
use crate::plan::{Action, PlannedPeer};
use crate::trace::PeerTrace;

/// What an operation comes to.
#[derive(Clone, Debug)]
pub enum Reply {
    /// At once, this.
    Done(Outcome),
    /// Once so much time has passed, this.
    After(Duration, Outcome),
    /// Never anything; the call's own answer is this error.
    Never(Errno),
    /// The harness cannot look.
    CannotLook(&'static str),
}

/// A backend that answers by script.
#[derive(Debug)]
pub struct Scripted {
    replies: HashMap<String, VecDeque<Reply>>,
    begin: Instant,
    passed: Duration,
    pending: Vec<Option<(Instant, Outcome)>>,
    peers: Vec<ScriptedPeer>,
    /// What was asked of it, in order: calls as transcripts show them, and `abandon`.
    pub log: Vec<String>,
}

/// A peer to whom nothing ever arrives.
#[derive(Debug)]
struct ScriptedPeer {
    plan: PlannedPeer,
    schedule: Schedule,
    began: Duration,
    due: Option<Duration>,
}

impl ScriptedPeer {
    fn new(plan: &PlannedPeer) -> ScriptedPeer {
        let schedule = Schedule::new(Arc::clone(&plan.spec), 0);
        ScriptedPeer { plan: plan.clone(), schedule, began: Duration::ZERO, due: None }
    }
}

impl Default for Scripted {
    fn default() -> Scripted {
        Scripted {
            replies: HashMap::new(),
            begin: Instant::now(),
            passed: Duration::ZERO,
            pending: Vec::new(),
            peers: Vec::new(),
            log: Vec::new(),
        }
    }
}

impl Scripted {
    /// Adds a reply to the call that a transcript shows as `call`; calls without a reply succeed.
    #[must_use]
    pub fn reply(mut self, call: &str, reply: Reply) -> Scripted {
        self.replies.entry(call.to_owned()).or_default().push_back(reply);
        self
    }

    /// How much time the waits have taken.
    pub fn passed(&self) -> Duration {
        self.passed
    }

    fn keep(&mut self, ready: Instant, outcome: Outcome) -> TaskId {
        self.pending.push(Some((ready, outcome)));
        TaskId(u32::try_from(self.pending.len() - 1).unwrap_or(u32::MAX))
    }

    /// A peer's call: what it answers at once.
    fn call(&mut self, call: &str) -> Result<(), Errno> {
        let reply = self.replies.get_mut(call).and_then(VecDeque::pop_front);
        self.log.push(call.to_owned());
        match reply {
            Some(Reply::Done(Outcome { end: End::Error(errno), .. })) => Err(errno),
            _ => Ok(()),
        }
    }

    fn slot(&mut self, task: TaskId) -> Option<&mut Option<(Instant, Outcome)>> {
        self.pending.get_mut(usize::try_from(task.0).ok()?)
    }
}

impl Backend for Scripted {
    fn start(&mut self, action: &Action) -> Result<Progress, CannotLook> {
        let call = action.show();
        let reply = self.replies.get_mut(&call).and_then(VecDeque::pop_front);
        self.log.push(call);
        let never = self.begin + Duration::from_secs(1 << 20);
        match reply {
            None => Ok(Progress::Done(Outcome::ok(Vec::new()))),
            Some(Reply::Done(outcome)) => Ok(Progress::Done(outcome)),
            Some(Reply::After(time, outcome)) => {
                let ready = self.now() + time;
                Ok(Progress::Pending(self.keep(ready, outcome), Some(Errno::EAGAIN)))
            }
            Some(Reply::Never(errno)) => {
                Ok(Progress::Pending(self.keep(never, Outcome::ok(Vec::new())), Some(errno)))
            }
            Some(Reply::CannotLook(why)) => Err(CannotLook(why.to_owned())),
        }
    }

    fn settle(&mut self, task: TaskId) -> Result<Progress, CannotLook> {
        let now = self.now();
        let slot = self.slot(task).ok_or_else(|| CannotLook("no such task".to_owned()))?;
        match slot.take() {
            Some((ready, outcome)) if ready <= now => Ok(Progress::Done(outcome)),
            Some(waiting) => {
                *slot = Some(waiting);
                Ok(Progress::Pending(task, Some(Errno::EAGAIN)))
            }
            None => Err(CannotLook("a task was settled twice".to_owned())),
        }
    }

    fn wait(&mut self, tasks: &[TaskId], until: Instant) -> Result<(), CannotLook> {
        let ready = tasks.iter().filter_map(|task| {
            let slot = self.pending.get(usize::try_from(task.0).ok()?)?;
            slot.as_ref().map(|(ready, _)| *ready)
        });
        let next = ready.chain([until]).min().unwrap_or(until);
        self.passed = self.passed.max(next.saturating_duration_since(self.begin));
        Ok(())
    }

    fn interrupt(&mut self, _task: TaskId, restart: bool) -> Result<(), CannotLook> {
        self.log.push(format!("interrupt restart={restart}"));
        Ok(())
    }

    fn abandon(&mut self, task: TaskId) {
        self.log.push("abandon".to_owned());
        if let Some(slot) = self.slot(task) {
            *slot = None;
        }
    }

    fn open_peer(&mut self, peer: &PlannedPeer) -> Result<(), CannotLook> {
        self.log.extend(peer.opening());
        self.peers.push(ScriptedPeer::new(peer));
        Ok(())
    }

    fn start_peers(&mut self) -> Result<(), CannotLook> {
        for index in 0..self.peers.len() {
            let peer = &self.peers[index];
            if let Some(to) = &peer.plan.to {
                let connect = format!("{}.connect({to})", peer.plan.name.text);
                if let Err(errno) = self.call(&connect) {
                    return Err(CannotLook(format!("a peer: {connect} = {}", errno.name())));
                }
            }
            self.peers[index].began = self.passed;
        }
        Ok(())
    }

    fn move_peers(&mut self) -> Result<bool, CannotLook> {
        let mut moved = false;
        for index in 0..self.peers.len() {
            let peer = &mut self.peers[index];
            let now = self.passed.saturating_sub(peer.began);
            let name = peer.plan.name.text.to_string();
            peer.due = None;
            match peer.schedule.step(now) {
                Step::Send => {
                    let bytes = peer.schedule.piece().map(|(bytes, _)| bytes).unwrap_or_default();
                    let (call, len) = (format!("send_all({})", payload::show(bytes)), bytes.len());
                    let result = self.call(&format!("{name}.{call}"));
                    let schedule = &mut self.peers[index].schedule;
                    match result {
                        Ok(()) => drop(schedule.sent(now, len)),
                        Err(_) => schedule.fail(),
                    }
                    moved = true;
                }
                Step::End(then) => {
                    self.log.push(format!("{name}.{}()", then.word()));
                    moved = true;
                }
                Step::At(due) => peer.due = Some(peer.began + due),
                Step::Wait | Step::Done => {}
            }
        }
        Ok(moved)
    }

    fn peers_due(&self) -> Option<Instant> {
        self.peers.iter().filter_map(|peer| peer.due).min().map(|due| self.begin + due)
    }

    fn hang_up(&mut self) -> bool {
        false
    }

    fn end_peers(&mut self) -> Vec<PeerTrace> {
        let trace = |peer: ScriptedPeer| PeerTrace {
            name: peer.plan.name.text.to_string(),
            calls: Vec::new(),
            finished: peer.schedule.is_over(),
        };
        std::mem::take(&mut self.peers).into_iter().map(trace).collect()
    }

    fn now(&self) -> Instant {
        self.begin + self.passed
    }

    fn starved(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}
