//! `sockdrill probe --listen` on clients: the example's, started for each plan, right and naive; and one
//! that is a thread of this test and comes again and again.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use assert_cmd::cargo::cargo_bin;

use super::{PATIENT, plans_of, probe_within, text, until_failed};

const LINES: [&str; 6] = ["--framing", "line", "--expect", "ls", "--send", "LS"];

/// The client of `harness/examples/line_client.rs`, which is built where tests are.
fn line_client(more: &str) -> String {
    let folder = cargo_bin!("sockdrill").parent().expect("a folder").join("examples");
    let path = folder.join(format!("line_client{}", std::env::consts::EXE_SUFFIX));
    format!("'{}' {{addr}} {more}", path.display())
}

#[test]
fn a_right_client_fails_nowhere() {
    let run = line_client("");
    let output = probe_within(PATIENT, &[&["--listen", "--exec", &run], &LINES[..]].concat());
    let (told, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{notes}");
    assert_eq!(plans_of(&output, "pass").len(), 18, "{told}{notes}");
    assert!(notes.contains("exits with 0, prints \"LS\\n\""), "{notes}");
}

/// What it prints tells, though every call succeeds and its exit status is 0.
#[test]
fn one_receive_an_answer_fails_where_bytes_come_otherwise() {
    let run = line_client("naive");
    let probe = |timeout: &str, more: &[&str]| {
        probe_within(timeout, &[&["--listen", "--exec", &run], &LINES[..], more].concat())
    };
    let table = |plans: &[&str]| -> BTreeSet<String> {
        plans.iter().map(|plan| format!("tcp-client/{plan}")).collect()
    };
    let wanted = table(&["bytes", "split", "slow", "cut-end"]);
    // What it does with a part of an answer before a reset depends on which it sees first.
    let more = table(&["cut-reset", "cut-stall", "nothing", "over-long"]);
    let may: BTreeSet<String> = wanted.union(&more).cloned().collect();
    let output = until_failed(probe, "5s", &wanted, &may);
    let told = text(&output.stdout);
    assert!(told.contains("--only tcp-client/split/at-1\n"), "how to repeat it: {told}");
}

/// Asks for a line until told to stop, on one connection after the other.
fn comes_again(at: SocketAddr, stop: &Arc<AtomicBool>) -> thread::JoinHandle<()> {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            let Ok(mut stream) = TcpStream::connect(at) else {
                thread::yield_now();
                continue;
            };
            let (mut answer, mut buffer) = (Vec::new(), [0; 64]);
            // What is no whole line ends the connection all the same.
            let _ = stream.write_all(b"ls\n");
            while !answer.contains(&b'\n') && answer.len() < 65_536 {
                match stream.read(&mut buffer) {
                    Ok(count @ 1..) => answer.extend_from_slice(&buffer[..count]),
                    Ok(0) | Err(_) => break,
                }
            }
        }
    })
}

#[test]
fn a_client_that_comes_again_is_taken_as_it_comes() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let at = listener.local_addr().expect("an address");
    drop(listener);
    let stop = Arc::new(AtomicBool::new(false));
    let client = comes_again(at, &stop);
    let at = at.to_string();
    let output = probe_within("5s", &[&["--listen", &at, "--wait", "20s"], &LINES[..]].concat());
    stop.store(true, Ordering::SeqCst);
    client.join().expect("a client");
    let (told, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{notes}");
    assert!(plans_of(&output, "fail").is_empty(), "{told}{notes}");
    assert!(plans_of(&output, "pass").len() > 12, "{told}{notes}");
}

#[test]
fn a_client_that_does_not_come_is_no_failure_of_its_own() {
    let output = probe_within("5s", &[&["--listen", "--wait", "100ms"], &LINES[..]].concat());
    let notes = text(&output.stderr);
    assert!(notes.contains("no client connects within 100ms"), "{notes}");
    assert_eq!(output.status.code(), Some(1), "{notes}");
}

/// A profile says all of it, and what is otherwise for this client.
#[test]
fn a_profile_says_what_the_command_line_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lines.toml");
    let run = line_client("");
    let program = run.split('\'').nth(1).expect("a program");
    let profile = format!(
        "listen = true\nexec = ['{program}', '{{addr}}']\nframing = 'line'\n\
         exchange = [{{ expect = 'ls', send = 'LS' }}]\n\
         plans.twice.skip = 'the server speaks once'\nplans.silent.level = 'must'\n"
    );
    std::fs::write(&path, profile).expect("a file");
    let path = path.to_string_lossy().into_owned();
    let only = ["--only", "tcp-client/twice", "--only", "tcp-client/silent"];
    let output = probe_within("5s", &[&["--profile", &path], &only[..]].concat());
    let (told, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{notes}");
    assert!(told.contains("tcp-client/silent  must    pass"), "{told}");
    assert!(told.contains("the server speaks once"), "{told}");
    std::fs::write(&path, "exchange = [{ send = 1 }]\nlisten = 7\n").expect("a file");
    let output = probe_within("5s", &["--profile", &path]);
    let notes = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{notes}");
    assert!(notes.contains(":1:22") && notes.contains(":2:10"), "{notes}");
}
