//! recvmsg(2) and sendmsg(2): parts, flags, ancillary data.

use std::io::{IoSlice, IoSliceMut};

use super::{bound, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::{Shape, Value};
use crate::sys::{
    Address, Ancillary, Control, Credentials, Message, Received, Socket, encode, group_id,
    option_number, process_id, user_id,
};

fn switch_on(socket: &Socket, name: &str) {
    let (level, number) = option_number(name).expect(name);
    let on = encode(Shape::Bool, &Value::Bool(true)).expect("a bool");
    socket.set_option(level, number, &on).expect(name);
}

fn send(socket: &Socket, to: Option<&Address>, data: &[u8], control: &[Ancillary<'_>]) {
    let message = Message { parts: &[IoSlice::new(data)], to, flags: 0, control };
    assert_eq!(socket.send_msg(&message), Ok(data.len()));
}

fn receive(socket: &Socket, room: usize) -> (Received, Vec<u8>) {
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

#[test]
fn a_descriptor_without_room_is_dropped_and_said() {
    let (left, right) = Socket::pair(Kind::UnixDgram, false).expect("socketpair");
    send(&left, None, b"x", &[Ancillary::Rights(&[&left])]);
    let (received, _) = receive(&right, 0);
    assert_eq!((received.flags, received.control.len()), (libc::MSG_CTRUNC, 0));
}

#[test]
fn credentials_arrive_given_or_not() {
    let (left, right) = Socket::pair(Kind::UnixDgram, false).expect("socketpair");
    switch_on(&right, "SO_PASSCRED");
    let own = Credentials { pid: process_id(), uid: user_id(), gid: group_id() };
    for control in [&[] as &[Ancillary<'_>], &[Ancillary::Credentials(own)]] {
        send(&left, None, b"x", control);
        let (received, _) = receive(&right, 64);
        assert!(matches!(received.control[..], [Control::Credentials(sent)] if sent == own));
    }
}

#[test]
fn a_datagram_tells_how_it_came() {
    let (receiver, to) = bound(Kind::Udp4);
    for name in ["IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS", "SO_TIMESTAMPNS", "SO_RXQ_OVFL"] {
        switch_on(&receiver, name);
    }
    let (sender, _) = bound(Kind::Udp4);
    let ttl = 7_i32.to_ne_bytes();
    let other = Ancillary::Other { level: libc::SOL_IP, kind: libc::IP_TTL, data: &ttl };
    send(&sender, Some(&to), b"x", &[other]);
    let (message, _) = receive(&receiver, 256);
    let mut names: Vec<_> = message.control.iter().map(Control::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["IP_PKTINFO", "IP_TOS", "IP_TTL", "SCM_TIMESTAMPNS"]);
    assert!(message.control.iter().any(
        |one| matches!(one, Control::Pktinfo4 { destination, .. } if destination.is_loopback())
    ));
    let is_ttl = |one: &Control| matches!(one, Control::Number { name: "IP_TTL", value: 7 });
    assert!(message.control.iter().any(is_ttl));
}

#[test]
fn ipv6_tells_as_much() {
    let (receiver, to) = bound(Kind::Udp6);
    for name in ["IPV6_RECVPKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS", "SO_TIMESTAMP"] {
        switch_on(&receiver, name);
    }
    let (sender, _) = bound(Kind::Udp6);
    send(&sender, Some(&to), b"x", &[]);
    let (message, _) = receive(&receiver, 256);
    let mut names: Vec<_> = message.control.iter().map(Control::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["IPV6_HOPLIMIT", "IPV6_PKTINFO", "IPV6_TCLASS", "SCM_TIMESTAMP"]);
}

#[test]
fn the_error_queue_names_the_error_and_who_reported_it() {
    for (kind, option) in [(Kind::Udp4, "IP_RECVERR"), (Kind::Udp6, "IPV6_RECVERR")] {
        let (gone, nobody) = bound(kind);
        drop(gone);
        let (sender, _) = bound(kind);
        switch_on(&sender, option);
        assert_eq!(sender.send_to(b"lost", &nobody, 0), Ok(4));
        wait(&sender, 0);
        let (mut data, mut control) = ([0; 16], [0; 256]);
        let mut parts = [IoSliceMut::new(&mut data)];
        let received =
            sender.recv_msg(&mut parts, libc::MSG_ERRQUEUE, &mut control).expect("a report");
        assert_eq!((received.len, received.from), (4, Some(nobody)));
        assert_ne!(received.flags & libc::MSG_ERRQUEUE, 0);
        let [Control::RecvErr { name, errno, offender, .. }] = received.control.as_slice() else {
            panic!("{:?}", received.control);
        };
        assert_eq!((*name, *errno), (option, Some(Errno::ECONNREFUSED)));
        let offender = offender.as_ref().and_then(|one| one.as_socket()).expect("an address");
        assert!(offender.ip().is_loopback());
    }
}
