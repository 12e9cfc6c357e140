//! Each scenario file as a test of its own, one per matrix cell, named by its id and found when
//! run: a new file needs no rebuild.
//!
//! A test asserts the verdict first; then, with insta, that what happened is as recorded for this
//! platform. Bad files are tests that fail with their mistakes. What this machine cannot run is
//! ignored, and that is decided before anything runs. libtest-mimic reads the command line, so
//! filters, `--list`, `--exact` and nextest work as with any test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use insta::internals::Content;
use libtest_mimic::{Arguments, Failed, Trial};
use sockdrill::capability::{Allowed, Capabilities};
use sockdrill::finding::Finding;
use sockdrill::net::Alone;
use sockdrill::platform::Platform;
use sockdrill::record::{Entry, Records, SOURCE, Status, Update};
use sockdrill::report::{diff, human, plain, problems};
use sockdrill::run::{Cancel, Settings};
use sockdrill::suite::{BadFile, Case, Options, Project, judge, skip_reason};
use sockdrill::sys;
use sockdrill::verdict::Verdict;

/// How many tests share a core, where the user says nothing: they do little but wait.
const PER_CORE: usize = 4;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(cores * PER_CORE);
    // A failed assertion is insta's news for the reader, no bug: where it was raised is no help.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let run = Bench::new().and_then(|bench| run(&arguments, &Arc::new(bench)));
    run.unwrap_or_else(|why| {
        eprintln!("{why}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &Arguments, bench: &Arc<Bench>) -> Result<ExitCode, String> {
    let conclusion = libtest_mimic::run(arguments, trials(arguments, bench)?);
    if bench.records.is_empty() && !arguments.list && !arguments.exact {
        eprintln!("{}", bench.how_to_record());
    }
    Ok(conclusion.exit_code())
}

/// What all tests share.
struct Bench {
    project: Project,
    platform: Platform,
    capabilities: Capabilities,
    records: Records,
    update: Update,
    options: Options,
}

fn trials(arguments: &Arguments, bench: &Arc<Bench>) -> Result<Vec<Trial>, String> {
    let ids =
        bench.project.ids().map_err(|error| format!("the scenarios cannot be read: {error}"))?;
    let wanted = ids.iter().filter(|id| may_be_run(arguments, id));
    let mut trials: Vec<_> = wanted.flat_map(|id| trials_of(bench, id, arguments.list)).collect();
    // Who runs alone comes last: all the others would wait for each other before it.
    trials.sort_by_key(|(alone, _)| *alone);
    Ok(trials.into_iter().map(|(_, trial)| trial).collect())
}

/// With `--exact`, as nextest calls us for each test, only one file has to be read.
fn may_be_run(arguments: &Arguments, id: &str) -> bool {
    let filter = arguments.filter.as_deref().filter(|_| arguments.exact);
    filter.is_none_or(|filter| filter.split('[').next() == Some(id) || filter.starts_with('['))
}

/// The tests of one file, each with whether it runs alone.
fn trials_of(bench: &Arc<Bench>, id: &str, listing: bool) -> Vec<(bool, Trial)> {
    match bench.project.load(id, &bench.platform) {
        Ok(cases) => {
            cases.into_iter().map(|case| (case.plan.serial, trial(bench, case, listing))).collect()
        }
        Err(bad) => vec![(false, Trial::test(id, move || Err(mistakes(&bad))))],
    }
}

fn mistakes(bad: &BadFile) -> Failed {
    problems::render(&bad.file, &bad.text, &bad.problems, false).into()
}

fn trial(bench: &Arc<Bench>, case: Case, listing: bool) -> Trial {
    let skip = skip_reason(&case.plan, &bench.capabilities);
    let bench = Arc::clone(bench);
    let trial = Trial::test(case.plan.id.clone(), move || bench.test(&case));
    match skip {
        None => trial,
        // Listed by its name alone, so that the name is the id on every machine.
        Some(_) if listing => trial.with_ignored_flag(true),
        Some(reason) => trial.with_ignored_flag(true).with_kind(reason),
    }
}

impl Bench {
    fn new() -> Result<Bench, String> {
        let variable = |name: &str| std::env::var(name).ok();
        // Asked again when run: the folder may be another than the one it was built in.
        let root = variable("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let (project, platform) = (Project { root }, sys::identify());
        let pending = variable("INSTA_PENDING_DIR").filter(|dir| !dir.is_empty());
        let records = Records::open(&project, platform.name(), pending.as_deref().map(Path::new));
        let scale = variable("SOCKDRILL_TIMEOUT_SCALE").unwrap_or_else(|| "1".to_owned());
        let timeout_scale = scale.parse().ok().filter(|scale| (0.1..=1_000.0).contains(scale));
        let timeout_scale = timeout_scale.ok_or_else(|| {
            format!("SOCKDRILL_TIMEOUT_SCALE is `{scale}`; accepted: a number from 0.1 to 1000")
        })?;
        let settings = Settings { timeout_scale, cancel: Cancel::default() };
        let options = Options { jobs: 1, isolate: false, settings };
        let update = Update::from_env(variable)?;
        let programs = variable("SOCKDRILL_ALLOW_PROGRAMS").is_some_and(|value| value == "1");
        let capabilities = Capabilities::allowing(Allowed { programs, remote: false });
        Ok(Bench { project, platform, capabilities, records, update, options })
    }

    fn test(&self, case: &Case) -> Result<(), Failed> {
        let judged = {
            let _turn = Turn::take(case.plan.serial)?;
            judge(&case.plan, &self.capabilities, &self.options, &Alone)
        };
        let id = &case.plan.id;
        match judged.verdict {
            Verdict::Pass | Verdict::Known | Verdict::Info | Verdict::Skip => {}
            Verdict::Fail
            | Verdict::Fixed
            | Verdict::Drift
            | Verdict::Broken
            | Verdict::Inconclusive => {
                let finding = Finding::of(case, &judged, judged.verdict, None);
                let told = human::case(&finding, &telling()).unwrap_or_default();
                return Err(format!("\n{}", plain(&told)).into());
            }
        }
        if judged.verdict == Verdict::Skip {
            return Ok(());
        }
        let now = Entry::of(case, &judged, &self.platform);
        match self.records.compare(id, &now)? {
            Status::Same => Ok(self.records.settle(id)?),
            // The platform's first: there is nothing to compare with, so nothing fails.
            Status::NoRecords => Ok(self.records.write(id, &now, self.update).map(drop)?),
            Status::New | Status::Drifted { .. } if self.update == Update::InPlace => {
                Ok(self.records.write(id, &now, self.update).map(drop)?)
            }
            Status::New if self.update == Update::No => Err(self.unrecorded(id)),
            Status::New => {
                self.assert(id, &now);
                Ok(())
            }
            Status::Drifted { recorded, now: shown } => {
                self.assert(id, &now);
                // insta compares the contents alone.
                self.records.write(id, &now, self.update)?;
                Err(plain(&diff::lines(&recorded, &shown)).into())
            }
        }
    }

    fn how_to_record(&self) -> String {
        let platform = self.platform.name();
        let how = match self.update {
            Update::No => "to write them, run again with INSTA_UPDATE=new",
            Update::Pending => {
                "what happened waits for `cargo insta review` or `cargo insta accept`"
            }
            Update::InPlace => "they are written now",
        };
        format!("no records for {platform} were there to compare with: {how}")
    }

    fn unrecorded(&self, id: &str) -> Failed {
        let platform = self.platform.name();
        let again = human::command(&telling().repeat, id);
        format!(
            "{id} has no record for {platform}. To make one there:\n  INSTA_UPDATE=always {again}"
        )
        .into()
    }

    /// Lets insta show the difference, write what waits, and fail.
    ///
    /// Only asked where `Records` found a difference: insta starts cargo to find the workspace,
    /// which in a process per test would cost more than the test.
    fn assert(&self, id: &str, now: &Entry<'_>) {
        let header = now.header;
        let info = header.info().map(|(name, value)| (Content::from(name), Content::from(value)));
        let record = self.records.path(id);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(record.parent().unwrap_or(&self.project.root));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(header.title);
        settings.set_raw_info(&Content::Map(info.to_vec()));
        settings.set_input_file(self.project.root.join(header.input_file));
        debug_assert_eq!(file!(), SOURCE, "where records say they come from");
        let name = record.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        settings.bind(|| insta::assert_snapshot!(name, now.contents));
    }
}

fn telling() -> human::Telling {
    human::Telling {
        timings: false,
        repeat: "cargo test --test scenarios -- --exact".to_owned(),
        accept: "cargo run -- snapshots accept".to_owned(),
        waits: false,
    }
}

/// The right to run: beside others, or alone.
///
/// Locks on files, since nextest gives each test a process of its own. Who wants to be alone keeps
/// the door locked while he waits for the others to leave; else they would follow one another in
/// for ever.
struct Turn {
    _room: File,
}

impl Turn {
    fn take(alone: bool) -> Result<Turn, Failed> {
        let (door, room) = (lock_file("door")?, lock_file("room")?);
        door.lock()?;
        if alone { room.lock() } else { room.lock_shared() }?;
        // Closed, not unlocked: Wine's UnlockFile fails where std calls it a second time.
        drop(door);
        Ok(Turn { _room: room })
    }
}

fn lock_file(name: &str) -> std::io::Result<File> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(folder)?;
    // Windows locks what may be read or written; to append is neither.
    let mut file = File::options();
    file.create(true).truncate(false).read(true).write(true);
    file.open(folder.join(format!("scenarios-{name}.lock")))
}
