//! Programs that run beside a test: started, read line by line, stopped when dropped.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;

/// How long any one thing may take before the test fails instead of hanging.
const LIMIT: Duration = Duration::from_secs(60);

/// A program that is running.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    pub fn start(program: &str, arguments: &[&str]) -> Process {
        let mut command = Command::new(cargo_bin(program));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program is built");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("it is piped"));
        let (sender, lines) = mpsc::channel();
        // Ends with the program, whose output then ends.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Process { child, input, lines }
    }

    /// The next line that it prints.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(LIMIT).expect("a line, before the limit and the program's end")
    }

    /// Types a line.
    pub fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input is open");
        writeln!(input, "{line}").expect("it reads");
    }

    /// Ends its input, reads what it still prints, and waits for its end.
    pub fn finish(mut self) -> Vec<String> {
        self.input = None;
        let mut rest = Vec::new();
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => rest.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {rest:?}"),
            }
        }
        assert!(self.child.wait().expect("it can be waited for").success());
        rest
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that is ready.
pub struct Server {
    pub process: Process,
    pub address: String,
}

/// Starts `PROGRAM server ARGUMENTS` and waits for its address.
pub fn server(program: &str, arguments: &[&str]) -> Server {
    let process = Process::start(program, &[&["server"], arguments].concat());
    let first = process.line();
    let address = first.strip_prefix("listening on ").expect("it says where").to_owned();
    Server { process, address }
}

/// Runs `PROGRAM client ADDRESS ARGUMENTS`: what it prints, if all goes well; else the error.
pub fn client(program: &str, server: &Server, arguments: &[&str]) -> Result<String, String> {
    run(program, &[&["client", &server.address], arguments].concat())
}

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = assert_cmd::Command::new(cargo_bin(program));
    let output = command.args(arguments).timeout(LIMIT).output().expect("the program is built");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Fails unless the README shows this output.
pub fn shown(output: &str) {
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    assert!(readme.contains(output), "README.md does not show\n{output}");
}
