//! `sockdrill run`: from scenario files to verdicts.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::time::Instant;

use sockdrill::capability::Capabilities;
use sockdrill::record::Update;
use sockdrill::report::{self, human, json, junit};
use sockdrill::run::{Cancel, Settings};
use sockdrill::suite::{self, Options};
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::args::{Format, ReportFormat, ReportTo, Run, parse_scale};
use super::output::Output;
use super::progress::{self, Progress};
use super::select::{Selection, select, show_bad};
use super::session::{Ended, Session, Setting};
use super::{Done, Failure, Here, program, records, variable};

/// Runs what is selected.
pub fn run(here: &Here<'_>, args: &Run, output: &mut Output, leave: fn()) -> Done {
    if args.isolate {
        // Has to come before any second thread.
        sys::prepare_isolation()
            .map_err(|why| Failure::new(ExitCode::Unjudged, format!("--isolate: {why}")))?;
    }
    let scale = scale(args)?;
    let update = Update::from_env(variable).map_err(Failure::usage)?;
    let project = here.project()?;
    let platform = sys::identify();
    let selection = select(&project, &platform, &args.filters)?;
    let reports = open_reports(&args.reports)?;
    show_bad(&selection.bad, output);

    let cancel = Cancel::default();
    let progress = Progress::new(selection.cases.len());
    progress::listen(&cancel, &progress, leave);
    let options = Options {
        jobs: args.jobs.map_or_else(cores, usize::from),
        isolate: args.isolate,
        settings: Settings { timeout_scale: scale, cancel: cancel.clone() },
    };
    let setting = Setting {
        platform: &platform,
        records: (!args.no_snapshots).then(|| records(&project, &platform)),
        update,
        format: args.format,
        keep: !reports.is_empty(),
        telling: telling(here, args, update),
        progress,
    };
    let since = Instant::now();
    let mut session = Session::new(&selection.cases, setting, cancel, output);
    for bad in &selection.bad {
        session.bad_file(bad);
    }
    let capabilities = Capabilities::allowing(args.allow.into());
    suite::run(&selection.cases, &capabilities, &options, |index, judged| {
        session.done(index, &judged);
    });
    let ended = session.end()?;
    let run = report::Run {
        platform: &platform,
        findings: &ended.findings,
        bad_files: &selection.bad,
        not_run: &ended.not_run,
        elapsed: since.elapsed(),
    };
    write_reports(reports, &run, &telling(here, args, update))?;
    conclude(&ended, &selection, &run, args, &program(here.root), output)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn scale(args: &Run) -> Result<f64, Failure> {
    const NAME: &str = "SOCKDRILL_TIMEOUT_SCALE";
    match (args.timeout_scale, variable(NAME)) {
        (Some(scale), _) => Ok(scale),
        (None, Some(text)) => parse_scale(&text).map_err(|accepted| {
            Failure::usage(format!("{NAME} is `{text}`; accepted: {accepted}"))
        }),
        (None, None) => Ok(1.0),
    }
}

/// How a case is repeated as it was run now.
fn telling(here: &Here<'_>, args: &Run, update: Update) -> human::Telling {
    let program = program(here.root);
    let mut repeat = format!("{program} run");
    if args.isolate {
        repeat.push_str(" --isolate");
    }
    if args.allow.allow_programs {
        repeat.push_str(" --allow-programs");
    }
    if args.allow.allow_remote {
        repeat.push_str(" --allow-remote");
    }
    if let Some(scale) = args.timeout_scale {
        let _ = write!(repeat, " --timeout-scale {scale}");
    }
    repeat.push_str(" --exact");
    let accept = format!("{program} snapshots accept");
    human::Telling { timings: args.timings, repeat, accept, waits: update == Update::Pending }
}

/// A report that cannot be written is said before anything runs.
pub fn open_reports(reports: &[ReportTo]) -> Result<Vec<(ReportFormat, File)>, Failure> {
    let open = |report: &ReportTo| {
        File::create(&report.path)
            .map(|file| (report.format, file))
            .map_err(|error| Failure::usage(format!("{}: {error}", report.path.display())))
    };
    reports.iter().map(open).collect()
}

pub fn write_reports(
    reports: Vec<(ReportFormat, File)>,
    run: &report::Run<'_>,
    telling: &human::Telling,
) -> Result<(), Failure> {
    for (format, mut file) in reports {
        let text = match format {
            ReportFormat::Json => json::document(run),
            ReportFormat::Junit => junit::document(run, telling)
                .map_err(|error| Failure::new(ExitCode::Internal, error.to_string()))?,
        };
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// The last lines, and the exit code.
fn conclude(
    ended: &Ended,
    selection: &Selection,
    run: &report::Run<'_>,
    args: &Run,
    program: &str,
    output: &mut Output,
) -> Done {
    output.note(&ended.advice(program));
    let summary =
        human::summary(&ended.tally, selection.bad.len(), ended.not_run.len(), run.elapsed);
    match args.format {
        Format::Human => output.data(&summary)?,
        Format::JsonLines => output.note(&summary),
    }
    Ok(match ended.code() {
        ExitCode::Failed => ExitCode::Failed,
        _ if !selection.bad.is_empty() => ExitCode::BadFile,
        code => code,
    })
}
