//! The platform's own tests, for the first person with a Mac. They have been compiled, never run.
//!
//! What is POSIX is tested in `sys/unix/tests`.

use std::time::Instant;

use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::{Shape, Value};
use crate::platform::System;
use crate::sys::unix::tests::{PATIENCE, bound, connected, wait};
use crate::sys::{
    CLOSED_ASKED, ConnectionTable, Socket, current_thread_id, encode, ephemeral_ports, event_names,
    identify, interrupt, is_blocked, open_descriptors, resident_memory, sysctl, thread_count,
};

/// `FIONREAD` counts all that is queued, addresses included: `so_rcv.sb_cc` (`soo_ioctl` of
/// `bsd/kern/sys_socket.c`).
#[test]
fn two_datagrams_are_available_at_once() {
    let (target, to) = bound(Kind::Udp4);
    let (sender, _) = bound(Kind::Udp4);
    assert_eq!(sender.send_to(b"one", &to, 0), Ok(3));
    wait(&target, libc::POLLIN);
    assert_eq!(sender.send_to(b"three", &to, 0), Ok(5));
    let deadline = Instant::now() + PATIENCE;
    while target.available().is_ok_and(|bytes| bytes < 8) {
        assert!(Instant::now() < deadline, "the second never came");
        std::thread::yield_now();
    }
}

/// `POLLHUP` is asked for, and comes with the end of what the peer sends.
#[test]
fn a_peer_that_shut_down_has_hung_up() {
    let (_listener, client, server) = connected(Kind::Tcp4);
    assert_eq!((server.is_blocking(), server.kind()), (Ok(false), Some(Kind::Tcp4)));
    assert_eq!(client.shutdown(crate::sys::Shutdown::Write), Ok(()));
    assert_eq!(event_names(wait(&server, CLOSED_ASKED)), ["POLLHUP"]);
    assert_eq!(client.unsent(), Ok(0));
}

#[test]
fn a_unix_socket_without_a_name_has_none() {
    let (left, right) = Socket::pair(Kind::UnixDgram, false).expect("socketpair");
    assert!(left.local_addr().expect("getsockname").is_unnamed());
    assert_eq!(right.kind(), Some(Kind::UnixDgram));
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
    while !is_blocked(id, 0) {
        assert!(Instant::now() < deadline, "never seen asleep");
        std::thread::yield_now();
    }
    assert_eq!(interrupt(id, None), Ok(()));
    assert_eq!(thread.join().expect("no panic"), Err(Errno::EINTR));
    assert!(!is_blocked(id, 0));
    drop(left);
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
