//! What the kernel says of connections: `NETLINK_SOCK_DIAG`, `sock_diag(7)`.
//!
//! One exact look-up by addresses and ports, which also finds what has no descriptor any more
//! (`TIME_WAIT`, `FIN_WAIT_2`). Never a dump of the table, never a search by process. Where
//! `sock_diag` does not exist (gVisor), `proc_net` reads the table as text.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::bytes::{array, i32_at, u16_at, u32_at};
use super::{Address, Socket, answer, count, proc_net, tcp_info};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::platform::System;
use crate::tcp_state::TcpState;

/// `SOCK_DIAG_BY_FAMILY` of `linux/sock_diag.h`.
const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// `struct nlmsghdr`.
const HEADER: usize = 16;

/// `struct nlmsghdr` and `struct inet_diag_req_v2`.
const REQUEST: usize = HEADER + 56;

/// Where `struct inet_diag_sockid` stands in a request, and in an answer.
const REQUEST_ID: usize = HEADER + 8;
const ANSWER_ID: usize = HEADER + 4;

/// The system's table of TCP connections, as of the network namespace in which it was opened:
/// open it after [`isolate_thread`](super::isolate_thread), on the same thread.
#[derive(Debug)]
pub struct ConnectionTable(pub(super) Source);

#[derive(Debug)]
pub(super) enum Source {
    Diag(OwnedFd),
    Proc(proc_net::Tables),
}

impl ConnectionTable {
    /// Opens it. The error says what could not be read.
    pub fn open() -> Result<ConnectionTable, String> {
        let diag = open_diag().and_then(|diag| {
            // A kernel without tcp_diag answers ENOENT to everything, as it does for connections
            // that do not exist: a dump of no states tells them apart.
            let request = request(libc::NLM_F_DUMP, 0, any(), any());
            let mut answer = [0; 256];
            ask(&diag, &request, &mut answer)?;
            Ok(diag)
        });
        match diag {
            Ok(diag) => Ok(ConnectionTable(Source::Diag(diag))),
            Err(diag) => proc_net::Tables::open()
                .map(|tables| ConnectionTable(Source::Proc(tables)))
                .map_err(|proc| format!("no sock_diag ({diag}) and no /proc/net/tcp ({proc})")),
        }
    }

    /// The state of the connection between `local` and `remote`, as `local` sees it; without
    /// `remote`, of the listener on `local`. `None` where the table has none: the connection is
    /// closed, or `kind` is not TCP. The error says why the table cannot tell: read as text, it
    /// may lack connections whose descriptor is closed, so an absent one is not known to be gone.
    pub fn state(
        &self,
        kind: Kind,
        local: &Address,
        remote: Option<&Address>,
    ) -> Result<Option<TcpState>, String> {
        let remote = match (remote, remote.map(Address::as_socket)) {
            (_, Some(Some(remote))) => Some(remote),
            (None, _) => None,
            (Some(_), _) => return Ok(None),
        };
        let Some(local) = local.as_socket().filter(|_| kind.is_tcp()) else { return Ok(None) };
        match &self.0 {
            Source::Diag(diag) => look_up(diag, local, remote)
                .map_err(|errno| format!("sock_diag: {} ({})", errno.meaning(), errno.name())),
            Source::Proc(tables) => tables.state(local, remote),
        }
    }
}

/// Whether at least `wanted` connections wait on a listener to be accepted.
pub fn has_queued(listener: &Socket, wanted: usize) -> Result<bool, Errno> {
    let queued = queued_connections(listener)?;
    Ok(usize::try_from(queued).is_ok_and(|queued| queued >= wanted))
}

/// How many connections wait on a listener to be accepted: `tcpi_unacked` of its `TCP_INFO`.
///
/// Beside getsockopt's own errors, `EINVAL` where the socket does not listen (the field would
/// count its segments) and `EOPNOTSUPP` where the system fills in nothing (gVisor).
pub(super) fn queued_connections(listener: &Socket) -> Result<u32, Errno> {
    let mut info = [0; tcp_info::SND_CWND_AT + 4];
    listener.read_option(libc::IPPROTO_TCP, libc::TCP_INFO, &mut info)?;
    if TcpState::from_linux(info[0]) != Some(TcpState::Listen) {
        return Err(Errno::EINVAL);
    }
    // Linux gives every socket a congestion window; gVisor leaves all of a listener's at 0.
    match (u32_at(&info, tcp_info::UNACKED_AT), u32_at(&info, tcp_info::SND_CWND_AT)) {
        (Some(queued), Some(1..)) => Ok(queued),
        (_, _) => Err(Errno::EOPNOTSUPP),
    }
}

fn open_diag() -> Result<OwnedFd, Errno> {
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
    // SAFETY: takes numbers only.
    let raw = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_SOCK_DIAG) };
    // SAFETY: the call has just returned it; nobody else owns it.
    answer(raw).map(|raw| unsafe { OwnedFd::from_raw_fd(raw) })
}

fn look_up(
    diag: &OwnedFd,
    local: SocketAddr,
    remote: Option<SocketAddr>,
) -> Result<Option<TcpState>, Errno> {
    let request = request(0, u32::MAX, local, remote.unwrap_or(any_of(local)));
    let mut answer = [0; 1024];
    let len = match ask(diag, &request, &mut answer) {
        Err(Errno::ENOENT) => return Ok(None),
        other => other?,
    };
    let answer = &answer[..len];
    if u16_at(answer, 4) != Some(SOCK_DIAG_BY_FAMILY) {
        return Ok(None);
    }
    let state = answer.get(HEADER + 1).copied().and_then(TcpState::from_linux);
    // Where no connection has these addresses, the kernel goes on to whoever would receive its
    // next SYN: a listener, whose remote port is 0. That is not the connection asked for.
    let listener = array(answer, ANSWER_ID + 2) == Some(0_u16.to_be_bytes());
    Ok(state.filter(|_| remote.is_none() || !listener))
}

/// Sends a request, receives an answer: its length. An error message becomes the error.
fn ask(diag: &OwnedFd, request: &[u8; REQUEST], answer: &mut [u8]) -> Result<usize, Errno> {
    let raw = diag.as_raw_fd();
    // SAFETY: `request` is readable for its length.
    count(unsafe { libc::send(raw, request.as_ptr().cast(), request.len(), 0) })?;
    // The kernel has answered before send returned: this never waits.
    // SAFETY: `answer` has room for its length.
    let len = count(unsafe { libc::recv(raw, answer.as_mut_ptr().cast(), answer.len(), 0) })?;
    match (u16_at(answer, 4).map(i32::from), i32_at(answer, HEADER)) {
        (Some(libc::NLMSG_ERROR), Some(number)) if number != 0 => {
            Err(Errno::from_number(System::Linux, -number))
        }
        _ => Ok(len),
    }
}

/// `struct nlmsghdr`, then `struct inet_diag_req_v2`.
fn request(flags: i32, states: u32, local: SocketAddr, remote: SocketAddr) -> [u8; REQUEST] {
    /// `INET_DIAG_NOCOOKIE`: whichever socket it is.
    const NO_COOKIE: [u8; 8] = [0xff; 8];
    let mut bytes = [0; REQUEST];
    let mut put = |at: usize, what: &[u8]| bytes[at..at + what.len()].copy_from_slice(what);
    // All constants are below 2^16, and REQUEST is below 2^8.
    let short = |number: i32| u16::try_from(number).unwrap_or_default().to_ne_bytes();
    put(0, &u32::try_from(REQUEST).unwrap_or_default().to_ne_bytes());
    put(4, &SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    put(6, &short(libc::NLM_F_REQUEST | flags));
    let family = if local.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    put(HEADER, &[short(family)[usize::from(cfg!(target_endian = "big"))]]);
    put(HEADER + 1, &[short(libc::IPPROTO_TCP)[usize::from(cfg!(target_endian = "big"))]]);
    put(HEADER + 4, &states.to_ne_bytes());
    put(REQUEST_ID, &local.port().to_be_bytes());
    put(REQUEST_ID + 2, &remote.port().to_be_bytes());
    put_ip(&mut put, REQUEST_ID + 4, local.ip());
    put_ip(&mut put, REQUEST_ID + 20, remote.ip());
    if let SocketAddr::V6(local) = local {
        put(REQUEST_ID + 36, &local.scope_id().to_ne_bytes());
    }
    put(REQUEST_ID + 40, &NO_COOKIE);
    bytes
}

fn put_ip(put: &mut impl FnMut(usize, &[u8]), at: usize, ip: IpAddr) {
    match ip {
        IpAddr::V4(ip) => put(at, &ip.octets()),
        IpAddr::V6(ip) => put(at, &ip.octets()),
    }
}

fn any() -> SocketAddr {
    (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
}

fn any_of(local: SocketAddr) -> SocketAddr {
    if local.is_ipv4() { any() } else { (std::net::Ipv6Addr::UNSPECIFIED, 0).into() }
}
