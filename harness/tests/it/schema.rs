//! What is generated and committed is what the code makes: the schema, the reference, the matrix.

use std::path::{Path, PathBuf};

use sockdrill::suite::Project;
use sockdrill::survey::gather::{Source, gather};
use sockdrill::{platform, reference, report, schema};

fn committed(path: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    (path, text)
}

fn check_current(path: &str, made: &str, renew: &str) {
    let (path, text) = committed(path);
    let different = text.lines().zip(made.lines()).position(|(old, new)| old != new);
    let line = different.unwrap_or(text.lines().count().min(made.lines().count())) + 1;
    let path = path.display();
    assert!(text == made, "{path}, line {line}, is out of date: `{renew}` renews it");
}

#[test]
fn the_committed_schema_is_current() {
    check_current(
        "schema/scenario.json",
        &schema::text(),
        "cargo run -- schema > schema/scenario.json",
    );
}

#[test]
fn the_committed_reference_is_current() {
    let renew = "cargo run -- schema --reference > docs/reference.md";
    check_current("docs/reference.md", &reference::text(), renew);
}

/// From scenario files and records alone, so that every machine makes the same.
#[test]
fn the_committed_matrix_is_current() {
    let project = Project { root: Path::new(env!("CARGO_MANIFEST_DIR")).join("..") };
    let columns = platform::ALL.map(Source::Platform);
    let survey = gather(&project, &columns, |_| true).expect("the suite and its records");
    let renew = "cargo run -- matrix --format markdown > MATRIX.md";
    check_current("MATRIX.md", &report::matrix::markdown(&survey), renew);
}
