//! The conductor: the steps in their order, the peers beside them, every wait with a limit.
//!
//! One thread does it all. While the current step waits, the peers move, one action each in turn;
//! when nobody can move, the backend waits for the first event that lets anybody on. So a scenario
//! whose bytes come in pieces runs the same way every time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Backend, CannotLook, Progress, Settings, TaskId};
use crate::check::stands;
use crate::expect::Claim;
use crate::op::{Op, Patience};
use crate::outcome::{End, Outcome};
use crate::plan::{Action, DEFAULT_WITHIN, Plan, PlannedStep, Script};
use crate::platform::System;
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
        peers: Vec::new(),
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
    peers: Vec<PeerRun<'c>>,
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
        for action in &plan.setup {
            let outcome = self.perform(action)?;
            if outcome.end != End::Ok {
                let why = format!("{} = {}", action.show(), outcome.show(plan.system));
                return Err(Broken::Setup(why));
            }
        }
        // Whom they connect to is there only now.
        self.peers = plan.peers.iter().map(|peer| PeerRun::new(peer, plan.system)).collect();
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
        let mut moved = self.move_started()?;
        for peer in &mut self.peers {
            moved |= peer.turn(self.backend)?;
        }
        Ok(moved)
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
        self.waiting.extend(self.peers.iter().filter_map(|peer| peer.task));
        self.waiting.extend(self.started.values().filter_map(Started::task));
        let pauses = self.peers.iter().filter_map(|peer| peer.pause);
        let slice = self.backend.now() + CANCEL_SLICE;
        let until = pauses.chain([until, slice, self.limit]).min().unwrap_or(until);
        Ok(self.backend.wait(&self.waiting, until)?)
    }

    /// After the last step, peers go on until they are done or could only be helped by a step.
    fn let_peers_finish(&mut self) -> Result<(), Broken> {
        loop {
            self.look_up()?;
            if self.move_peers()? {
                continue;
            }
            if self.peers.iter().all(|peer| peer.pause.is_none()) {
                return Ok(());
            }
            self.wait_with_peers(None, self.limit)?;
        }
    }

    fn finish(mut self) -> Trace {
        self.started.values().filter_map(Started::task).for_each(|task| self.backend.abandon(task));
        for peer in &self.peers {
            peer.task.into_iter().for_each(|task| self.backend.abandon(task));
        }
        self.trace.peers = self.peers.into_iter().map(PeerRun::finish).collect();
        self.trace
    }
}

/// A peer while its script is run.
struct PeerRun<'p> {
    script: &'p Script,
    /// In whose spelling errors are told.
    system: System,
    next: usize,
    task: Option<TaskId>,
    pause: Option<Instant>,
    outcomes: Vec<Outcome>,
    stopped: bool,
}

impl<'p> PeerRun<'p> {
    fn new(script: &'p Script, system: System) -> PeerRun<'p> {
        let outcomes = Vec::new();
        PeerRun { script, system, next: 0, task: None, pause: None, outcomes, stopped: false }
    }

    /// Begins or settles one action. Whether that completed it.
    fn turn<B: Backend>(&mut self, backend: &mut B) -> Result<bool, CannotLook> {
        let progress = match self.task {
            Some(task) => backend.settle(task)?,
            None => match self.begin(backend)? {
                Some(progress) => progress,
                None => return Ok(false),
            },
        };
        match progress {
            Progress::Done(outcome) => self.done(outcome).map(|()| true),
            Progress::Pending(task, _) => {
                self.task = Some(task);
                Ok(false)
            }
        }
    }

    /// Begins the next action, if there is one and its time has come.
    fn begin<B: Backend>(&mut self, backend: &mut B) -> Result<Option<Progress>, CannotLook> {
        let Some(action) = self.script.actions.get(self.next).filter(|_| !self.stopped) else {
            return Ok(None);
        };
        let Op::Pause(pause) = &*action.op else { return backend.start(action).map(Some) };
        let end = *self.pause.get_or_insert_with(|| backend.now() + pause.time);
        let over = backend.now() >= end;
        Ok(over.then(|| Progress::Done(Outcome::ok(Vec::new()))))
    }

    /// A peer that meets an error stops: what it would do next means nothing. Without its
    /// connection the scene is not set, as where a declared socket cannot be made.
    fn done(&mut self, outcome: Outcome) -> Result<(), CannotLook> {
        self.task = None;
        self.pause = None;
        self.stopped = outcome.end != End::Ok;
        let action = &self.script.actions[self.next];
        let sets_scene = matches!(*action.op, Op::Open(_) | Op::Connect(_));
        if self.stopped && sets_scene {
            let answer = crate::outcome::show_end(outcome.end, self.system);
            return Err(CannotLook(format!("a peer: {} = {answer}", action.show())));
        }
        self.next += 1;
        self.outcomes.push(outcome);
        Ok(())
    }

    fn finish(self) -> PeerTrace {
        let finished = self.next == self.script.actions.len();
        PeerTrace { name: self.script.name.text.to_string(), outcomes: self.outcomes, finished }
    }
}
