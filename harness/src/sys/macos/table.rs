//! What the kernel says of connections: refused.
//!
//! Never pretends. The table is there, as sysctl(3) `net.inet.tcp.pcblist_n`, in a layout without a
//! public header that changes between releases (`bsd/netinet/in_pcblist.c`); whoever has a Mac to
//! try it on may read it here.

use std::convert::Infallible;

use super::machine;
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::Address;
use crate::sys::unix::Socket;
use crate::tcp_state::TcpState;

/// The system's table of TCP connections: there is none yet.
#[derive(Debug)]
pub struct ConnectionTable(Infallible);

impl ConnectionTable {
    /// Always refused, with the reason.
    pub fn open() -> Result<ConnectionTable, String> {
        Err(machine::NO_TABLE.to_owned())
    }

    /// Nobody has a table to ask.
    pub fn state(
        &self,
        _kind: Kind,
        _local: &Address,
        _remote: Option<&Address>,
    ) -> Result<Option<TcpState>, String> {
        match self.0 {}
    }
}

/// How many connections wait on a listener: never told, `EOPNOTSUPP`. Whether any does is what poll
/// tells.
pub fn has_queued(_listener: &Socket, _wanted: usize) -> Result<bool, Errno> {
    Err(Errno::EOPNOTSUPP)
}
