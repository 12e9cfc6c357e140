//! The connection table: through a connection's life, by `sock_diag` and by text.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{bound, connected, listener, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::imp::proc_net::Tables;
use crate::sys::imp::table::{ConnectionTable, Source, queued_connections};
use crate::sys::{Address, Shutdown, Socket};
use crate::tcp_state::TcpState;

/// By both sources, so that each test holds for both; by text, what is absent is an error.
#[track_caller]
fn check(kind: Kind, local: &Address, remote: Option<&Address>, expected: Option<TcpState>) {
    let diag = ConnectionTable::open().expect("sock_diag");
    assert!(matches!(diag.0, Source::Diag(_)), "{diag:?}");
    assert_eq!(diag.state(kind, local, remote), Ok(expected), "{diag:?}");
    let text = ConnectionTable(Source::Proc(Tables::open().expect("/proc/net/tcp")));
    let state = text.state(kind, local, remote);
    match expected {
        None if remote.is_some() => assert!(state.is_err(), "{state:?}"),
        None | Some(_) => assert_eq!(state, Ok(expected), "{text:?}"),
    }
}

#[test]
fn a_connection_is_followed_to_time_wait() {
    for kind in [Kind::Tcp4, Kind::Tcp6] {
        let (listener, client, server) = connected(kind);
        let (here, there) =
            (client.local_addr().expect("name"), server.local_addr().expect("name"));
        check(kind, &there, None, Some(TcpState::Listen));
        check(kind, &here, Some(&there), Some(TcpState::Established));
        check(kind, &there, Some(&here), Some(TcpState::Established));
        server.shutdown(Shutdown::Write).expect("shutdown");
        wait(&client, libc::POLLRDHUP);
        check(kind, &here, Some(&there), Some(TcpState::CloseWait));
        client.close().expect("close");
        wait(&server, libc::POLLHUP);
        server.close().expect("close");
        check(kind, &there, Some(&here), Some(TcpState::TimeWait));
        check(kind, &here, Some(&there), None);
        drop(listener);
        check(kind, &there, None, None);
    }
}

#[test]
fn a_listener_is_not_mistaken_for_a_connection() {
    for kind in [Kind::Tcp4, Kind::Tcp6] {
        let (_listener, local) = listener(kind);
        let (_nobody, remote) = bound(kind);
        check(kind, &local, Some(&remote), None);
        check(kind, &remote, None, None);
        check(kind, &remote, Some(&local), None);
    }
    let (_socket, local) = bound(Kind::Udp4);
    check(Kind::Udp4, &local, None, None);
    check(Kind::UnixStream, &Address::unnamed(), None, None);
}

#[test]
fn a_mapped_connection_is_found_by_both_names() {
    let listener = Socket::open(Kind::Tcp6, false).expect("socket");
    let off = 0_i32.to_ne_bytes();
    listener.set_option(libc::SOL_IPV6, libc::IPV6_V6ONLY, &off).expect("IPV6_V6ONLY");
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    listener.bind(&any.into()).expect("bind");
    listener.listen(1).expect("listen");
    let local = listener.local_addr().expect("getsockname");
    check(Kind::Tcp6, &local, None, Some(TcpState::Listen));
    let port = local.as_socket().expect("an address").port();
    let plain = Address::from(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let client = Socket::open(Kind::Tcp4, false).expect("socket");
    assert_eq!(client.connect(&plain), Err(Errno::EINPROGRESS));
    wait(&listener, libc::POLLIN);
    let (server, from) = listener.accept(false).expect("accept");
    let mapped = server.local_addr().expect("getsockname");
    let own = client.local_addr().expect("getsockname");
    check(Kind::Tcp6, &mapped, Some(&from), Some(TcpState::Established));
    check(Kind::Tcp4, &plain, Some(&own), Some(TcpState::Established));
}

#[test]
fn waiting_connections_are_counted_and_the_next_waits_outside() {
    let (listener, address) = bound(Kind::Tcp4);
    listener.listen(0).expect("listen");
    assert_eq!(queued_connections(&listener), Ok(0));
    listener.listen(1).expect("listen");
    // A backlog of 1 holds 2: sk_acceptq_is_full() compares with "greater".
    let clients: Vec<Socket> = (0..3)
        .map(|_| {
            let client = Socket::open(Kind::Tcp4, false).expect("socket");
            assert_eq!(client.connect(&address), Err(Errno::EINPROGRESS));
            client
        })
        .collect();
    assert_eq!(queued_connections(&listener), Ok(2));
    let outside = clients[2].local_addr().expect("getsockname");
    check(Kind::Tcp4, &outside, Some(&address), Some(TcpState::SynSent));
    for (kind, errno) in [(Kind::UnixStream, Errno::EOPNOTSUPP), (Kind::Tcp4, Errno::EINVAL)] {
        let other = Socket::open(kind, false).expect("socket");
        assert_eq!(queued_connections(&other), Err(errno));
    }
}
