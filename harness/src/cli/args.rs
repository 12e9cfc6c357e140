//! The words of the command line.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sockdrill::capability::Allowed;
use sockdrill::survey::gather::Source;

/// Behind the options of a command, before `--help`.
const LAST: usize = 900;

/// What sockets really do: a conformance suite and test harness
#[derive(Debug, Parser)]
#[command(name = "sockdrill", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    /// The project: a folder that holds `scenarios/` [default: the nearest at or above this one]
    #[arg(long, global = true, display_order = LAST, value_name = "DIR")]
    pub root: Option<PathBuf>,

    /// When to use colours; `auto` asks the terminal and `NO_COLOR`
    #[arg(long, global = true, display_order = LAST, value_name = "WHEN", value_enum,
        default_value_t = Color::Auto)]
    pub color: Color,

    #[command(subcommand)]
    pub command: Command,
}

/// Shown beneath the help.
const EXIT_CODES: &str = "\
Exit codes:
  0   everything is as claimed
  1   a claim failed, or a listed deviation went away
  2   the command line is wrong
  3   a scenario file has mistakes
  4   nothing was selected
  5   something could not be judged: broken, inconclusive, or stopped before its turn
  6   every claim holds, and a record says otherwise or is missing
  70  a bug of sockdrill itself
Where several hold, the first of 1, 3, 5, 6 is given. A second Ctrl-C exits with 130.";

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and print what is not as claimed
    Run(Run),
    /// Try a server with what networks do to an exchange that it answers
    Probe(Box<super::probe::args::Probe>),
    /// List scenarios by id, each matrix cell on a line
    List(List),
    /// Read scenario files and show every mistake; runs nothing
    Check(Check),
    /// Tell a scenario: claim, sources, what is expected where, last record
    Explain(Explain),
    /// Show two platforms, or runs, beside each other: what differs, step by step
    Diff(Diff),
    /// Show every claim on every platform: recorded, documented, skipped, known to deviate
    Matrix(Matrix),
    /// Write a page an area into a folder: every claim, for those who never run it
    Pages(Pages),
    /// Write a new scenario file to begin with
    New(New),
    /// Look after the records
    Snapshots(Snapshots),
    /// Run one peer: sends and reads on a schedule, shows all that happens, for tests by hand
    Peer(Box<super::peer::args::Peer>),
    /// Print the JSON schema of scenario files, for editors
    Schema(Schema),
    /// Tell what this machine can do and what would be skipped
    Doctor,
    /// Print completions for a shell
    Completions(Completions),
    /// Print a manual page
    Man(Man),
    /// Panics, so that what a bug looks like can be tested
    #[command(hide = true)]
    Panic,
}

/// Which scenarios.
#[derive(Debug, Args)]
pub struct Filters {
    /// Part of an id, such as `udp/` or `chunk=1`; all scenarios where none is given
    #[arg(value_name = "FILTER", value_parser = slashed)]
    pub filters: Vec<String>,

    /// Take each filter as a whole id; an id without a cell stands for all its cells
    #[arg(long)]
    pub exact: bool,
}

/// An id, or part of one, as a shell on Windows completes it: no id has a backslash.
#[expect(clippy::unnecessary_wraps, reason = "what clap calls")]
fn slashed(text: &str) -> Result<String, Infallible> {
    Ok(text.replace('\\', "/"))
}

/// What only a user can allow.
#[derive(Clone, Copy, Debug, Args)]
pub struct Allow {
    /// Let scenarios start programs, and talk to those that run already
    #[arg(long)]
    pub allow_programs: bool,

    /// Let scenarios talk to programs that are not on this machine
    #[arg(long)]
    pub allow_remote: bool,
}

impl From<Allow> for Allowed {
    fn from(allow: Allow) -> Allowed {
        Allowed { programs: allow.allow_programs, remote: allow.allow_remote }
    }
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub filters: Filters,

    /// How many scenarios run at once [default: one per core]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Stretch every time limit, on slow machines [default: `SOCKDRILL_TIMEOUT_SCALE` or 1]
    #[arg(long, value_name = "X", value_parser = parse_scale)]
    pub timeout_scale: Option<f64>,

    /// Give each scenario a network of its own (Linux: a network namespace)
    #[arg(long)]
    pub isolate: bool,

    #[command(flatten)]
    pub allow: Allow,

    /// How results are printed on stdout
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,

    /// Write a report to a file besides: `json=FILE` or `junit=FILE`; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub reports: Vec<ReportTo>,

    /// Neither compare nor write records
    #[arg(long)]
    pub no_snapshots: bool,

    /// Show the time of every step
    #[arg(long)]
    pub timings: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// What is not as claimed, and a summary
    Human,
    /// One JSON object a line
    JsonLines,
}

/// A report to a file.
#[derive(Clone, Debug)]
pub struct ReportTo {
    pub format: ReportFormat,
    pub path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    Json,
    Junit,
}

pub fn parse_report(text: &str) -> Result<ReportTo, String> {
    let (format, path) = text.split_once('=').unwrap_or((text, ""));
    let format = match format {
        "json" => ReportFormat::Json,
        "junit" => ReportFormat::Junit,
        _ => return Err("accepted: json=FILE, junit=FILE".to_owned()),
    };
    if path.is_empty() {
        return Err(format!("no file is named: write `{text}=FILE`"));
    }
    Ok(ReportTo { format, path: path.into() })
}

/// A factor for limits.
pub fn parse_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.1..=1_000.0).contains(&scale) => Ok(scale),
        Ok(_) | Err(_) => Err("a number from 0.1 to 1000".to_owned()),
    }
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    pub filters: Filters,

    /// Show each scenario's title beside its id
    #[arg(long)]
    pub titles: bool,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub filters: Filters,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The scenario's id, with or without its cell
    #[arg(value_parser = slashed)]
    pub id: String,

    /// Print one of the values on the way from file to verdict instead; `trace` runs the scenario
    #[arg(long = "as", value_name = "VALUE", value_enum)]
    pub value: Option<Stage>,

    #[command(flatten)]
    pub allow: Allow,
}

/// A value on the way from file to verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// What was read from the file
    Scenario,
    /// What would be run here, with the claims that hold here
    Plan,
    /// What happens when it is run here
    Trace,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// A platform that has records, or a file of `run --report json=FILE`
    #[arg(value_name = "A", value_parser = Source::parse)]
    pub first: Source,

    /// The other
    #[arg(value_name = "B", value_parser = Source::parse)]
    pub second: Source,

    #[command(flatten)]
    pub filters: Filters,

    /// How it is printed
    #[arg(long, value_enum, default_value_t = Document::Text)]
    pub format: Document,

    /// Show what is the same too
    #[arg(long)]
    pub all: bool,
}

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// For a terminal
    Text,
    /// For a page or a comment
    Markdown,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub struct Matrix {
    #[command(flatten)]
    pub filters: Filters,

    /// A column: a platform, or a file of `run --report json=FILE`; may be repeated
    /// [default: every platform]
    #[arg(long = "on", value_name = "PLATFORM|FILE", value_parser = Source::parse)]
    pub columns: Vec<Source>,

    /// How it is printed
    #[arg(long, value_enum, default_value_t = Page::Text)]
    pub format: Page,

    /// Only claims that not every platform answers alike
    #[arg(long)]
    pub different: bool,
}

/// How a matrix is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// For a terminal
    Text,
    /// For a repository
    Markdown,
    /// For programs
    Json,
    /// A page that needs nothing else: every transcript in one file
    Html,
}

#[derive(Debug, Args)]
pub struct Pages {
    /// The folder, within the project; pages there that are nobody's any more are removed
    #[arg(value_name = "DIR")]
    pub folder: String,

    /// Write nothing; tell which pages are out of date
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct New {
    /// The id: the file's path under `scenarios/`, without `.toml`
    #[arg(value_parser = slashed)]
    pub id: String,
}

#[derive(Debug, Args)]
pub struct Snapshots {
    #[command(subcommand)]
    pub action: SnapshotsAction,
}

#[derive(Debug, Subcommand)]
pub enum SnapshotsAction {
    /// Tell which scenarios have a record, which wait for one, and which records are nobody's
    Status,
    /// Accept what `run` or `cargo test` left to be accepted, here or on another machine
    Accept(Accept),
    /// Remove this platform's records whose scenario or cell is gone
    Prune,
}

#[derive(Debug, Args)]
pub struct Accept {
    /// Part of an id; all that waits where none is given
    #[arg(value_name = "FILTER", value_parser = slashed)]
    pub filters: Vec<String>,

    /// Accept what waits in this folder instead, of every platform: what CI kept of its machines
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Schema {
    /// Print the reference of scenario files instead, as Markdown
    #[arg(long)]
    pub reference: bool,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// The command whose page it is [default: sockdrill itself]
    pub command: Option<String>,
}
