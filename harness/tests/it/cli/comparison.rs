//! `diff` and `matrix`: platforms beside each other, from records and from result files.

use super::{MATRIX, PASS, Project, check};

/// One claim for all systems, and one that Windows keeps otherwise.
const CUT: &str = r#"title = "A datagram longer than the buffer is cut"
see = ["udp(7)", "Winsock recvfrom: WSAEMSGSIZE"]
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }

[[step]]
tx.send_to = { to = "rx", data = "hello" }

[[step]]
rx.recv_from = 2
expect.linux = { data = "he", truncated = true }
expect.windows = { error = "EMSGSIZE", data = "he" }
known.wine = { reason = "it says so <here>", link = "https://example.org/wine" }
why = "Only Windows says so."
"#;

/// Linux cannot be asked to run this; no platform has been.
const NEVER: &str = r#"title = "Abstract names are Linux's own"
sockets.rx = { kind = "unix-stream", bind = "abstract:x" }
step = [ { rx.close = {}, expect = "ok" } ]
"#;

fn record(platform: &str, release: &str, verdict: &str, contents: &str) -> String {
    format!(
        "---\nsource: tests/scenarios.rs\ndescription: x\ninfo:\n  platform: {platform}\n  \
         release: {release}\n  harness: 0.1.0\n  verdict: {verdict}\ninput_file: x\n---\n{contents}\n"
    )
}

/// The steps of [`CUT`] and what they answered.
fn cut(answer: &str) -> String {
    let mut text = String::new();
    for (call, answer) in [
        ("rx.open(udp4)", "ok"),
        ("rx.bind(loopback:0)", "ok"),
        ("tx.open(udp4)", "ok"),
        ("tx.send_to(to=rx, \"hello\")", "5"),
        ("rx.recv_from(2)", answer),
    ] {
        sockdrill::normalise::push_line(&mut text, call, answer);
    }
    text
}

/// A project with records of Linux and Wine, as their machines would have left them.
fn project() -> Project {
    let project = Project::new(&[("udp/cut", CUT), ("udp/whole", PASS), ("unix/never", NEVER)]);
    let write = |platform: &str, id: &str, text: String| {
        project.write(&format!("snapshots/{platform}/{id}.snap"), &text);
    };
    let linux = cut("\"he\", from tx, truncated");
    write("linux", "udp/cut", record("linux", "6.18.44", "pass", &linux));
    let wine = cut("WSAEMSGSIZE (10040), \"he\", from tx");
    write("wine", "udp/cut", record("wine", "\"10.0 (as Windows 10.0.19043)\"", "known", &wine));
    let skip = "skipped: no unix-stream: no such sockets here";
    write("wine", "udp/whole", record("wine", "\"9.0\"", "skip", skip));
    project
}

#[test]
fn a_diff_shows_the_steps_that_differ_and_who_was_alone() {
    let project = project();
    check!(project.run(&["diff", "linux", "wine"]));
    check!(project.run(&["diff", "linux", "wine", "udp/cut", "--all"]));
}

#[test]
fn a_diff_is_markdown_or_json_as_well() {
    let project = project();
    check!(project.run(&["diff", "linux", "wine", "--format", "markdown"]));
    check!(project.run(&["diff", "linux", "wine", "--format", "json"]));
}

#[test]
fn a_matrix_has_a_column_for_every_platform() {
    let project = project();
    check!(project.run(&["matrix"]));
    check!(project.run(&["matrix", "--different", "--on", "linux", "--on", "wine"]));
}

#[test]
fn a_matrix_is_markdown_or_json_as_well() {
    let project = project();
    check!(project.run(&["matrix", "--format", "markdown"]));
    check!(
        project.run(&["matrix", "--format", "json", "udp/cut", "--on", "linux", "--on", "windows"])
    );
}

#[test]
fn the_page_holds_every_transcript_and_no_text_can_break_out_of_it() {
    let ran = project().run(&["matrix", "--format", "html"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains("WSAEMSGSIZE (10040)"), "{ran}");
    assert!(ran.stdout.contains("it says so \\u003chere>"), "a mark within the data is escaped");
}

/// What ran here is beside a platform's records without being accepted.
#[test]
fn a_result_file_is_a_column() {
    let project = Project::new(&[("udp/whole", PASS)]);
    assert_eq!(project.run(&["run", "--no-snapshots", "--report", "json=now.json"]).code, Some(0));
    assert_eq!(project.run(&["run"]).code, Some(0));
    assert_eq!(project.run(&["snapshots", "accept"]).code, Some(0));
    let platform = sockdrill::sys::identify().name();
    let ran = project.run(&["diff", platform, "now.json"]);
    assert!(ran.stdout.ends_with("1 scenario: 1 same\n"), "{ran}");
    let ran = project.run(&["matrix", "--on", "now.json"]);
    assert!(ran.stdout.contains("whole  pass\n"), "{ran}");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let project = project();
    project.write("other.json", "{\"version\": 99}");
    project.write("text.json", "no JSON");
    for arguments in [
        &["diff", "linux", "windows"][..],
        &["diff", "linux", "other.json"],
        &["diff", "linux", "text.json"],
        &["diff", "linux", "linx"],
        &["diff", "linux", "wine", "tcp/"],
        &["matrix", "--different", "--on", "linux"],
    ] {
        let ran = project.run(arguments);
        insta::with_settings!({ description => arguments.join(" ") }, {
            check!(ran);
        });
    }
}

/// A record whose steps are not the file's any more says nothing about them.
#[test]
fn a_record_of_other_steps_is_drift() {
    let project = project();
    project.write("scenarios/udp/cut.toml", &CUT.replace("rx.recv_from = 2", "rx.recv_from = 3"));
    let ran = project.run(&["matrix", "udp/cut", "--on", "linux"]);
    assert!(ran.stdout.contains("cut  drift\n"), "{ran}");
}

#[test]
fn pages_are_written_checked_and_removed() {
    let project = Project::new(&[("udp/recv/whole", PASS), ("udp/sizes", MATRIX)]);
    assert_eq!(project.run(&["pages", "docs/all"]).code, Some(0));
    let page = project.read("docs/all/udp/recv.md");
    assert!(page.contains("## A datagram arrives whole\n"), "{page}");
    assert!(page.contains("(../../../scenarios/udp/recv/whole.toml)"), "{page}");
    let index = project.read("docs/all/README.md");
    assert!(index.contains("[A datagram arrives whole](udp/recv.md#whole)"), "{index}");

    // Whose page has nobody's mark is somebody's own.
    std::fs::write(project.path("docs/all/notes.md"), "mine\n").expect("a file");
    assert_eq!(project.run(&["pages", "docs/all", "--check"]).code, Some(0));

    std::fs::remove_file(project.path("scenarios/udp/recv/whole.toml")).expect("a scenario");
    let mut stale = project.run(&["pages", "docs/all", "--check"]);
    stale.stdout = stale.stdout.replace(std::path::MAIN_SEPARATOR, "/");
    check!(stale, @"
    [project]/docs/all/README.md is out of date
    [project]/docs/all/udp.md is out of date
    [project]/docs/all/udp/recv.md is nobody's
    ----- stderr
    error: 3 pages; to write them: sockdrill pages docs/all
    ----- exit code 6
    ");
    assert_eq!(project.run(&["pages", "docs/all"]).code, Some(0));
    assert!(!project.path("docs/all/udp/recv.md").exists());
    assert_eq!(project.read("docs/all/notes.md"), "mine\n");
}

#[rstest::rstest]
#[case::above("../docs")]
#[case::within_and_out("docs/../../x")]
#[case::absolute("/docs")]
#[case::nowhere("")]
fn pages_stay_within_the_project(#[case] folder: &str) {
    let project = Project::new(&[("udp/recv/whole", PASS)]);
    let refused = project.run(&["pages", folder]);
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(refused.stderr.contains("is no folder within the project"), "{refused}");
}
