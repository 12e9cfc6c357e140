//! Where a peer stands and whom it talks to: an address, or a path.
//!
//! A path that a peer was bound to is removed with the peer.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::sys::{self, Address};

/// An address of any family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Of `AF_INET` or `AF_INET6`.
    Inet(SocketAddr),
    /// Of `AF_UNIX`: a path in the file system.
    Path(PathBuf),
}

impl Place {
    pub(super) fn address(&self) -> Address {
        match self {
            Place::Inet(addr) => Address::from(*addr),
            Place::Path(path) => Address::from_path(path),
        }
    }

    /// The address that is not of this machine's loopback, also where IPv6 carries it.
    pub(super) fn far(&self) -> Option<SocketAddr> {
        match self {
            Place::Inet(addr) => Some(*addr).filter(|addr| !addr.ip().to_canonical().is_loopback()),
            Place::Path(_) => None,
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Place::Inet(_) => None,
            Place::Path(path) => Some(path),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Inet(addr) => write!(f, "{addr}"),
            Place::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The path of a bound socket, removed on drop, with the folder where it has one of its own.
#[derive(Debug)]
pub(super) struct BoundPath {
    pub(super) path: PathBuf,
    pub(super) _folder: Option<TempDir>,
}

impl Drop for BoundPath {
    fn drop(&mut self) {
        // Where it was taken away already, nothing is left to do.
        let _ = sys::unlink(&self.path);
    }
}
