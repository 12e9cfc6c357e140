//! What hosts as written mean to a socket, and how addresses are told of.
//!
//! Next: `names.rs`, which knows whose address is whose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::address::Host;
use crate::kind::{Family, Kind};
use crate::sys;

/// Whether it is a socket's own, and others may find it there.
pub fn is_bound(address: &sys::Address) -> bool {
    match address.as_socket() {
        Some(address) => address.port() != 0,
        None => !address.is_unnamed() && !address.is_empty(),
    }
}

/// A wildcard is where one listens, not where one connects to: the name of a socket bound to it
/// stands for loopback, of the family of whoever asks. (`any:NAME` is the wildcard itself.)
pub fn reachable(address: &sys::Address, kind: Kind) -> sys::Address {
    match address.as_socket() {
        Some(live) if live.ip().is_unspecified() => {
            sys::Address::from(SocketAddr::new(ip(Host::Loopback, kind), live.port()))
        }
        _ => *address,
    }
}

/// A host as written, for a socket of `kind`.
pub fn ip(host: Host, kind: Kind) -> IpAddr {
    let v6 = kind.family() == Family::Inet6;
    match host {
        Host::Loopback if v6 => Ipv6Addr::LOCALHOST.into(),
        Host::Loopback => Ipv4Addr::LOCALHOST.into(),
        Host::Any if v6 => Ipv6Addr::UNSPECIFIED.into(),
        Host::Any => Ipv4Addr::UNSPECIFIED.into(),
        Host::Ip(ip) => ip,
    }
}

/// The same back.
pub fn show_host(ip: IpAddr) -> String {
    if ip == IpAddr::V4(Ipv4Addr::LOCALHOST) || ip == IpAddr::V6(Ipv6Addr::LOCALHOST) {
        return "loopback".to_owned();
    }
    if ip.is_unspecified() { "any".to_owned() } else { Host::Ip(ip).to_string() }
}
