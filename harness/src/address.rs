//! Addresses as a scenario writes them: by the name of the socket that has them.
//!
//! A file never holds a port number that somebody else might have: it binds port 0 and says whose
//! port it means. `net` turns these into live addresses and back.

use std::fmt;
use std::net::IpAddr;

use crate::scenario::Name;

/// The host part of an internet address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `127.0.0.1` or `::1`, by the socket's family.
    Loopback,
    /// The wildcard: 0.0.0.0 or ::.
    Any,
    /// This very address.
    Ip(IpAddr),
}

/// The port part of an internet address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// Port 0: at bind, the system chooses.
    Zero,
    /// The port that this socket has.
    Of(Name),
}

/// An address as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The address that this socket has.
    Of(Name),
    /// Host and port.
    Inet(Host, Port),
    /// A path in the run's own folder, its whole length padded to `length` bytes where given.
    Path {
        /// The file's name.
        name: String,
        /// The length of the whole path.
        length: Option<usize>,
    },
    /// A name in the abstract namespace of `AF_UNIX` (Linux).
    Abstract {
        /// The name, which every run makes its own.
        name: String,
        /// The length of the whole name.
        length: Option<usize>,
    },
    /// An empty `AF_UNIX` address: at bind, the system chooses an abstract name (Linux).
    Autobind,
    /// An address with something wrong about it: to see what the system makes of that.
    Altered {
        /// The address that it would be.
        of: Box<Address>,
        /// The length passed beside it, in bytes.
        length: Option<usize>,
        /// The number in its `sa_family`.
        family: Option<u16>,
    },
    /// `AF_UNSPEC`: dissolves the association of a connected datagram socket.
    Unspecified,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Loopback => f.write_str("loopback"),
            Host::Any => f.write_str("any"),
            Host::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Of(name) => f.write_str(&name.text),
            Address::Inet(host, Port::Zero) => write!(f, "{host}:0"),
            Address::Inet(host, Port::Of(name)) => write!(f, "{host}:{}", name.text),
            Address::Path { name, length: None } => write!(f, "path:{name}"),
            Address::Path { name, length: Some(length) } => {
                write!(f, "path:{name} ({length} bytes)")
            }
            Address::Abstract { name, length: None } => write!(f, "abstract:{name}"),
            Address::Abstract { name, length: Some(length) } => {
                write!(f, "abstract:{name} ({length} bytes)")
            }
            Address::Autobind => f.write_str("autobind"),
            Address::Altered { of, length, family } => {
                write!(f, "{of}")?;
                family.map_or(Ok(()), |family| write!(f, " (family {family})"))?;
                length.map_or(Ok(()), |length| write!(f, " ({length} bytes)"))
            }
            Address::Unspecified => f.write_str("AF_UNSPEC"),
        }
    }
}
