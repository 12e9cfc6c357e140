//! What the kernel says of connections: refused.
//!
//! Never pretends. The table is there, as sysctl(3) `net.inet.tcp.pcblist_n`, in a layout without a
//! public header that changes between releases (`bsd/netinet/in_pcblist.c`); whoever has a Mac to
//! try it on may read it here.

use std::convert::Infallible;
use std::time::Duration;

use super::{POLLIN, machine, poll};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::unix::Socket;
use crate::sys::{Address, PollFd};
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

/// Whether at least `wanted` connections wait on a listener to be accepted: whether any does is
/// what poll tells; `EOPNOTSUPP` for more.
pub fn has_queued(listener: &Socket, wanted: usize) -> Result<bool, Errno> {
    if wanted > 1 {
        return Err(Errno::EOPNOTSUPP);
    }
    let mut polled = [PollFd::new(listener.raw(), POLLIN)];
    Ok(poll(&mut polled, Some(Duration::ZERO))? >= wanted)
}
