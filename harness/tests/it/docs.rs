//! Every console block of the documents is run, in order, in a copy of the project, and prints what
//! the document says. A block marked `console linux` shows what that platform answers: elsewhere it
//! is run all the same, and prints something.
//!
//! A line `$ cargo run --release -- ARGS` or `$ sockdrill ARGS` is run with the binary under test;
//! what stands below it is what it prints, to both streams. `[..]` stands for any text in a line, `...` on a
//! line of its own for any lines.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;

/// One command and what it is said to print.
struct Shown {
    /// The one platform that answers so.
    platform: Option<String>,
    arguments: Vec<String>,
    output: Vec<String>,
}

fn console_blocks(text: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let (mut inside, mut platform) = (false, None);
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            let mut words = info.split_whitespace().map(str::to_owned);
            inside = words.next().is_some_and(|language| language == "console");
            platform = words.next();
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            let arguments = ["cargo run --release -- ", "sockdrill "];
            let arguments = arguments.iter().find_map(|program| command.strip_prefix(program));
            let arguments =
                arguments.unwrap_or_else(|| panic!("`{command}` is not run by this test"));
            let arguments = words(arguments);
            shown.push(Shown { platform: platform.clone(), arguments, output: Vec::new() });
        } else if inside && let Some(last) = shown.last_mut() {
            last.output.push(line.to_owned());
        }
    }
    shown
}

/// The words of a command; single quotes hold one together, as in a shell.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in command.chars() {
        match (c, quoted, words.last_mut()) {
            ('\'', ..) => quoted = !quoted,
            (c, false, _) if c.is_whitespace() => words.push(String::new()),
            (c, _, Some(word)) => word.push(c),
            (_, _, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `actual` is what `shown` says, with `...` for any lines.
fn lines_match(shown: &[String], actual: &[&str]) -> bool {
    match shown.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=actual.len()).any(|skip| lines_match(rest, &actual[skip..]))
        }
        Some((first, rest)) => {
            let head = actual.split_first();
            head.is_some_and(|(line, others)| {
                line_matches(first, line) && lines_match(rest, others)
            })
        }
    }
}

/// Whether `actual` is what `shown` says, with `[..]` for any text.
fn line_matches(shown: &str, actual: &str) -> bool {
    match shown.split_once("[..]") {
        None => shown == actual,
        Some((before, after)) => actual.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| line_matches(after, &rest[at..]))
        }),
    }
}

/// Everything a command prints, as a terminal shows it: both streams through one pipe.
fn run(arguments: &[String], folder: &Path) -> String {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let mut command = Command::new(cargo_bin!("sockdrill"));
    command.args(arguments).current_dir(folder).env_remove("CI").env_remove("INSTA_UPDATE");
    command.stdout(writer.try_clone().expect("the pipe's end")).stderr(writer);
    let mut child = command.spawn().expect("it starts");
    // The ends that this process holds would keep the pipe open.
    drop(command);
    let mut printed = String::new();
    reader.read_to_string(&mut printed).expect("UTF-8");
    child.wait().expect("it ends");
    printed
}

/// The scenarios and their records, where commands that write may write.
fn copy_of_this_project() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root");
    let copy = tempfile::tempdir().expect("a temporary folder");
    for folder in ["scenarios", "snapshots"] {
        copy_folder(&root.join(folder), &copy.path().join(folder));
    }
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else if path.extension().is_some_and(|extension| extension != "new") {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

#[rstest]
#[case("README.md", 5)]
#[case("docs/reference.md", 0)]
#[case("docs/probe.md", 2)]
fn console_blocks_print_what_they_show(#[case] document: &str, #[case] least: usize) {
    let python = Command::new("python3").arg("--version").output();
    if document == "docs/probe.md" && python.is_err() {
        eprintln!("skipped: the server in {document} needs python3, which is not installed");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root");
    let text = fs::read_to_string(root.join(document)).expect("the document can be read");
    let blocks = console_blocks(&text);
    assert!(blocks.len() >= least, "{} commands found in {document}", blocks.len());
    let project = copy_of_this_project();
    let here = sockdrill::sys::identify().name();
    for shown in blocks {
        let printed = run(&shown.arguments, project.path());
        if shown.platform.is_some_and(|platform| platform != here) {
            assert!(!printed.is_empty(), "{document}: {:?}", shown.arguments);
            continue;
        }
        let actual: Vec<&str> = printed.trim_end().lines().collect();
        assert!(
            lines_match(&shown.output, &actual),
            "{document}: {:?} is said to print\n{}\nand prints\n{printed}",
            shown.arguments,
            shown.output.join("\n"),
        );
    }
}

#[test]
fn wildcards_match_what_they_stand_for() {
    assert!(
        line_matches("a[..]c", "abc") && line_matches("[..]", "") && !line_matches("a[..]c", "abd")
    );
    let shown = ["a".to_owned(), "...".to_owned(), "z".to_owned()];
    assert!(lines_match(&shown, &["a", "b", "z"]) && lines_match(&shown, &["a", "z"]));
    assert!(!lines_match(&shown, &["a", "b"]));
}
