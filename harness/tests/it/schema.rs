//! The committed schema and reference are those that the code makes, and their examples are true.

use std::path::{Path, PathBuf};

use sockdrill::{reference, schema};

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
