//! Programs are started, looked at, and gone afterwards. `sh` is on every Unix; on Windows these
//! tests have no program to start and the arms over sockets alone run.

use super::*;
use crate::op::{CommandLine, Word};

#[test]
fn an_address_is_found_in_a_line() {
    let found = |line: &str| output::address_in(line).map(|address| address.to_string());
    assert_eq!(found("listening on 127.0.0.1:8080"), Some("127.0.0.1:8080".into()));
    assert_eq!(
        found("Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ..."),
        Some("127.0.0.1:8000".into())
    );
    assert_eq!(found("http://[::]:81, ready."), Some("[::1]:81".into()));
    assert_eq!(found("ready"), None);
}

#[test]
fn a_program_that_is_not_there_is_told_by_its_name() {
    let run = CommandLine::plain(vec!["no-such-program-here".into()]);
    let error = Program::start(Start::new(&run.words, None, None)).expect_err("no program");
    assert!(error.to_string().contains("no-such-program-here"), "{error}");
    assert_eq!(run.show(), r#"["no-such-program-here"]"#);
}
