//! The house rules, held by reading the tree: who may import whom, where `unsafe` and `cfg` of
//! targets stand, how long files and functions grow, and what no source contains.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the crate's root with forward slashes, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines that are code: comments and what lies in strings of several lines count as code,
    /// which errs on the strict side.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests") || self.path.starts_with("tests/")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches", "../examples"] {
        collect(&root.join(folder), &mut paths);
    }
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file can be read");
        let path =
            path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        Source { path, text }
    };
    paths.into_iter().map(source).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Fails with every line that `find` objects to.
fn check(rule: &str, find: impl Fn(&Source) -> Vec<(usize, String)>) {
    let mut broken = Vec::new();
    for source in sources() {
        for (line, what) in find(&source) {
            broken.push(format!("harness/{}:{line}: {what}", source.path));
        }
    }
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

/// The lines with any of `words`, in files that `applies` to.
fn lines_with<'s>(
    words: &'s [&'s str],
    applies: impl Fn(&Source) -> bool + 's,
) -> impl Fn(&Source) -> Vec<(usize, String)> + 's {
    move |source| {
        if !applies(source) {
            return Vec::new();
        }
        let has = |line: &str| words.iter().any(|word| line.contains(word));
        source
            .code()
            .filter(|(_, line)| has(line))
            .map(|(at, line)| (at, line.trim().to_owned()))
            .collect()
    }
}

/// The stages from text to verdict, without `run` and `net`.
const PURE: [&str; 14] = [
    "address",
    "check",
    "errno",
    "expect",
    "flags",
    "frame",
    "kind",
    "normalise",
    "op",
    "option",
    "outcome",
    "payload",
    "plan",
    "scenario",
];

fn is_of(source: &Source, module: &str) -> bool {
    source.path == format!("src/{module}.rs") || source.path.starts_with(&format!("src/{module}/"))
}

fn is_pure(source: &Source) -> bool {
    PURE.iter()
        .chain(&["trace", "verdict", "tcp_state", "schema", "reference"])
        .chain(&["peer/spec", "peer/schedule", "peer/reads", "peer/random"])
        .any(|module| is_of(source, module))
        && !source.is_test()
}

#[test]
fn pure_stages_touch_no_file_clock_environment_or_socket() {
    let words = [
        "std::fs",
        "std::env",
        "std::net::Tcp",
        "std::net::Udp",
        "std::process",
        "std::thread",
        "Instant::now",
        "SystemTime",
        "crate::sys",
        "crate::net",
        "crate::run",
        "crate::suite",
        "println!",
        "eprintln!",
    ];
    let find = lines_with(&words, is_pure);
    // What is of one processor: of it nothing can be seen but the time.
    let fast = ["use crate::sys::prefetch;", "use crate::sys::byte_mask;"];
    check("a pure stage may not do this", |source| {
        find(source).into_iter().filter(|(_, line)| !fast.contains(&line.as_str())).collect()
    });
}

#[test]
fn run_knows_the_backend_never_the_net() {
    let words = ["crate::net", "crate::sys", "crate::suite"];
    check(
        "`run` sees the world through `Backend`",
        lines_with(&words, |source| is_of(source, "run")),
    );
}

#[test]
fn net_knows_no_project_and_no_report() {
    let words = [
        "crate::suite",
        "crate::report",
        "crate::cli",
        "crate::record",
        "crate::expect",
        "crate::check",
    ];
    check(
        "`net` makes calls and judges nothing",
        lines_with(&words, |source| is_of(source, "net")),
    );
}

#[test]
fn reports_never_see_the_net() {
    let words = ["crate::net", "crate::sys::Socket", "crate::run::"];
    check("a report is made of values", lines_with(&words, |source| is_of(source, "report")));
}

#[test]
fn unsafe_and_targets_stand_in_sys_alone() {
    let words = [
        "unsafe {",
        "unsafe fn",
        "unsafe impl",
        "unsafe extern",
        "cfg(target_os",
        "cfg(unix",
        "cfg(windows",
    ];
    let elsewhere = |source: &Source| !is_of(source, "sys") && source.path != "tests/it/tidy.rs";
    check("what depends on the platform is supplied by `sys`", lines_with(&words, elsewhere));
}

#[test]
fn only_the_edge_prints_and_only_main_exits() {
    let library = |source: &Source| {
        source.path.starts_with("src/")
            && source.path != "src/main.rs"
            && !source.is_test()
            && !["report", "cli"].iter().any(|module| is_of(source, module))
    };
    check(
        "only report, cli and main print",
        lines_with(&["println!", "eprintln!", "print!("], library),
    );
    let not_main =
        |source: &Source| source.path.starts_with("src/") && source.path != "src/main.rs";
    check("only main exits", lines_with(&["process::exit"], not_main));
}

#[test]
fn nothing_sleeps_and_nothing_is_left_undone() {
    let words =
        ["thread::sleep", "time::sleep", "todo!", "unimplemented!", "[ignore", "#[should", "dbg!("];
    check(
        "wait for a condition; finish it or leave it out",
        // What sleeps are worth is what that bench is about.
        lines_with(&words, |source| {
            !["tests/it/tidy.rs", "benches/timing.rs"].contains(&source.path.as_str())
        }),
    );
}

#[test]
fn files_are_under_500_lines_and_say_what_they_are() {
    check("a file has one subject", |source| {
        let lines = source.text.lines().count();
        let long = (lines > 500).then(|| (500, format!("{lines} lines")));
        let silent =
            (!source.text.starts_with("//!")).then(|| (1, "does not open with //!".to_owned()));
        long.into_iter().chain(silent).collect()
    });
}

/// rustfmt puts a function's closing brace in the column of its first word.
#[test]
fn functions_are_under_70_lines() {
    check("a function does one thing", |source| {
        let lines: Vec<&str> = source.text.lines().collect();
        let starts = lines.iter().enumerate().filter(|(_, line)| is_function(line));
        starts.filter_map(|(at, line)| too_long(&lines, at, line)).collect()
    });
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    let words =
        ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn ", "pub const fn "];
    words.iter().any(|word| line.starts_with(word))
}

fn too_long(lines: &[&str], at: usize, line: &str) -> Option<(usize, String)> {
    let indent = line.len() - line.trim_start().len();
    let end = format!("{}}}", " ".repeat(indent));
    let length = lines[at..].iter().position(|line| **line == *end)? + 1;
    (length > 70).then(|| (at + 1, format!("{length} lines: {}", line.trim())))
}

/// The compiler leads whoever adds an operation, an outcome or a claim to every place that has to
/// know: none of these matches has an arm for "the rest".
#[test]
fn the_operations_dispatch_has_no_arm_for_the_rest() {
    let dispatch =
        sources().into_iter().find(|source| source.path == "src/net/job.rs").expect("net/job.rs");
    let arms = dispatch.text.lines().filter(|line| line.trim_start().starts_with("Op::")).count();
    assert!(arms > 20, "the dispatch has moved: this test looks at nothing");
    let rest = dispatch.text.lines().any(|line| line.trim_start().starts_with("_ =>"));
    assert!(!rest, "an operation without an arm would go unnoticed");
}

#[test]
fn tests_are_found_where_this_test_looks() {
    assert!(sources().iter().any(Source::is_test));
    assert!(sources().iter().filter(|source| is_pure(source)).count() > 20);
}
