//! `sockdrill probe`: a server or client tried with what networks do to an exchange of its own.
//!
//! The whole message is heard first; then each plan is run through the conductor, one after the
//! other, and after each the program is looked at. Next: `target` is whom, `session` the run.

pub mod args;
mod request;
mod session;
mod target;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sockdrill::capability::Allowed;
use sockdrill::probe::client::{self, Asked, Client, Ending, Usual};
use sockdrill::probe::learn::{Ear, Said, Unheard, learn};
use sockdrill::probe::{Manner, Planned, Profile, Transport, plans};
use sockdrill::report::{self, human};
use sockdrill::run::{Cancel, Settings};
use sockdrill::suite::Options;
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::output::Output;
use super::progress::{self, Progress};
use super::run::{open_reports, write_reports};
use super::{Done, Failure, program};
use args::Probe;
use request::Request;
use session::Session;
use target::Target;

/// Messages and what is said of their answers.
pub type Messages = Vec<(Vec<u8>, Said)>;

/// Probes the server.
pub fn probe(args: &Probe, output: &mut Output, leave: fn()) -> Done {
    let args = Request::of(args, output)?;
    let args = &args;
    let reports = open_reports(&args.reports)?;
    let platform = sys::identify();
    let cancel = Cancel::default();
    let progress = Progress::new(0);
    progress::listen(&cancel, &progress, leave);
    let settings = Settings { timeout_scale: 1.0, cancel: cancel.clone() };
    let options = Options { jobs: 1, isolate: false, settings };
    let allowed = Allowed { programs: true, remote: args.allow_remote };
    let ear = Ear { platform: &platform, options: &options, allowed };
    let since = Instant::now();
    let mut target = Target::of(args, &cancel)?;
    let base = profile(args, &target);
    let learned = match args.listen {
        Some(_) => hear_client(base, &args.messages, &ear, output),
        None => learn(base, &args.messages, &ear),
    };
    let learned = learned.map_err(|why| unheard(&why, &mut target))?;
    output.note(&described(&learned));
    let planned = select(plans(&learned), args)?;
    if let Some(folder) = &args.emit {
        emit(folder, &planned)?;
    }
    let telling = telling();
    let mut session = Session::new(args, ear, learned, progress);
    session.run(&mut target, output, &telling)?;
    drop(target);
    let ended = session.end();
    let run = report::Run {
        platform: &platform,
        findings: &ended.findings,
        bad_files: &[],
        not_run: &ended.not_run,
        elapsed: since.elapsed(),
    };
    write_reports(reports, &run, &telling)?;
    let rows = ended.rows();
    output.data(&report::probe::table(&rows))?;
    output.data(&report::probe::summary(&rows, args.seed, since.elapsed()))?;
    Ok(ended.code())
}

fn profile(args: &Request, target: &Target) -> Profile {
    Profile {
        client: args.listen.map(|_| client(args)),
        transport: if args.udp { Transport::Udp } else { Transport::Tcp },
        at: target.at(),
        exchanges: Vec::new(),
        framing: args.framing.clone(),
        manner: Manner::Silent,
        gap: args.gap,
        within: args.timeout,
        seed: args.seed,
        connections: usize::from(args.connections),
        changes: args.changes.clone(),
    }
}

/// The client as far as the command line tells.
fn client(args: &Request) -> Client {
    /// Whoever starts a client by hand has to find the window.
    const BY_HAND: Duration = Duration::from_secs(60);
    let run = args.exec.as_ref().map(|words| {
        let live = |word: &String| {
            word.replace("{port}", "{port:server}").replace("{addr}", "{addr:server}")
        };
        words.iter().map(live).collect()
    });
    let wait = args.wait.unwrap_or(if args.exec.is_some() { args.timeout } else { BY_HAND });
    Client { run, wait, turns: Vec::new(), usual: Usual::default() }
}

/// What the client asks and does, from two connections.
fn hear_client(
    base: Profile,
    messages: &Messages,
    ear: &Ear<'_>,
    output: &mut Output,
) -> Result<Profile, Unheard> {
    if base.client.as_ref().is_some_and(|client| client.run.is_none()) {
        let at = base.at;
        output.note(&format!("listening at {at}: start the client, again for each plan\n"));
    }
    let asked: Vec<Asked> =
        messages.iter().map(|(answer, said)| (said.clone(), answer.clone())).collect();
    client::learn(base, &asked, ear)
}

/// What a client was found to do, in a line: by this it is judged.
fn described(profile: &Profile) -> String {
    let Some(client) = &profile.client else { return String::new() };
    let ending = match client.usual.ending {
        Ending::Ends => "ends the connection",
        Ending::EndsAfter => "ends the connection once the server has",
        Ending::Stays => "keeps the connection",
    };
    let exit = match &client.usual.exit {
        Some(status) => format!(", exits with {status}"),
        None if client.run.is_some() => ", goes on".to_owned(),
        None => String::new(),
    };
    let printed = match &client.usual.printed {
        Some(printed) if printed.is_empty() => ", prints nothing".to_owned(),
        Some(printed) => format!(", prints {}", sockdrill::payload::show(printed)),
        None if client.run.is_some() => ", prints what is not compared".to_owned(),
        None => String::new(),
    };
    format!("after the whole answer the client {ending}{exit}{printed}\n")
}

/// Without an answer to the whole message, nothing can be asked.
fn unheard(why: &Unheard, target: &mut Target) -> Failure {
    let code = match why {
        Unheard::Stopped | Unheard::Broken(_) => ExitCode::Unjudged,
        Unheard::NoAnswer(_) => ExitCode::Failed,
    };
    let told = target.told(0);
    Failure::new(code, format!("{why}: nothing else can be asked{told}"))
}

fn select(planned: Vec<Planned>, args: &Request) -> Result<Vec<Planned>, Failure> {
    let selected: Vec<Planned> =
        planned.into_iter().filter(|planned| is_selected(args, &planned.id)).collect();
    if selected.is_empty() {
        let message = format!("no plan begins with `{}`", args.only.join("` or `"));
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    Ok(selected)
}

/// Whether an id is asked for, by itself or by what it begins with.
fn is_selected(args: &Request, id: &str) -> bool {
    let begins = |only: &String| {
        id.strip_prefix(only.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || only.ends_with('/'))
    };
    args.only.is_empty() || args.only.iter().any(begins)
}

fn emit(folder: &Path, planned: &[Planned]) -> Result<(), Failure> {
    let cannot = |path: &Path, error: std::io::Error| {
        Failure::new(ExitCode::Unjudged, format!("{}: {error}", path.display()))
    };
    for planned in planned {
        let Ok(text) = &planned.text else { continue };
        let path = folder.join("scenarios").join(format!("{}.toml", planned.id));
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| cannot(parent, error))?;
        fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    Ok(())
}

/// The command that was given, but for `--only`, to which the id of a plan is added.
fn telling() -> human::Telling {
    let mut words = vec![program(None)];
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        if word == "--only" || word == "--report" || word == "--emit" {
            given.next();
        } else if !["--only=", "--report=", "--emit="].iter().any(|own| word.starts_with(own)) {
            words.push(quoted(&word));
        }
    }
    words.push("--only".to_owned());
    human::Telling { repeat: words.join(" "), ..human::Telling::default() }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
