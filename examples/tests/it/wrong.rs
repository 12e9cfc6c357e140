//! The right server of framed messages and the two wrong ones: each wrong one fails where its
//! source says it does, and nowhere else.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::process::{Server, client, server, shown};

const ALL: [&str; 3] = ["framed-echo", "wrong-one-recv", "wrong-trusts-length"];

/// More than any of them should accept, and little enough for the one that does.
const ABSURD: u32 = 256 * 1024 * 1024;

fn connect(server: &Server) -> TcpStream {
    let conn = TcpStream::connect(&server.address).unwrap();
    conn.set_nodelay(true).unwrap();
    conn.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    conn
}

/// All that comes until the other end closes, in order or by a reset.
fn rest(mut conn: &TcpStream) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        match conn.read(&mut buffer) {
            Ok(0) => return all,
            Ok(length) => all.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("{error}, after {all:?}"),
        }
    }
}

#[test]
fn one_whole_message_at_a_time_is_echoed_by_all() {
    for program in ALL {
        let server = server(program, &[]);
        let output = client(program, &server, &["hello", ""]).unwrap();
        assert_eq!(output, "sent \"hello\", received \"hello\"\nsent \"\", received \"\"\n");
        shown(&output);
    }
}

#[test]
fn two_messages_in_one_segment() {
    let both = b"\0\0\0\x03one\0\0\0\x03two";
    for (program, echoed) in ALL.into_iter().zip([&both[..], &both[..7], &both[..]]) {
        let server = server(program, &[]);
        let mut conn = connect(&server);
        conn.write_all(both).unwrap();
        conn.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&conn), echoed, "{program}");
    }
}

#[test]
fn byte_by_byte() {
    for program in ["framed-echo", "wrong-trusts-length"] {
        let server = server(program, &[]);
        let mut conn = connect(&server);
        for byte in b"\0\0\0\x03one" {
            conn.write_all(&[*byte]).unwrap();
        }
        conn.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&conn), b"\0\0\0\x03one", "{program}");
    }
}

/// What follows is not sent before the answer to this, which is the end of the connection.
#[test]
fn half_a_header_is_refused_by_who_takes_a_receive_for_a_message() {
    let server = server("wrong-one-recv", &[]);
    let mut conn = connect(&server);
    conn.write_all(b"\0\0").unwrap();
    assert_eq!(rest(&conn), b"");
    assert!(server.process.line().ends_with("not a message"));
}

#[test]
fn an_absurd_length_is_refused_unless_it_is_trusted() {
    for (program, said) in ALL.into_iter().zip([
        "a frame of at least 268435456 bytes, over the limit of 1048576",
        "not a message",
        "268435456 bytes reserved",
    ]) {
        let server = server(program, &[]);
        let mut conn = connect(&server);
        conn.write_all(&ABSURD.to_be_bytes()).unwrap();
        let line = server.process.line();
        assert!(line.ends_with(said), "{program}: {line}");
    }
}

#[test]
fn the_end_of_the_stream_within_a_message() {
    for (program, said) in [
        ("framed-echo", "stream ended 6 bytes into a frame of at least 8"),
        ("wrong-one-recv", "not a message"),
    ] {
        let server = server(program, &[]);
        let mut conn = connect(&server);
        conn.write_all(b"\0\0\0\x04tw").unwrap();
        conn.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&conn), b"", "{program}");
        let line = server.process.line();
        assert!(line.ends_with(said), "{program}: {line}");
    }
}
