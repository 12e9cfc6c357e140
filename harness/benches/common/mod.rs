//! What the benches share: scenarios as text, and the same calls made directly.
#![allow(dead_code, reason = "each bench uses a part")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use sockdrill::plan::{Plan, lower};
use sockdrill::run::{Cancel, Settings};
use sockdrill::scenario::parse;
use sockdrill::sys;
use socket2::{Domain, Socket, Type};

/// Listen, connect, accept, send, receive, close both.
pub const MINIMAL: &str = r#"
title = "Minimal"
sockets.server = { kind = "tcp4", listen = "loopback:0" }
sockets.client = { kind = "tcp4", connect = "server" }
step = [
  { server.accept = "conn" },
  { client.send = "hello" },
  { conn.recv = 64, expect = { data = "hello" } },
  { client.close = {} },
  { conn.close = {} },
]
"#;

/// Waits 100 ms for a datagram that never comes.
pub const WAITING: &str = r#"
title = "Waiting"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
step = [{ rx.recv = { max = 64, within = "100ms" }, expect = "timeout" }]
"#;

/// Sends and receives one byte, `times` times, on a socket that hears itself: every system has it.
pub fn round_trips(times: usize) -> String {
    let steps = "  { a.send = \"x\" },\n  { a.recv = 1 },\n".repeat(times);
    let socket = "sockets.a = { kind = \"udp4\", bind = \"loopback:0\", connect = \"a\" }";
    format!("title = \"Round trips\"\n{socket}\nstep = [\n{steps}]\n")
}

/// The only cell of a scenario, ready to run here.
pub fn plan(text: &str) -> Plan {
    let mut scenarios = parse("bench", text).unwrap_or_else(|problems| panic!("{problems:?}"));
    lower(scenarios.remove(0), text, &sys::identify())
}

/// Nothing stretched, nothing cancelled.
pub fn settings() -> Settings {
    Settings { timeout_scale: 1.0, cancel: Cancel::default() }
}

/// The calls of [`MINIMAL`], straight through socket2.
pub fn raw_minimal() {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Socket::new(Domain::IPV4, Type::STREAM, None).expect("socket");
    server.bind(&loopback.into()).expect("bind");
    server.listen(128).expect("listen");
    let mut client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("socket");
    client.connect(&server.local_addr().expect("getsockname")).expect("connect");
    let (mut conn, _) = server.accept().expect("accept");
    client.write_all(b"hello").expect("send");
    let mut buffer = [0; 64];
    assert_eq!(conn.read(&mut buffer).expect("recv"), 5);
    drop(client);
    drop(conn);
}

/// A datagram socket connected to itself.
pub fn raw_alone() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("socket");
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("bind");
    socket.connect(&socket.local_addr().expect("getsockname")).expect("connect");
    socket
}

/// Sends and receives one byte, `times` times.
pub fn raw_round_trips(mut a: &Socket, times: usize) {
    for _ in 0..times {
        a.write_all(b"x").expect("send");
        assert_eq!(a.read(&mut [0; 1]).expect("recv"), 1);
    }
}
