//! The suite: the scenario files of a project, made ready for this machine, and run.
//!
//! The edge where files are read and sockets are opened. What it finds it gives back as values;
//! it prints nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use crate::capability::Capabilities;
use crate::check::{check, is_untimely, unseen};
use crate::net::{self, Alone, Net, Workshop, Yield};
use crate::op::{BUILT, Op};
use crate::plan::{Plan, PlannedStep, lower};
use crate::platform::Platform;
use crate::program;
use crate::run::pool::{self, Worker};
use crate::run::{Settings, conduct};
use crate::scenario::{self, Level, Need, Problem, Scenario};
use crate::trace::{Broken, Trace};
use crate::verdict::Verdict;

/// A project: the folder that holds `scenarios/`, and `snapshots/` beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The folder.
    pub root: PathBuf,
}

impl Project {
    /// The nearest folder at or above `start` that holds a folder `scenarios`.
    pub fn find(start: &Path) -> Option<Project> {
        let holds = |folder: &&Path| folder.join("scenarios").is_dir();
        start.ancestors().find(holds).map(|root| Project { root: root.to_owned() })
    }

    /// The ids of all scenario files, sorted: their paths under `scenarios/`, with forward slashes
    /// and without `.toml`.
    pub fn ids(&self) -> std::io::Result<Vec<String>> {
        let mut ids = Vec::new();
        collect(&self.root.join("scenarios"), "", &mut ids)?;
        ids.sort();
        Ok(ids)
    }

    /// The path of a scenario's file, relative to the root.
    pub fn file_of(id: &str) -> String {
        format!("scenarios/{id}.toml")
    }

    /// Reads and checks one file: its text, and each cell of its matrix as written.
    pub fn scenarios(&self, id: &str) -> Result<(String, Vec<Scenario>), BadFile> {
        let file = Project::file_of(id);
        let bad = |text: String, problems| BadFile { file: file.clone(), text, problems };
        let text = crate::source::read(&self.root.join(&file))
            .map_err(|error| bad(error.shown, vec![error.problem]))?;
        match scenario::parse(id, &text) {
            Ok(scenarios) => Ok((text, scenarios)),
            Err(problems) => Err(bad(text, problems)),
        }
    }

    /// Reads and checks one file, for this platform.
    pub fn load(&self, id: &str, platform: &Platform) -> Result<Vec<Case>, BadFile> {
        let (text, scenarios) = self.scenarios(id)?;
        let plans = scenarios.into_iter().map(|scenario| lower(scenario, &text, platform));
        let file: Arc<str> = Project::file_of(id).into();
        Ok(plans.map(|plan| Case { file: Arc::clone(&file), plan }).collect())
    }
}

/// Folders within folders, no deeper than ids go; links are not followed out of the project.
fn collect(folder: &Path, prefix: &str, ids: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let Some(name) = name.to_str() else { continue };
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), ids)?;
        } else if let Some(stem) = name.strip_suffix(".toml") {
            ids.push(format!("{prefix}{stem}"));
        }
    }
    Ok(())
}

/// A file with mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFile {
    /// Its path, relative to the root.
    pub file: String,
    /// What could be read of it.
    pub text: String,
    /// The mistakes, in the order of the file.
    pub problems: Vec<Problem>,
}

/// A scenario, or one cell of its matrix, ready to run here.
#[derive(Clone, Debug)]
pub struct Case {
    /// The path of its file, relative to the root.
    pub file: Arc<str>,
    /// What is run.
    pub plan: Plan,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The verdict, by the claims alone: whether the record drifted is not asked here.
    pub verdict: Verdict,
    /// The runs: as many as `repeat` asks for; none where it was skipped.
    pub traces: Vec<Trace>,
    /// Why it was skipped or is broken.
    pub reason: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many run at once.
    pub jobs: usize,
    /// Whether each runs in a network namespace of its own.
    pub isolate: bool,
    /// Limits and the word to stop.
    pub settings: Settings,
}

/// A claim about time is tried so often before it counts as broken, or as inconclusive: a busy
/// machine breaks one now and then, a system that is slow breaks it every time.
const TIMED_TRIES: usize = 5;

/// Why the case cannot run here; `None` where it can. That the system has no such name says more
/// than that the harness cannot look, so it comes first.
pub fn skip_reason(plan: &Plan, capabilities: &Capabilities) -> Option<String> {
    let mut needs = plan.needs.iter();
    let steps = plan.steps.iter().map(|step| &step.action);
    let mut actions = plan.setup.iter().chain(steps);
    actions
        .find_map(|action| net::lacks(&action.op))
        .or_else(|| needs.find_map(|need| capabilities.lacks(need)))
        .or_else(|| not_built(plan))
}

/// A program that was to be built here and is not; asked last, of who may start programs.
fn not_built(plan: &Plan) -> Option<String> {
    let steps = plan.steps.iter().map(|step| &step.action);
    plan.setup.iter().chain(steps).find_map(|action| {
        let Op::StartProgram(start) = &*action.op else { return None };
        let name = start.run.as_ref()?.words.first()?.strip_prefix(BUILT)?;
        program::built(name).err()?;
        Some(format!("{name} is not built: cargo build --bin {name}"))
    })
}

/// Runs all cases: side by side those that allow it, then one by one those that need the machine
/// to themselves. Each result goes to `done` with the case's index, in the order of completion;
/// cases that were not begun when the run was cancelled are left out.
pub fn run(
    cases: &[Case],
    capabilities: &Capabilities,
    options: &Options,
    mut done: impl FnMut(usize, Judged),
) {
    let (serial, beside): (Vec<usize>, Vec<usize>) =
        (0..cases.len()).partition(|index| cases[*index].plan.serial);
    let cancel = &options.settings.cancel;
    let work = |index: &usize, others: &dyn Yield| {
        judge(&cases[*index].plan, capabilities, options, others)
    };
    let work_beside = |index: &usize, worker: &Worker<'_>| work(index, worker);
    pool::run_all(&beside, options.jobs, cancel, work_beside, |at, judged| {
        done(beside[at], judged);
    });
    // Who is to be alone lends out no permit while it waits: the next would begin beside it.
    let work_alone = |index: &usize, _: &Worker<'_>| work(index, &Alone);
    pool::run_all(&serial, 1, cancel, work_alone, |at, judged| done(serial[at], judged));
}

impl Yield for Worker<'_> {
    fn while_others_run(&self, wait: &mut dyn FnMut()) {
        Worker::while_others_run(self, wait);
    }

    fn waited(&self) -> Duration {
        Worker::waited(self)
    }
}

/// Who has the process to itself, and who shares it: several suites may run in one, as in tests. While
/// a scenario forks, what others close stays open.
static MACHINE: RwLock<()> = RwLock::new(());

/// A scenario's turn at the machine.
#[expect(dead_code, reason = "held, and never looked at")]
enum Turn {
    Alone(RwLockWriteGuard<'static, ()>),
    Beside(RwLockReadGuard<'static, ()>),
}

impl Turn {
    /// Waits for it, and lets others run meanwhile: they may be what is waited for.
    fn take(alone: bool, others: &dyn Yield) -> Turn {
        if !alone && let Ok(beside) = MACHINE.try_read() {
            return Turn::Beside(beside);
        }
        let mut turn = None;
        others.while_others_run(&mut || {
            turn = Some(if alone {
                Turn::Alone(MACHINE.write().unwrap_or_else(PoisonError::into_inner))
            } else {
                Turn::Beside(MACHINE.read().unwrap_or_else(PoisonError::into_inner))
            });
        });
        turn.expect("it was waited for")
    }
}

/// Runs one case, as often as it asks for, and judges it.
pub fn judge(
    plan: &Plan,
    capabilities: &Capabilities,
    options: &Options,
    others: &dyn Yield,
) -> Judged {
    let since = Instant::now();
    // A network namespace has settings of its own: they are asked where the scenario will run.
    let asks_settings = plan.needs.iter().any(|need| matches!(need, Need::Setting { .. }));
    let entered =
        if options.isolate && asks_settings { crate::sys::isolate_thread() } else { Ok(()) };
    if let Err(why) = entered {
        let trace = Trace { broken: Some(Broken::Harness(why.clone())), ..Trace::default() };
        return Judged {
            verdict: Verdict::Broken,
            traces: vec![trace],
            reason: Some(why),
            elapsed: since.elapsed(),
        };
    }
    if let Some(reason) = skip_reason(plan, capabilities) {
        return Judged {
            verdict: Verdict::Skip,
            traces: Vec::new(),
            reason: Some(reason),
            elapsed: Duration::ZERO,
        };
    }
    let _turn = Turn::take(plan.serial, others);
    let mut workshop = Workshop::default();
    let mut traces = Vec::new();
    let mut verdict = Verdict::Pass;
    for round in 0..plan.repeat {
        let (one, trace) = run_timed(plan, options, &mut workshop, others);
        traces.push(trace);
        verdict = if round == 0 { one } else { worse(verdict, one) };
        if verdict == Verdict::Fail || verdict == Verdict::Broken {
            break;
        }
    }
    let mut reason = traces.iter().find_map(|trace| trace.broken.as_ref()).map(explain);
    let unseen = match verdict {
        Verdict::Pass | Verdict::Fixed => unseen(plan, &traces),
        _ => Vec::new(),
    };
    // A run alone cannot show such a deviation: its outcome is one of those claimed.
    let counts = |step: &PlannedStep| verdict == Verdict::Pass || step.known.is_some();
    let unseen = unseen.into_iter().filter(|(step, _)| counts(step));
    if let Some((step, one)) = unseen.max_by_key(|(step, _)| severity(step)) {
        let (line, shown) = (step.place.line, one.show(plan.system));
        reason = Some(format!("line {line}: in {} runs, never seen: {shown}", plan.repeat));
        verdict = severity(step).1;
    }
    Judged { verdict, traces, reason, elapsed: since.elapsed() }
}

/// What it means that an outcome was never seen, and how that ranks.
fn severity(step: &PlannedStep) -> (u8, Verdict) {
    match (&step.known, step.level) {
        (None, Level::Must) => (2, Verdict::Fail),
        (Some(_), _) => (1, Verdict::Known),
        (None, Level::Should | Level::Info) => (0, Verdict::Info),
    }
}

/// Runs once; again where only a claim about time is broken.
fn run_timed(
    plan: &Plan,
    options: &Options,
    workshop: &mut Workshop,
    others: &dyn Yield,
) -> (Verdict, Trace) {
    let mut trace = run_once(plan, options, workshop, others);
    for _ in 1..TIMED_TRIES {
        if !is_untimely(plan, &trace) {
            break;
        }
        trace = run_once(plan, options, workshop, others);
    }
    (check(plan, &trace), trace)
}

/// How often a run is begun at most: one in some hundred is given a port of another's.
const PORT_TRIES: usize = 10;

/// Runs once; again where another run has had one of its ports meanwhile, or somebody who is no run
/// has one: a port that is free in IPv6 may be taken in IPv4.
fn run_once(plan: &Plan, options: &Options, workshop: &mut Workshop, others: &dyn Yield) -> Trace {
    let (mut trace, mut is_alone) = run_here(plan, options, workshop, others);
    for _ in 1..PORT_TRIES {
        if is_alone {
            break;
        }
        (trace, is_alone) = run_here(plan, options, workshop, others);
    }
    trace
}

/// Runs once. Whether its ports were its own.
fn run_here(
    plan: &Plan,
    options: &Options,
    workshop: &mut Workshop,
    others: &dyn Yield,
) -> (Trace, bool) {
    if options.isolate {
        if let Err(why) = crate::sys::isolate_thread() {
            let trace = Trace { broken: Some(Broken::Harness(why)), ..Trace::default() };
            return (trace, true);
        }
        workshop.enter_new_network();
    }
    let mut net = Net::new(plan, workshop, others);
    let mut trace = conduct(plan, &mut net, &options.settings);
    trace.programs = net.programs();
    let is_in_use = matches!(trace.broken, Some(Broken::InUse(_)));
    let is_alone = !is_in_use && !net.shares_a_port();
    (trace, is_alone)
}

/// The verdict that matters more.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict: Verdict| Verdict::ALL.iter().position(|known| *known == verdict);
    if rank(one) >= rank(other) { one } else { other }
}

fn explain(broken: &Broken) -> String {
    match broken {
        Broken::Setup(what) | Broken::InUse(what) => format!("setting up: {what}"),
        Broken::Harness(why) => why.clone(),
        Broken::Limit => "the scenario's time limit ran out".to_owned(),
        Broken::Cancelled => "stopped".to_owned(),
    }
}
