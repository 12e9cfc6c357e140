//! What is asked of a probe: the command line, and the profile that it names. What the command line
//! says, goes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sockdrill::frame::Framing;
use sockdrill::op::Ready;
use sockdrill::probe::Change;
use sockdrill::probe::file::{self, File};
use sockdrill::probe::learn::Said;
use sockdrill::report::problems;
use sockdrill::source;
use sockdrill::verdict::ExitCode;

use super::Messages;
use super::args::Probe;
use crate::cli::Failure;
use crate::cli::args::ReportTo;
use crate::cli::output::Output;

/// A message stands in files several times over.
const LONGEST: usize = 16 << 10;

/// More connections than a scenario has names for, but for two.
const CONNECTIONS: u16 = 998;

/// All that is asked.
#[derive(Debug)]
pub struct Request {
    pub connect: Option<SocketAddr>,
    pub listen: Option<SocketAddr>,
    pub exec: Option<Vec<String>>,
    pub ready: Option<Ready>,
    pub udp: bool,
    pub framing: Option<Framing>,
    /// What probe sends, with what is said of what comes; with their marks.
    pub messages: Messages,
    pub gap: Duration,
    pub timeout: Duration,
    pub wait: Option<Duration>,
    pub seed: u64,
    pub connections: u16,
    pub changes: Vec<(String, Change)>,
    pub only: Vec<String>,
    pub emit: Option<PathBuf>,
    pub reports: Vec<ReportTo>,
    pub allow_remote: bool,
}

impl Request {
    /// What the command line asks, and what it leaves to the profile.
    pub fn of(args: &Probe, output: &mut Output) -> Result<Request, Failure> {
        let file = match &args.profile {
            Some(path) => read(path, output)?,
            None => File::default(),
        };
        let given = args.connect.is_some() || args.listen.is_some();
        let framing = args.framing.clone().or(file.framing);
        let mut request = Request {
            connect: args.connect.or(file.connect.filter(|_| !given)),
            listen: args.listen.or(file.listen.filter(|_| !given)),
            exec: args.exec.as_ref().map(|words| words.0.clone()).or(file.exec),
            ready: args.ready.clone().or(file.ready),
            udp: args.udp || file.udp,
            framing,
            messages: Vec::new(),
            gap: args.gap.or(file.gap).unwrap_or(Duration::from_millis(2)),
            timeout: args.timeout.or(file.timeout).unwrap_or(Duration::from_secs(5)),
            wait: args.wait.or(file.wait),
            seed: args.seed.or(file.seed).unwrap_or(1),
            connections: args.connections.or(file.connections).unwrap_or(CONNECTIONS),
            changes: file.changes,
            only: args.only.clone(),
            emit: args.emit.clone(),
            reports: args.reports.clone(),
            allow_remote: args.allow_remote,
        };
        let said = if args.send.is_empty() { file.exchanges } else { said(args)? };
        request.messages = request.framed(said)?;
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), Failure> {
        if self.connect.is_none() && self.exec.is_none() && self.listen.is_none() {
            let help = "give --connect, --exec or --listen, here or in the profile";
            return Err(Failure::usage(format!("nobody is named who is to be probed: {help}")));
        }
        if self.listen.is_some() && self.udp {
            return Err(Failure::usage("--listen is for TCP"));
        }
        if self.messages.is_empty() {
            return Err(Failure::usage(
                "nothing is to be sent: give --send, here or in the profile",
            ));
        }
        Ok(())
    }

    /// With their marks, where messages have some.
    fn framed(&self, said: Messages) -> Result<Messages, Failure> {
        let framed = |bytes: Vec<u8>| match &self.framing {
            None => Ok(bytes),
            Some(framing) => {
                let mut all = Vec::new();
                let encoded = framing.encode(&bytes, &mut all);
                encoded.map(|()| all).map_err(|error| Failure::usage(error.to_string()))
            }
        };
        let one = |(send, said): (Vec<u8>, Said)| {
            let send = framed(send)?;
            if send.is_empty() {
                return Err(Failure::usage("a message without a byte gets no answer"));
            }
            if send.len() > LONGEST {
                return Err(Failure::usage(format!("a message has at most {LONGEST} bytes")));
            }
            let said = match said {
                // Where the server speaks first, or goes on, the client is asked nothing.
                Said::Is(all) if self.listen.is_some() && all.is_empty() => Said::Is(all),
                Said::Is(all) => Said::Is(framed(all)?),
                // A frame is not known before its end: its beginning is given with its marks.
                Said::Begins(begins) => Said::Begins(begins),
                Said::Nothing => Said::Nothing,
            };
            Ok((send, said))
        };
        said.into_iter().map(one).collect()
    }
}

/// The messages of the command line.
fn said(args: &Probe) -> Result<Messages, Failure> {
    let (expect, prefix) = (args.expect.len(), args.expect_prefix.len());
    for (name, count) in [("--expect", expect), ("--expect-prefix", prefix)] {
        if count > 0 && count != args.send.len() {
            let sent = args.send.len();
            return Err(Failure::usage(format!("{sent} --send and {count} {name}: one for each")));
        }
    }
    let one = |(at, send): (usize, &super::args::Bytes)| {
        let said = match (args.expect.get(at), args.expect_prefix.get(at)) {
            (Some(all), _) => Said::Is(all.0.clone()),
            (None, Some(begins)) => Said::Begins(begins.0.clone()),
            (None, None) => Said::Nothing,
        };
        (send.0.clone(), said)
    };
    Ok(args.send.iter().enumerate().map(one).collect())
}

/// Reads a profile; its mistakes are shown as those of scenario files are.
fn read(path: &Path, output: &mut Output) -> Result<File, Failure> {
    let name = path.display().to_string();
    let (text, found) = match source::read(path) {
        Ok(text) => match file::parse(&text) {
            Ok(file) => return Ok(file),
            Err(found) => (text, found),
        },
        Err(error) => (error.shown, vec![error.problem]),
    };
    output.note(&problems::render(&name, &text, &found, true));
    output.note("\n");
    let count =
        if found.len() == 1 { "a mistake".to_owned() } else { format!("{} mistakes", found.len()) };
    Err(Failure::new(ExitCode::BadFile, format!("{count} in {name}")))
}
