//! One run under way: each result is compared with its record, told, and counted.

use std::fmt::Write as _;

use sockdrill::finding::{Finding, was_stopped};
use sockdrill::platform::Platform;
use sockdrill::record::{Entry, RecordError, Records, Status, Update};
use sockdrill::report::{Tally, human, json};
use sockdrill::run::Cancel;
use sockdrill::suite::{BadFile, Case, Judged};
use sockdrill::verdict::{ExitCode, Verdict};

use super::Failure;
use super::args::Format;
use super::output::Output;
use super::progress::Progress;

/// How results are treated.
pub struct Setting<'s> {
    pub platform: &'s Platform,
    /// `None` where records are left alone.
    pub records: Option<Records>,
    pub update: Update,
    pub format: Format,
    /// Whether findings are kept, for reports.
    pub keep: bool,
    pub telling: human::Telling,
    pub progress: Progress,
}

/// A run under way.
pub struct Session<'s> {
    cases: &'s [Case],
    setting: Setting<'s>,
    cancel: Cancel,
    output: &'s mut Output,
    done: Vec<bool>,
    ended: Ended,
    /// What made going on senseless.
    failure: Option<Failure>,
}

/// What a run came to.
#[derive(Default)]
pub struct Ended {
    pub tally: Tally,
    /// Sorted by id; empty unless they were to be kept.
    pub findings: Vec<Finding>,
    /// Ids that were not run because the run was stopped.
    pub not_run: Vec<String>,
    /// How many records drifted or are missing, where the platform has some.
    waiting: usize,
    /// How many could be the platform's first.
    first: usize,
    /// How many were accepted at once.
    accepted: usize,
    /// Whether what waits was written.
    written: bool,
    record_error: Option<RecordError>,
    platform: &'static str,
}

impl<'s> Session<'s> {
    /// A session in which nothing is done yet.
    pub fn new(
        cases: &'s [Case],
        setting: Setting<'s>,
        cancel: Cancel,
        output: &'s mut Output,
    ) -> Session<'s> {
        let ended = Ended {
            platform: setting.platform.name(),
            written: setting.update != Update::No,
            ..Ended::default()
        };
        let done = vec![false; cases.len()];
        Session { cases, setting, cancel, output, done, ended, failure: None }
    }

    /// Tells of a file of which nothing can be run.
    pub fn bad_file(&mut self, bad: &BadFile) {
        if self.setting.format == Format::JsonLines {
            self.print(&json::bad_file_line(bad));
        }
    }

    /// Takes one result.
    pub fn done(&mut self, index: usize, judged: &Judged) {
        if was_stopped(judged) {
            return;
        }
        self.done[index] = true;
        let case = &self.cases[index];
        let (verdict, record) = self.compare(case, judged);
        self.ended.tally.add(verdict);
        if verdict != Verdict::Pass || self.setting.keep || self.setting.format == Format::JsonLines
        {
            self.tell(Finding::of(case, judged, verdict, record));
        }
        self.setting.progress.advance(self.ended.tally.red());
    }

    fn tell(&mut self, finding: Finding) {
        let text = match self.setting.format {
            Format::Human => human::case(&finding, &self.setting.telling).map(|text| text + "\n"),
            Format::JsonLines => Some(json::scenario_line(&finding, self.setting.platform)),
        };
        if let Some(text) = text {
            self.print(&text);
        }
        if self.setting.keep {
            self.ended.findings.push(finding);
        }
    }

    /// Where nobody reads, nothing more is to be run.
    fn print(&mut self, text: &str) {
        if let Err(error) = self.setting.progress.aside(|| self.output.data_now(text)) {
            self.cancel.cancel();
            self.failure.get_or_insert_with(|| error.into());
        }
    }

    /// The verdict with the record asked, where there is something to ask it.
    fn compare(&mut self, case: &Case, judged: &Judged) -> (Verdict, Option<Status>) {
        let records = match judged.verdict {
            Verdict::Pass | Verdict::Known | Verdict::Info | Verdict::Skip => {
                self.setting.records.as_ref()
            }
            Verdict::Drift
            | Verdict::Inconclusive
            | Verdict::Fixed
            | Verdict::Broken
            | Verdict::Fail => None,
        };
        let Some(records) = records else { return (judged.verdict, None) };
        match record(records, &self.setting, case, judged) {
            Ok(status) => {
                self.ended.count(&status, self.setting.update);
                // A record of a skip may be missing: on this machine nothing happened.
                let may_be_red = judged.verdict != Verdict::Skip;
                let accepts = self.setting.update == Update::InPlace;
                let red = status.is_red() && may_be_red && !accepts;
                (if red { Verdict::Drift } else { judged.verdict }, Some(status))
            }
            Err(error) => {
                self.ended.record_error.get_or_insert(error);
                (judged.verdict, None)
            }
        }
    }

    /// Closes the session.
    pub fn end(mut self) -> Result<Ended, Failure> {
        self.setting.progress.finish();
        let not_run = self.cases.iter().zip(&self.done).filter(|(_, done)| !**done);
        self.ended.not_run = not_run.map(|(case, _)| case.plan.id.clone()).collect();
        if self.setting.format == Format::JsonLines {
            for id in self.ended.not_run.clone() {
                self.print(&json::not_run_line(&id));
            }
        }
        self.ended.findings.sort_by(|one, other| one.id.cmp(&other.id));
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.ended),
        }
    }
}

/// Compares what happened with its record, and leaves it to be accepted where it differs.
fn record(
    records: &Records,
    setting: &Setting<'_>,
    case: &Case,
    judged: &Judged,
) -> Result<Status, RecordError> {
    let id = &case.plan.id;
    let now = Entry::of(case, judged, setting.platform);
    let status = records.compare(id, &now)?;
    match status {
        Status::Same if setting.update == Update::No => {}
        Status::Same => records.settle(id)?,
        Status::Drifted { .. } | Status::New | Status::NoRecords => {
            records.write(id, &now, setting.update)?;
        }
    }
    Ok(status)
}

impl Ended {
    fn count(&mut self, status: &Status, update: Update) {
        match status {
            Status::Same => {}
            Status::Drifted { .. } | Status::New | Status::NoRecords
                if update == Update::InPlace =>
            {
                self.accepted += 1;
            }
            Status::Drifted { .. } | Status::New => self.waiting += 1,
            Status::NoRecords => self.first += 1,
        }
    }

    /// The exit code, but for bad files.
    pub fn code(&self) -> ExitCode {
        let code = ExitCode::of(self.tally.counts().map(|(verdict, _)| verdict));
        match code {
            ExitCode::Success | ExitCode::Drifted if self.is_unjudged() => ExitCode::Unjudged,
            code => code,
        }
    }

    fn is_unjudged(&self) -> bool {
        !self.not_run.is_empty() || self.record_error.is_some()
    }

    /// What to do about what was not run and about records.
    pub fn advice(&self, program: &str) -> String {
        /// More ids than this are counted: they can be seen in a report.
        const SHOWN: usize = 10;
        let mut text = String::new();
        if let Some((first, rest)) = self.not_run.split_at_checked(self.not_run.len().min(SHOWN)) {
            for id in first {
                let _ = writeln!(text, "not run {id}");
            }
            if !rest.is_empty() {
                let _ = writeln!(text, "not run and {} more", rest.len());
            }
        }
        if let Some(error) = &self.record_error {
            let _ = writeln!(text, "records: {error}");
        }
        self.push_records(&mut text, program);
        text
    }

    fn push_records(&self, text: &mut String, program: &str) {
        let platform = self.platform;
        let accept = format!("{program} snapshots accept");
        if self.accepted > 0 {
            let _ = writeln!(text, "records: {} accepted for {platform}", self.accepted);
        }
        if self.first > 0 {
            let count = self.first;
            let _ = if self.written {
                writeln!(text, "records: none for {platform} yet; to keep these {count}: {accept}")
            } else {
                writeln!(
                    text,
                    "records: none for {platform} yet; to write them: INSTA_UPDATE=new {program} run"
                )
            };
        }
        if self.waiting > 0 && self.written {
            let _ = writeln!(text, "records: {} to be looked at: cargo insta review", self.waiting);
            let _ = writeln!(text, "         to accept them unseen: {accept}");
        }
    }
}
