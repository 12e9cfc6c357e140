//! The platform's own tests, for the first person with a Mac: real sockets on loopback, port 0
//! always, no sleeps.
//!
//! They have been compiled, never run. What Linux's tests check of POSIX is checked here too.

use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::{Shape, Value};
use crate::platform::System;
use crate::sys::{
    Address, Ancillary, ConnectionTable, Control, Message, PollFd, Socket, Waker,
    current_thread_id, encode, ephemeral_ports, event_names, identify, interrupt, is_blocked,
    open_descriptors, poll, resident_memory, sysctl, thread_count,
};

/// Long enough for any loopback event on a busy machine; reaching it is a failure.
const PATIENCE: Duration = Duration::from_secs(10);

fn bound(kind: Kind) -> (Socket, Address) {
    let socket = Socket::open(kind, false).expect("socket");
    let loopback: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    socket.bind(&loopback.into()).expect("bind");
    let address = socket.local_addr().expect("getsockname");
    (socket, address)
}

fn wait(socket: &Socket, events: i16) -> i16 {
    let mut one = [PollFd::new(socket.raw(), events)];
    assert_eq!(poll(&mut one, Some(PATIENCE)), Ok(1), "nothing happened");
    one[0].revents
}

/// The datagram is cut and `MSG_TRUNC` says so, as recv(2) has it.
#[test]
fn a_datagram_arrives_and_is_cut() {
    let (target, to) = bound(Kind::Udp4);
    let (sender, from) = bound(Kind::Udp4);
    assert_eq!(sender.send_to(b"hello", &to, 0), Ok(5));
    wait(&target, libc::POLLIN);
    let mut buffer = [0; 3];
    let received =
        target.recv_msg(&mut [IoSliceMut::new(&mut buffer)], 0, &mut []).expect("a datagram");
    assert_eq!((received.len, received.from, received.flags), (3, Some(from), libc::MSG_TRUNC));
    assert_eq!(target.recv(&mut [0; 3], 0), Err(Errno::EAGAIN));
}

#[test]
fn a_connection_begins_and_ends() {
    let (listener, address) = bound(Kind::Tcp4);
    listener.listen(8).expect("listen");
    let client = Socket::open(Kind::Tcp4, false).expect("socket");
    assert_eq!(client.connect(&address), Err(Errno::EINPROGRESS));
    wait(&listener, libc::POLLIN);
    let (server, from) = listener.accept(false).expect("accept");
    assert_eq!(from, client.local_addr().expect("getsockname"));
    assert_eq!((server.is_blocking(), server.kind()), (Ok(false), Some(Kind::Tcp4)));
    assert_eq!(client.send(b"hello", 0), Ok(5));
    drop(client);
    wait(&server, libc::POLLIN);
    assert_eq!(server.recv(&mut [0; 8], 0), Ok(5));
    let events = wait(&server, libc::POLLIN | libc::POLLHUP);
    assert_eq!(event_names(events), ["POLLIN", "POLLHUP"]);
    assert_eq!(server.recv(&mut [0; 8], 0), Ok(0));
}

#[test]
fn descriptors_travel_and_unbound_senders_have_no_name() {
    let (left, right) = Socket::pair(Kind::UnixDgram, false).expect("socketpair");
    assert!(left.local_addr().expect("getsockname").is_unnamed());
    let (passed, address) = bound(Kind::Udp4);
    let parts = [std::io::IoSlice::new(b"x")];
    let control = [Ancillary::Rights(&[&passed])];
    let message = Message { parts: &parts, to: None, flags: 0, control: &control };
    assert_eq!(left.send_msg(&message), Ok(1));
    wait(&right, libc::POLLIN);
    let mut room = [0; 64];
    let received =
        right.recv_msg(&mut [IoSliceMut::new(&mut [0; 8])], 0, &mut room).expect("a message");
    let [Control::Rights(sockets)] = received.control.as_slice() else {
        panic!("{:?}", received.control);
    };
    assert_eq!(sockets[0].local_addr(), Ok(address));
}

#[test]
fn a_blocking_call_is_seen_and_interrupted() {
    let (left, right) = Socket::pair(Kind::UnixStream, true).expect("socketpair");
    let (tell, hear) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        tell.send(current_thread_id()).expect("a listener");
        right.recv(&mut [0; 4], 0)
    });
    let id = hear.recv().expect("an id");
    let deadline = Instant::now() + PATIENCE;
    while !is_blocked(id) {
        assert!(Instant::now() < deadline, "never seen asleep");
        std::thread::yield_now();
    }
    assert_eq!(interrupt(id, None), Ok(()));
    assert_eq!(thread.join().expect("no panic"), Err(Errno::EINTR));
    assert!(!is_blocked(id));
    drop(left);
}

#[test]
fn a_wait_ends_from_another_thread() {
    let waker = Waker::new().expect("a pipe");
    assert!(!waker.drain());
    waker.wake();
    let mut one = [PollFd::new(waker.raw(), libc::POLLIN)];
    assert_eq!(poll(&mut one, Some(PATIENCE)), Ok(1));
    assert!(waker.drain() && !waker.drain());
}

#[test]
fn the_machine_is_known() {
    let platform = identify();
    assert_eq!(platform.system, System::Macos);
    assert!(platform.release.contains('('), "{platform:?}");
    assert!(ephemeral_ports().is_some_and(|(first, last)| first < last));
    assert_eq!(sysctl("net.inet.no.such"), None);
    assert!(resident_memory().is_some_and(|bytes| bytes > 0));
    assert!(open_descriptors() >= 3 && thread_count() >= 1);
    assert!(ConnectionTable::open().is_err());
}

#[test]
fn a_timeout_is_a_timeval() {
    let bytes = encode(Shape::Timeout, &Value::Text("1500ms".to_owned())).expect("a timeout");
    assert_eq!(bytes.len(), size_of::<libc::timeval>());
    assert_eq!((bytes[0], &bytes[8..12]), (1, &500_000_i32.to_ne_bytes()[..]));
}
