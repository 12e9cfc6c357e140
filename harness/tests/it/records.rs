//! Records: what drifts, what is new, and that each platform's are its own.

use std::fs;

use rstest::rstest;

use crate::cli::check;
use crate::cli::{MATRIX, PASS, Project, records};

/// A project whose one scenario has a record.
fn recorded() -> Project {
    let project = Project::new(&[("udp/whole", PASS)]);
    assert_eq!(project.run(&["run"]).code, Some(0));
    assert_eq!(project.run(&["snapshots", "accept"]).code, Some(0));
    project
}

/// As [`recorded`], and then the record says otherwise.
fn drifted() -> Project {
    let project = recorded();
    let file = format!("{}/udp/whole.snap", records());
    project.write(&file, &project.read(&file).replace("hello", "goodbye"));
    project
}

fn exists(project: &Project, file: &str) -> bool {
    project.path(&format!("{}/{file}", records())).exists()
}

#[test]
fn a_platform_without_records_does_not_fail_and_says_how_to_make_them() {
    let project = Project::new(&[("udp/whole", PASS)]);
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("to keep these 1: sockdrill snapshots accept"), "{ran}");
    assert!(exists(&project, "udp/whole.snap.new"));
}

#[test]
fn what_was_accepted_is_compared_and_is_quiet_while_it_holds() {
    let project = recorded();
    assert!(!exists(&project, "udp/whole.snap.new"));
    check!(project.run(&["run"]), @"
    1 scenario in [TIME]: 1 pass
    ----- stderr
    ----- exit code 0
    ");
}

#[test]
fn drift_is_6_and_shows_what_changed() {
    let project = drifted();
    check!(project.run(&["run"]), @r#"
    drift   udp/whole
            A datagram arrives whole

      rx.open(udp4)                                = ok
      rx.bind(loopback:0)                          = ok
      tx.open(udp4)                                = ok
    - tx.send_to(to=rx, "goodbye")                   = 5
    - rx.recv_from(64)                             = "goodbye", from tx
    + tx.send_to(to=rx, "hello")                   = 5
    + rx.recv_from(64)                             = "hello", from tx

    drift   every claim holds, and the record says otherwise
    again   sockdrill run --exact udp/whole
    accept  sockdrill snapshots accept udp/whole

    1 scenario in [TIME]: 1 drift
    ----- stderr
    records: 1 to be looked at: cargo insta review
             to accept them unseen: sockdrill snapshots accept
    ----- exit code 6
    "#);
    assert!(exists(&project, "udp/whole.snap.new"));
    assert_eq!(project.run(&["snapshots", "accept", "udp/"]).code, Some(0));
    assert_eq!(project.run(&["run"]).code, Some(0));
}

#[test]
fn a_broken_claim_is_no_drift_and_is_not_offered_for_acceptance() {
    let project = recorded();
    project.write(
        "scenarios/udp/whole.toml",
        &PASS.replace(r#"expect = { data = "hello""#, r#"expect = { data = "other""#),
    );
    assert_eq!(project.run(&["run"]).code, Some(1));
    assert!(!exists(&project, "udp/whole.snap.new"));
}

#[rstest]
#[case::locally(None, true)]
#[case::in_ci(Some(("CI", "true")), false)]
#[case::told_not_to(Some(("INSTA_UPDATE", "no")), false)]
fn a_new_scenario_fails_with_the_command_that_accepts_it(
    #[case] variable: Option<(&str, &str)>,
    #[case] written: bool,
) {
    let project = recorded();
    project.write("scenarios/udp/new.toml", PASS);
    let output = project.command(&["run"]).envs(variable).output().expect("the program runs");
    let ran = project.ran(&output);
    assert_eq!(ran.code, Some(6), "{ran}");
    let first = if written { "" } else { "sockdrill run --exact udp/new; " };
    let accept = format!("accept  {first}sockdrill snapshots accept udp/new\n");
    assert!(ran.stdout.contains(&accept), "{ran}");
    assert_eq!(exists(&project, "udp/new.snap.new"), written);
}

#[test]
fn insta_s_variables_hold_here_too() {
    let project = Project::new(&[("udp/whole", PASS)]);
    let mut command = project.command(&["run"]);
    command.env("INSTA_UPDATE", "new").env("CI", "1").env("INSTA_PENDING_DIR", "target/pending");
    command.assert().success();
    let pending = format!("target/pending/{}/udp/whole.snap.new", records());
    assert!(project.path(&pending).exists());
    assert!(!exists(&project, "udp/whole.snap.new"));
    project
        .command(&["snapshots", "accept"])
        .env("INSTA_PENDING_DIR", "target/pending")
        .assert()
        .success();
    assert!(exists(&project, "udp/whole.snap") && !project.path(&pending).exists());
    project.write("scenarios/udp/new.toml", PASS);
    project.command(&["run"]).env("INSTA_UPDATE", "always").assert().success();
    assert!(exists(&project, "udp/new.snap"));
}

#[test]
fn no_snapshots_leaves_records_alone() {
    let project = drifted();
    assert_eq!(project.run(&["run", "--no-snapshots"]).code, Some(0));
    assert!(!exists(&project, "udp/whole.snap.new"));
}

#[test]
fn each_cell_has_a_record_of_its_own() {
    let project = Project::new(&[("udp/sizes", MATRIX)]);
    project.run(&["run"]);
    project.run(&["snapshots", "accept", "size=512"]);
    assert!(exists(&project, "udp/sizes[size=512].snap"));
    assert!(exists(&project, "udp/sizes[size=1].snap.new"));
    assert!(!exists(&project, "udp/sizes[size=1].snap"));
}

#[test]
fn status_tells_what_waits_what_is_missing_and_what_is_nobodys() {
    let project = drifted();
    project.run(&["run"]);
    project.write("scenarios/udp/new.toml", PASS);
    project.write(&format!("{}/udp/gone.snap", records()), "---\nsource: x\n---\n");
    let ran = project.run(&["snapshots", "status"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    for line in ["waiting  udp/whole\n", "missing  udp/new\n", "orphan   udp/gone\n"] {
        assert!(ran.stdout.contains(line), "{line}: {ran}");
    }
}

#[test]
fn nothing_that_waits_matches_is_4() {
    assert_eq!(drifted().run(&["snapshots", "accept", "nothing"]).code, Some(4));
}

#[test]
fn prune_removes_what_is_nobodys_and_only_here() {
    let project = recorded();
    let gone = format!("{}/old/gone.snap", records());
    let elsewhere = "snapshots/plan9/old/gone.snap";
    project.write(&gone, "---\nsource: x\n---\n");
    project.write(elsewhere, "---\nsource: x\n---\n");
    let ran = project.run(&["snapshots", "prune"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "removed  old/gone\n"), "{ran}");
    assert!(!project.path(&gone).exists() && project.path(elsewhere).exists());
    assert!(!exists(&project, "old"), "its folder is gone too");
    assert!(exists(&project, "udp/whole.snap"));
}

#[test]
fn prune_removes_nothing_while_a_file_cannot_be_read() {
    let project = recorded();
    fs::rename(project.path("scenarios/udp/whole.toml"), project.path("scenarios/udp/other.toml"))
        .expect("renamed");
    project.write("scenarios/bad.toml", "title = 1");
    assert_eq!(project.run(&["snapshots", "prune"]).code, Some(3));
    assert!(exists(&project, "udp/whole.snap"));
}

#[test]
fn accepting_never_touches_another_platform() {
    let project = Project::new(&[("udp/whole", PASS)]);
    let elsewhere = "snapshots/plan9/udp/whole.snap.new";
    project.write(elsewhere, "---\nsource: x\n---\n");
    project.run(&["run"]);
    project.run(&["snapshots", "accept"]);
    assert!(project.path(elsewhere).exists() && exists(&project, "udp/whole.snap"));
}

/// A folder as CI keeps it of a machine: what happened there, and nothing accepted.
fn collected(text: &str) -> Project {
    let project = Project::new(&[("udp/whole", text)]);
    let mut command = project.command(&["run"]);
    command.env("INSTA_UPDATE", "new").env("INSTA_PENDING_DIR", "kept").assert().success();
    project
}

#[test]
fn what_another_machine_did_is_accepted_with_one_command() {
    let (elsewhere, project) = (collected(PASS), Project::new(&[("udp/whole", PASS)]));
    let folder = elsewhere.path("kept");
    let ran = project.run(&["snapshots", "accept", "--from", &folder.to_string_lossy()]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(ran.stdout, "accepted udp/whole\n");
    assert_eq!(project.run(&["run"]).code, Some(0));
    let again = project.run(&["snapshots", "accept", "--from", &folder.to_string_lossy()]);
    assert_eq!(again.code, Some(4), "{again}");
    assert!(again.stderr.contains("nothing waits in"), "{again}");
}

#[test]
fn what_one_platform_did_is_never_accepted_for_another() {
    let elsewhere = collected(PASS);
    let other = if records().ends_with("windows") { "linux" } else { "windows" };
    let pending = format!("kept/{}/udp/whole.snap.new", records());
    elsewhere
        .write(&format!("fake/snapshots/{other}/udp/whole.snap.new"), &elsewhere.read(&pending));
    let ran = elsewhere.run(&["snapshots", "accept", "--from", "fake"]);
    assert_eq!(ran.code, Some(5), "{ran}");
    let why = format!("not on {other}");
    assert!(
        ran.stderr.contains("it says that it was made on") && ran.stderr.contains(&why),
        "{ran}"
    );
    assert!(!elsewhere.path(&format!("snapshots/{other}/udp/whole.snap")).exists());
}

#[test]
fn a_verdict_that_changed_is_drift_though_the_same_happened() {
    let project = recorded();
    project.write("scenarios/udp/whole.toml", &format!("level = 'info'\n{PASS}"));
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(6), "{ran}");
    assert!(ran.stdout.contains("- verdict: pass\n+ verdict: info\n"), "{ran}");
    assert_eq!(project.run(&["snapshots", "accept"]).code, Some(0));
    assert_eq!(project.run(&["run"]).code, Some(0));
}

#[test]
fn a_skip_is_recorded_with_its_reason_and_takes_no_record_away() {
    let project = recorded();
    project.write("scenarios/udp/whole.toml", &format!("needs = ['sysctl no.such=1']\n{PASS}"));
    project.write("scenarios/udp/never.toml", &format!("needs = ['sysctl no.such=1']\n{PASS}"));
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(!exists(&project, "udp/whole.snap.new"), "another machine may run it");
    assert_eq!(project.run(&["snapshots", "accept"]).code, Some(0));
    let record = project.read(&format!("{}/udp/never.snap", records()));
    assert!(
        record.contains("verdict: skip") && record.contains("skipped: there is no setting no.such"),
        "{record}"
    );
    project.write("scenarios/udp/never.toml", PASS);
    assert_eq!(project.run(&["run", "udp/never"]).code, Some(6), "it runs now: to be looked at");
}
