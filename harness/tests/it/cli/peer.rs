//! `sockdrill peer`: a peer by hand, as its user sees it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use sockdrill::kind::Kind;
use sockdrill::sys::can_kind;

use super::stop::interrupt;
use super::{Project, program};
use crate::cli::check;

/// A running peer, and what it has yet to print. Killed where a test fails before its end.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Its first line.
    first: String,
}

impl Running {
    /// The program with these arguments, once it has told where it is.
    fn start(arguments: &[&str]) -> Running {
        let mut child = Command::new(program())
            .arg("peer")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("a line");
        Running { child, stdout, first }
    }

    /// The address that it has told.
    fn addr(&self) -> SocketAddr {
        let addr = self.first.split_whitespace().last().and_then(|addr| addr.parse().ok());
        addr.unwrap_or_else(|| panic!("no address: {:?}", self.first))
    }

    /// The next line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line");
        line
    }

    /// Its other lines, what it said on stderr, and its exit code, once it has ended.
    fn end(mut self) -> (String, String, Option<i32>) {
        let (mut lines, mut told) = (String::new(), String::new());
        self.stdout.read_to_string(&mut lines).expect("text");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut told).expect("text");
        (lines, told, self.child.wait().expect("an end").code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended where its test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(addr: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(addr).expect("connect");
    client.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    client
}

#[test]
fn a_listening_peer_tells_its_address_then_all_that_happens() {
    let peer = Running::start(&[
        "tcp",
        "--listen",
        "127.0.0.1:0",
        "--send",
        r"hello\n",
        "--chunk",
        "3",
        "--gap",
        "1ms",
        "--after",
        "4=bye",
        "--then",
        "close",
        "--once",
    ]);
    let mut client = client(peer.addr());
    let from = client.local_addr().expect("its address");
    let mut hello = [0; 6];
    client.read_exact(&mut hello).expect("the greeting");
    client.write_all(b"quit").expect("a send");
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).expect("the end");
    assert_eq!((&hello, rest.as_slice()), (b"hello\n", &b"bye"[..]));
    let (lines, told, code) = peer.end();
    assert_eq!(
        lines,
        format!(
            "#1 connected from {from}\n#1 sent 3 bytes \"hel\"\n#1 sent 3 bytes \"lo\\n\"\n\
             #1 received 4 bytes \"quit\"\n#1 sent 3 bytes \"bye\"\n#1 closed\n"
        )
    );
    assert_eq!(told, "1 connections, 9 bytes sent, 4 received; seed 0\n");
    assert_eq!(code, Some(0));
}

#[test]
fn a_connecting_peer_ends_with_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address").to_string();
    let peer = Running::start(&["tcp", "--connect", &addr, "--framing", "u16be", "--send", "ls"]);
    let (mut conn, from) = listener.accept().expect("the peer");
    assert_eq!(from, peer.addr());
    let mut frame = [0; 4];
    conn.read_exact(&mut frame).expect("a frame");
    assert_eq!(&frame, b"\0\x02ls");
    conn.shutdown(Shutdown::Write).expect("the end");
    let (lines, _, code) = peer.end();
    assert_eq!(lines, "#1 connected\n#1 sent 4 bytes \"\\0\\x02ls\"\n#1 the other side ended\n");
    assert_eq!(code, Some(0));
}

#[test]
fn times_and_digits_stand_beside_where_asked() {
    let mut peer = Running::start(&["udp", "--bind", "127.0.0.1:0", "--echo", "--times", "--hex"]);
    let us = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    us.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    us.send_to(b"ping", peer.addr()).expect("a send");
    let mut answer = [0; 16];
    assert_eq!(us.recv_from(&mut answer).expect("the echo"), (4, peer.addr()));
    let line = peer.line();
    let (time, what) = line.trim_start().split_once(' ').expect("a time");
    assert!(time.parse::<f64>().is_ok(), "{line}");
    let from = us.local_addr().expect("its address");
    assert_eq!(what, format!("#1 received 4 bytes \"ping\" from {from}\n"));
    assert_eq!(peer.line(), "    000000  70 69 6e 67                                      ping\n");
}

#[test]
fn unix_peers_have_paths() {
    if can_kind(Kind::UnixStream).is_err() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let name = path.to_str().expect("text");
    let server = Running::start(&["unix", "--listen", name, "--echo", "--once"]);
    assert_eq!(server.first, format!("listening on {name}\n"));
    let client = ["unix", "--connect", name, "--send", "ping", "--half-close-after", "4"];
    let client = Running::start(&client);
    assert_eq!(client.first, "connected\n");
    let (mut lines, ..) = server.end();
    assert!(lines.starts_with("#1 connected\n#1 received 4 bytes \"ping\"\n"), "{lines}");
    assert!(!path.exists(), "it is removed at the end");
    (lines, ..) = client.end();
    assert!(lines.contains("#1 received 4 bytes \"ping\"\n"), "{lines}");
}

#[test]
fn unix_datagram_peers_have_paths() {
    if can_kind(Kind::UnixDgram).is_err() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let name = path.to_str().expect("text");
    let mut bound = Running::start(&["unix-dgram", "--bind", name, "--echo"]);
    assert_eq!(bound.first, format!("bound to {name}\n"));
    let sender = ["unix-dgram", "--connect", name, "--send", "one", "--send", "two", "--drop", "1"];
    let mut sender = Running::start(&sender);
    assert!(sender.first.starts_with("connected from /"), "{}", sender.first);
    assert_eq!(bound.line(), "#1 received 3 bytes \"two\"\n");
    let told =
        ["#1 connected\n", "#1 dropped a datagram of 3 bytes\n", "#1 sent 3 bytes \"two\"\n"];
    assert!(told.iter().all(|line| sender.line() == *line));
    assert_eq!(sender.line(), "#1 received 3 bytes \"two\"\n", "the echo came back");
}

#[test]
fn ctrl_c_ends_it_and_says_what_was() {
    let mut peer = Running::start(&["tcp", "--listen", "127.0.0.1:0", "--echo"]);
    let mut client = client(peer.addr());
    client.write_all(b"ping").expect("a send");
    client.read_exact(&mut [0; 4]).expect("the echo");
    assert!(peer.line().starts_with("#1 connected from "));
    if !interrupt(&peer.child) {
        return;
    }
    assert_eq!(client.read(&mut [0; 4]).expect("an orderly end"), 0);
    let (lines, told, code) = peer.end();
    assert_eq!(lines, "#1 received 4 bytes \"ping\"\n#1 sent 4 bytes \"ping\"\n");
    assert_eq!(told, "1 connections, 4 bytes sent, 4 received; seed 0\n");
    assert_eq!(code, Some(0));
}

#[test]
fn a_trace_tells_when_a_peer_made_each_call() {
    let scenario = r#"title = "Three bytes, each alone"
sockets.server = { kind = "tcp4", listen = "loopback:0" }
peers.sender = { connect = "server", data = "abc", chunk = 1, gap = "1ms", then = "close" }
step = [ { server.accept = "conn" }, { conn.recv_to_eof = {}, expect = { end = "eof", data = "abc" } } ]
"#;
    let project = Project::new(&[("tcp/three", scenario)]);
    let ran = project.run(&["explain", "tcp/three", "--as", "trace"]);
    let sends: Vec<&str> =
        ran.stdout.lines().filter(|line| line.starts_with("sender.send_all(1 bytes)")).collect();
    assert_eq!(sends.len(), 3, "{ran}");
    assert!(sends[2].ends_with(" ms)"), "after two gaps of 1 ms: {ran}");
}

#[test]
fn what_cannot_be_is_said() {
    let project = Project::new(&[]);
    check!(project.run(&["peer", "tcp", "--connect", "192.0.2.1:9"]), @"
    ----- stderr
    error: 192.0.2.1:9 is not loopback: --allow-remote allows it
    ----- exit code 2
    ");
    check!(project.run(&["peer", "udp", "--bind", "127.0.0.1:0", "--to", "192.0.2.1:9"]), @"
    ----- stderr
    error: 192.0.2.1:9 is not loopback: --allow-remote allows it
    ----- exit code 2
    ");
    check!(project.run(&["peer", "tcp", "--listen", "127.0.0.1:0", "--send", "x", "--chunk", "9..3"]), @"
    ----- stderr
    error: failed to start a peer: chunks are at least 1 byte, and at most the most
    ----- exit code 2
    ");
    check!(project.run(&["peer", "tcp", "--listen", "127.0.0.1:0", "--gap", "5"]), @"
    ----- stderr
    error: invalid value '5' for '--gap <TIME>': a time with a unit: 200us, 5ms, 2s

    For more information, try '--help'.
    ----- exit code 2
    ");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = taken.local_addr().expect("its address").to_string();
    let ran = project.run(&["peer", "tcp", "--listen", &addr]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.stderr.contains(&format!("bind = EADDRINUSE on {addr}")), "{}", ran.stderr);
}
