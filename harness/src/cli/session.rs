//! One run under way: each result is compared with its record, told, and counted.

use std::fmt::Write as _;

use sockdrill::finding::{Finding, was_stopped};
use sockdrill::normalise;
use sockdrill::platform::Platform;
use sockdrill::record::{Header, RecordError, Records, Status, Update};
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
}

/// A run under way.
pub struct Session<'s> {
    cases: &'s [Case],
    setting: Setting<'s>,
    cancel: Cancel,
    output: &'s mut Output,
    progress: Progress,
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
    /// How many records wait to be accepted, by what they are.
    drifted: usize,
    new: usize,
    first: usize,
    accepted: usize,
    /// Whether what waits was written.
    written: bool,
    record_error: Option<RecordError>,
    platform: &'static str,
}

impl<'s> Session<'s> {
    /// A session in which nothing is done yet.
    pub fn new(cases: &'s [Case], setting: Setting<'s>, cancel: Cancel, output: &'s mut Output) -> Session<'s> {
        let ended = Ended {
            platform: setting.platform.name(),
            written: setting.update != Update::No,
            ..Ended::default()
        };
        let (progress, done) = (Progress::new(cases.len()), vec![false; cases.len()]);
        Session { cases, setting, cancel, output, progress, done, ended, failure: None }
    }

    /// Tells of a file of which nothing can be run.
    pub fn bad_file(&mut self, bad: &BadFile) {
        if self.setting.format == Format::JsonLines {
            self.print(&json::bad_file_line(bad));
        }
    }

    /// Takes one result.
    pub fn done(&mut self, index: usize, judged: Judged) {
        if was_stopped(&judged) {
            return;
        }
        self.done[index] = true;
        let case = &self.cases[index];
        let (verdict, record) = self.compare(case, &judged);
        self.ended.tally.add(verdict);
        if verdict != Verdict::Pass || self.setting.keep || self.setting.format == Format::JsonLines {
            self.tell(Finding::of(case, &judged, verdict, record));
        }
        self.progress.advance(self.ended.tally.red());
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
        let output = &mut self.output;
        if let Err(error) = self.progress.aside(|| output.data_now(text)) {
            self.cancel.cancel();
            self.failure.get_or_insert_with(|| error.into());
        }
    }

    /// The verdict with the record asked, where there is something to ask it.
    fn compare(&mut self, case: &Case, judged: &Judged) -> (Verdict, Option<Status>) {
        match (judged.verdict, self.setting.records.take()) {
            (Verdict::Pass | Verdict::Known | Verdict::Info, Some(records)) => {
                let now = normalise::record(&case.plan, &judged.traces);
                let status = self.record(&records, case, &now);
                self.setting.records = Some(records);
                match status {
                    Ok(status) if status.is_red() && self.setting.update != Update::InPlace => {
                        (Verdict::Drift, Some(status))
                    }
                    Ok(status) => (judged.verdict, Some(status)),
                    Err(error) => {
                        self.ended.record_error.get_or_insert(error);
                        (judged.verdict, None)
                    }
                }
            }
            (verdict, records) => {
                self.setting.records = records;
                (verdict, None)
            }
        }
    }

    fn record(&mut self, records: &Records, case: &Case, now: &str) -> Result<Status, RecordError> {
        let id = &case.plan.id;
        let status = records.compare(id, now)?;
        let count = match &status {
            Status::Same if self.setting.update == Update::No => return Ok(status),
            Status::Same => return records.settle(id).map(|()| status),
            Status::Drifted { .. } => &mut self.ended.drifted,
            Status::New => &mut self.ended.new,
            Status::NoRecords => &mut self.ended.first,
        };
        let count = if self.setting.update == Update::InPlace { &mut self.ended.accepted } else { count };
        *count += 1;
        let header = Header {
            title: &case.plan.title,
            input_file: &case.file,
            kernel: &self.setting.platform.release,
        };
        records.write(id, &header, now, self.setting.update)?;
        Ok(status)
    }

    /// Closes the session.
    pub fn end(mut self) -> Result<Ended, Failure> {
        self.progress.finish();
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

impl Ended {
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
            first.iter().for_each(|id| {
                let _ = writeln!(text, "not run {id}");
            });
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
        let waiting = self.drifted + self.new;
        if self.accepted > 0 {
            let _ = writeln!(text, "records: {} accepted for {platform}", self.accepted);
        }
        if self.first > 0 {
            let count = self.first;
            let _ = if self.written {
                writeln!(text, "records: none for {platform} yet; to keep these {count}: {accept}")
            } else {
                writeln!(text, "records: none for {platform} yet; to write them: INSTA_UPDATE=new {program} run")
            };
        }
        if waiting > 0 && self.written {
            let _ = writeln!(text, "records: {waiting} to be looked at: cargo insta review");
            let _ = writeln!(text, "         to accept them unseen: {accept}");
        }
    }
}
