//! Programs under test: started in a process group of their own, ready by condition, stopped as a
//! tree, always reaped.
//!
//! Dropping a [`Program`] kills it and all that it started; [`kill_all`] does so for whoever leaves
//! without dropping anything. Never waits by itself: whoever started it looks again until it is
//! ready. What the program prints is kept, as much as a report can show.

mod output;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use process_wrap::std::ChildWrapper;

use crate::op::{BUILT, PORT, Ready};
use crate::option::Value;
use crate::sys;
use output::Output;

/// Names the folder of programs that were built to be tested.
const FOLDER: &str = "SOCKDRILL_PROGRAMS";

/// The program of that name that was built here: in the folder that the environment names, else
/// beside the program that runs now, or, where that is a test, where cargo puts programs. The error is
/// the folder that has none.
pub fn built(name: &str) -> Result<String, PathBuf> {
    let named = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty());
    let folder = named.map_or_else(beside, PathBuf::from);
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() { Ok(path.display().to_string()) } else { Err(folder) }
}

/// The folder of the program that runs now, or, where that is a test, the one where cargo puts programs.
fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new("."));
    let tests = ["deps", "examples"].iter().any(|name| folder.ends_with(name));
    folder.parent().filter(|_| tests).unwrap_or(folder).to_owned()
}

/// A program that several operations speak of.
pub type SharedProgram = Arc<Mutex<Program>>;

type Child = Mutex<Box<dyn ChildWrapper>>;

/// What runs now, for [`kill_all`]: a panic and a second Ctrl-C end the process without dropping
/// anything, so this is the process's own.
static LIVE: Mutex<Vec<Weak<Child>>> = Mutex::new(Vec::new());

/// A free port may be taken by somebody else before the program binds it: then another is tried.
const PORT_TRIES: u32 = 3;

/// A connection over loopback stands at once or is refused; Windows tries a refused one again for
/// 2 s, which is not waited for.
const CONNECT_WITHIN: Duration = Duration::from_millis(100);

/// Kills every program that was started here, with all that they started. For the last moment of
/// the process: programs are not reaped.
pub fn kill_all() {
    // Whoever panicked may hold a lock: what cannot be had now is left.
    let Ok(live) = LIVE.try_lock() else { return };
    for child in live.iter().filter_map(Weak::upgrade) {
        if let Ok(mut child) = child.try_lock() {
            let _ = child.start_kill();
        }
    }
}

/// How a program is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program and its arguments, with [`PORT`] where a free port goes; the program may be
    /// [`BUILT`] here.
    pub run: Vec<String>,
    /// Where it is reached, where that is known before.
    pub at: Option<SocketAddr>,
    /// When it is ready.
    pub ready: Ready,
    /// Whether it need not say where it is reached: its address may be a path.
    pub may_be_a_path: bool,
}

impl Start {
    /// A start; it is ready once it accepts a connection, where nothing else is said.
    pub fn new(run: &[String], at: Option<SocketAddr>, ready: Option<&Ready>) -> Start {
        let ready = ready.cloned().unwrap_or(Ready::Accepts);
        Start { run: run.to_vec(), at, ready, may_be_a_path: false }
    }

    fn takes_port(&self) -> bool {
        self.run.iter().any(|word| word.contains(PORT))
    }
}

/// Why a program is not there.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// There is no such program, or it may not be started.
    #[error("cannot start `{program}`: {error}")]
    Start {
        /// The program.
        program: String,
        /// The system's answer.
        error: io::Error,
    },
    /// It was to be built here, and is not.
    #[error("`{program}` is not built: it is not in {looked}")]
    NotBuilt {
        /// The program.
        program: String,
        /// Where it was looked for.
        looked: String,
    },
    /// No port of loopback is free.
    #[error("no free port: {0}")]
    Port(io::Error),
    /// It ended before it was ready.
    #[error("`{program}` ended before it was ready: {status}{output}")]
    Ended {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// What it printed, each line after a line feed.
        output: String,
    },
    /// Nobody knows where it is reached.
    #[error("`{program}` has no address: {why}")]
    NoAddress {
        /// The program.
        program: String,
        /// What is missing.
        why: String,
    },
}

/// A program that was started.
#[derive(Debug)]
pub struct Program {
    start: Start,
    child: Arc<Child>,
    output: Output,
    port: Option<u16>,
    tries: u32,
    ended: Option<ExitStatus>,
    /// Asks for the answer that tells that it is ready.
    asking: Option<UdpSocket>,
}

impl Program {
    /// Starts it. It is not ready yet: [`Program::look`].
    pub fn start(start: Start) -> Result<Program, ProgramError> {
        let port = if start.takes_port() { Some(free_port()?) } else { None };
        let wanted = match &start.ready {
            Ready::Prints(text) => Some(text.as_str()),
            Ready::Accepts | Ready::Answers(_) | Ready::Started => None,
        };
        let (child, output) = spawn(&start.run, port, wanted)?;
        Ok(Program { start, child, output, port, tries: 1, ended: None, asking: None })
    }

    /// Whether it is ready: then its address, where it has one.
    pub fn look(&mut self) -> Result<Option<Option<SocketAddr>>, ProgramError> {
        let known = self.start.at.or(self.port.map(|port| (Ipv4Addr::LOCALHOST, port).into()));
        if self.start.ready == Ready::Started {
            // It may have done all that it has to do by now.
            return Ok(Some(known));
        }
        if let Some(status) = self.ended() {
            return self.again(status).map(|()| None);
        }
        let ready = match &self.start.ready {
            Ready::Started => true,
            Ready::Prints(_) => {
                let Some(line) = self.output.matched() else { return Ok(None) };
                return match known.or_else(|| output::address_in(&line)) {
                    Some(address) => Ok(Some(Some(address))),
                    None if self.start.may_be_a_path => Ok(Some(None)),
                    None => Err(self.no_address(&format!("it is not in the line `{line}`"))),
                };
            }
            Ready::Accepts => accepts(self.address(known)?),
            Ready::Answers(datagram) => {
                let (datagram, address) = (datagram.bytes(), self.address(known)?);
                answers(&mut self.asking, &datagram, address)
            }
        };
        Ok((ready && self.ended().is_none()).then_some(known))
    }

    fn address(&self, known: Option<SocketAddr>) -> Result<SocketAddr, ProgramError> {
        const WHY: &str = "its command has no {port}; give `at`, or `ready = { prints = … }`";
        known.ok_or_else(|| self.no_address(WHY))
    }

    fn no_address(&self, why: &str) -> ProgramError {
        ProgramError::NoAddress { program: self.name(), why: why.to_owned() }
    }

    fn name(&self) -> String {
        self.start.run.first().cloned().unwrap_or_default()
    }

    /// Starts it anew where somebody else took its port meanwhile.
    fn again(&mut self, status: String) -> Result<(), ProgramError> {
        let output = self.output.end();
        let taken = output.contains("in use") || output.contains("Only one usage");
        if !taken || self.port.is_none() || self.tries == PORT_TRIES {
            return Err(ProgramError::Ended { program: self.name(), status, output });
        }
        let tries = self.tries + 1;
        *self = Program::start(self.start.clone())?;
        self.tries = tries;
        Ok(())
    }

    /// How it ended; `None` while it runs. What it left behind is killed then.
    pub fn ended(&mut self) -> Option<String> {
        self.status_of_end().map(show)
    }

    /// Its exit status: a number, or the name of the signal that ended it; `None` while it runs.
    pub fn exit(&mut self) -> Option<Value> {
        let status = self.status_of_end()?;
        if let Some(code) = status.code() {
            return Some(Value::Int(code.into()));
        }
        // `signal: 11 (SIGSEGV) (core dumped)`
        let shown = status.to_string();
        let name = shown.split(['(', ')']).nth(1).unwrap_or(&shown);
        Some(Value::Text(name.to_owned()))
    }

    fn status_of_end(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(Some(status)) = child.try_wait() {
                let _ = child.start_kill();
                self.ended = Some(status);
            }
        }
        self.ended
    }

    /// What it has printed on its standard output, once it has closed it, or so many lines of it once
    /// they are there.
    pub fn printed(&self, lines: Option<usize>) -> Option<Vec<u8>> {
        self.output.printed(lines)
    }

    /// How it fares: `running`, or how it ended.
    pub fn status(&mut self) -> String {
        self.ended().unwrap_or_else(|| "running".to_owned())
    }

    /// What it printed last, each line after a line feed.
    pub fn output(&self) -> String {
        self.output.text(0)
    }

    /// The same, behind the first `seen` of its lines.
    pub fn output_behind(&self, seen: usize) -> String {
        self.output.text(seen)
    }

    /// How many lines it has printed.
    pub fn lines(&self) -> usize {
        self.output.lines()
    }

    /// Kills it with all that it started, and waits until they are gone.
    pub fn stop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // Where nothing is left, there is nothing to kill and nothing to say.
        let _ = child.start_kill();
        if let Ok(status) = child.wait() {
            self.ended.get_or_insert(status);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

fn show(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit {code}"))
}

fn spawn(
    run: &[String],
    port: Option<u16>,
    wanted: Option<&str>,
) -> Result<(Arc<Child>, Output), ProgramError> {
    let port = port.map(|port| port.to_string()).unwrap_or_default();
    let mut words = run.iter().map(|word| word.replace(PORT, &port));
    let program = words.next().unwrap_or_default();
    let program = match program.strip_prefix(BUILT) {
        Some(name) => built(name).map_err(|looked| ProgramError::NotBuilt {
            program: name.to_owned(),
            looked: looked.display().to_string(),
        })?,
        None => program,
    };
    let mut command = Command::new(&program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        sys::start_tree(command).map_err(|error| ProgramError::Start { program, error })?;
    let output = Output::keep(child.stdout().take(), child.stderr().take(), wanted);
    let child = Arc::new(Mutex::new(child));
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    live.retain(|child| child.strong_count() > 0);
    live.push(Arc::downgrade(&child));
    Ok((child, output))
}

/// A port of loopback that neither TCP nor UDP has in use now.
fn free_port() -> Result<u16, ProgramError> {
    /// Nearly every port that is free for TCP is free for UDP.
    const TRIES: usize = 16;
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ProgramError::Port)?;
        let address = listener.local_addr().map_err(ProgramError::Port)?;
        match UdpSocket::bind(address) {
            Ok(_) => return Ok(address.port()),
            Err(error) => last = error,
        }
    }
    Err(ProgramError::Port(last))
}

/// Whether somebody accepts there. A port nobody listens on may be given to the very connection
/// that asks for it, which then connects to itself.
fn accepts(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, CONNECT_WITHIN)
        .is_ok_and(|stream| stream.local_addr().ok() != stream.peer_addr().ok())
}

/// Whether an answer to the datagram has come. It is sent at every look: the first find nobody.
fn answers(asking: &mut Option<UdpSocket>, datagram: &[u8], address: SocketAddr) -> bool {
    if asking.is_none() {
        *asking = asker(address).ok();
    }
    let Some(socket) = asking else { return false };
    if socket.recv(&mut [0; 16]).is_ok() {
        return true;
    }
    let _ = socket.send(datagram);
    false
}

fn asker(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.set_nonblocking(true)?;
    socket.connect(address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests;
