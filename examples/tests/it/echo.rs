//! The echo servers and the time server.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::process::{client, run, server, shown};

#[test]
fn tcp() {
    let server = server("tcp-echo", &[]);
    let output = client("tcp-echo", &server, &["hello", "a longer message"]).unwrap();
    assert!(output.ends_with("sent the end, received the end\n"), "{output}");
    shown(&output);
    // One client after the other, on the same listening socket.
    assert!(client("tcp-echo", &server, &["again"]).is_ok());
    assert!(server.process.line().ends_with(": 21 bytes, then the end"));
}

#[test]
fn udp_carries_an_empty_message_too() {
    let server = server("udp-echo", &[]);
    let output = client("udp-echo", &server, &["hello", ""]).unwrap();
    assert!(output.ends_with("sent \"\", received \"\"\n"), "{output}");
    shown(&output);
    assert!(server.process.line().ends_with(": 5 bytes"));
    assert!(server.process.line().ends_with(": 0 bytes"));
}

/// Where there is no `AF_UNIX` the program says so; that is Wine 10.0, for one.
#[test]
fn unix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("echo");
    let path = path.to_str().unwrap();
    let (domain, stream) = (socket2::Domain::UNIX, socket2::Type::STREAM);
    if let Err(error) = socket2::Socket::new(domain, stream, None) {
        let refused = run("unix-echo", &["server", path]).unwrap_err();
        assert_eq!(refused, format!("error: this system has no AF_UNIX: {error}\n"));
        return;
    }
    let server = server("unix-echo", &[path]);
    assert_eq!(server.address, path);
    let output = client("unix-echo", &server, &["hello"]).unwrap();
    assert_eq!(output, "sent \"hello\", received \"hello\"\n");
    assert_eq!(server.process.line(), "a client: 5 bytes, then the end");
    drop(server);
    let second = run("unix-echo", &["server", path]).unwrap_err();
    assert!(second.contains("is there already"), "{second}");
}

#[test]
fn time() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 2_208_988_800;
    let server = server("udp-time", &[]);
    let before = now();
    let output = client("udp-time", &server, &[]).unwrap();
    let said: u64 = output.split_once(' ').unwrap().0.parse().unwrap();
    // The protocol has 32 bits.
    let modulus = 1 << 32;
    let (since, until) = (said.wrapping_sub(before) % modulus, now() - before);
    assert!(since <= until, "{output}");
    assert!(output.ends_with(" UTC\n"), "{output}");
}

#[test]
fn no_program_leaves_loopback() {
    for (program, arguments) in [("tcp-echo", ""), ("udp-echo", ""), ("udp-time", "")] {
        let refused = run(program, &["client", "192.0.2.1:7", arguments]).unwrap_err();
        let why = "error: expected an address on loopback, such as 127.0.0.1:40000\n";
        assert_eq!(refused, why, "{program}");
    }
}
