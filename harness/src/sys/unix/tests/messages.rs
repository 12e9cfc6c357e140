//! recvmsg(2) and sendmsg(2): parts, and descriptors beside them.

use std::io::{IoSlice, IoSliceMut};

use super::{bound, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::{Address, Ancillary, Control, Message, Received, Socket};

/// Sends it whole.
pub(in crate::sys) fn send(
    socket: &Socket,
    to: Option<&Address>,
    data: &[u8],
    control: &[Ancillary<'_>],
) {
    let message = Message { parts: &[IoSlice::new(data)], to, flags: 0, control };
    assert_eq!(socket.send_msg(&message), Ok(data.len()));
}

/// Waits for a message; `room` is for what travels beside it.
pub(in crate::sys) fn receive(socket: &Socket, room: usize) -> (Received, Vec<u8>) {
    wait(socket, libc::POLLIN);
    let mut data = vec![0; 64];
    let mut control = vec![0; room];
    let mut parts = [IoSliceMut::new(&mut data)];
    let message = socket.recv_msg(&mut parts, 0, &mut control).expect("recvmsg");
    data.truncate(message.len);
    (message, data)
}

#[test]
fn parts_are_gathered_and_scattered() {
    let (receiver, to) = bound(Kind::Udp6);
    let (sender, from) = bound(Kind::Udp6);
    let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdef")];
    let message = Message { parts: &parts, to: Some(&to), flags: 0, control: &[] };
    assert_eq!(sender.send_msg(&message), Ok(6));
    let (mut one, mut two) = ([0; 1], [0; 4]);
    let mut parts = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
    let message = receiver.recv_msg(&mut parts, 0, &mut []).expect("recvmsg");
    assert_eq!((message.len, message.from), (5, Some(from)));
    assert_eq!(message.flags, libc::MSG_TRUNC);
    assert_eq!((&one, &two), (b"a", b"bcde"));
    let empty = receiver.recv_msg(&mut [], 0, &mut []).map(|received| received.len);
    assert_eq!(empty, Err(Errno::EAGAIN));
}

#[test]
fn a_descriptor_passed_is_open_at_the_other_end() {
    let (left, right) = Socket::pair(Kind::UnixStream, false).expect("socketpair");
    let (passed, kept) = Socket::pair(Kind::UnixStream, false).expect("socketpair");
    send(&left, None, b"x", &[Ancillary::Rights(&[&passed, &passed])]);
    drop(passed);
    let (received, data) = receive(&right, 64);
    assert_eq!((data.as_slice(), received.flags), (b"x".as_slice(), 0));
    let [Control::Rights(sockets)] = received.control.as_slice() else {
        panic!("{:?}", received.control);
    };
    assert_eq!((sockets.len(), received.control[0].name()), (2, "SCM_RIGHTS"));
    assert_eq!(sockets[1].send(b"hi", 0), Ok(2));
    assert_eq!(kept.recv(&mut [0; 4], 0), Ok(2));
    drop(received);
    assert_eq!(kept.recv(&mut [0; 4], 0), Ok(0), "the last descriptor is closed");
}
