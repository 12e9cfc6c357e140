//! The conductor: the steps in their order, the peers beside them, every wait with a limit.
//!
//! One thread does it all. While the current step waits, the peers move, one action each in turn;
//! when nobody can move, the backend waits for the first event that lets anybody on. So a scenario
//! whose bytes come in pieces runs the same way every time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Backend, CannotLook, Progress, Settings, TaskId};
use crate::check::stands;
use crate::errno::Errno;
use crate::expect::Claim;
use crate::op::{Op, Patience};
use crate::outcome::{End, Outcome};
use crate::plan::{Action, DEFAULT_WITHIN, Plan, PlannedStep};
use crate::trace::{Broken, Event, PeerTrace, Trace};

/// Nobody waits longer than this without looking whether the run was stopped.
const CANCEL_SLICE: Duration = Duration::from_millis(200);

/// Runs `plan` once on `backend`. Never fails: what went wrong is in the trace.
pub fn conduct<B: Backend>(plan: &Plan, backend: &mut B, settings: &Settings) -> Trace {
    let begin = backend.now();
    let timed = plan.steps.iter().any(claims_time);
    let starved = if timed { backend.starved() } else { None };
    let mut conductor = Conductor {
        plan,
        settings,
        limit: begin + settings.scaled(plan.limit),
        started: BTreeMap::new(),
        trace: Trace::default(),
        waiting: Vec::new(),
        backend,
    };
    let ended = conductor.run();
    let mut trace = conductor.finish();
    trace.broken = ended.err();
    if let (Some(before), Some(after)) = (starved, timed.then(|| backend.starved()).flatten()) {
        trace.starved_us = u64::try_from(after.saturating_sub(before).as_micros()).ok();
    }
    trace
}

fn claims_time(step: &PlannedStep) -> bool {
    let claims = step.expect.iter().flat_map(|expect| &expect.any_of).flat_map(|one| &one.claims);
    claims.into_iter().any(|claim| matches!(claim, Claim::Elapsed(_)))
}

/// An operation that was left pending. It goes on while others wait, and keeps its outcome until
/// it is joined.
struct Started {
    since: Instant,
    progress: Progress,
}

impl Started {
    fn task(&self) -> Option<TaskId> {
        match self.progress {
            Progress::Pending(task, _) => Some(task),
            Progress::Done(_) => None,
        }
    }
}

struct Conductor<'c, B> {
    plan: &'c Plan,
    backend: &'c mut B,
    settings: &'c Settings,
    /// When the whole run has to be over.
    limit: Instant,
    started: BTreeMap<&'c str, Started>,
    trace: Trace,
    /// Kept from wait to wait, so that waiting allocates nothing.
    waiting: Vec<TaskId>,
}

impl From<CannotLook> for Broken {
    fn from(why: CannotLook) -> Broken {
        Broken::Harness(why.0)
    }
}

impl<'c, B: Backend> Conductor<'c, B> {
    fn run(&mut self) -> Result<(), Broken> {
        let plan = self.plan;
        for peer in plan.peers.iter().filter(|peer| peer.comes_first()) {
            self.backend.open_peer(peer)?;
        }
        for action in &plan.setup {
            let outcome = self.perform(action)?;
            if outcome.end != End::Ok {
                let why = format!("{} = {}", action.show(), outcome.show(plan.system));
                let is_in_use = outcome.end == End::Error(Errno::EADDRINUSE);
                return Err(if is_in_use { Broken::InUse(why) } else { Broken::Setup(why) });
            }
        }
        // Whom they connect to is there only now.
        for peer in plan.peers.iter().filter(|peer| !peer.comes_first()) {
            self.backend.open_peer(peer)?;
        }
        self.backend.start_peers()?;
        for (index, step) in plan.steps.iter().enumerate() {
            let outcome = self.perform(&step.action)?;
            let standing = stands(step, &outcome);
            self.trace.events.push(Event { step: index, outcome });
            if !standing.goes_on() {
                return Ok(());
            }
        }
        self.let_peers_finish()
    }

    /// Does one action and waits for it as its patience says.
    fn perform(&mut self, action: &'c Action) -> Result<Outcome, Broken> {
        self.look_up()?;
        self.move_peers()?;
        match &*action.op {
            Op::Join(join) => return self.join(&join.step.0, &action.patience),
            Op::Pause(pause) => return self.pause(pause.time),
            Op::Interrupt(interrupt) => {
                return self.interrupt(&interrupt.step.0, interrupt.restart == Some(true));
            }
            _ => {}
        }
        let since = self.backend.now();
        let (task, answer) = match self.backend.start(action)? {
            Progress::Done(outcome) => {
                let outcome = self.timed(outcome, since);
                self.keep_for_join(action, &outcome, since);
                return Ok(outcome);
            }
            Progress::Pending(task, answer) => (task, answer),
        };
        match &action.patience {
            Patience::NoWait => {
                self.backend.abandon(task);
                let end = answer.map_or(End::Pending, End::Error);
                Ok(self.timed(Outcome::bare(end), since))
            }
            Patience::Start(label) => {
                let progress = Progress::Pending(task, answer);
                self.started.insert(label, Started { since, progress });
                Ok(self.timed(Outcome::bare(End::Pending), since))
            }
            Patience::Default | Patience::Within(_) => self.settle(task, since, &action.patience),
        }
    }

    fn join(&mut self, label: &str, patience: &Patience) -> Result<Outcome, Broken> {
        match self.started.remove(label) {
            Some(Started { progress: Progress::Done(outcome), .. }) => Ok(outcome),
            Some(Started { progress: Progress::Pending(task, _), since }) => {
                self.settle(task, since, patience)
            }
            None => Err(Broken::Harness(format!("nothing was started as `{label}`"))),
        }
    }

    /// What has returned already cannot be interrupted: its outcome then says so by itself.
    fn interrupt(&mut self, label: &str, restart: bool) -> Result<Outcome, Broken> {
        if let Some(task) = self.started.get(label).and_then(Started::task) {
            self.backend.interrupt(task, restart)?;
        }
        Ok(Outcome::ok(Vec::new()))
    }

    /// What completed at once although it was to be left pending tells the same when it is joined.
    fn keep_for_join(&mut self, action: &'c Action, outcome: &Outcome, since: Instant) {
        if let Patience::Start(label) = &action.patience {
            let progress = Progress::Done(outcome.clone());
            self.started.insert(label, Started { since, progress });
        }
    }

    /// Waits for a task until it is done or its time is over.
    fn settle(
        &mut self,
        task: TaskId,
        since: Instant,
        patience: &Patience,
    ) -> Result<Outcome, Broken> {
        let within = match patience {
            Patience::Within(limit) => *limit,
            Patience::Default | Patience::NoWait | Patience::Start(_) => DEFAULT_WITHIN,
        };
        let deadline = self.backend.now() + self.settings.scaled(within);
        loop {
            if let Progress::Done(outcome) = self.backend.settle(task)? {
                return Ok(self.timed(outcome, since));
            }
            self.look_up()?;
            if self.move_peers()? {
                continue;
            }
            if self.backend.now() >= deadline {
                self.backend.abandon(task);
                return Ok(self.timed(Outcome::bare(End::Timeout), since));
            }
            self.wait_with_peers(Some(task), deadline)?;
        }
    }

    /// Lets time pass; the peers move meanwhile.
    fn pause(&mut self, time: Duration) -> Result<Outcome, Broken> {
        let since = self.backend.now();
        while self.backend.now() < since + time {
            self.look_up()?;
            if !self.move_peers()? {
                self.wait_with_peers(None, since + time)?;
            }
        }
        Ok(self.timed(Outcome::ok(Vec::new()), since))
    }

    fn timed(&self, mut outcome: Outcome, since: Instant) -> Outcome {
        outcome.elapsed = self.backend.now().duration_since(since);
        outcome
    }

    /// Whether the run may go on.
    fn look_up(&self) -> Result<(), Broken> {
        if self.settings.cancel.is_cancelled() {
            return Err(Broken::Cancelled);
        }
        if self.backend.now() >= self.limit { Err(Broken::Limit) } else { Ok(()) }
    }

    /// Gives every peer one turn, and every operation that was left pending. Whether any moved.
    fn move_peers(&mut self) -> Result<bool, Broken> {
        let moved = self.move_started()?;
        Ok(self.backend.move_peers()? || moved)
    }

    fn move_started(&mut self) -> Result<bool, Broken> {
        let mut moved = false;
        for started in self.started.values_mut() {
            let Progress::Pending(task, _) = started.progress else { continue };
            started.progress = self.backend.settle(task)?;
            if let Progress::Done(outcome) = &mut started.progress {
                outcome.elapsed = self.backend.now().duration_since(started.since);
                moved = true;
            }
        }
        Ok(moved)
    }

    /// Waits for `task`, any peer or any operation left pending, at most until `until`.
    fn wait_with_peers(&mut self, task: Option<TaskId>, until: Instant) -> Result<(), Broken> {
        self.waiting.clear();
        self.waiting.extend(task);
        self.waiting.extend(self.started.values().filter_map(Started::task));
        let slice = self.backend.now() + CANCEL_SLICE;
        let due = self.backend.peers_due().unwrap_or(until);
        let until = until.min(slice).min(self.limit).min(due);
        Ok(self.backend.wait(&self.waiting, until)?)
    }

    /// After the last step, peers go on until they are done or could only be helped by a step; those
    /// that read, until they have seen the end of their connections.
    fn let_peers_finish(&mut self) -> Result<(), Broken> {
        let patience = self.backend.now() + self.settings.scaled(DEFAULT_WITHIN);
        let mut looked = false;
        loop {
            self.look_up()?;
            if self.move_peers()? {
                looked = false;
            } else if self.backend.peers_due().is_some() {
                self.wait_with_peers(None, self.limit)?;
            } else if !std::mem::replace(&mut looked, true) {
                // What has arrived meanwhile is read, though nobody waits for more.
                let now = self.backend.now();
                self.wait_with_peers(None, now)?;
            } else if self.backend.hang_up() && self.backend.now() < patience {
                self.wait_with_peers(None, patience)?;
            } else {
                return Ok(());
            }
        }
    }

    fn finish(mut self) -> Trace {
        self.started.values().filter_map(Started::task).for_each(|task| self.backend.abandon(task));
        let mut peers = self.backend.end_peers();
        // In the order of the file, not in which they were opened.
        let place =
            |peer: &PeerTrace| self.plan.peers.iter().position(|p| *p.name.text == peer.name);
        peers.sort_by_key(place);
        self.trace.peers = peers;
        self.trace
    }
}
