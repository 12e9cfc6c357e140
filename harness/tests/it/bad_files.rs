//! Every bad file in `tests/bad`, and those too silly to commit: the whole message of each, in
//! `NAME.snap` beside it.
//!
//! A new bad file needs no line here. To accept a new message: `INSTA_UPDATE=always cargo test
//! --test it bad_files`, and read what it says as its user would.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use insta::Settings;
use rstest::rstest;
use sockdrill::report::problems::render;
use sockdrill::scenario::{MAX_FILE_BYTES, MAX_STEPS, parse};
use sockdrill::source;

/// A file without a mistake, to be spoilt.
const GOOD: &str = r#"title = "A claim"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
step = [ { rx.close = {} } ]
"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// The message of a file with that text.
fn message(name: &str, id: &str, text: &str) -> String {
    match parse(id, text) {
        Ok(scenarios) => panic!("{name} is not bad: it has {} cells", scenarios.len()),
        Err(problems) => render(&format!("{name}.toml"), text, &problems, false),
    }
}

/// The message of a file with those bytes, read from a disk.
fn message_of_bytes(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("{name}.toml"));
    fs::write(&path, bytes).expect("a temporary file");
    let error = source::read(&path).expect_err("a bad file");
    assert!(error.to_string().contains(name), "the message names the file: {error}");
    render(&format!("{name}.toml"), &error.shown, &[error.problem], false)
}

/// Files that no editor should have to open.
fn made() -> BTreeMap<&'static str, String> {
    let steps = |count: usize, step: &str| {
        format!("title = \"A claim\"\nsockets.rx = {{ kind = \"udp4\" }}\nstep = [\n{}]\n", step.repeat(count))
    };
    let dotted = vec!["k"; 79].join(".");
    let numbers = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let peers: String = (0..6)
        .map(|n| format!("peers.p{n} = {{ connect = \"rx\", fill = \"16 MiB\" }}\n"))
        .collect();
    let sockets: String =
        (0..1_001).map(|n| format!("sockets.s{n} = {{ kind = \"udp4\" }}\n")).collect();
    let cases = [
        ("made-10-megabytes", message_of_bytes("made-10-megabytes", &vec![b'#'; 10 << 20])),
        ("made-not-utf8", message_of_bytes("made-not-utf8", b"title = \"A claim\"\nsee = [\"\xe9\"]\n")),
        ("made-utf16", message_of_bytes("made-utf16", b"\xff\xfet\0i\0t\0l\0e\0")),
        ("made-1000-deep", message("made-1000-deep", "made", &format!("a = {}1{}", "[".repeat(1_000), "]".repeat(1_000)))),
        ("made-1000-deep-open", message("made-1000-deep-open", "made", &format!("a = {}", "{ a = ".repeat(1_000)))),
        ("made-6000-deep-by-dots", message("made-6000-deep-by-dots", "made", &format!(
            "[{dotted}]\n{dotted} = {}1{}\n",
            format!("{{ {dotted} = ").repeat(77),
            " }".repeat(77)
        ))),
        ("made-1000-mistakes", message("made-1000-mistakes", "made", &steps(1_000, "  { rx.clse = {} },\n"))),
        ("made-1001-steps", message("made-1001-steps", "made", &steps(MAX_STEPS + 1, "  { rx.close = {} },\n"))),
        ("made-2000-values", message("made-2000-values", "made", &format!(
            "matrix.size = [{}]\n{}", numbers(2_000), GOOD.replace("close = {}", "recv_from = \"$size\"")
        ))),
        ("made-long-cells", message("made-long-cells", "made", &format!(
            "matrix.size = [{}]\n#{}\n{}",
            numbers(1_000), "x".repeat(9_000), GOOD.replace("close = {}", "recv_from = \"$size\"")
        ))),
        ("made-long-cell-id", message("made-long-cell-id", "made", &long_cell_id())),
        ("made-too-much-to-send", message("made-too-much-to-send", "made", &format!("{peers}{GOOD}"))),
        ("made-1001-sockets", message("made-1001-sockets", "made", &format!("{sockets}{GOOD}"))),
        ("made-too-long-text", message("made-too-long-text", "made", &" ".repeat(MAX_FILE_BYTES + 1))),
        ("made-id-leads-out", message("made-id-leads-out", "../../etc/passwd", GOOD)),
        ("made-id-is-a-device", message("made-id-is-a-device", "tcp/nul", GOOD)),
        ("made-id-and-file", message("made-id-and-file", "tcp//x", "title = \"\"\n")),
        ("made-nul", message("made-nul", "made", "title = \"A\0claim\"\n")),
        ("made-lone-cr", message("made-lone-cr", "made", "title = \"A claim\"\rlevel = \"must\"\r")),
    ];
    cases.into_iter().collect()
}

/// Eight names of forty letters, each with a value that is as long.
fn long_cell_id() -> String {
    let names: Vec<String> = ('a'..='h').map(|letter| letter.to_string().repeat(40)).collect();
    let matrix: String =
        names.iter().map(|name| format!("matrix.{name} = [\"{name}\"]\n")).collect();
    let used: String = names.iter().map(|name| format!("\"${name}\", ")).collect();
    format!("{matrix}{}", GOOD.replace("close = {}", &format!("send = [{used}]")))
}

/// Whether the message is the accepted one. Says what is wrong with it instead of ending the test.
fn is_accepted(name: &str, message: &str) -> bool {
    let mut settings = Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let compare = || settings.bind(|| insta::assert_snapshot!(name, message));
    catch_unwind(AssertUnwindSafe(compare)).is_ok()
}

/// Names of the files in `tests/bad` that end so, without the ending.
fn names_ending(ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("tests/bad");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string());
    let mut names: Vec<String> = names
        .filter_map(|name| name.expect("a name in UTF-8").strip_suffix(ending).map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn every_bad_file_says_all_that_is_wrong() {
    let committed = names_ending(".toml");
    assert!(committed.len() >= 40, "only {} bad files", committed.len());
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    for name in committed {
        let text = source::read(&folder().join(format!("{name}.toml"))).expect("a text");
        let message = message(&name, &name, &text);
        messages.insert(name, message);
    }
    messages.extend(made().into_iter().map(|(name, message)| (name.to_owned(), message)));
    let wrong: Vec<&String> =
        messages.iter().filter(|(name, text)| !is_accepted(name, text)).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "{} messages are not as accepted: {wrong:#?}", wrong.len());
    let orphans: Vec<String> =
        names_ending(".snap").into_iter().filter(|name| !messages.contains_key(name)).collect();
    assert!(orphans.is_empty(), "snapshots of no bad file: {orphans:#?}");
}

/// What an editor on another system makes of the same file.
#[rstest]
#[case::crlf("\r\n", "")]
#[case::byte_order_mark("\n", "\u{feff}")]
#[case::both("\r\n", "\u{feff}")]
fn places_are_the_same_however_lines_end(#[case] newline: &str, #[case] before: &str) {
    for name in names_ending(".toml") {
        let text = source::read(&folder().join(format!("{name}.toml"))).expect("a text");
        let scratch = tempfile::NamedTempFile::new().expect("a temporary file");
        let other = format!("{before}{}", text.replace('\n', newline));
        fs::write(scratch.path(), other).expect("a temporary file");
        let other = source::read(scratch.path()).expect("a text");
        assert_eq!(message(&name, &name, &other), message(&name, &name, &text), "{name}");
    }
}

/// The words are the system's own, so only the gist is asked.
#[test]
fn what_is_no_file_is_told() {
    let folder = folder();
    let of = |path: &Path| source::read(path).expect_err("no file").to_string();
    assert!(of(&folder).contains("is a folder"), "{}", of(&folder));
    let missing = folder.join("missing.toml");
    assert!(of(&missing).contains("missing.toml: cannot be read"), "{}", of(&missing));
}

#[test]
fn colour_adds_escapes_and_nothing_else() {
    let problems = parse("x", "title = 5\n").expect_err("a bad file");
    let plain = render("x.toml", "title = 5\n", &problems, false);
    let coloured = render("x.toml", "title = 5\n", &problems, true);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}
