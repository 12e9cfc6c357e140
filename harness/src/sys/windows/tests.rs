//! The platform's own tests: real sockets on loopback, port 0 always, no sleeps. Each holds on
//! Windows as documented and on Wine 10 as tried.

use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{Address, CONNECTING, CUT, POLLIN, PollFd, Socket, Waker, poll, select};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::{Shape, Value};
use crate::platform::System;
use crate::sys::{
    ConnectionTable, current_thread_id, decode, encode, event, event_names, identify, interrupt,
    is_blocked, message_flag_names, open_descriptors, option_number, resident_memory, thread_count,
};
use crate::tcp_state::TcpState;

/// Long enough for any loopback event on a busy machine; reaching it is a failure.
const PATIENCE: Duration = Duration::from_secs(10);

fn bound(kind: Kind, blocking: bool) -> (Socket, Address) {
    let text = if matches!(kind, Kind::Tcp6 | Kind::Udp6) { "[::1]:0" } else { "127.0.0.1:0" };
    let socket = Socket::open(kind, blocking).expect("socket");
    socket.bind(&text.parse::<SocketAddr>().expect("an address").into()).expect("bind");
    let address = socket.local_addr().expect("getsockname");
    (socket, address)
}

fn wait(socket: &Socket, events: i16) -> i16 {
    let mut one = [PollFd::new(socket.raw(), events)];
    assert_eq!(poll(&mut one, Some(PATIENCE)), Ok(1), "nothing happened");
    one[0].revents
}

#[test]
fn a_connection_is_made_and_seen_in_the_table() {
    for kind in [Kind::Tcp4, Kind::Tcp6] {
        let (listener, there) = bound(kind, false);
        listener.listen(8).expect("listen");
        let client = Socket::open(kind, false).expect("socket");
        assert_eq!(client.connect(&there), Err(CONNECTING));
        wait(&listener, POLLIN);
        let (server, from) = listener.accept(false).expect("accept");
        let here = client.local_addr().expect("getsockname");
        assert_eq!(from, here);
        let table = ConnectionTable::open().expect("a table");
        assert_eq!(table.state(kind, &there, None), Ok(Some(TcpState::Listen)));
        let state = table.state(kind, &here, Some(&there));
        assert_eq!(state, Ok(Some(TcpState::Established)));
        assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::EAGAIN));
        assert_eq!(client.send(b"HELLO", 0), Ok(5));
        assert_eq!(event_names(wait(&server, POLLIN)), ["POLLIN"]);
        assert_eq!(server.recv(&mut [0; 16], 0), Ok(5));
        client.close().expect("closesocket");
        wait(&server, POLLIN);
        assert_eq!(server.recv(&mut [0; 16], 0), Ok(0));
        assert!(client.send(b"x", 0).is_err_and(|errno| errno.name() == "ENOTSOCK"));
    }
}

#[test]
fn a_datagram_that_does_not_fit_is_an_error_and_bytes() {
    let (rx, there) = bound(Kind::Udp4, false);
    let (tx, here) = bound(Kind::Udp4, false);
    for room in [0, 64] {
        assert_eq!(tx.send_to(b"HELLO", &there, 0), Ok(5));
        wait(&rx, POLLIN);
        let (mut buffer, mut control) = ([0; 3], vec![0; room]);
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let received = rx.recv_msg(&mut parts, 0, &mut control).expect("bytes");
        assert_eq!((received.len, received.error, received.from), (3, CUT, Some(here)));
        assert_eq!(&buffer, b"HEL");
    }
    assert_eq!(tx.send_to(b"HELLO", &there, 0), Ok(5));
    wait(&rx, POLLIN);
    let mut buffer = [0; 3];
    assert_eq!(rx.recv(&mut buffer, 0).err(), CUT);
    assert_eq!(&buffer, b"HEL");
}

#[test]
fn a_blocking_call_is_seen_and_cancelled() {
    let (rx, _) = bound(Kind::Udp4, true);
    let rx = std::sync::Arc::new(rx);
    let (tell, hear) = std::sync::mpsc::channel();
    let theirs = std::sync::Arc::clone(&rx);
    let thread = std::thread::spawn(move || {
        tell.send(current_thread_id()).expect("a listener");
        theirs.recv(&mut [0; 4], 0)
    });
    let id = hear.recv().expect("an id");
    let deadline = Instant::now() + PATIENCE;
    // Before anybody has looked for long enough, a system that tells nothing is not guessed at.
    assert!(!is_blocked(id, 0));
    let mut looks = 0;
    while !is_blocked(id, looks) {
        looks += 1;
        assert!(Instant::now() < deadline, "never seen asleep");
        std::thread::yield_now();
    }
    while !thread.is_finished() {
        assert!(Instant::now() < deadline, "never cancelled");
        let _ = interrupt(id, Some(&rx));
        std::thread::yield_now();
    }
    assert!(thread.join().expect("no panic").is_err());
}

#[test]
fn select_tells_each_set() {
    let (rx, _) = bound(Kind::Udp4, false);
    rx.connect(&rx.local_addr().expect("getsockname")).expect("connect");
    assert_eq!(select(rx.raw(), [true, true, true], Duration::ZERO), Ok([false, true, false]));
    assert_eq!(select(rx.raw(), [true, false, true], Duration::ZERO), Ok([false; 3]));
    rx.send(b"x", 0).expect("send");
    wait(&rx, POLLIN);
    assert_eq!(select(rx.raw(), [true, true, true], Duration::ZERO), Ok([true, true, false]));
    assert_eq!(select(rx.raw(), [false; 3], Duration::ZERO), Err(Errno::EINVAL));
}

#[test]
fn a_request_is_set_like_an_option() {
    let (rx, _) = bound(Kind::Udp4, false);
    let (level, number) = option_number("SIO_UDP_CONNRESET").expect("a request");
    assert_eq!(rx.set_option(level, number, &0_i32.to_ne_bytes()), Ok(()));
    assert!(rx.get_option(level, 12345, 4).is_err());
}

#[test]
fn a_waker_wakes_once() {
    let waker = Waker::new().expect("a waker");
    assert!(!waker.drain());
    waker.wake();
    waker.wake();
    let mut one = [PollFd::new(waker.raw(), POLLIN)];
    assert_eq!(poll(&mut one, Some(PATIENCE)), Ok(1));
    assert!(waker.drain());
    assert_eq!(poll(&mut one, Some(Duration::ZERO)), Ok(0));
    assert_eq!(poll(&mut [], Some(Duration::from_millis(1))), Ok(0));
}

#[test]
fn values_have_the_layout_of_windows() {
    let text = |text: &str| Value::Text(text.to_owned());
    let linger = encode(Shape::Linger, &Value::Int(3));
    assert_eq!(linger, Ok(vec![1, 0, 3, 0]));
    assert_eq!(decode(Shape::Linger, &[1, 0, 3, 0]).field("l_linger"), Some(&Value::Int(3)));
    let timeout = encode(Shape::Timeout, &text("1500ms")).expect("a timeout");
    assert_eq!(timeout, 1500_u32.to_ne_bytes());
    assert_eq!(encode(Shape::Timeout, &text("1us")), Ok(vec![1, 0, 0, 0]));
    assert_eq!(decode(Shape::Timeout, &timeout), text("1500ms"));
    let source = Value::Record(vec![
        ("imr_multiaddr".to_owned(), text("224.0.0.1")),
        ("imr_interface".to_owned(), text("127.0.0.1")),
        ("imr_sourceaddr".to_owned(), text("10.0.0.1")),
    ]);
    let bytes = encode(Shape::SourceMembership4, &source).expect("a membership");
    assert_eq!(bytes, [224, 0, 0, 1, 10, 0, 0, 1, 127, 0, 0, 1]);
    assert_eq!(decode(Shape::Error, &10040_i32.to_ne_bytes()), text("EMSGSIZE"));
}

#[test]
fn an_option_is_set_and_read() {
    let (socket, _) = bound(Kind::Tcp4, false);
    let (level, number) = option_number("SO_RCVTIMEO").expect("an option");
    assert_eq!(socket.set_option(level, number, &700_u32.to_ne_bytes()), Ok(()));
    let read = socket.get_option(level, number, 4).expect("getsockopt");
    assert_eq!(read, 700_u32.to_ne_bytes());
    assert_eq!(option_number("TCP_CORK"), None);
}

#[test]
fn names_are_winsocks() {
    assert_eq!((event("POLLIN"), event("POLLRDHUP")), (Some(0x300), None));
    assert_eq!(event_names(0x100 | 0x10 | 2), ["POLLIN", "POLLOUT", "POLLHUP"]);
    assert_eq!(message_flag_names(0x8000 | 2), ["MSG_PEEK", "MSG_PARTIAL"]);
}

#[test]
fn the_machine_tells_what_it_is() {
    let platform = identify();
    assert_eq!(platform.system, System::Windows);
    assert!(platform.release.chars().next().is_some_and(|c| c.is_ascii_digit()), "{platform:?}");
    assert!(resident_memory().is_some_and(|bytes| bytes > 1 << 16));
    // Wine's GetProcessHandleCount says 0, so only that it can be asked.
    let _ = open_descriptors();
    assert!(thread_count() > 0);
}
