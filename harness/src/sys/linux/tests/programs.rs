//! Programs under test, with the shell as the program: what they say, how they end, that nothing of
//! them stays.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::op::Ready;
use crate::program::{Program, ProgramError, Start, kill_all};

/// Longer than any test waits for anything.
const LIMIT: Duration = Duration::from_secs(20);

fn shell(script: &str, ready: &Ready) -> Program {
    let run = ["sh", "-c", script].map(str::to_owned);
    Program::start(Start::new(&run, None, Some(ready))).expect("a shell")
}

/// Looks until `found` finds something.
fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(since.elapsed() < LIMIT, "never");
        std::thread::yield_now();
    }
}

/// Whether a process is there and no zombie.
fn runs(id: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(id).join("stat"));
    stat.is_ok_and(|stat| !stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
}

/// A shell that starts another process and tells that one's id.
fn with_child() -> (Program, String) {
    let ready = Ready::Prints("child".into());
    let mut program = shell("sleep 1000 & echo child $! at 127.0.0.1:9; wait", &ready);
    let address = until(|| program.look().expect("a shell that waits"));
    assert_eq!(address.map(|address| address.to_string()), Some("127.0.0.1:9".into()));
    let output = program.output();
    let id = output.split_whitespace().nth(1).expect("an id").to_owned();
    assert!(runs(&id), "{output}");
    (program, id)
}

#[test]
fn what_a_program_started_ends_with_it() {
    let (program, id) = with_child();
    drop(program);
    until(|| (!runs(&id)).then_some(()));
}

/// A program may end and leave others behind; they end when that is seen.
#[test]
fn what_a_program_left_behind_ends_too() {
    let mut program = shell("sleep 1000 & echo child $!; exit 3", &Ready::Started);
    assert_eq!(until(|| program.ended()), "exit 3");
    let id = until(|| program.output().split_whitespace().nth(1).map(str::to_owned));
    until(|| (!runs(&id)).then_some(()));
    assert_eq!(program.status(), "exit 3");
}

#[test]
fn a_program_that_ends_before_it_is_ready_tells_how_and_what_it_said() {
    let mut program = shell("echo no such option >&2; exit 2", &Ready::Prints("ready".into()));
    let error = until(|| program.look().err());
    assert!(matches!(error, ProgramError::Ended { .. }), "{error}");
    assert_eq!(error.to_string(), "`sh` ended before it was ready: exit 2\nno such option");
}

#[test]
fn a_signal_is_told() {
    let mut program = shell("kill -SEGV $$", &Ready::Started);
    let status = until(|| program.ended());
    assert!(status.starts_with("signal: 11 (SIGSEGV)"), "{status}");
}

#[test]
fn a_port_that_somebody_took_is_given_up_for_another() {
    let script = "echo 127.0.0.1:{port} is in use; exit 1";
    let mut program = shell(script, &Ready::Prints("never".into()));
    let error = until(|| program.look().err());
    assert!(error.to_string().contains("in use"), "the last of three: {error}");
}

#[test]
fn much_output_is_read_and_its_end_kept() {
    let script = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo 127.0.0.1:9 end; sleep 1000";
    let mut program = shell(script, &Ready::Prints("end".into()));
    until(|| program.look().expect("a shell that prints"));
    let output = program.output();
    assert!(output.starts_with("\n…\nline 19971\n") && output.ends_with("\n127.0.0.1:9 end"));
}

/// In a process of its own, or it would end the programs of other tests.
#[test]
fn whoever_leaves_at_once_kills_all() {
    const INSIDE: &str = "SOCKDRILL_TEST_LEAVES";
    if std::env::var_os(INSIDE).is_some() {
        let (program, id) = with_child();
        kill_all();
        until(|| (!runs(&id)).then_some(()));
        std::mem::forget(program);
        return;
    }
    let name = "sys::imp::tests::programs::whoever_leaves_at_once_kills_all";
    let test = std::env::current_exe().expect("this test");
    let inside = std::process::Command::new(test).args(["--exact", name]).env(INSIDE, "1").output();
    let inside = inside.expect("this test again");
    let said = String::from_utf8_lossy(&inside.stdout).into_owned();
    assert!(inside.status.success() && said.contains("1 passed"), "{said}");
}
