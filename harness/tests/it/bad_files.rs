//! Every bad file in `tests/bad`, and those too silly to commit: the whole message of each, in
//! `NAME.snap` beside it.
//!
//! A new bad file needs no line here. To accept a new message: `INSTA_UPDATE=always cargo test
//! --test it bad_files`, and read what it says as its user would.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use insta::Settings;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rstest::rstest;
use sockdrill::report::problems::render;
use sockdrill::scenario::{MAX_FILE_BYTES, Span, parse};
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

/// Files that are refused before anybody parses them.
fn made_bytes() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("made-10-megabytes", vec![b'#'; 10 << 20]),
        ("made-not-utf8", b"title = \"A claim\"\nsee = [\"\xe9\"]\n".to_vec()),
        ("made-utf16", b"\xff\xfet\0i\0t\0l\0e\0".to_vec()),
    ]
}

/// Files that no editor should have to open: name, id, text.
fn made_texts() -> Vec<(&'static str, &'static str, String)> {
    let steps = |count: usize, step: &str| {
        GOOD.replace("[ { rx.close = {} } ]", &format!("[\n{}]", step.repeat(count)))
    };
    let received = GOOD.replace("close = {}", "recv_from = \"$size\"");
    let peer = |n| format!("peers.p{n} = {{ connect = \"rx\", fill = \"16 MiB\" }}\n");
    let socket = |n| format!("sockets.s{n} = {{ kind = \"udp4\" }}\n");
    let comment = "#".repeat(9_000);
    vec![
        ("made-1000-deep", "made", format!("a = {}1{}", "[".repeat(1_000), "]".repeat(1_000))),
        ("made-1000-deep-open", "made", format!("a = {}", "{ a = ".repeat(1_000))),
        ("made-6000-deep-by-dots", "made", deep_by_dots()),
        ("made-1000-mistakes", "made", steps(1_000, "  { rx.clse = {} },\n")),
        ("made-4001-steps", "made", steps(4_001, "  { rx.close = {} },\n")),
        ("made-1001-sockets", "made", format!("{}{GOOD}", repeated(1_001, socket))),
        ("made-2000-values", "made", format!("{}{received}", sizes(2_000))),
        ("made-long-cells", "made", format!("{}{comment}\n{received}", sizes(1_000))),
        ("made-long-cell-id", "made", long_cell_id()),
        ("made-too-much-to-send", "made", format!("{}{GOOD}", repeated(6, peer))),
        ("made-too-long-text", "made", " ".repeat(MAX_FILE_BYTES + 1)),
        ("made-id-leads-out", "../../etc/passwd", GOOD.to_owned()),
        ("made-id-is-a-device", "tcp/nul", GOOD.to_owned()),
        ("made-id-and-file", "tcp//x", "title = \"\"\n".to_owned()),
        ("made-nul", "made", "title = \"A\0claim\"\n".to_owned()),
        ("made-lone-cr", "made", "title = \"A claim\"\rlevel = \"must\"\r".to_owned()),
    ]
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<String>>().concat()
}

fn sizes(count: usize) -> String {
    format!("matrix.size = [{}]\n", repeated(count, |n| format!("{n}, ")))
}

/// As deep as the TOML parser lets it: it counts the brackets and not the dots.
fn deep_by_dots() -> String {
    let dotted = vec!["k"; 79].join(".");
    let (open, close) = (format!("{{ {dotted} = ").repeat(77), " }".repeat(77));
    format!("[{dotted}]\n{dotted} = {open}1{close}\n")
}

/// Eight names of forty letters, each with a value that is as long.
fn long_cell_id() -> String {
    let names: Vec<String> = ('a'..='h').map(|letter| letter.to_string().repeat(40)).collect();
    let matrix = repeated(8, |n| format!("matrix.{0} = [\"{0}\"]\n", names[n]));
    let used = repeated(8, |n| format!("\"${}\", ", names[n]));
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
    for (name, bytes) in made_bytes() {
        messages.insert(name.to_owned(), message_of_bytes(name, &bytes));
    }
    for (name, id, text) in made_texts() {
        messages.insert(name.to_owned(), message(name, id, &text));
    }
    let wrong: Vec<&String> = messages
        .iter()
        .filter(|(name, text)| !is_accepted(name, text))
        .map(|(name, _)| name)
        .collect();
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

/// Words that mean something, to spoil files with.
const WORDS: [&str; 24] = [
    "$size",
    "\"$size\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    ".",
    "\"",
    "\n",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "expect = ",
    "linux",
    "any_of",
    "matrix.size = [1, \"x\"]\n",
    "é🧦",
    "[[step]]\n",
];

/// Every file of `tests/bad`, and one that is good. Read once, not for each case.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let read = |name: String| fs::read_to_string(folder().join(format!("{name}.toml")));
    let committed = names_ending(".toml").into_iter().map(|name| read(name).expect("a text"));
    committed.chain([GOOD.to_owned()]).collect()
});

/// `text` after an edit: at some word, some words are gone and another stands there.
fn spoilt(text: &str, at: usize, gone: usize, new: &str) -> String {
    let is_edge = |(index, letter): &(usize, char)| {
        !letter.is_alphanumeric() || text[..*index].ends_with(|c: char| !c.is_alphanumeric())
    };
    let edges: Vec<usize> = text.char_indices().filter(is_edge).map(|(index, _)| index).collect();
    let Some(&start) = edges.get(at % edges.len().max(1)) else { return new.to_owned() };
    let end = edges.get(at % edges.len() + gone).copied().unwrap_or(start);
    format!("{}{new}{}", &text[..start], &text[end..])
}

proptest! {
    /// Any text is a scenario or a list of mistakes, each with a place in it.
    #[test]
    fn no_text_is_too_bad(
        seed in any::<Index>(),
        edits in vec((any::<usize>(), 0_usize..4, select(WORDS.to_vec())), 1..6),
    ) {
        let mut text = seed.get(&SEEDS).clone();
        for (at, gone, new) in edits {
            text = spoilt(&text, at, gone, new);
        }
        if let Err(problems) = parse("spoilt", &text) {
            prop_assert!(!problems.is_empty());
            for problem in &problems {
                let Span { start, end } = problem.span;
                prop_assert!(text.get(start..end).is_some(), "{problem:?} in {text:?}");
                prop_assert!(!problem.message.contains('\n'), "{problem:?}");
            }
            render("spoilt.toml", &text, &problems, false);
        }
    }
}

#[test]
fn colour_adds_escapes_and_nothing_else() {
    let problems = parse("x", "title = 5\n").expect_err("a bad file");
    let plain = render("x.toml", "title = 5\n", &problems, false);
    let coloured = render("x.toml", "title = 5\n", &problems, true);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}
