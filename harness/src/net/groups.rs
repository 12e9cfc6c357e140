//! Keeps what is sent to a multicast group on this machine.
//!
//! A group is nobody's address: the system chooses the interface, and would take one that leads
//! out. So a socket that sends to a group has to be told to use loopback first, and is asked.

use std::net::{IpAddr, Ipv4Addr};

use crate::op::Op;
use crate::option::{Shape, Value};
use crate::run::CannotLook;
use crate::sys::{self, Address, Socket};

/// The index of the loopback interface: the first on every system.
const LOOPBACK_INDEX: i64 = 1;

/// Refuses what would send to a group by way of another interface than loopback.
pub fn stays_here(op: &Op, socket: &Socket, to: &Address) -> Result<(), CannotLook> {
    let sends = matches!(op, Op::Connect(_) | Op::SendTo(_) | Op::SendMsg(_));
    let ip = to.as_socket().map(|to| to.ip().to_canonical());
    let Some(ip) = ip.filter(|ip| sends && ip.is_multicast()) else { return Ok(()) };
    if !is_interface_local(ip) && !by_loopback(socket, ip) {
        let how =
            if ip.is_ipv4() { "IP_MULTICAST_IF = \"127.0.0.1\"" } else { "IPV6_MULTICAST_IF = 1" };
        return Err(CannotLook(format!("{ip} may be beyond loopback: set {how} first")));
    }
    if names_other_interface(op) {
        return Err(CannotLook(format!("{ip} by another interface than loopback")));
    }
    Ok(())
}

/// Whether no system ever lets it leave the machine: RFC 4291 section 2.7, scope 1.
fn is_interface_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.segments()[0] & 0xf == 1)
}

/// Whether the socket sends to groups by way of loopback.
fn by_loopback(socket: &Socket, ip: IpAddr) -> bool {
    let asked = |name, shape| {
        let (level, number) = sys::option_number(name)?;
        let bytes = socket.get_option(level, number, sys::value_len(shape)).ok()?;
        Some(sys::decode(shape, &bytes))
    };
    match ip {
        IpAddr::V4(_) => {
            let loopback = Value::Text(Ipv4Addr::LOCALHOST.to_string());
            asked("IP_MULTICAST_IF", Shape::Address4) == Some(loopback)
        }
        IpAddr::V6(_) => asked("IPV6_MULTICAST_IF", Shape::Int) == Some(Value::Int(LOOPBACK_INDEX)),
    }
}

/// Whether ancillary data sends this one datagram another way.
fn names_other_interface(op: &Op) -> bool {
    let Op::SendMsg(op) = op else { return false };
    let mut values = op.control.iter().flat_map(|messages| &messages.0).map(|(_, value)| value);
    let index =
        |value: &Value| value.field("ipi_ifindex").or_else(|| value.field("ipi6_ifindex")).cloned();
    let here = [Value::Int(0), Value::Int(LOOPBACK_INDEX)];
    values.any(|value| index(value).is_some_and(|index| !here.contains(&index)))
}
