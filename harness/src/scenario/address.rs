//! Addresses as a file writes them, and the names within.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::node::{Node, Reader, Table};
use super::problem::{Span, short};
use super::value::{read_amount, valid_name};
use crate::address::{Address, Host, Port};

const ADDRESS_HELP: &str = "a socket's name, \"loopback:0\", \"any:0\", \"any:NAME\" for the port of NAME, \
    \"127.0.0.2:0\", \"path:NAME\", \"abstract:NAME\", \"autobind\" or \"unspec\"";

/// No path or abstract name is padded to more: systems refuse what is far shorter.
const MAX_LENGTH: usize = 4_096;

/// No address is passed with more bytes than a `sys::Address` holds: twice the longest there is.
const MAX_ALTERED: usize = 256;

/// Whose addresses may stand in a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Only loopback and the wildcard: something may be sent there.
    Ours,
    /// Nobody's as well: nothing is sent to where a socket is bound.
    OursOrNobodys,
}

/// An address.
pub fn read_address(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Address> {
    read_from(node, Whose::Ours, reader)
}

/// An address to bind to, which may be nobody's.
pub fn read_local_address(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Address> {
    read_from(node, Whose::OursOrNobodys, reader)
}

fn read_from(node: Node<'_>, whose: Whose, reader: &mut Reader<'_>) -> Option<Address> {
    if let Some(text) = node.as_str() {
        return address_from_text(text, node.span, whose, reader);
    }
    let Some(table) = node.as_table() else {
        let message = format!("expected an address, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, ADDRESS_HELP);
        return None;
    };
    if let Some(of) = table.get("address") {
        let of = read_from(of, whose, reader);
        return altered(table, of?, reader);
    }
    address_from_table(table, reader)
}

/// `{ address = "loopback:0", length = 8, family = 0 }`.
fn altered(table: Table<'_>, of: Address, reader: &mut Reader<'_>) -> Option<Address> {
    reader.refuse_others(table, "key", &["address", "length", "family"]);
    let length = match table.get("length") {
        None => None,
        Some(node) => Some(read_amount(node, reader, MAX_ALTERED)?),
    };
    let family = match table.get("family") {
        None => None,
        Some(node) => Some(read_amount(node, reader, usize::from(u16::MAX))?),
    };
    let family = family.and_then(|family| u16::try_from(family).ok());
    Some(Address::Altered { of: Box::new(of), length, family })
}

/// `{ path = "NAME", length = 108 }`, or the same with `abstract`.
fn address_from_table(table: Table<'_>, reader: &mut Reader<'_>) -> Option<Address> {
    reader.refuse_others(table, "key", &["path", "abstract", "length"]);
    let length = match table.get("length") {
        None => None,
        Some(node) => Some(read_amount(node, reader, MAX_LENGTH)?),
    };
    match (table.get("path"), table.get("abstract")) {
        (Some(node), None) => {
            let name = read_name(node, reader)?;
            check_path(Address::Path { name, length }, node.span, reader)
        }
        (None, Some(node)) => Some(Address::Abstract { name: read_name(node, reader)?, length }),
        (Some(_), Some(second)) => {
            let message = "an address has one of `path` and `abstract`";
            reader.problems.add(second.span, message, None);
            None
        }
        (None, None) => {
            let help = "{ path = \"NAME\", length = 108 } or { abstract = \"NAME\", length = 108 }";
            reader.problems.add_with_help(table.span, "an address without a name", help);
            None
        }
    }
}

fn read_name(node: Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let name = node.as_str().map(str::to_owned);
    if name.is_none() {
        reader.wrong_type(node, "a name");
    }
    name
}

fn address_from_text(
    text: &str,
    span: Span,
    whose: Whose,
    reader: &mut Reader<'_>,
) -> Option<Address> {
    let owned = |name: &str| name.to_owned();
    match text.split_once(':') {
        _ if text == "autobind" => Some(Address::Autobind),
        _ if text == "unspec" => Some(Address::Unspecified),
        Some(("path", name)) => {
            check_path(Address::Path { name: owned(name), length: None }, span, reader)
        }
        Some(("abstract", name)) => Some(Address::Abstract { name: owned(name), length: None }),
        Some(_) => inet_address(text, span, whose, reader),
        None if valid_name(text).is_ok() => Some(Address::Of(reader.names.intern(text))),
        None => {
            let message = format!("`{}` is no address", short(text));
            reader.problems.add_with_help(span, message, no_port_help(text));
            None
        }
    }
}

/// What is meant by a host without a port.
fn no_port_help(text: &str) -> String {
    match host(text) {
        Some(Ok(_)) => format!("an address has a port: \"{}:0\"", short(text)),
        Some(Err(_)) | None => ADDRESS_HELP.to_owned(),
    }
}

/// A path is one plain file name: it must not lead out of the run's own folder.
fn check_path(address: Address, span: Span, reader: &mut Reader<'_>) -> Option<Address> {
    let Address::Path { name, .. } = &address else { return Some(address) };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(plain) {
        return Some(address);
    }
    let message = format!("`{}` is not a plain file name", short(name));
    let help = "letters, digits, `_`, `-` and `.`; the file is made in the run's own folder";
    reader.problems.add_with_help(span, message, help);
    None
}

/// The host of that name or number; the error is an address that is neither of this machine nor a
/// group. That what is sent to a group stays here, `net` makes sure.
fn host(text: &str) -> Option<Result<Host, IpAddr>> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ip = match (text, bracketed) {
        ("loopback", _) => return Some(Ok(Host::Loopback)),
        ("any", _) => return Some(Ok(Host::Any)),
        (_, Some(v6)) => IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?),
        (v4, None) => IpAddr::V4(v4.parse::<Ipv4Addr>().ok()?),
    };
    Some(if is_local(ip) || ip.to_canonical().is_multicast() { Ok(Host::Ip(ip)) } else { Err(ip) })
}

fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_unspecified(),
        IpAddr::V6(ip) => {
            let mapped = ip.to_ipv4_mapped();
            ip.is_loopback()
                || ip.is_unspecified()
                || mapped.is_some_and(|ip| is_local(IpAddr::V4(ip)))
        }
    }
}

/// Whether nothing is at `ip` for anybody: what documents, groups and links use.
fn is_nobodys(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_documentation() || ip.is_multicast() || ip.is_broadcast(),
        IpAddr::V6(ip) => {
            let documentation = ip.segments()[..2] == [0x2001, 0xdb8];
            documentation || ip.is_multicast() || ip.is_unicast_link_local()
        }
    }
}

fn inet_address(text: &str, span: Span, whose: Whose, reader: &mut Reader<'_>) -> Option<Address> {
    let (name, port) = text.rsplit_once(':')?;
    let host = match host(name) {
        Some(Ok(host)) => host,
        Some(Err(ip)) if whose == Whose::OursOrNobodys && is_nobodys(ip) => Host::Ip(ip),
        Some(Err(ip)) => {
            let message = format!("{ip} is not on this machine");
            let help = match whose {
                Whose::Ours => {
                    "scenarios talk to loopback only: 127.0.0.0/8 or [::1], and to a group such as 239.255.0.1"
                }
                Whose::OursOrNobodys => {
                    "bind to loopback or to what is nobody's: 192.0.2.1, 224.0.0.1, [2001:db8::1]"
                }
            };
            reader.problems.add_with_help(span, message, help);
            return None;
        }
        None => {
            let message = match name {
                "" => format!("`{}` has no host", short(text)),
                _ => format!("`{}` is no host", short(name)),
            };
            let help = if text.parse::<Ipv6Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok() {
                "an IPv6 address stands in brackets: \"[::1]:0\""
            } else {
                "\"loopback\", \"any\", or an address of this machine such as \"127.0.0.2\" or \"[::1]\""
            };
            reader.problems.add_with_help(span, message, help);
            return None;
        }
    };
    if port == "0" {
        return Some(Address::Inet(host, Port::Zero));
    }
    if valid_name(port).is_ok() {
        return Some(Address::Inet(host, Port::Of(reader.names.intern(port))));
    }
    let (message, help) = if !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) {
        let message = format!("port {} may be somebody else's", short(port));
        (message, format!("bind port 0, then name the socket whose port is meant: \"{host}:NAME\""))
    } else {
        let message = format!("`{}` is no port", short(port));
        (message, format!("\"{host}:0\", or the port of a socket: \"{host}:NAME\""))
    };
    reader.problems.add_with_help(span, message, help);
    None
}
