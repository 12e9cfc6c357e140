//! The arrow from a trace to a verdict: which claims held.
//!
//! Pure. Records have no say here: that a record drifted is found by whoever holds the records.

use std::time::Duration;

use crate::expect::{Alternative, Claim};
use crate::outcome::Outcome;
use crate::plan::{Plan, PlannedStep};
use crate::scenario::Level;
use crate::trace::{Event, Trace};
use crate::verdict::Verdict;

/// How one step's outcome stands to its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is claimed.
    Unclaimed,
    /// The claim held.
    Held,
    /// The claim held, though a deviation is listed.
    HeldUnexpectedly,
    /// The claim is broken, as a listed deviation says.
    KnownDeviation,
    /// The claim is broken, and was no more than a recommendation.
    NotRecommended,
    /// The claim is broken in its time alone.
    Untimely,
    /// The claim is broken.
    Broken,
}

impl Standing {
    /// Whether the steps after it may still be judged.
    pub fn goes_on(self) -> bool {
        match self {
            Standing::Unclaimed
            | Standing::Held
            | Standing::HeldUnexpectedly
            | Standing::NotRecommended => true,
            Standing::KnownDeviation | Standing::Untimely | Standing::Broken => false,
        }
    }
}

/// Compares an outcome with what its step claims.
pub fn stands(step: &PlannedStep, outcome: &Outcome) -> Standing {
    let Some(expect) = &step.expect else { return Standing::Unclaimed };
    let held = expect.matches(outcome).is_some();
    match (held, &step.known, step.level) {
        (true, Some(_), _) => Standing::HeldUnexpectedly,
        (true, None, _) => Standing::Held,
        (false, Some(_), _) => Standing::KnownDeviation,
        (false, None, Level::Should | Level::Info) => Standing::NotRecommended,
        (false, None, Level::Must) if expect.misses_only_time(outcome) => Standing::Untimely,
        (false, None, Level::Must) => Standing::Broken,
    }
}

/// The claims of `step` that `outcome` breaks, of the acceptable outcome that comes closest.
pub fn broken_claims<'s>(step: &'s PlannedStep, outcome: &Outcome) -> Vec<&'s Claim> {
    step.expect.as_ref().map(|expect| expect.broken_by(outcome)).unwrap_or_default()
}

/// The outcomes that had to be seen at least once over all runs, and were not; each with its step.
pub fn unseen<'p>(plan: &'p Plan, traces: &[Trace]) -> Vec<(&'p PlannedStep, &'p Alternative)> {
    let seen = |index: usize, one: &Alternative| {
        let events =
            traces.iter().flat_map(|trace| &trace.events).filter(|event| event.step == index);
        events.into_iter().any(|event| one.holds(&event.outcome))
    };
    let steps = plan.steps.iter().enumerate();
    let each = steps.flat_map(|(index, step)| {
        let expect = step.expect.iter().filter(|expect| expect.each);
        expect.flat_map(|expect| &expect.any_of).map(move |one| (index, step, one))
    });
    each.filter(|(index, _, one)| !seen(*index, one)).map(|(_, step, one)| (step, one)).collect()
}

/// Whether a run broke a claim in its time alone, a recommendation too: it may be tried again.
pub fn is_untimely(plan: &Plan, trace: &Trace) -> bool {
    let untimely = |event: &Event| {
        let step = &plan.steps[event.step];
        let in_time_alone =
            || step.expect.as_ref().is_some_and(|expect| expect.misses_only_time(&event.outcome));
        match stands(step, &event.outcome) {
            Standing::Untimely => true,
            Standing::NotRecommended => in_time_alone(),
            Standing::Unclaimed
            | Standing::Held
            | Standing::HeldUnexpectedly
            | Standing::KnownDeviation
            | Standing::Broken => false,
        }
    };
    trace.events.iter().any(untimely)
}

/// Whether the time that this thread waited for a processor accounts for every claim about time
/// that is broken: without it, they would hold. Where the system does not tell, it may.
fn starved(plan: &Plan, trace: &Trace) -> bool {
    let Some(starved) = trace.starved_us.map(Duration::from_micros) else { return true };
    trace.events.iter().all(|event| {
        let mut fed = event.outcome.clone();
        fed.elapsed = fed.elapsed.saturating_sub(starved);
        let step = &plan.steps[event.step];
        stands(step, &event.outcome) != Standing::Untimely || stands(step, &fed) == Standing::Held
    })
}

/// The verdict on one run.
pub fn check(plan: &Plan, trace: &Trace) -> Verdict {
    if trace.broken.is_some() {
        return Verdict::Broken;
    }
    let standings: Vec<Standing> =
        trace.events.iter().map(|event| stands(&plan.steps[event.step], &event.outcome)).collect();
    let any = |wanted: Standing| standings.contains(&wanted);
    if any(Standing::Broken) {
        Verdict::Fail
    } else if any(Standing::Untimely) {
        if starved(plan, trace) { Verdict::Inconclusive } else { Verdict::Fail }
    } else if any(Standing::KnownDeviation) {
        Verdict::Known
    } else if any(Standing::HeldUnexpectedly) {
        Verdict::Fixed
    } else if plan.is_judged() && !any(Standing::NotRecommended) {
        Verdict::Pass
    } else {
        Verdict::Info
    }
}
