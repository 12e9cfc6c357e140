//! What every system is asked in the same way before a scenario runs.
//!
//! Tries things; changes nothing. Says why not, for the word after `skip`.

use std::net::{Ipv6Addr, SocketAddr};

use super::{Address, SYSTEM, Socket};
use crate::kind::Kind;

/// Whether `::1` can be bound. The error says why not.
pub fn can_ipv6() -> Result<(), String> {
    let loopback = Address::from(SocketAddr::from((Ipv6Addr::LOCALHOST, 0)));
    let socket = Socket::open(Kind::Udp6, false);
    socket
        .and_then(|socket| socket.bind(&loopback))
        .map_err(|errno| format!("::1 cannot be bound: {}", errno.spelling(SYSTEM)))
}

/// Whether a socket of that kind can be opened. The error says why not.
pub fn can_kind(kind: Kind) -> Result<(), String> {
    Socket::open(kind, false)
        .map(drop)
        .map_err(|errno| format!("{kind} sockets cannot be opened: {}", errno.spelling(SYSTEM)))
}
