//! Records: what a scenario was accepted to do on one platform, one file each.
//!
//! The files are insta's, so that `cargo insta review` shows and accepts them:
//! `snapshots/<platform>/<id>.snap`, the matrix cell with its brackets in the file's name, and
//! `.snap.new` beside it for what waits to be accepted. An id is a legal path on every system: the
//! parser sees to that.
//!
//! An edge: it reads and writes those files, of one platform and never of another. What stands
//! in them is made by `normalise`; whether a claim held is never asked here.

mod format;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use format::{Header, Recorded, SOURCE};

use crate::normalise;
use crate::platform::{self, Platform};
use crate::suite::{Case, Judged, Project};
use crate::verdict::Verdict;

/// The folder in a project that holds all records.
pub const FOLDER: &str = "snapshots";

/// The ending of an accepted record, and of one that waits to be accepted.
const ACCEPTED: &str = "snap";
const PENDING: &str = "snap.new";

/// What happens to a record that is new or has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Nothing is written.
    No,
    /// It is written beside the accepted one, to be reviewed.
    Pending,
    /// It is accepted at once.
    InPlace,
}

impl Update {
    /// As insta decides: by `INSTA_UPDATE`, and where that says nothing, nothing is written in CI.
    /// The error names the value and those that are accepted.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Result<Update, String> {
        let ci = match var("CI").as_deref() {
            Some("false" | "0" | "") => false,
            Some(_) => true,
            None => var("TF_BUILD").is_some(),
        };
        match var("INSTA_UPDATE").as_deref() {
            None | Some("" | "auto") if ci => Ok(Update::No),
            None | Some("" | "auto" | "new" | "unseen") => Ok(Update::Pending),
            Some("no") => Ok(Update::No),
            Some("always" | "1" | "force") => Ok(Update::InPlace),
            Some(other) => Err(format!(
                "INSTA_UPDATE is `{other}`; accepted: auto, new, unseen, always, force, no"
            )),
        }
    }
}

/// What a case leaves to be recorded.
#[derive(Clone, Debug)]
pub struct Entry<'e> {
    /// What stands above it.
    pub header: Header<'e>,
    /// What happened, or why nothing did.
    pub contents: String,
}

impl<'e> Entry<'e> {
    /// What came of `case` on `platform`.
    ///
    /// A skip is recorded too, with its reason: what a platform cannot do is part of what is
    /// known of it.
    pub fn of(case: &'e Case, judged: &Judged, platform: &'e Platform) -> Entry<'e> {
        let (title, verdict) = (&case.plan.title, judged.verdict);
        let header = Header { title, input_file: &case.file, platform, verdict };
        Entry { header, contents: contents(case, judged) }
    }
}

/// What stands in a record of what came of `case`.
pub fn contents(case: &Case, judged: &Judged) -> String {
    let contents = match &judged.reason {
        Some(reason) if judged.verdict == Verdict::Skip => format!("{SKIPPED}{reason}"),
        Some(_) | None => normalise::record(&case.plan, &judged.traces),
    };
    format::tidy(&contents)
}

/// What the record of a skip begins with, before the reason.
pub const SKIPPED: &str = "skipped: ";

/// How what happened stands to the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// As recorded.
    Same,
    /// Otherwise than recorded.
    Drifted {
        /// What was accepted.
        recorded: String,
        /// What happened.
        now: String,
    },
    /// Not recorded, though the platform has records.
    New,
    /// The platform has no record at all.
    NoRecords,
}

impl Status {
    /// The word in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Same => "same",
            Status::Drifted { .. } => "drifted",
            Status::New => "new",
            Status::NoRecords => "none",
        }
    }

    /// Whether somebody has to look at it.
    pub fn is_red(&self) -> bool {
        match self {
            Status::Drifted { .. } | Status::New => true,
            Status::Same | Status::NoRecords => false,
        }
    }
}

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}: {source}", path.display())]
pub struct RecordError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError { path, what, source }
}

/// The records of one platform in one project.
#[derive(Clone, Debug)]
pub struct Records {
    platform: String,
    /// Where the accepted ones are.
    accepted: PathBuf,
    /// Where those are that wait.
    pending: PathBuf,
    /// Whether any was there when they were opened.
    some: bool,
}

impl Records {
    /// The records of `platform` in `project`. Those that wait stand beside the accepted ones, or
    /// in a tree of their own under `pending_dir` (insta's `INSTA_PENDING_DIR`, relative to the
    /// project).
    pub fn open(project: &Project, platform: &str, pending_dir: Option<&Path>) -> Records {
        let folder = Path::new(FOLDER).join(platform);
        let accepted = project.root.join(&folder);
        let pending = pending_dir.map(|dir| project.root.join(dir).join(&folder));
        let pending = pending.unwrap_or_else(|| accepted.clone());
        let some = has_any(&accepted);
        Records { platform: platform.to_owned(), accepted, pending, some }
    }

    /// Whether the platform has any record.
    pub fn is_empty(&self) -> bool {
        !self.some
    }

    /// Where the accepted record of `id` is, or would be.
    pub fn path(&self, id: &str) -> PathBuf {
        self.accepted.join(format!("{id}.{ACCEPTED}"))
    }

    /// Where the record of `id` waits, or would.
    pub fn pending_path(&self, id: &str) -> PathBuf {
        self.pending.join(format!("{id}.{PENDING}"))
    }

    /// The accepted record of `id`.
    pub fn read(&self, id: &str) -> Result<Option<Recorded>, RecordError> {
        let path = self.path(id);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(format::read(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, "cannot be read")(error)),
        }
    }

    /// Compares what came of `id` with its record: what happened, and the verdict.
    ///
    /// A machine that cannot run a scenario says nothing against what another recorded.
    pub fn compare(&self, id: &str, now: &Entry<'_>) -> Result<Status, RecordError> {
        let verdict = Some(now.header.verdict);
        let skips = verdict == Some(Verdict::Skip);
        Ok(match self.read(id)? {
            Some(recorded) if skips && recorded.verdict != verdict => Status::Same,
            Some(recorded) if recorded.verdict != verdict => Status::Drifted {
                recorded: with_verdict(recorded.verdict, &recorded.contents),
                now: with_verdict(verdict, &now.contents),
            },
            Some(recorded) if recorded.contents == now.contents => Status::Same,
            Some(recorded) => {
                Status::Drifted { recorded: recorded.contents, now: now.contents.clone() }
            }
            None if self.some => Status::New,
            None => Status::NoRecords,
        })
    }

    /// Leaves what happened to be accepted, or accepts it. Gives the path of the file, where one
    /// was written.
    pub fn write(
        &self,
        id: &str,
        now: &Entry<'_>,
        update: Update,
    ) -> Result<Option<PathBuf>, RecordError> {
        let path = match update {
            Update::No => return Ok(None),
            Update::Pending => self.pending_path(id),
            Update::InPlace => self.path(id),
        };
        write(&path, &format::file(&now.header, &now.contents))?;
        if update == Update::InPlace {
            self.settle(id)?;
        }
        Ok(Some(path))
    }

    /// Takes away what waited for `id`: what happens is as recorded.
    pub fn settle(&self, id: &str) -> Result<(), RecordError> {
        remove(&self.pending_path(id))
    }

    /// The records of every platform that has some waiting under `folder`, as
    /// `INSTA_PENDING_DIR` makes such a folder on another machine; sorted by name.
    pub fn waiting_in(project: &Project, folder: &Path) -> Result<Vec<Records>, RecordError> {
        let mut found = Vec::new();
        for name in platform::ALL {
            let records = Records::open(project, name, Some(folder));
            if !records.waiting()?.is_empty() {
                found.push(records);
            }
        }
        Ok(found)
    }

    /// The platform's name.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Accepts what waits at `pending`, one of [`Records::waiting`]. Gives the record's path.
    ///
    /// Refuses what another platform did: what Wine does is no record of Windows.
    pub fn accept(&self, pending: &Path) -> Result<PathBuf, RecordError> {
        let text = fs::read_to_string(pending).map_err(failed(pending, "cannot be read"))?;
        let made_on = format::read(&text).platform;
        if made_on != self.platform {
            let why = format!("it says that it was made on `{made_on}`, not on {}", self.platform);
            return Err(failed(pending, "is not accepted")(io::Error::other(why)));
        }
        let relative = pending.strip_prefix(&self.pending).unwrap_or(pending);
        let path = self.accepted.join(relative).with_extension("");
        write(&path, &format::without_review(&text))?;
        remove(pending)?;
        Ok(path)
    }

    /// The files of all accepted records, sorted.
    pub fn accepted(&self) -> Result<Vec<PathBuf>, RecordError> {
        files(&self.accepted, ACCEPTED)
    }

    /// The files of all records that wait to be accepted, sorted.
    pub fn waiting(&self) -> Result<Vec<PathBuf>, RecordError> {
        files(&self.pending, PENDING)
    }

    /// A record's file as people name it: its path within the platform's folder, no ending.
    pub fn short_name(&self, file: &Path) -> String {
        let relative =
            file.strip_prefix(&self.accepted).or_else(|_| file.strip_prefix(&self.pending));
        let name = relative.unwrap_or(file).to_string_lossy().replace('\\', "/");
        let bare = name.strip_suffix(PENDING).or_else(|| name.strip_suffix(ACCEPTED));
        bare.map_or(name.as_str(), |bare| bare.trim_end_matches('.')).to_owned()
    }

    /// Removes a record, and folders that are empty then.
    pub fn remove(&self, file: &Path) -> Result<(), RecordError> {
        remove(file)?;
        let within = |folder: &&Path| {
            folder.starts_with(&self.accepted) || folder.starts_with(&self.pending)
        };
        for folder in file.ancestors().skip(1).take_while(within) {
            // Fails where something is left in it, and then it has to stay.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// What is compared where the verdicts differ.
fn with_verdict(verdict: Option<Verdict>, contents: &str) -> String {
    format!("verdict: {}\n{contents}", verdict.map_or("not recorded", Verdict::name))
}

fn write(path: &Path, text: &str) -> Result<(), RecordError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder, "cannot be made"))?;
    }
    fs::write(path, text).map_err(failed(path, "cannot be written"))
}

fn remove(path: &Path) -> Result<(), RecordError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed(path, "cannot be removed")(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether a record lies anywhere under `folder`; stops at the first.
fn has_any(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() { has_any(&path) } else { ends_with(&path, ACCEPTED) }
    })
}

fn ends_with(path: &Path, ending: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'))
}

/// The files of that ending under `folder`, sorted; none where there is no such folder.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, RecordError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(&folder, "cannot be read")(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed(&folder, "cannot be read"))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if ends_with(&path, ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(vars: &[(&str, &str)]) -> Result<Update, String> {
        Update::from_env(|name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_written_in_ci_unless_told() {
        assert_eq!(update(&[]), Ok(Update::Pending));
        assert_eq!(update(&[("CI", "true")]), Ok(Update::No));
        assert_eq!(update(&[("CI", "false")]), Ok(Update::Pending));
        assert_eq!(update(&[("CI", "1"), ("INSTA_UPDATE", "new")]), Ok(Update::Pending));
        assert_eq!(update(&[("INSTA_UPDATE", "no")]), Ok(Update::No));
        assert_eq!(update(&[("INSTA_UPDATE", "always")]), Ok(Update::InPlace));
    }

    #[test]
    fn a_wrong_value_lists_the_right_ones() {
        let error = update(&[("INSTA_UPDATE", "yes")]).expect_err("no such value");
        assert!(error.contains("`yes`") && error.contains("always"), "{error}");
    }
}
