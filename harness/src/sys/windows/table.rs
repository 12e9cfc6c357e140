//! What the system says of connections: `GetExtendedTcpTable`, for IPv4 and IPv6.
//!
//! Reads the whole table for each question: there is no look-up of one connection. It also has
//! those that no socket owns any more (`TIME_WAIT`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, TCP_TABLE_OWNER_PID_ALL,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};

use super::bytes::{array, u32_at};
use super::machine::wine_version;
use super::socket::int;
use super::{Address, SYSTEM, Socket};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::tcp_state::TcpState;

/// The system's table of TCP connections.
#[derive(Debug)]
pub struct ConnectionTable {
    /// Whether only connections that a socket holds are in it. So it is on Wine 10, as tried:
    /// `FIN_WAIT_2` after a close, `TIME_WAIT` and what waits to be accepted are absent.
    sockets_only: bool,
}

/// A row of either table.
struct Row {
    local: SocketAddr,
    remote: SocketAddr,
    state: Option<TcpState>,
}

impl ConnectionTable {
    /// Opens it. The error says what could not be read.
    pub fn open() -> Result<ConnectionTable, String> {
        let sockets_only = wine_version().is_some();
        read(AF_INET, &mut Vec::new()).map(|()| ConnectionTable { sockets_only })
    }

    /// The state of the connection between `local` and `remote`, as `local` sees it; without
    /// `remote`, of the listener on `local`. `None` where the table has none: the connection is
    /// closed, or `kind` is not TCP. The error says why the table cannot tell.
    pub fn state(
        &self,
        kind: Kind,
        local: &Address,
        remote: Option<&Address>,
    ) -> Result<Option<TcpState>, String> {
        let remote = match (remote, remote.map(Address::as_socket)) {
            (_, Some(Some(remote))) => Some(plain(remote)),
            (None, _) => None,
            (Some(_), _) => return Ok(None),
        };
        let Some(local) = local.as_socket().filter(|_| kind.is_tcp()) else { return Ok(None) };
        let local = plain(local);
        let found = rows()?.into_iter().find(|row| {
            let listens = row.state == Some(TcpState::Listen);
            let same = remote.map_or(listens, |remote| row.remote == remote && !listens);
            same && row.local == local
        });
        match (found, remote) {
            (None, Some(_)) if self.sockets_only => {
                Err("this system lists no connection without a socket".to_owned())
            }
            // CLOSED is "no connection state at all", RFC 9293: a socket that was reset.
            (found, _) => {
                Ok(found.and_then(|row| row.state).filter(|state| *state != TcpState::Closed))
            }
        }
    }
}

/// Whether at least `wanted` connections, two or more, wait on a listener to be accepted, as far as
/// the table tells: those of its address and port. Connections already accepted from it stand there
/// alike and are counted too. `WSAEOPNOTSUPP` where the table has only sockets, or fewer are wanted:
/// readiness tells that better.
pub fn has_queued(listener: &Socket, wanted: usize) -> Result<bool, Errno> {
    let local = listener.local_addr()?.as_socket().map(plain).ok_or(Errno::EOPNOTSUPP)?;
    if wanted <= 1 || wine_version().is_some() {
        return Err(Errno::EOPNOTSUPP);
    }
    let rows = rows().map_err(|_| Errno::EOPNOTSUPP)?;
    let open = |state| matches!(state, Some(TcpState::Established | TcpState::CloseWait));
    let same = |row: &&Row| {
        let ip = local.ip().is_unspecified() || row.local.ip() == local.ip();
        ip && row.local.port() == local.port() && open(row.state)
    };
    Ok(rows.iter().filter(same).count() >= wanted)
}

/// Both tables. Without IPv6 there is none of it.
fn rows() -> Result<Vec<Row>, String> {
    let mut bytes = Vec::new();
    read(AF_INET, &mut bytes)?;
    let mut rows = parse(&bytes, 24, row4);
    if read(AF_INET6, &mut bytes).is_ok() {
        rows.extend(parse(&bytes, 56, row6));
    }
    Ok(rows)
}

/// Reads one table. It may grow between being asked for its size and for itself.
fn read(family: u16, bytes: &mut Vec<u8>) -> Result<(), String> {
    const TRIES: usize = 8;
    bytes.resize(bytes.capacity().max(16 << 10), 0);
    for _ in 0..TRIES {
        let mut len = int(bytes.len()).cast_unsigned();
        // SAFETY: `bytes` has room for `len` bytes.
        let returned = unsafe {
            GetExtendedTcpTable(
                bytes.as_mut_ptr().cast(),
                &raw mut len,
                0,
                u32::from(family),
                TCP_TABLE_OWNER_PID_ALL,
                0,
            )
        };
        let len = usize::try_from(len).unwrap_or(0);
        match returned {
            NO_ERROR => return Ok(()),
            ERROR_INSUFFICIENT_BUFFER => bytes.resize(len.max(bytes.len()) * 2, 0),
            other => {
                let errno = Errno::from_number(SYSTEM, other.cast_signed());
                return Err(format!("GetExtendedTcpTable: {}", errno.spelling(SYSTEM)));
            }
        }
    }
    Err("GetExtendedTcpTable: the table grows faster than it can be read".to_owned())
}

/// A count, then as many rows.
fn parse(bytes: &[u8], size: usize, row: fn(&[u8]) -> Option<Row>) -> Vec<Row> {
    let count = u32_at(bytes, 0).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let rows = bytes.get(4..).unwrap_or_default().chunks_exact(size);
    rows.take(count).filter_map(row).collect()
}

/// `MIB_TCPROW_OWNER_PID`: state, local address and port, remote address and port, process.
fn row4(bytes: &[u8]) -> Option<Row> {
    let socket = |at| Some((Ipv4Addr::from(array::<4>(bytes, at)?), port(bytes, at + 4)?));
    let (local, remote) = (socket(4)?.into(), socket(12)?.into());
    Some(Row { local, remote, state: state(u32_at(bytes, 0)?) })
}

/// `MIB_TCP6ROW_OWNER_PID`: local address, scope and port, the remote's, state, process.
fn row6(bytes: &[u8]) -> Option<Row> {
    let socket = |at| {
        let ip = IpAddr::from(Ipv6Addr::from(array::<16>(bytes, at)?));
        Some(plain(SocketAddr::new(ip, port(bytes, at + 20)?)))
    };
    Some(Row { local: socket(0)?, remote: socket(24)?, state: state(u32_at(bytes, 48)?) })
}

/// A DWORD of which the first two bytes are the port in network order.
fn port(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Without flow label and scope, and as IPv4 where it is IPv4 in IPv6's clothes.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// `MIB_TCP_STATE_*` of `tcpmib.h`. 12, `DELETE_TCB`, is a connection on its way out.
fn state(number: u32) -> Option<TcpState> {
    match number {
        1 => Some(TcpState::Closed),
        2 => Some(TcpState::Listen),
        3 => Some(TcpState::SynSent),
        4 => Some(TcpState::SynReceived),
        5 => Some(TcpState::Established),
        6 => Some(TcpState::FinWait1),
        7 => Some(TcpState::FinWait2),
        8 => Some(TcpState::CloseWait),
        9 => Some(TcpState::Closing),
        10 => Some(TcpState::LastAck),
        11 => Some(TcpState::TimeWait),
        _ => None,
    }
}
