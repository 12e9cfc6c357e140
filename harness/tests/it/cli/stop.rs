//! Ctrl-C: the run stops, says what was not run, and leaves nothing.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sockdrill::platform::System;
use sockdrill::sys::SYSTEM;

use super::{PASS, Project, WAITS, program};

/// What a user takes for "at once".
const AT_ONCE: Duration = Duration::from_secs(1);

/// The program, begun and known to be running: it has told of its first scenario.
fn begun(project: &Project) -> Child {
    let mut command = Command::new(program());
    command.args(["run", "--jobs", "1", "--format", "json-lines", "--no-snapshots"]);
    command.current_dir(project.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let stdout = child.stdout.as_mut().expect("a pipe");
    let mut line = String::new();
    BufReader::with_capacity(1, stdout).read_line(&mut line).expect("a line");
    assert!(line.contains("\"a/first\""), "{line}");
    child
}

/// SIGINT, to it alone; whether this system has that. Windows has not: there Ctrl-C goes to all
/// programs of a console at once, cargo and this test among them, and a program without a console,
/// as in CI, can be sent none.
pub fn interrupt(child: &Child) -> bool {
    let id = child.id().to_string();
    match Command::new("kill").args(["-INT", &id]).status() {
        Ok(killed) => killed.success(),
        Err(error) => {
            assert_eq!((error.kind(), SYSTEM), (ErrorKind::NotFound, System::Windows), "{error}");
            false
        }
    }
}

#[test]
fn the_first_ctrl_c_stops_within_a_second_and_says_what_was_not_run() {
    let project = Project::new(&[
        ("a/first", PASS),
        ("b/waits", WAITS),
        ("c/serial", &format!("serial = true\n{PASS}")),
    ]);
    let mut child = begun(&project);
    let since = Instant::now();
    if !interrupt(&child) {
        assert_eq!(SYSTEM, System::Windows, "SIGINT cannot be sent");
        child.kill().and_then(|()| child.wait()).expect("an end");
        return;
    }
    let status = child.wait().expect("an end");
    let took = since.elapsed();
    let mut rest = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut rest).expect("text");
    let mut told = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut told).expect("text");
    assert!(took < AT_ONCE, "it took {took:?}: {told}");
    assert_eq!(status.code(), Some(5), "{told}");
    assert!(told.contains("stopping") && told.contains("2 not run"), "{told}");
    assert!(told.contains("not run b/waits\nnot run c/serial\n"), "{told}");
    assert_eq!(rest.matches("\"event\":\"not_run\"").count(), 2, "{rest}");
}
