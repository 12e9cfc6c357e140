//! What travels beside the bytes: the parts of recvmsg(2) and sendmsg(2) that all systems share.
//!
//! Plain data; never makes a call. The calls are in the platform's module.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::{Address, Socket};
use crate::errno::Errno;

/// The `how` of shutdown(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// `SHUT_RD`; `SD_RECEIVE` on Windows.
    Read,
    /// `SHUT_WR`; `SD_SEND` on Windows.
    Write,
    /// `SHUT_RDWR`; `SD_BOTH` on Windows.
    Both,
    /// This number, whatever the system makes of it.
    Number(i32),
}

/// `struct ucred`: who sent a message, or who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Process.
    pub pid: i32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// What sendmsg(2) sends.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The bytes, gathered in order.
    pub parts: &'a [std::io::IoSlice<'a>],
    /// The destination; `None` on a connected socket.
    pub to: Option<&'a Address>,
    /// `MSG_*`.
    pub flags: i32,
    /// What travels beside the bytes.
    pub control: &'a [Ancillary<'a>],
}

/// A control message to send.
#[derive(Clone, Copy, Debug)]
pub enum Ancillary<'a> {
    /// `SCM_RIGHTS`: descriptors, which stay open here as well.
    Rights(&'a [&'a Socket]),
    /// `SCM_CREDENTIALS`.
    Credentials(Credentials),
    /// Any other, by its numbers.
    Other {
        /// `cmsg_level`.
        level: i32,
        /// `cmsg_type`.
        kind: i32,
        /// The data, in the system's layout.
        data: &'a [u8],
    },
}

/// What recvmsg(2) received.
#[derive(Debug)]
pub struct Received {
    /// Bytes written to the buffers; with `MSG_TRUNC` asked for, the datagram's own length.
    pub len: usize,
    /// The error that came with the bytes: on Windows, of a message that did not fit. Never on
    /// Unix.
    pub error: Option<Errno>,
    /// Who sent it; `None` where the system wrote no address (streams, unbound Unix senders).
    pub from: Option<Address>,
    /// `msg_flags`: `MSG_TRUNC`, `MSG_CTRUNC`, `MSG_EOR`, `MSG_OOB`, `MSG_ERRQUEUE`.
    pub flags: i32,
    /// What travelled beside the bytes.
    pub control: Vec<Control>,
}

/// A control message received.
#[derive(Debug)]
pub enum Control {
    /// `SCM_RIGHTS`: descriptors, now open here too and closed when dropped.
    Rights(Vec<Socket>),
    /// `SCM_CREDENTIALS`.
    Credentials(Credentials),
    /// `SCM_PIDFD`: a descriptor of the sender's process, closed when dropped.
    Pidfd(Socket),
    /// `IP_PKTINFO`.
    Pktinfo4 {
        /// Index of the interface it came by.
        interface: u32,
        /// Local address of the packet (`ipi_spec_dst`).
        local: Ipv4Addr,
        /// Destination in the header (`ipi_addr`).
        destination: Ipv4Addr,
    },
    /// `IPV6_PKTINFO`.
    Pktinfo6 {
        /// Index of the interface it came by.
        interface: u32,
        /// Destination in the header.
        destination: Ipv6Addr,
    },
    /// A plain number: `IP_TTL`, `IP_TOS`, `IPV6_HOPLIMIT`, `IPV6_TCLASS`, `UDP_GRO`,
    /// `SO_RXQ_OVFL`, `TCP_CM_INQ`.
    Number {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: i64,
    },
    /// `IP_ORIGDSTADDR` or `IPV6_ORIGDSTADDR`: whom the datagram was sent to.
    Original {
        /// Its name.
        name: &'static str,
        /// Address and port.
        destination: Box<Address>,
    },
    /// Bytes under a name: `IP_RECVOPTS`, `IP_RETOPTS`.
    Bytes {
        /// Its name.
        name: &'static str,
        /// The bytes.
        data: Vec<u8>,
    },
    /// `SCM_TIMESTAMP`, `SCM_TIMESTAMPNS` or `SCM_TIMESTAMPING`.
    Timestamp {
        /// Its name.
        name: &'static str,
        /// Since 1970.
        since_epoch: Duration,
    },
    /// `IP_RECVERR` or `IPV6_RECVERR`: an error from the error queue (`MSG_ERRQUEUE`).
    RecvErr {
        /// Its name.
        name: &'static str,
        /// The error; `None` for reports that are none (timestamps, `MSG_ZEROCOPY`).
        errno: Option<Errno>,
        /// `ee_origin`: 1 local, 2 ICMP, 3 `ICMPv6`, 4 timestamp, 5 zero copy.
        origin: u8,
        /// `ee_type`: the ICMP type.
        ty: u8,
        /// `ee_code`: the ICMP code.
        code: u8,
        /// `ee_info`: the MTU of a packet too big, the first of a range of copies.
        info: u32,
        /// `ee_data`: the last of a range of copies.
        data: u32,
        /// The node that reported it.
        offender: Option<Box<Address>>,
    },
    /// Any other, or one that was cut short.
    Other {
        /// `cmsg_level`.
        level: i32,
        /// `cmsg_type`.
        kind: i32,
        /// Bytes of data.
        len: usize,
    },
}

impl Control {
    /// `SCM_RIGHTS` and the like; `other` for what has no name here.
    pub fn name(&self) -> &'static str {
        match self {
            Control::Rights(_) => "SCM_RIGHTS",
            Control::Credentials(_) => "SCM_CREDENTIALS",
            Control::Pidfd(_) => "SCM_PIDFD",
            Control::Pktinfo4 { .. } => "IP_PKTINFO",
            Control::Pktinfo6 { .. } => "IPV6_PKTINFO",
            Control::Number { name, .. }
            | Control::Original { name, .. }
            | Control::Bytes { name, .. }
            | Control::Timestamp { name, .. }
            | Control::RecvErr { name, .. } => name,
            Control::Other { .. } => "other",
        }
    }
}
