//! The servers of examples/, as cargo builds them beside `sockdrill`: the right one passes everywhere, each
//! wrong one fails in the plans that are about what is wrong with it. Where only this package is built,
//! they are not there, and these tests say so.

use std::collections::BTreeSet;

use assert_cmd::cargo::cargo_bin;

use super::{check_probes, plans_of, set, text};

/// Probes the server of that name.
fn check(name: &str, wanted: &[&str]) {
    let folder = cargo_bin!("sockdrill").parent().expect("a folder");
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !path.is_file() {
        eprintln!("skipped: {name} is not built: cargo build --package sockdrill-examples");
        return;
    }
    let run = format!("'{}' server {{port}}", path.display());
    let hello = ["--framing", "u32be", "--send", "hello", "--expect", "hello"];
    let output = check_probes(&[&["--exec", &run], &hello[..]].concat(), &set(wanted));
    let (told, skipped) = (text(&output.stdout), plans_of(&output, "skip"));
    assert_eq!(skipped, BTreeSet::new(), "{told}");
    let passed = plans_of(&output, "pass").len();
    assert_eq!(passed + plans_of(&output, "fail").len(), 21, "{told}");
}

#[test]
fn the_right_server_fails_nowhere() {
    check("framed-echo", &[]);
}

#[test]
fn a_receive_taken_for_a_message_fails_where_bytes_come_otherwise() {
    let about_pieces = [
        "tcp/bytes",
        "tcp/split",
        "tcp/header",
        "tcp/together",
        "tcp/straddle",
        "tcp/slow-sender",
        "tcp/slow-reader",
        "tcp/cut-stall",
    ];
    check("wrong-one-recv", &about_pieces);
}

#[test]
fn a_length_that_is_trusted_fails_where_nobody_can_mean_it() {
    check("wrong-trusts-length", &["tcp/over-long"]);
}
