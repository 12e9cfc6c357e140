//! Every other command.

use predicates::prelude::*;

use super::{BAD, FAIL, INFO, KNOWN, MATRIX, PASS, Project, SKIP};
use crate::cli::check;

#[test]
fn list_shows_each_cell_and_reads_nothing_it_need_not() {
    let project = Project::new(&[("udp/whole", PASS), ("udp/sizes", MATRIX), ("bad", BAD)]);
    check!(project.run(&["list"]), @"
    bad
    udp/sizes[size=1]
    udp/sizes[size=512]
    udp/whole
    ----- stderr
    ----- exit code 0
    ");
    check!(project.run(&["list", "size=5"]), @"
    udp/sizes[size=512]
    ----- stderr
    ----- exit code 0
    ");
    check!(project.run(&["list", "--exact", "udp/sizes"]), @"
    udp/sizes[size=1]
    udp/sizes[size=512]
    ----- stderr
    ----- exit code 0
    ");
}

#[test]
fn list_shows_titles_where_asked() {
    let project = Project::new(&[("udp/whole", PASS), ("udp/sizes", MATRIX)]);
    check!(project.run(&["list", "--titles"]), @"
    udp/sizes[size=1]    A datagram arrives whole, whatever its size
    udp/sizes[size=512]  A datagram arrives whole, whatever its size
    udp/whole            A datagram arrives whole
    ----- stderr
    ----- exit code 0
    ");
}

#[test]
fn check_shows_every_mistake_and_runs_nothing() {
    let project = Project::new(&[("good", FAIL), ("bad", BAD)]);
    check!(project.run(&["check"]), @"
    ----- stderr
    error: no socket `ry` is open here
     --> scenarios/bad.toml:3:12
      |
    3 | step = [ { ry.recv = 64 }, { rz.recv = 64 } ]
      |            ^^
      |
      = help: accepted: rx

    error: no socket `rz` is open here
     --> scenarios/bad.toml:3:30
      |
    3 | step = [ { ry.recv = 64 }, { rz.recv = 64 } ]
      |                              ^^
      |
      = help: accepted: rx

    2 mistakes in 1 file; 1 scenario could run
    ----- exit code 3
    ");
    check!(project.run(&["check", "good"]), @"
    ----- stderr
    1 scenario and no mistake
    ----- exit code 0
    ");
}

#[test]
fn explain_tells_the_claim_on_every_platform() {
    let text = r#"title = "A receive buffer shorter than the datagram"
see = ["POSIX recv()", "Winsock recvfrom: WSAEMSGSIZE"]
needs = ["ipv6"]
sockets.rx = { kind = "udp6", bind = "loopback:0" }
sockets.tx = { kind = "udp6" }

[[step]]
tx.send_to = { to = "rx", fill = 4096 }

[[step]]
rx.recv_from = { max = 1024 }
expect.linux = { len = 1024, truncated = true }
expect.windows = { error = "EMSGSIZE", len = 1024 }
known.gvisor = { reason = "says nothing", link = "https://example.org" }
why = "Both keep the first 1024 bytes. Only Windows says so with an error."
"#;
    let mut told = Project::new(&[("udp/cut", text)]).run(&["explain", "udp/cut"]);
    let platform = format!("record for {}", sockdrill::sys::identify().name());
    told.stdout = told.stdout.replace(&platform, "record for [platform]");
    check!(told, @"
    A receive buffer shorter than the datagram
    scenarios/udp/cut.toml

    see     POSIX recv()
            Winsock recvfrom: WSAEMSGSIZE
    needs   ipv6

    rx.open(udp6)
    rx.bind(loopback:0)
    tx.open(udp6)
    tx.send_to(to=rx, fill 4096)
    rx.recv_from(1024)
            linux                                = len = 1024, truncated = true
            windows                              = WSAEMSGSIZE (10040), len = 1024
            gvisor deviates: says nothing (https://example.org)
            # line 12: Both keep the first 1024 bytes. Only Windows says so with an error.

    on each platform
            linux    documented, not recorded yet
            gvisor   documented, not recorded yet
            wine     documented, not recorded yet
            windows  documented, not recorded yet
            macos    nothing is claimed

    no record for [platform]
    ----- stderr
    ----- exit code 0
    ");
}

#[test]
fn explain_shows_the_last_record_and_the_cells() {
    let project = Project::new(&[("udp/sizes", MATRIX)]);
    project.run(&["run"]);
    project.run(&["snapshots", "accept"]);
    let told = project.run(&["explain", "udp/sizes"]);
    let platform = sockdrill::sys::identify().name();
    assert!(told.stdout.contains(&format!("record for {platform}\nrx.open(udp4)")), "{told}");
    assert!(told.stdout.contains("udp/sizes[size=512]"), "{told}");
}

#[test]
fn explain_prints_each_value_on_the_way() {
    let project = Project::new(&[("a", PASS)]);
    let scenario = project.run(&["explain", "a", "--as", "scenario"]);
    assert!(scenario.stdout.contains("Scenario {"), "{scenario}");
    check!(project.run(&["explain", "a", "--as", "plan"]), @r#"
    a
    limit 30s, runs 1, serial false
    rx.open(udp4)                                = has to be ok
    rx.bind(loopback:0)                          = has to be ok
    tx.open(udp4)                                = has to be ok
    tx.send_to(to=rx, "hello")                   = ok
    rx.recv_from(64)                             = data = "hello", from = tx

    ----- stderr
    ----- exit code 0
    "#);
    let trace = project.run(&["explain", "a", "--as", "trace"]);
    assert!(
        trace.stdout.contains(r#"= "hello", from tx"#) && trace.stdout.contains("pass"),
        "{trace}"
    );
}

#[test]
fn new_writes_a_file_that_passes_and_never_over_another() {
    let project = Project::new(&[]);
    let mut told = project.run(&["new", "udp/recv/whole"]);
    told.stdout = told.stdout.replace(std::path::MAIN_SEPARATOR, "/");
    check!(told, @"
    [project]/scenarios/udp/recv/whole.toml
    ----- stderr
    edit it, then: sockdrill run --exact udp/recv/whole
    ----- exit code 0
    ");
    assert!(project.read("scenarios/udp/recv/whole.toml").starts_with("#:schema ../../../schema/"));
    assert_eq!(project.run(&["run", "--exact", "udp/recv/whole"]).code, Some(0));
    check!(project.run(&["new", "udp/recv/whole"]), @"
    ----- stderr
    error: scenarios/udp/recv/whole.toml is there already
    ----- exit code 2
    ");
    let refused = project.run(&["new", "UDP recv"]);
    assert!(refused.stderr.contains("`UDP recv` is no id"), "{refused}");
}

#[test]
fn doctor_tells_what_would_be_skipped_and_why() {
    let project = Project::new(&[("a", PASS), ("b/skip", SKIP), ("c", INFO), ("d", KNOWN)]);
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let release = sockdrill::sys::identify().release;
    let told = predicate::str::contains(release)
        .and(predicate::str::contains("ipv6"))
        .and(predicate::str::contains("4, of which 1 would be skipped"))
        .and(predicate::str::contains("there is no setting no.such.setting\n    b/skip"))
        .and(predicate::str::contains("--isolate"));
    assert!(told.eval(&ran.stdout), "{ran}");
}

#[test]
fn doctor_needs_no_project() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = assert_cmd::Command::new(super::program());
    command
        .current_dir(&folder)
        .arg("doctor")
        .assert()
        .success()
        .stdout(predicate::str::contains("capabilities"));
}

#[test]
fn a_project_is_found_from_within_it_and_by_name() {
    let project = Project::new(&[("udp/whole", PASS)]);
    let within = project.command(&["list"]).current_dir(project.path("scenarios/udp")).output();
    assert_eq!(project.ran(&within.expect("the program runs")).stdout, "udp/whole\n");
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let root = project.path("");
    let mut command = project.command(&["list", "--root"]);
    command.arg(root).current_dir(&elsewhere).assert().success().stdout("udp/whole\n");
}

/// As a shell on Windows completes them; no id has a backslash, so it may be written everywhere.
#[test]
fn an_id_may_be_written_with_backslashes() {
    let project = Project::new(&[("udp/whole", PASS), ("udp/sizes", MATRIX)]);
    assert_eq!(project.run(&["list", r"udp\wh"]).stdout, "udp/whole\n");
    assert_eq!(project.run(&["list", "--exact", r"udp\whole"]).stdout, "udp/whole\n");
    assert_eq!(project.run(&["explain", r"udp\whole"]).code, Some(0));
    assert_eq!(project.run(&["new", r"udp\other"]).code, Some(0));
    assert!(project.read("scenarios/udp/other.toml").starts_with("#:schema ../../schema/"));
}

/// `canonicalize` gives Windows' long form (`\\?\C:\…`), which takes no forward slash; the other is
/// past the 260 characters that most of its calls take of the short form.
#[test]
fn a_project_may_lie_deep_and_its_path_be_in_the_long_form() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let long = std::fs::canonicalize(folder.path()).expect("a path");
    let name = "x".repeat(60);
    let deep = |root: &std::path::Path| (0..5).fold(root.to_owned(), |path, _| path.join(&name));
    let (root, short) = (deep(&long), deep(folder.path()));
    std::fs::create_dir_all(root.join("scenarios").join("udp")).expect("folders");
    std::fs::write(root.join("scenarios").join("udp").join("a.toml"), PASS).expect("a file");
    assert!(short.as_os_str().len() > 300, "{}", short.display());
    for root in [&root, &short] {
        let report = root.join("report.json");
        let project = Project::new(&[]);
        let mut command = project.command(&["run", "--report"]);
        command.arg(format!("json={}", report.display())).arg("--root").arg(root);
        let ran = project.ran(&command.output().expect("the program runs"));
        assert_eq!(ran.code, Some(0), "{ran}");
        let told = std::fs::read_to_string(&report).expect("a report");
        assert!(told.contains("\"scenarios/udp/a.toml\""), "{told}");
        let mut command = project.command(&["snapshots", "accept", "--root"]);
        let accepted = project.ran(&command.arg(root).output().expect("the program runs"));
        assert_eq!(accepted.code, Some(0), "{accepted}");
    }
    let bad = root.join("scenarios").join("bad.toml");
    std::fs::write(&bad, BAD.replace('\n', "\r\n")).expect("a file");
    let project = Project::new(&[]);
    let mut command = project.command(&["check", "--root"]);
    let checked = project.ran(&command.arg(&root).output().expect("the program runs"));
    assert!(checked.stderr.contains("--> scenarios/bad.toml:3:12"), "{checked}");
}

#[test]
fn schema_is_json_and_the_reference_is_prose() {
    let project = Project::new(&[]);
    let schema = project.run(&["schema"]);
    let json: serde_json::Value = serde_json::from_str(&schema.stdout).expect("JSON");
    assert!(json.get("$schema").is_some(), "{schema}");
    let reference = project.run(&["schema", "--reference"]);
    assert!(reference.stdout.contains("\n# ") && reference.code == Some(0), "{reference}");
}

#[test]
fn completions_and_manual_name_every_command() {
    let project = Project::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = project.run(&["completions", shell]);
        assert!(ran.stdout.contains("snapshots") && ran.code == Some(0), "{shell}: {ran}");
    }
    let page = project.run(&["man"]);
    assert!(page.stdout.contains(".TH sockdrill 1") && page.stdout.contains("snapshots"), "{page}");
    assert!(!page.stdout.contains("panic"), "{page}");
    let run = project.run(&["man", "run"]);
    assert!(run.stdout.contains("timeout\\-scale"), "{run}");
}

#[test]
fn a_reader_that_goes_is_no_failure() {
    let mut scenarios = vec![("a".to_owned(), FAIL)];
    scenarios.extend((0..300).map(|n| (format!("many/{n}"), PASS)));
    let scenarios: Vec<(&str, &str)> =
        scenarios.iter().map(|(id, text)| (id.as_str(), *text)).collect();
    let project = Project::new(&scenarios);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    for arguments in [["list"], ["run"]] {
        let mut command = std::process::Command::new(super::program());
        command.current_dir(project.path("")).args(arguments);
        command.stdout(writer.try_clone().expect("a pipe")).stderr(std::process::Stdio::piped());
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}
