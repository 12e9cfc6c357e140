//! What a report tells of one case: its plan and its traces as lines, places and typed facts.
//!
//! The arrow from what was judged to what is rendered. Reports see a [`Finding`] and nothing that
//! leads to it: no plan, no socket. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::check::{Standing, broken_claims, stands};
use crate::expect::Claim;
use crate::normalise;
use crate::outcome::Outcome;
use crate::plan::{Action, Plan, PlannedStep};
use crate::platform::System;
use crate::record::{self, Status};
use crate::suite::{Case, Judged};
use crate::trace::{Broken, Trace};
use crate::verdict::Verdict;

/// One case, as reports tell it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The scenario's id, with the cell in brackets.
    pub id: String,
    /// The claim as a sentence.
    pub title: String,
    /// The scenario's file, relative to the project.
    pub file: String,
    /// The judgement, records included.
    pub verdict: Verdict,
    /// How it stands to the record; `None` where that was not asked.
    pub record: Option<Status>,
    /// Why it was skipped or is broken.
    pub reason: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
    /// How often it was run.
    pub runs: usize,
    /// In whose spelling errors are shown.
    pub system: System,
    /// What set the declared sockets up.
    pub setup: Vec<String>,
    /// The steps: those of the run that decided, and those it did not reach.
    pub steps: Vec<Step>,
    /// What the peers did, a line each; empty without peers.
    pub peers: String,
    /// The same call by call as it happened, each with the time since its connection was made.
    pub peer_times: String,
    /// What each program under test printed last, and how it fared, by its name.
    pub programs: Vec<(String, String)>,
    /// What stands in a record of it; of a skip, the reason.
    pub trace: String,
}

/// One step of a finding.
#[derive(Clone, Debug)]
pub struct Step {
    /// The call, as a transcript shows it.
    pub call: String,
    /// The line of its claim in the file, from 1.
    pub line: usize,
    /// The column of its claim, from 1.
    pub column: usize,
    /// What is claimed; `None` where nothing is.
    pub claim: Option<String>,
    /// Whether the claim is about time.
    pub timed: bool,
    /// Why systems act so.
    pub why: Option<String>,
    /// The deviation listed for this platform: the reason, and where that can be read.
    pub known: Option<(String, String)>,
    /// What the system answered; `None` where the run did not come to it.
    pub reached: Option<Reached>,
    /// With `repeat`: each answer and how often it was seen.
    pub seen: Vec<(String, usize)>,
}

/// A step that the run came to.
#[derive(Clone, Debug)]
pub struct Reached {
    /// What the system answered.
    pub outcome: Outcome,
    /// The same as a transcript shows it.
    pub answer: String,
    /// How that stands to the claim.
    pub standing: Standing,
    /// The claims that it breaks.
    pub broken: Vec<String>,
}

impl Finding {
    /// What is told of `case`, given its verdict with the record asked.
    pub fn of(case: &Case, judged: &Judged, verdict: Verdict, record: Option<Status>) -> Finding {
        let plan = &case.plan;
        // A run that breaks a claim is the last one: the others went well.
        let deciding = judged.traces.last();
        let stands = deciding.is_some_and(was_set_up);
        let setup = plan.setup.iter().filter(|_| stands).map(Action::show).collect();
        Finding {
            id: plan.id.clone(),
            title: plan.title.clone(),
            file: case.file.to_string(),
            verdict,
            record,
            reason: judged.reason.clone(),
            elapsed: judged.elapsed,
            runs: judged.traces.len(),
            system: plan.system,
            setup,
            steps: (0..plan.steps.len()).map(|index| step(plan, index, deciding, judged)).collect(),
            peers: deciding.map(|trace| peers(plan, trace)).unwrap_or_default(),
            peer_times: deciding.map(|trace| peer_times(plan, trace)).unwrap_or_default(),
            programs: deciding.map(|trace| trace.programs.clone()).unwrap_or_default(),
            trace: record::contents(case, judged),
        }
    }

    /// The step at which the run ended before its time: the last it came to.
    pub fn last_reached(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.reached.is_some())
    }
}

/// Whether the case was stopped by the user, so that nothing can be said about it.
pub fn was_stopped(judged: &Judged) -> bool {
    judged.traces.iter().any(|trace| trace.broken == Some(Broken::Cancelled))
}

/// Whether the declared sockets were made: the conductor says so where that is what failed.
fn was_set_up(trace: &Trace) -> bool {
    match &trace.broken {
        Some(Broken::Setup(_) | Broken::InUse(_)) => false,
        Some(Broken::Harness(_) | Broken::Limit | Broken::Cancelled) | None => true,
    }
}

fn step(plan: &Plan, index: usize, deciding: Option<&Trace>, judged: &Judged) -> Step {
    let step = &plan.steps[index];
    let claims = step.expect.iter().flat_map(|expect| &expect.any_of).flat_map(|one| &one.claims);
    Step {
        call: step.action.show(),
        line: step.place.line,
        column: step.place.column,
        claim: step.expect.as_ref().map(|expect| expect.show(plan.system)),
        timed: claims.into_iter().any(|claim| matches!(claim, Claim::Elapsed(_))),
        why: step.why.clone(),
        known: step.known.as_ref().map(|known| (known.reason.clone(), known.link.clone())),
        reached: deciding.and_then(|trace| outcome(trace, index)).map(|it| reached(plan, step, it)),
        seen: if plan.repeat > 1 { seen(plan, index, &judged.traces) } else { Vec::new() },
    }
}

fn outcome(trace: &Trace, index: usize) -> Option<&Outcome> {
    trace.events.iter().find(|event| event.step == index).map(|event| &event.outcome)
}

fn reached(plan: &Plan, step: &PlannedStep, outcome: &Outcome) -> Reached {
    let standing = stands(step, outcome);
    let broken = match standing {
        Standing::Unclaimed | Standing::Held | Standing::HeldUnexpectedly => Vec::new(),
        Standing::KnownDeviation
        | Standing::NotRecommended
        | Standing::Untimely
        | Standing::Broken => {
            broken_claims(step, outcome).into_iter().map(ToString::to_string).collect()
        }
    };
    Reached { answer: outcome.show(plan.system), outcome: outcome.clone(), standing, broken }
}

fn seen(plan: &Plan, index: usize, traces: &[Trace]) -> Vec<(String, usize)> {
    let mut times = BTreeMap::new();
    for outcome in traces.iter().filter_map(|trace| outcome(trace, index)) {
        *times.entry(outcome.show(plan.system)).or_insert(0) += 1;
    }
    times.into_iter().collect()
}

/// The part of a record that tells of the peers: what follows its empty lines.
fn peers(plan: &Plan, trace: &Trace) -> String {
    let record = normalise::record(plan, std::slice::from_ref(trace));
    record.split_once("\n\n").map(|(_, peers)| peers.to_owned()).unwrap_or_default()
}

fn peer_times(plan: &Plan, trace: &Trace) -> String {
    let mut text = String::new();
    for peer in &trace.peers {
        for call in &peer.calls {
            let answer = format!("{} ({})", call.outcome.show(plan.system), time(call.at));
            normalise::push_line(&mut text, &format!("{}.{}", peer.name, call.call), &answer);
        }
    }
    text
}

/// The whole of one run as a transcript, each answer as it was; times where `timings` asks for
/// them or a claim is about them.
pub fn transcript(finding: &Finding, timings: bool) -> String {
    let mut text = String::new();
    for call in &finding.setup {
        normalise::push_line(&mut text, call, "ok");
    }
    for step in &finding.steps {
        let Some(reached) = &step.reached else { continue };
        normalise::push_line(&mut text, &step.call, &answer(step, reached, timings));
    }
    if !finding.peers.is_empty() {
        let peers = if timings { &finding.peer_times } else { &finding.peers };
        let _ = write!(text, "\n{peers}");
    }
    text
}

/// A step's answer, with its time where that matters; over several runs that differ, each answer
/// with how often it was seen.
pub fn answer(step: &Step, reached: &Reached, timings: bool) -> String {
    if step.seen.len() > 1 {
        let times = step.seen.iter().map(|(answer, times)| format!("{answer} ({times} times)"));
        times.collect::<Vec<String>>().join(" | ")
    } else if timings || step.timed {
        format!("{} ({})", reached.answer, time(reached.outcome.elapsed))
    } else {
        reached.answer.clone()
    }
}

/// A time in the unit that suits it.
fn time(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 1_000 {
        return format!("{micros} µs");
    }
    let millis = time.as_secs_f64() * 1e3;
    if millis < 1_000.0 { format!("{millis:.1} ms") } else { format!("{:.2} s", millis / 1e3) }
}
