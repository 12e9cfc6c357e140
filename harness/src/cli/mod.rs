//! The command line: one file a command.
//!
//! A command takes its arguments and an [`Output`], and gives an exit code or a [`Failure`]. Data
//! goes to stdout; progress, notes and mistakes go to stderr. Nothing here ends the process.

mod args;
mod check;
mod diff;
mod doctor;
mod explain;
mod generate;
mod list;
mod matrix;
mod new;
mod output;
mod pages;
mod peer;
mod probe;
mod progress;
mod run;
mod select;
mod session;
mod snapshots;

use std::path::Path;

use clap::Parser as _;
use sockdrill::platform::Platform;
use sockdrill::record::Records;
use sockdrill::suite::Project;
use sockdrill::verdict::ExitCode;

use args::{Arguments, Command};
use output::Output;

/// What ended a command before its end.
#[derive(Debug)]
pub struct Failure {
    code: ExitCode,
    message: String,
}

impl Failure {
    fn new(code: ExitCode, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into() }
    }

    fn usage(message: impl Into<String>) -> Failure {
        Failure::new(ExitCode::Usage, message)
    }

    /// The reader of stdout is gone, as `head` goes when it has its lines: nothing is wrong.
    fn reader_gone() -> Failure {
        Failure::new(ExitCode::Success, "")
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::reader_gone(),
            _ => Failure::new(ExitCode::Unjudged, format!("cannot write: {error}")),
        }
    }
}

impl From<sockdrill::record::RecordError> for Failure {
    fn from(error: sockdrill::record::RecordError) -> Failure {
        Failure::new(ExitCode::Unjudged, error.to_string())
    }
}

type Done = Result<ExitCode, Failure>;

/// Does what the command line says. `leave` ends the process at once: on the second Ctrl-C.
pub fn main(leave: fn()) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let mut output = Output::new(arguments.color);
    let done = dispatch(&arguments, &mut output, leave).and_then(|code| {
        output.flush()?;
        Ok(code)
    });
    done.unwrap_or_else(|failure| {
        if !failure.message.is_empty() {
            output.error(&failure.message);
        }
        failure.code
    })
}

/// Help and version are asked for and succeed; everything else is a mistake.
fn usage(error: &clap::Error) -> ExitCode {
    // Where the message cannot be shown, the code still tells.
    let _ = error.print();
    if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success }
}

fn dispatch(arguments: &Arguments, output: &mut Output, leave: fn()) -> Done {
    let here = Here { root: arguments.root.as_deref() };
    match &arguments.command {
        Command::Run(run) => run::run(&here, run, output, leave),
        Command::Probe(probe) => probe::probe(probe, output, leave),
        Command::List(list) => list::list(&here, list, output),
        Command::Check(check) => check::check(&here, check, output),
        Command::Explain(explain) => explain::explain(&here, explain, output),
        Command::New(new) => new::new(&here, new, output),
        Command::Diff(diff) => diff::diff(&here, diff, output),
        Command::Matrix(matrix) => matrix::matrix(&here, matrix, output),
        Command::Pages(args) => pages::pages(&here, args, output),
        Command::Snapshots(snapshots) => snapshots::snapshots(&here, snapshots, output),
        Command::Peer(args) => peer::peer(args, output, leave),
        Command::Schema(schema) => generate::print_schema(schema, output),
        Command::Doctor => doctor::doctor(&here, output),
        Command::Completions(completions) => generate::completions(completions.shell, output),
        Command::Man(man) => generate::man(man, output),
        Command::Panic => panic!("asked for on the command line"),
    }
}

/// Where the command was given.
struct Here<'h> {
    /// The folder named by `--root`.
    root: Option<&'h Path>,
}

impl Here<'_> {
    /// The project: in the folder that was named, or in or above the current one.
    fn project(&self) -> Result<Project, Failure> {
        if let Some(root) = self.root {
            let project = Project { root: root.to_owned() };
            if project.root.join("scenarios").is_dir() {
                return Ok(project);
            }
            let message = format!("{} holds no folder `scenarios`", root.display());
            return Err(Failure::usage(message));
        }
        let start = std::env::current_dir().map_err(|error| {
            Failure::usage(format!("the current folder cannot be found: {error}"))
        })?;
        Project::find(&start).ok_or_else(|| {
            let help = "change into a project, name one with --root, or make one: mkdir scenarios";
            Failure::usage(format!("no folder `scenarios` here or above\n{help}"))
        })
    }
}

/// This platform's records, where cargo-insta would look for them too.
fn records(project: &Project, platform: &Platform) -> Records {
    let pending = std::env::var_os("INSTA_PENDING_DIR").filter(|dir| !dir.is_empty());
    Records::open(project, platform.name(), pending.as_deref().map(Path::new))
}

/// An environment variable, where it is set and text.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The program as its user started it, for commands that are to be repeated.
fn program(root: Option<&Path>) -> String {
    let started = match std::env::var_os("CARGO") {
        Some(_) if cfg!(debug_assertions) => "cargo run --".to_owned(),
        Some(_) => "cargo run --release --".to_owned(),
        None => std::env::args().next().unwrap_or_else(|| "sockdrill".to_owned()),
    };
    match root {
        Some(root) => format!("{started} --root {}", root.display()),
        None => started,
    }
}

/// The number that the process exits with.
pub fn number(code: ExitCode) -> u8 {
    code as u8
}

/// What is said when we panicked.
pub fn bug_report(panic: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let repository = "the issue tracker";
    format!(
        "\nsockdrill {version}: {panic}\n\
         This is a bug of sockdrill, not of the system under test; no verdict counts.\n\
         Please report the lines above, the output of `sockdrill doctor` and the scenario to \
         {repository}.\n"
    )
}
