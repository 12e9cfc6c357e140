//! The calls without ancillary data.

use std::time::{Duration, Instant};

use super::{PATIENCE, bound, connected, listener, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::imp::names::EVENTS;
use crate::sys::{
    CLOSED_ASKED, CLOSED_SIGNS, PollFd, Shutdown, Socket, Waker, event, event_names, level_number,
    message_flag, message_flag_names, poll,
};

#[test]
fn a_stream_carries_bytes_and_ends() {
    for kind in [Kind::Tcp4, Kind::Tcp6] {
        let (_listener, client, server) = connected(kind);
        let mut buffer = [0; 16];
        assert_eq!(server.recv(&mut buffer, 0), Err(Errno::EAGAIN));
        assert_eq!(client.send(b"hello", 0), Ok(5));
        wait(&server, libc::POLLIN);
        assert_eq!(server.available(), Ok(5));
        assert_eq!(server.recv(&mut buffer, libc::MSG_PEEK), Ok(5));
        assert_eq!(server.recv_from(&mut buffer, 0), Ok((5, None)));
        assert_eq!(&buffer[..5], b"hello");
        assert_eq!(client.shutdown(Shutdown::Write), Ok(()));
        assert_ne!(wait(&server, CLOSED_ASKED) & CLOSED_SIGNS, 0);
        assert_eq!(server.recv(&mut buffer, 0), Ok(0));
        assert_eq!(client.send(b"more", 0), Err(Errno::EPIPE));
        assert_eq!(client.peer_addr(), server.local_addr());
        assert_eq!(server.close(), Ok(()));
    }
}

#[test]
fn a_closed_socket_is_no_descriptor_any_more() {
    let (left, right) = Socket::pair(Kind::UnixStream, false).expect("socketpair");
    assert_eq!(left.close(), Ok(()));
    assert_eq!(right.recv(&mut [0; 4], 0), Ok(0));
    assert_eq!(left.close(), Err(Errno::EBADF));
    assert_eq!(left.recv(&mut [0; 4], 0), Err(Errno::EBADF));
    assert_eq!(left.raw(), -1);
}

#[test]
fn a_second_bind_and_a_refused_connect_are_told_apart() {
    let (_first, address) = listener(Kind::Tcp4);
    let second = Socket::open(Kind::Tcp4, false).expect("socket");
    assert_eq!(second.bind(&address), Err(Errno::EADDRINUSE));
    let (free, nobody) = bound(Kind::Tcp4);
    // Without waiting, the answer is EINPROGRESS even where the refusal is there already.
    let client = Socket::open(Kind::Tcp4, true).expect("socket");
    assert_eq!(client.connect(&nobody), Err(Errno::ECONNREFUSED));
    drop(free);
}

#[test]
fn a_wait_ends_in_time_or_when_woken() {
    let (socket, _) = bound(Kind::Udp4);
    let mut one = [PollFd::new(socket.raw(), libc::POLLIN), PollFd::new(-1, libc::POLLIN)];
    let limit = Duration::from_micros(300);
    let begun = Instant::now();
    assert_eq!(poll(&mut one, Some(limit)), Ok(0));
    assert!(begun.elapsed() >= limit);
    let waker = std::sync::Arc::new(Waker::new().expect("a waker"));
    assert!(!waker.drain());
    let other = std::sync::Arc::clone(&waker);
    let thread = std::thread::spawn(move || other.wake());
    let mut two = [PollFd::new(socket.raw(), libc::POLLIN), PollFd::new(waker.raw(), libc::POLLIN)];
    assert_eq!(poll(&mut two, Some(PATIENCE)), Ok(1));
    assert_eq!((two[0].revents, two[1].revents), (0, libc::POLLIN));
    assert!(waker.drain() && !waker.drain());
    thread.join().expect("no panic");
}

#[test]
fn names_and_bits_agree() {
    for name in crate::flags::MESSAGE {
        if let Some(bits) = message_flag(name) {
            assert_eq!(message_flag_names(bits), [name]);
        }
    }
    for (name, bits) in EVENTS {
        assert_eq!((event(name), event_names(*bits)), (Some(*bits), vec![*name]));
    }
    assert_eq!(message_flag("MSG_PARTIAL"), None);
    assert_eq!(level_number("IPPROTO_TCP"), Some(6));
}
