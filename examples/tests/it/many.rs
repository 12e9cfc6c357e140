//! Hundreds of clients at once: none speaks before all are there.

use crate::process::{client, run, server};

const CLIENTS: &str = "300";

fn check(program: &str, way: &str) {
    let server = server(program, &[way]);
    let output = client(program, &server, &[CLIENTS]).unwrap();
    let first = output.lines().next();
    assert_eq!(first, Some("300 clients at once, each with its own answer"));
}

#[test]
fn tcp_with_a_thread_for_each_connection() {
    check("tcp-many", "threads");
}

#[test]
fn tcp_with_tasks() {
    check("tcp-many", "tokio");
}

#[test]
fn udp_with_threads_on_one_socket() {
    check("udp-many", "threads");
}

#[test]
fn udp_with_tasks() {
    check("udp-many", "tokio");
}

#[test]
fn what_is_neither_is_refused() {
    let refused = run("tcp-many", &["server", "forks"]).unwrap_err();
    assert_eq!(refused, "error: expected server threads | server tokio\n");
}
