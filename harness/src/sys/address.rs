//! A socket address as the system sees it: bytes and a length.
//!
//! Holds what no safe wrapper can: a `sun_path` filled to its last byte, a path that is too long,
//! a length that is too short, `AF_UNSPEC`. It is the system that refuses them, never this file. The
//! structures are the same everywhere but for what `imp::address` has.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::{Path, PathBuf};

use super::bytes::{array, u32_at};
use super::imp::address::{
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, Len, PATH_LEN, RawFamily, SockAddr, head, len_written,
    path_from_bytes, path_to_bytes, raw_family,
};
use crate::kind::Family;

/// Twice `sockaddr_storage`: room to be too long in. No system takes any length of it.
const CAPACITY: usize = 256;

/// Where `sun_path` begins.
const PATH: usize = 2;

/// Bytes of `struct sockaddr` and `sockaddr_in`.
const INET4: usize = 16;

/// Bytes of `struct sockaddr_in6`.
const INET6: usize = 28;

/// A socket address of any family and any length up to 256 bytes.
#[derive(Clone, Copy)]
pub struct Address {
    bytes: [u8; CAPACITY],
    /// Never above `CAPACITY`.
    len: usize,
}

impl Address {
    /// `AF_UNSPEC`: given to connect(2), it dissolves the association of a datagram socket.
    pub fn unspecified() -> Address {
        Address::of_family(AF_UNSPEC, INET4)
    }

    /// `AF_UNIX` without a name: given to bind(2), Linux chooses an abstract one (autobind).
    pub fn unnamed() -> Address {
        Address::of_family(AF_UNIX, PATH)
    }

    /// `AF_UNIX` by its path in the file system: with a final NUL where one fits, without one at
    /// exactly the length of `sun_path`, 108 bytes, on macOS 104. What the system makes of a longer
    /// one is its answer (kept up to 254 bytes, which changes nothing in it).
    pub fn from_path(path: &Path) -> Address {
        let path = path_to_bytes(path);
        let nul: &[u8] = if path.len() < PATH_LEN { &[0] } else { &[] };
        Address::from_name(&[&path, nul].concat())
    }

    /// `AF_UNIX` by a name in the abstract namespace, which only Linux is known to have, given
    /// without its leading NUL.
    pub fn from_abstract(name: &[u8]) -> Address {
        Address::from_name(&[&[0], name].concat())
    }

    /// The same bytes with another length: to see what a call does with too few or too many.
    /// Lengths above 256 become 256.
    #[must_use]
    pub fn with_len(mut self, len: usize) -> Address {
        self.len = len.min(CAPACITY);
        self
    }

    /// The same bytes with another number in `sa_family`.
    #[must_use]
    #[allow(clippy::useless_conversion, reason = "calls take a family as 16 bits on Windows alone")]
    pub fn with_family(mut self, family: u16) -> Address {
        self.bytes[..PATH].copy_from_slice(&head(family.into(), self.len));
        self
    }

    /// The length as given to or by the system, in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is not even a family.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The family, where it is one of ours.
    pub fn family(&self) -> Option<Family> {
        match self.raw_family()? {
            AF_INET => Some(Family::Inet4),
            AF_INET6 => Some(Family::Inet6),
            AF_UNIX => Some(Family::Unix),
            _ => None,
        }
    }

    /// Address and port, of `AF_INET` and `AF_INET6`.
    pub fn as_socket(&self) -> Option<SocketAddr> {
        let bytes = self.as_bytes();
        let port = u16::from_be_bytes(array(bytes, 2)?);
        match self.raw_family()? {
            AF_INET => {
                let ip = Ipv4Addr::from(array::<4>(bytes, 4)?);
                Some(SocketAddrV4::new(ip, port).into())
            }
            AF_INET6 => {
                // Flow label in network order, scope in the machine's: ipv6(7) and ws2ipdef.h.
                let flow = u32::from_be_bytes(array(bytes, 4)?);
                let ip = Ipv6Addr::from(array::<16>(bytes, 8)?);
                Some(SocketAddrV6::new(ip, port, flow, u32_at(bytes, 24)?).into())
            }
            _ => None,
        }
    }

    /// The path, of an `AF_UNIX` address that has one.
    pub fn unix_path(&self) -> Option<PathBuf> {
        let name = self.unix_name().filter(|name| name.first().is_some_and(|first| *first != 0))?;
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        Some(path_from_bytes(&name[..end]))
    }

    /// The abstract name without its leading NUL, of an `AF_UNIX` address that has one.
    pub fn abstract_name(&self) -> Option<Vec<u8>> {
        let name = self.unix_name()?;
        name.split_first().filter(|(first, _)| **first == 0).map(|(_, rest)| rest.to_vec())
    }

    /// Whether it is an `AF_UNIX` address without a name: that of a socket never bound.
    pub fn is_unnamed(&self) -> bool {
        self.unix_name().is_some_and(<[u8]>::is_empty)
    }

    /// The bytes, as many as its length says.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Room for the system to write an address into.
    pub(super) fn blank() -> Address {
        Address { bytes: [0; CAPACITY], len: CAPACITY }
    }

    pub(super) fn as_ptr(&self) -> *const SockAddr {
        self.bytes.as_ptr().cast()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut SockAddr {
        self.bytes.as_mut_ptr().cast()
    }

    pub(super) fn raw_len(&self) -> Len {
        // At most 256.
        Len::try_from(self.len).unwrap_or(Len::MAX)
    }

    /// Takes the length that the system reported. It may be longer than what it wrote.
    pub(super) fn set_len(&mut self, len: Len) {
        self.len = usize::try_from(len).unwrap_or(CAPACITY).min(CAPACITY);
        self.len = len_written(self.as_bytes());
    }

    /// What a call wrote; `None` where it wrote no address at all.
    pub(super) fn written(mut self, len: Len) -> Option<Address> {
        self.set_len(len);
        (self.len != 0 && self.raw_family() != Some(AF_UNSPEC)).then_some(self)
    }

    /// From bytes that the system wrote elsewhere, or would; cut off at 256.
    pub(super) fn from_bytes(given: &[u8]) -> Address {
        let len = given.len().min(CAPACITY);
        let mut bytes = [0; CAPACITY];
        bytes[..len].copy_from_slice(&given[..len]);
        Address { bytes, len }
    }

    /// As [`set_len`](Address::set_len) leaves what a call wrote.
    pub(super) fn normal(mut self) -> Address {
        self.len = len_written(self.as_bytes());
        self
    }

    fn raw_family(&self) -> Option<RawFamily> {
        raw_family(self.as_bytes())
    }

    fn of_family(family: RawFamily, len: usize) -> Address {
        let mut address = Address { bytes: [0; CAPACITY], len };
        address.bytes[..PATH].copy_from_slice(&head(family, len));
        address
    }

    fn from_name(name: &[u8]) -> Address {
        Address::from_bytes(&[&head(AF_UNIX, PATH + name.len()), name].concat())
    }

    fn unix_name(&self) -> Option<&[u8]> {
        (self.family()? == Family::Unix).then(|| &self.as_bytes()[PATH..])
    }
}

impl From<SocketAddr> for Address {
    fn from(from: SocketAddr) -> Address {
        let (family, len) = match from {
            SocketAddr::V4(_) => (AF_INET, INET4),
            SocketAddr::V6(_) => (AF_INET6, INET6),
        };
        let mut address = Address::of_family(family, len);
        let bytes = &mut address.bytes;
        bytes[2..4].copy_from_slice(&from.port().to_be_bytes());
        match from {
            SocketAddr::V4(from) => bytes[4..8].copy_from_slice(&from.ip().octets()),
            SocketAddr::V6(from) => {
                bytes[4..8].copy_from_slice(&from.flowinfo().to_be_bytes());
                bytes[8..24].copy_from_slice(&from.ip().octets());
                bytes[24..28].copy_from_slice(&from.scope_id().to_ne_bytes());
            }
        }
        address
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Address {}

impl std::hash::Hash for Address {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Address {
    /// `127.0.0.1:80`, `[::1]:80`, the path, `@name` for an abstract one, `unnamed`, `AF_UNSPEC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(socket) = self.as_socket() {
            write!(f, "{socket}")
        } else if let Some(path) = self.unix_path() {
            write!(f, "{}", path.display())
        } else if let Some(name) = self.abstract_name() {
            write!(f, "@{}", name.escape_ascii())
        } else if self.is_unnamed() {
            f.write_str("unnamed")
        } else if self.raw_family() == Some(AF_UNSPEC) {
            f.write_str("AF_UNSPEC")
        } else {
            write!(f, "{}", self.as_bytes().escape_ascii())
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}
