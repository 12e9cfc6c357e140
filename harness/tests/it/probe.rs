//! `sockdrill probe` on servers that are right, and on servers that are wrong in one way each: they
//! fail in the plans that are about it, and in no others.
//!
//! The servers are threads of this test, but for those in `real`, which nobody here wrote.

mod clients;
mod examples;
mod real;
mod servers;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;

/// A probe of whom `arguments` name, who does not always answer.
fn probe(arguments: &[&str]) -> Output {
    probe_within("2s", arguments)
}

/// A probe of whom `arguments` name; few connections, so that a test machine has room for others.
fn probe_within(timeout: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin!("sockdrill"));
    command.arg("probe").args(arguments).args(["--timeout", timeout]);
    if !arguments.iter().any(|word| ["--listen", "--profile"].contains(word)) {
        command.args(["--connections", "4"]);
    }
    command.output().expect("the program runs")
}

/// Whoever always answers is not hurried, however busy the machine is.
const PATIENT: &str = "20s";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The plans of that verdict in the table.
fn plans_of(output: &Output, verdict: &str) -> BTreeSet<String> {
    let table = text(&output.stdout);
    let rows = table.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (id, _level, found) = (words.next()?, words.next()?, words.next()?);
        let is_row = ["tcp/", "udp/", "tcp-client/"].iter().any(|table| id.starts_with(table));
        (is_row && found == verdict).then(|| id.to_owned())
    });
    rows.collect()
}

/// The gaps between two pieces that are tried one after the other. A wrong server fails only where it
/// reads one piece before the next is sent, of which nothing tells the sender: on a busy machine its
/// thread needs a while, and then more is given.
const GAPS: [&str; 4] = ["5ms", "50ms", "500ms", "3s"];

/// Probes with longer and longer gaps, until all of these plans fail; none but `may` fails at any gap.
/// A wait takes at most `hurry`, since many of those that fail wait for what never comes. Any other
/// that fails was only hurried: it passes with all the time there is.
fn until_failed(
    probe: impl Fn(&str, &[&str]) -> Output,
    hurry: &str,
    wanted: &BTreeSet<String>,
    may: &BTreeSet<String>,
) -> Output {
    let mut gaps = GAPS.iter();
    loop {
        let gap = ["--gap", gaps.next().expect("all of these plans fail at some gap")];
        let output = probe(hurry, &gap);
        let (told, notes) = (text(&output.stdout), text(&output.stderr));
        let failed = plans_of(&output, "fail");
        assert!(plans_of(&output, "broken").is_empty(), "{told}{notes}");
        assert_eq!(output.status.code(), Some(i32::from(!failed.is_empty())), "{told}{notes}");
        for plan in failed.difference(may) {
            let again = probe(PATIENT, &[&gap[..], &["--only", plan]].concat());
            assert!(again.status.success(), "{told}{notes}{}", text(&again.stdout));
        }
        if failed.is_superset(wanted) {
            return output;
        }
        eprintln!("{:?} did not fail: a longer gap", wanted.difference(&failed));
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Fails unless just these plans fail.
fn check(at: SocketAddr, more: &[&str], wanted: &[&str]) -> Output {
    let (at, wanted) = (at.to_string(), set(wanted));
    let whom = ["--connect", &at];
    check_probes(&[&whom, more].concat(), &wanted)
}

/// Fails unless just these plans of a probe of a server fail.
fn check_probes(arguments: &[&str], wanted: &BTreeSet<String>) -> Output {
    let probe = |timeout: &str, more: &[&str]| probe_within(timeout, &[arguments, more].concat());
    let hurry = if wanted.is_empty() { PATIENT } else { "2s" };
    until_failed(probe, hurry, wanted, &may_fail(wanted))
}

/// Who cannot take messages together may get those of `pipelined` so, if it is slow.
fn may_fail(wanted: &BTreeSet<String>) -> BTreeSet<String> {
    let mut may = wanted.clone();
    if wanted.contains("tcp/together") {
        may.insert("tcp/pipelined".to_owned());
    }
    may
}

const LINES: [&str; 6] = ["--send", "ls", "--expect", "LS", "--framing", "line"];

#[test]
fn a_right_server_fails_nowhere() {
    let output = check(servers::lines(), &LINES, &[]);
    let passed = plans_of(&output, "pass");
    assert_eq!(passed.len(), 20, "all but the one about a header: {passed:?}");
    let output = check(servers::frames(servers::Flaw::None), &FRAMES, &[]);
    assert_eq!(plans_of(&output, "pass").len(), 21);
}

const FRAMES: [&str; 6] = ["--send", "hello", "--expect", "HELLO", "--framing", "u32be"];

/// One receive is taken for one message: the sticky server of every tutorial.
#[test]
fn one_receive_a_message_fails_where_bytes_come_otherwise() {
    let wanted = [
        "tcp/bytes",
        "tcp/split",
        "tcp/together",
        "tcp/straddle",
        "tcp/slow-sender",
        "tcp/slow-reader",
        "tcp/cut-stall",
    ];
    let output = check(servers::one_receive(), &["--send", "ls\n", "--expect", "LS\n"], &wanted);
    let told = text(&output.stdout);
    assert!(told.contains("tcp/split/at-1"), "the first cut is told: {told}");
    assert!(told.contains("--only tcp/split/at-1\n"), "and how to repeat it: {told}");
    assert!(told.contains(", seed 1"), "{told}");
}

#[test]
fn a_header_taken_from_one_receive_fails_where_it_is_cut() {
    let wanted = [
        "tcp/bytes",
        "tcp/split",
        "tcp/header",
        "tcp/straddle",
        "tcp/slow-sender",
        "tcp/cut-stall",
    ];
    check(servers::frames(servers::Flaw::ShortHeader), &FRAMES, &wanted);
}

/// What is recommended and not kept is no failure: a server may take one client at a time.
#[test]
fn one_client_at_a_time_fails_where_one_stalls() {
    let output = check(servers::frames(servers::Flaw::OneAtATime), &FRAMES, &["tcp/cut-stall"]);
    assert_eq!(plans_of(&output, "info"), BTreeSet::from(["tcp/many".to_owned()]));
}

#[test]
fn a_length_that_is_believed_fails_where_it_is_beyond_all_measure() {
    check(servers::frames(servers::Flaw::TrustsLength), &FRAMES, &["tcp/over-long"]);
}

#[test]
fn a_right_udp_server_fails_nowhere() {
    let udp = ["--udp", "--send", "hi", "--expect", "HI"];
    let output = check(servers::datagrams(false), &udp, &[]);
    assert_eq!(plans_of(&output, "pass").len(), 11, "all but the order of several");
}

/// A receive of no bytes is taken for an end: nobody is answered ever after.
#[test]
fn an_empty_datagram_that_ends_a_server_is_found() {
    let at = servers::datagrams(true).to_string();
    let udp = ["--connect", &at, "--udp", "--send", "hi", "--expect", "HI"];
    let output = probe(&udp);
    assert_eq!(plans_of(&output, "fail"), BTreeSet::from(["udp/empty".to_owned()]));
    assert!(text(&output.stdout).contains("10 not run"), "{}", text(&output.stdout));
}

#[test]
fn what_cannot_be_probed_says_why() {
    let check = |arguments: &[&str], code: i32, part: &str| {
        let output = probe(arguments);
        let told = text(&output.stderr);
        assert_eq!((output.status.code(), told.contains(part)), (Some(code), true), "{told}");
    };
    check(&["--connect", "192.0.2.1:7", "--send", "x"], 2, "--allow-remote");
    check(&["--send", "x"], 2, "--connect");
    check(&["--exec", "no-such-program-here {port}", "--send", "x"], 5, "no-such-program-here");
    let at = servers::lines().to_string();
    let lines = ["--connect", &at, "--send", "x\n"];
    check(&[&lines[..], &["--only", "tcp/none"]].concat(), 4, "no plan begins with `tcp/none`");
    check(&[&lines[..], &["--expect", "a", "--expect", "b"]].concat(), 2, "one for each");
    let wrong = [&lines[..], &["--expect", "Y\n"]].concat();
    check(&wrong, 1, "the whole message gets \"X\\n\", not \"Y\\n\"");
    check(&["--connect", &servers::nobody().to_string(), "--send", "x"], 1, "a connection gets");
}

/// What probe does, a scenario file can do.
#[test]
fn plans_are_scenario_files_that_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_string_lossy().into_owned();
    let reports = [format!("json={path}/r.json"), format!("junit={path}/r.xml")];
    let at = servers::lines().to_string();
    let mut arguments = vec!["--connect", &at, "--emit", &path];
    arguments.extend(LINES);
    arguments.extend(["--report", &reports[0], "--report", &reports[1]]);
    let output = probe(&arguments);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a report");
    assert!(read("r.json").contains("\"id\": \"tcp/split/at-2\""));
    assert!(read("r.xml").contains("name=\"tcp/split/at-2\""));
    let mut command = Command::new(cargo_bin!("sockdrill"));
    command.args(["--root", &path, "run", "--no-snapshots", "tcp/split", "tcp/cut"]);
    let without = command.output().expect("it runs");
    assert!(text(&without.stdout).contains("needs --allow-programs"));
    let ran = command.arg("--allow-programs").output().expect("it runs");
    assert!(text(&ran.stdout).contains("8 scenarios"), "{}", text(&ran.stdout));
    assert!(ran.status.success(), "{}", text(&ran.stdout));
}
