//! One probe under way: plan after plan, and after each a look at the server.

use std::sync::Arc;
use std::time::Duration;

use sockdrill::capability::Capabilities;
use sockdrill::finding::{Finding, was_stopped};
use sockdrill::net::Alone;
use sockdrill::outcome::End;
use sockdrill::plan::lower;
use sockdrill::probe::learn::{Ear, Unheard, learn};
use sockdrill::probe::{Entry, Planned, Profile, level_name, plans};
use sockdrill::report::human::{self, Telling};
use sockdrill::report::probe::Row;
use sockdrill::scenario::{Level, parse};
use sockdrill::suite::{Case, judge};
use sockdrill::trace::Broken;
use sockdrill::verdict::{ExitCode, Verdict};

use super::is_selected;
use super::request::Request;
use super::target::Target;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::cli::progress::Progress;

/// What is compared is narrowed so often where answers turn out to differ from time to time.
const NARROWINGS: usize = 3;

/// A probe under way.
pub struct Session<'s> {
    args: &'s Request,
    ear: Ear<'s>,
    profile: Profile,
    progress: Progress,
    capabilities: Capabilities,
    ended: Ended,
}

/// What a probe came to.
#[derive(Default)]
pub struct Ended {
    /// Every plan that was to be run, with its row, in the order of the table.
    planned: Vec<(&'static Entry, Level, String)>,
    pub findings: Vec<Finding>,
    pub not_run: Vec<String>,
}

/// What is to be done after a plan.
enum Next {
    /// The next.
    GoOn,
    /// The next, with a program that was started again.
    Again,
    /// The same once more: less of an answer is compared now.
    Narrowed,
    /// Nothing: nobody is there, or the user wants no more.
    Stop,
}

impl<'s> Session<'s> {
    pub fn new(
        args: &'s Request,
        ear: Ear<'s>,
        profile: Profile,
        progress: Progress,
    ) -> Session<'s> {
        let capabilities = Capabilities::allowing(ear.allowed);
        let ended = Ended::default();
        Session { args, ear, profile, progress, capabilities, ended }
    }

    fn is_done(&self, id: &str) -> bool {
        self.ended.findings.iter().any(|finding| finding.id == id)
    }

    fn planned(&self) -> Vec<Planned> {
        let all = plans(&self.profile).into_iter();
        all.filter(|planned| is_selected(self.args, &planned.id)).collect()
    }

    /// Runs every plan.
    pub fn run(
        &mut self,
        target: &mut Target,
        output: &mut Output,
        telling: &Telling,
    ) -> Result<(), Failure> {
        let mut planned = self.planned();
        let mut narrowings = 0;
        self.progress.begin(planned.len());
        while let Some(plan) = planned.iter().find(|plan| !self.is_done(&plan.id)) {
            let Some(finding) = self.one(plan, target)? else { break };
            if self.nobody_came(&finding) {
                let note = format!("nobody came for {}\n", finding.id);
                self.progress.aside(|| output.note(&note));
                break;
            }
            let next = match finding.verdict {
                Verdict::Fail | Verdict::Broken => self.look(target, narrowings)?,
                _ => Next::GoOn,
            };
            if !matches!(next, Next::GoOn) {
                // Another port, or less that is compared.
                planned = self.planned();
            }
            if matches!(next, Next::Narrowed) {
                let note = "answers differ from time to time: only their beginning is compared\n";
                self.progress.aside(|| output.note(note));
                narrowings += 1;
                continue;
            }
            self.tell(&finding, output, telling)?;
            self.ended.findings.push(finding);
            self.progress.advance(0);
            if matches!(next, Next::Stop) {
                break;
            }
        }
        self.progress.finish();
        let not_run = planned.iter().filter(|plan| !self.is_done(&plan.id));
        self.ended.not_run = not_run.map(|plan| plan.id.clone()).collect();
        self.ended.planned =
            planned.into_iter().map(|plan| (plan.entry, plan.level, plan.id)).collect();
        Ok(())
    }

    /// Whether the client is somebody else's, and did not come: nothing is known of it then.
    fn nobody_came(&self, finding: &Finding) -> bool {
        let elsewhere = self.profile.client.as_ref().is_some_and(|client| client.run.is_none());
        let accepts = finding.steps.iter().find(|step| step.call.starts_with("server.accept("));
        let reached = accepts.and_then(|step| step.reached.as_ref());
        elsewhere && reached.is_some_and(|reached| reached.outcome.end == End::Timeout)
    }

    /// Runs one plan; `None` where the user stopped it.
    fn one(&self, planned: &Planned, target: &mut Target) -> Result<Option<Finding>, Failure> {
        let text = match &planned.text {
            Ok(text) => text,
            Err(why) => return Ok(Some(skipped(planned, why, &self.ear))),
        };
        let scenarios = parse(&planned.id, text).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(|it| format!("{it:?}")).collect();
            let message = format!("{}: no scenario: {}", planned.id, problems.join("; "));
            Failure::new(ExitCode::Internal, message)
        })?;
        let mut plans = scenarios.into_iter().map(|it| lower(it, text, self.ear.platform));
        let plan = plans.next().ok_or_else(|| Failure::new(ExitCode::Internal, "no plan"))?;
        let case = Case { file: Arc::from(format!("{}.toml", planned.id)), plan };
        let seen = target.lines();
        let mut judged = judge(&case.plan, &self.capabilities, self.ear.options, &Alone);
        if was_stopped(&judged) {
            return Ok(None);
        }
        let ran_out = judged.traces.iter().any(|trace| trace.broken == Some(Broken::Limit));
        if ran_out && planned.level != Level::Must {
            // Each of many answers took its whole time: what is recommended is not kept.
            judged.verdict = Verdict::Info;
        }
        let mut finding = Finding::of(&case, &judged, judged.verdict, None);
        if let Some(how) = target.ended() {
            finding.verdict = Verdict::Fail;
            finding.reason = Some(format!("the program ended: {how}"));
        }
        if finding.verdict.is_red() && self.profile.client.is_none() {
            let told = target.told(seen);
            let told = told.trim_start_matches("\nserver: ");
            finding.programs =
                Vec::from_iter((!told.is_empty()).then(|| ("server".to_owned(), told.to_owned())));
        }
        Ok(Some(finding))
    }

    /// After a failure: does the server still answer, and as before?
    fn look(&mut self, target: &mut Target, narrowings: usize) -> Result<Next, Failure> {
        if self.profile.client.is_some() {
            // Each plan has a client of its own.
            return Ok(Next::GoOn);
        }
        if target.ended().is_some() {
            return self.start_again(target);
        }
        match learn(self.profile.clone(), &self.args.messages, &self.ear) {
            Ok(now) => {
                let same = self.profile.exchanges.iter().zip(&now.exchanges).all(|(old, new)| {
                    let compared = old.answer.bytes.len().min(new.answer.bytes.len());
                    old.answer.bytes[..compared] == new.answer.bytes[..compared]
                        && compared == old.answer.bytes.len()
                });
                if same || narrowings == NARROWINGS || !self.narrow(&now) {
                    return Ok(Next::GoOn);
                }
                Ok(Next::Narrowed)
            }
            Err(Unheard::Stopped) => Ok(Next::Stop),
            Err(Unheard::NoAnswer(_) | Unheard::Broken(_)) => self.start_again(target),
        }
    }

    /// Compares from now on what the answers of then and of now have in common. Whether anything.
    fn narrow(&mut self, now: &Profile) -> bool {
        let mut narrowed = self.profile.clone();
        for (old, new) in narrowed.exchanges.iter_mut().zip(&now.exchanges) {
            let pairs = old.answer.bytes.iter().zip(&new.answer.bytes);
            let common = pairs.take_while(|(one, other)| one == other).count();
            let whole = |answer: &sockdrill::probe::Answer| {
                answer.rest.map(|rest| answer.bytes.len() + rest)
            };
            let (then, now) = (whole(&old.answer), whole(&new.answer));
            old.answer.rest = then.filter(|_| then == now).map(|all| all - common);
            old.answer.bytes.truncate(common);
        }
        let any = narrowed.exchanges.iter().all(|exchange| !exchange.answer.bytes.is_empty());
        if any {
            self.profile = narrowed;
        }
        any
    }

    fn start_again(&mut self, target: &mut Target) -> Result<Next, Failure> {
        if !target.again()? {
            return Ok(Next::Stop);
        }
        self.profile.at = target.at();
        Ok(Next::Again)
    }

    /// The first failure of each row is told in full; the others are named in the table.
    fn tell(
        &self,
        finding: &Finding,
        output: &mut Output,
        telling: &Telling,
    ) -> Result<(), Failure> {
        let row = row_of(&finding.id);
        let told = self.ended.findings.iter();
        let mut told = told.filter(|other| row_of(&other.id) == row && other.verdict.is_red());
        if finding.verdict.is_red()
            && told.next().is_none()
            && let Some(text) = human::case(finding, telling)
        {
            self.progress.aside(|| output.data_now(&format!("{text}\n")))?;
        }
        Ok(())
    }

    pub fn end(self) -> Ended {
        self.ended
    }
}

/// The plan of an id: its transport and its name.
fn row_of(id: &str) -> &str {
    let mut slashes = id.match_indices('/').map(|(at, _)| at);
    slashes.nth(1).map_or(id, |at| &id[..at])
}

fn skipped(planned: &Planned, why: &str, ear: &Ear<'_>) -> Finding {
    Finding {
        id: planned.id.clone(),
        title: planned.entry.what.to_owned(),
        file: format!("{}.toml", planned.id),
        verdict: Verdict::Skip,
        record: None,
        reason: Some(why.to_owned()),
        elapsed: Duration::ZERO,
        runs: 0,
        system: ear.platform.system,
        setup: Vec::new(),
        steps: Vec::new(),
        peers: String::new(),
        peer_times: String::new(),
        programs: Vec::new(),
        trace: why.to_owned(),
    }
}

impl Ended {
    /// The table's rows.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for (entry, level, id) in &self.planned {
            let row = row_of(id);
            if rows.last().is_some_and(|last| last.id == row) {
                continue;
            }
            let findings = self.findings.iter().filter(|finding| row_of(&finding.id) == row);
            rows.push(Row {
                id: row.to_owned(),
                level: level_name(*level),
                what: entry.what,
                why: entry.why,
                findings: findings.collect(),
            });
        }
        rows
    }

    /// What the process exits with.
    pub fn code(&self) -> ExitCode {
        let code = ExitCode::of(self.findings.iter().map(|finding| finding.verdict));
        match code {
            ExitCode::Success if !self.not_run.is_empty() => ExitCode::Unjudged,
            code => code,
        }
    }
}
