//! Tests of what is POSIX: real sockets on loopback, port 0 always, no sleeps.
//!
//! Here the helpers; the cases are in the files named after the subject. What a system does in its
//! own way is tested in its folder.

pub(in crate::sys) mod messages;
mod sockets;

use std::net::SocketAddr;
use std::time::Duration;

use crate::errno::Errno;
use crate::kind::{Family, Kind};
use crate::sys::{Address, PollFd, Socket, poll};

/// Long enough for any loopback event on a busy machine; reaching it is a failure.
pub(in crate::sys) const PATIENCE: Duration = Duration::from_secs(10);

/// `127.0.0.1:0` or `[::1]:0`.
pub(in crate::sys) fn loopback(kind: Kind) -> Address {
    let text = if kind.family() == Family::Inet6 { "[::1]:0" } else { "127.0.0.1:0" };
    text.parse::<SocketAddr>().expect("an address").into()
}

pub(in crate::sys) fn bound(kind: Kind) -> (Socket, Address) {
    let socket = Socket::open(kind, false).expect("socket");
    socket.bind(&loopback(kind)).expect("bind");
    let address = socket.local_addr().expect("getsockname");
    (socket, address)
}

pub(in crate::sys) fn listener(kind: Kind) -> (Socket, Address) {
    let (socket, address) = bound(kind);
    socket.listen(8).expect("listen");
    (socket, address)
}

/// A listener, a connected client, and what the listener accepted.
pub(in crate::sys) fn connected(kind: Kind) -> (Socket, Socket, Socket) {
    let (listener, address) = listener(kind);
    let client = Socket::open(kind, false).expect("socket");
    assert_eq!(client.connect(&address), Err(Errno::EINPROGRESS));
    wait(&listener, libc::POLLIN);
    let (server, from) = listener.accept(false).expect("accept");
    assert_eq!(from, client.local_addr().expect("getsockname"));
    (listener, client, server)
}

pub(in crate::sys) fn wait(socket: &Socket, events: i16) -> i16 {
    let mut one = [PollFd::new(socket.raw(), events)];
    assert_eq!(poll(&mut one, Some(PATIENCE)), Ok(1), "nothing happened");
    one[0].revents
}
