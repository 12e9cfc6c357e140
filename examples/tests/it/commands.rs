//! Remote commands: sticky, cured with each framing, and cut off in datagrams.

use crate::process::{client, server, shown};

/// What the cured client prints for these, without its last line.
const COMMANDS: [&str; 3] = ["hello", "count", "hello"];
const WHOLE: &str = "\
hello   19 bytes: \"hello, world\" … \"(end)\"
count   8899 bytes: \"1\" … \"(end)\"
hello   19 bytes: \"hello, world\" … \"(end)\"
";

#[test]
fn naive_answers_stick_together() {
    let server = server("tcp-command-naive", &[]);
    let output = client("tcp-command-naive", &server, &COMMANDS).unwrap();
    let sticky = "\
hello   19 bytes: \"hello, world\" … \"(end)\"
count   1024 bytes: \"1\" … \"283\"
hello   1024 bytes: \"284\" … \"539\"
";
    assert_eq!(output, sticky);
    shown(&output);
}

/// Every framing that can carry any text, with what it costs.
#[test]
fn each_framing_cures_it_in_one_round_trip_and_an_acknowledgement_in_three() {
    let framings = [
        ("u32be", 3),
        ("u16le", 3),
        ("length:u24be,inclusive", 3),
        ("varint", 3),
        (r"delimiter:\0", 3),
        ("json-header", 3),
        ("content-length", 3),
        ("netstring", 3),
        ("length-then-ack", 9),
    ];
    for (framing, round_trips) in framings {
        let server = server("tcp-command", &[framing]);
        let output = client("tcp-command", &server, &[&[framing], &COMMANDS[..]].concat());
        let output = output.unwrap_or_else(|error| panic!("{framing}: {error}"));
        let last = output.strip_prefix(WHOLE).unwrap_or_else(|| panic!("{framing}: {output}"));
        assert_eq!(last, format!("{round_trips} round trips for 3 commands\n"), "{framing}");
        if ["u32be", "length-then-ack"].contains(&framing) {
            shown(&output);
        }
    }
}

/// A codec that cannot carry a message says so, and does not send something else.
#[test]
fn lines_cannot_carry_an_answer_of_several() {
    let server = server("tcp-command", &["line"]);
    let refused = client("tcp-command", &server, &["line", "hello"]).unwrap_err();
    assert_eq!(refused, "error: the server ended the connection\n");
    let why = server.process.line();
    assert!(why.ends_with("a line cannot contain a line feed"), "{why}");
}

/// The one claim here on which systems differ.
#[test]
fn a_datagram_is_cut_and_the_next_is_the_right_one() {
    let server = server("udp-command", &[]);
    let output = client("udp-command", &server, &[&["1024"], &COMMANDS[..]].concat()).unwrap();
    let said = if std::env::consts::OS == "windows" { ": error 10040" } else { "" };
    let cut = format!("count   1024 bytes: \"1\" … \"283\", cut{said}\n");
    let lines: Vec<_> = output.split_inclusive('\n').collect();
    assert_eq!(lines[1], cut);
    assert_eq!((lines[0], lines[2]), (lines[2], lines[0]));
    shown(&output);
}

#[test]
fn a_datagram_has_a_largest_size() {
    let server = server("udp-command", &[]);
    let output = client("udp-command", &server, &["65535", "count", "flood"]).unwrap();
    assert!(output.starts_with("count   8899 bytes: \"1\" … \"(end)\"\n"), "{output}");
    shown(&output);
    let why = server.process.line();
    assert!(why.starts_with("108900 bytes cannot be sent: "), "{why}");
}
