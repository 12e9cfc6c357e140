//! recvmsg(2) and sendmsg(2): parts, flags, ancillary data.

use std::io::IoSliceMut;

use super::{bound, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::{Shape, Value};
use crate::sys::unix::tests::messages::{receive, send};
use crate::sys::{
    Ancillary, Control, Credentials, Socket, encode, group_id, option_number, process_id, user_id,
};

fn switch_on(socket: &Socket, name: &str) {
    let (level, number) = option_number(name).expect(name);
    let on = encode(Shape::Bool, &Value::Bool(true)).expect("a bool");
    socket.set_option(level, number, &on).expect(name);
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

#[test]
fn a_descriptor_without_room_is_dropped_and_said() {
    let (left, right) = Socket::pair(Kind::UnixDgram, false).expect("socketpair");
    send(&left, None, b"x", &[Ancillary::Rights(&[&left])]);
    let (received, _) = receive(&right, 0);
    assert_eq!((received.flags, received.control.len()), (libc::MSG_CTRUNC, 0));
}
