//! The server under test: one that runs, or a program that is started and started again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sockdrill::op::Ready;
use sockdrill::payload::Payload;
use sockdrill::program::{Program, Start};
use sockdrill::run::Cancel;
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::request::Request;
use crate::cli::Failure;

/// Whom the plans talk to.
pub struct Target {
    at: SocketAddr,
    started: Option<Started>,
}

/// A program, and how it is started again.
struct Started {
    start: Start,
    program: Program,
    within: Duration,
    cancel: Cancel,
}

impl Target {
    /// The server that the command line names, started where it has to be.
    pub fn of(args: &Request, cancel: &Cancel) -> Result<Target, Failure> {
        if let Some(at) = args.connect
            && !at.ip().to_canonical().is_loopback()
            && !args.allow_remote
        {
            let message = format!("{at} is not on this machine: allow that with --allow-remote");
            return Err(Failure::usage(message));
        }
        if let Some(at) = args.listen {
            return Ok(Target { at: place(at, args)?, started: None });
        }
        let Some(command) = &args.exec else {
            let at = args.connect.ok_or_else(|| Failure::usage("no server is named"))?;
            return Ok(Target { at, started: None });
        };
        let asked = match (args.udp, args.messages.first()) {
            (true, Some((message, _))) => Ready::Answers(Payload::Bytes(message.clone())),
            (true | false, _) => Ready::Accepts,
        };
        let ready = args.ready.clone().unwrap_or(asked);
        let start = Start::new(command, args.connect, Some(&ready));
        let (program, at) = begin(&start, args.timeout, cancel)?;
        let (within, cancel) = (args.timeout, cancel.clone());
        Ok(Target { at, started: Some(Started { start, program, within, cancel }) })
    }

    /// Where it is reached.
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// How the program ended; `None` while it runs, or where it is not ours.
    pub fn ended(&mut self) -> Option<String> {
        self.started.as_mut().and_then(|started| started.program.ended())
    }

    /// How it fares and what it printed last, behind the first `seen` of its lines; empty where it is not
    /// ours.
    pub fn told(&mut self, seen: usize) -> String {
        let told = |Started { program, .. }: &mut Started| {
            format!("\nserver: {}{}", program.status(), program.output_behind(seen))
        };
        self.started.as_mut().map(told).unwrap_or_default()
    }

    /// How many lines it has printed.
    pub fn lines(&self) -> usize {
        self.started.as_ref().map_or(0, |started| started.program.lines())
    }

    /// Starts it anew. Whether it could be: whoever runs without us cannot.
    pub fn again(&mut self) -> Result<bool, Failure> {
        let Some(started) = &mut self.started else { return Ok(false) };
        started.program.stop();
        let (program, at) = begin(&started.start, started.within, &started.cancel)?;
        started.program = program;
        self.at = at;
        Ok(true)
    }
}

/// Where we listen for a client: the same place for every plan, so that it may come again.
fn place(at: SocketAddr, args: &Request) -> Result<SocketAddr, Failure> {
    if at.ip().is_unspecified() {
        let message = format!("{at} is no one address: name the one where the client comes");
        return Err(Failure::usage(message));
    }
    if !at.ip().to_canonical().is_loopback() && !args.allow_remote {
        let message = format!("{at} is not loopback: allow that with --allow-remote");
        return Err(Failure::usage(message));
    }
    if args.exec.is_some() {
        return Ok(at);
    }
    let failed =
        |error| Failure::new(ExitCode::Unjudged, format!("cannot listen at {at}: {error}"));
    let listener = std::net::TcpListener::bind(at).map_err(failed)?;
    listener.local_addr().map_err(failed)
}

/// Starts a program and waits until it is ready.
fn begin(
    start: &Start,
    within: Duration,
    cancel: &Cancel,
) -> Result<(Program, SocketAddr), Failure> {
    /// Readiness has no event: it is looked for so often.
    const LOOK: Duration = Duration::from_millis(2);
    let failed = |message: String| Failure::new(ExitCode::Unjudged, message);
    let mut program = Program::start(start.clone()).map_err(|error| failed(error.to_string()))?;
    let since = Instant::now();
    loop {
        match program.look() {
            Ok(Some(Some(at))) => return Ok((program, at)),
            Ok(Some(None)) => {
                let help = "put {port} into the command, or name the address with --connect";
                return Err(failed(format!("nobody knows where the program is reached: {help}")));
            }
            Ok(None) if cancel.is_cancelled() => return Err(failed("stopped".to_owned())),
            Ok(None) if since.elapsed() >= within => {
                let output = program.output();
                return Err(failed(format!("the program is not ready within {within:?}{output}")));
            }
            Ok(None) => {
                sys::poll(&mut [], Some(LOOK)).map_err(|errno| failed(errno.to_string()))?;
            }
            Err(error) => return Err(failed(error.to_string())),
        }
    }
}
