//! The control messages that sendmsg(2) takes: what each carries and does.
//!
//! Data only. A message has the level and the number of the option of its name. Sources: ip(7),
//! ipv6(7), udp(7), RFC 3542, Microsoft's `WSASendMsg`.

use super::Shape::{Int, Pktinfo4, Pktinfo6, Short};
use super::{Shape, SocketOption};

const fn c(name: &'static str, shape: Shape, doc: &'static str) -> SocketOption {
    SocketOption { name, shape, doc }
}

pub(super) static MESSAGES: &[SocketOption] = &[
    c("IP_PKTINFO", Pktinfo4, "source address and interface of this datagram"),
    c("IP_TOS", Int, "type of service of this datagram"),
    c("IP_TTL", Int, "time to live of this datagram"),
    c("IPV6_PKTINFO", Pktinfo6, "source address and interface of this datagram"),
    c("IPV6_DONTFRAG", Int, "whether this datagram may be fragmented"),
    c("IPV6_HOPLIMIT", Int, "hop limit of this datagram"),
    c("IPV6_TCLASS", Int, "traffic class of this datagram"),
    c("SO_MARK", Int, "mark of this datagram; needs CAP_NET_ADMIN"),
    c("SO_PRIORITY", Int, "queueing priority of this datagram"),
    c("SO_TIMESTAMPING", Int, "which time stamps of this datagram are reported"),
    c("UDP_SEGMENT", Short, "split this send into datagrams of this size"),
    c("UDP_SEND_MSG_SIZE", Int, "split this send into datagrams of this size"),
];
