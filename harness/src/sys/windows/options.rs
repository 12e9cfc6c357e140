//! Levels and numbers of socket options on Windows: `winsock2.h`, `mswsock.h`, `ws2ipdef.h`.
//!
//! Data only. What Windows has as requests of `WSAIoctl` stands at a level of our own, [`IOCTL`].

use windows_sys::Win32::Networking::WinSock as ws;

/// The level of requests to `WSAIoctl`: `SIO_UDP_CONNRESET`, `SIO_TCP_INFO`. No protocol has it.
pub(super) const IOCTL: i32 = i32::MIN;

/// Level and number of an option; `None` where Windows has none of that name.
pub fn option_number(name: &str) -> Option<(i32, i32)> {
    // `MCAST_*` stand at both IP levels, with one number; IPv4's is given here.
    let tables = [
        (IOCTL, REQUESTS),
        (ws::SOL_SOCKET, SOCKET),
        (ws::IPPROTO_TCP, TCP),
        (ws::IPPROTO_UDP, UDP),
        (ws::IPPROTO_IP, IP),
        (ws::IPPROTO_IPV6, IPV6),
    ];
    tables.into_iter().find_map(|(level, table)| {
        table.iter().find(|(known, _)| *known == name).map(|(_, number)| (level, *number))
    })
}

/// The name of a control message whose data is a plain number.
pub(super) fn control_number(level: i32, kind: i32) -> Option<&'static str> {
    match (level, kind) {
        // The message has the number of the request, IP_RECVTTL, under the name IP_HOPLIMIT.
        (ws::IPPROTO_IP, ws::IP_HOPLIMIT | ws::IP_TTL) => Some("IP_TTL"),
        (ws::IPPROTO_IP, ws::IP_TCLASS | ws::IP_RECVTOS | ws::IP_TOS) => Some("IP_TOS"),
        (ws::IPPROTO_IPV6, ws::IPV6_HOPLIMIT) => Some("IPV6_HOPLIMIT"),
        (ws::IPPROTO_IPV6, ws::IPV6_TCLASS | ws::IPV6_RECVTCLASS) => Some("IPV6_TCLASS"),
        (ws::IPPROTO_UDP, UDP_COALESCED_INFO) => Some("UDP_COALESCED_INFO"),
        _ => None,
    }
}

/// The size of the datagrams that were received as one.
const UDP_COALESCED_INFO: i32 = 3;

/// Requests by the option that they are to a program.
const REQUESTS: &[(&str, i32)] = &[
    ("SIO_LOOPBACK_FAST_PATH", request(ws::SIO_LOOPBACK_FAST_PATH)),
    ("SIO_UDP_CONNRESET", request(ws::SIO_UDP_CONNRESET)),
    ("SIO_UDP_NETRESET", request(ws::SIO_UDP_NETRESET)),
    ("TCP_INFO", request(ws::SIO_TCP_INFO)),
];

const fn request(code: u32) -> i32 {
    code.cast_signed()
}

const SOCKET: &[(&str, i32)] = &[
    ("SO_ACCEPTCONN", ws::SO_ACCEPTCONN),
    ("SO_BROADCAST", ws::SO_BROADCAST),
    ("SO_CONDITIONAL_ACCEPT", ws::SO_CONDITIONAL_ACCEPT),
    ("SO_CONNECT_TIME", ws::SO_CONNECT_TIME),
    ("SO_DEBUG", ws::SO_DEBUG),
    ("SO_DONTROUTE", ws::SO_DONTROUTE),
    ("SO_ERROR", ws::SO_ERROR),
    ("SO_EXCLUSIVEADDRUSE", ws::SO_EXCLUSIVEADDRUSE),
    ("SO_GROUP_PRIORITY", ws::SO_GROUP_PRIORITY),
    ("SO_KEEPALIVE", ws::SO_KEEPALIVE),
    ("SO_LINGER", ws::SO_LINGER),
    ("SO_MAXDG", ws::SO_MAXDG),
    ("SO_MAX_MSG_SIZE", ws::SO_MAX_MSG_SIZE),
    ("SO_OOBINLINE", ws::SO_OOBINLINE),
    ("SO_OPENTYPE", ws::SO_OPENTYPE),
    ("SO_PAUSE_ACCEPT", 12291),
    ("SO_PORT_SCALABILITY", ws::SO_PORT_SCALABILITY),
    ("SO_PROTOCOL_INFO", ws::SO_PROTOCOL_INFO),
    ("SO_RANDOMIZE_PORT", ws::SO_RANDOMIZE_PORT),
    ("SO_RCVBUF", ws::SO_RCVBUF),
    ("SO_RCVLOWAT", ws::SO_RCVLOWAT),
    ("SO_RCVTIMEO", ws::SO_RCVTIMEO),
    ("SO_REUSEADDR", ws::SO_REUSEADDR),
    ("SO_REUSE_MULTICASTPORT", ws::SO_REUSE_MULTICASTPORT),
    ("SO_REUSE_UNICASTPORT", ws::SO_REUSE_UNICASTPORT),
    ("SO_SNDBUF", ws::SO_SNDBUF),
    ("SO_SNDLOWAT", ws::SO_SNDLOWAT),
    ("SO_SNDTIMEO", ws::SO_SNDTIMEO),
    ("SO_TIMESTAMP", 12298),
    ("SO_TYPE", ws::SO_TYPE),
    ("SO_UPDATE_ACCEPT_CONTEXT", ws::SO_UPDATE_ACCEPT_CONTEXT),
    ("SO_UPDATE_CONNECT_CONTEXT", ws::SO_UPDATE_CONNECT_CONTEXT),
    ("SO_USELOOPBACK", ws::SO_USELOOPBACK),
];

const TCP: &[(&str, i32)] = &[
    ("TCP_BSDURGENT", ws::TCP_BSDURGENT),
    ("TCP_EXPEDITED_1122", ws::TCP_EXPEDITED_1122),
    ("TCP_FAIL_CONNECT_ON_ICMP_ERROR", ws::TCP_FAIL_CONNECT_ON_ICMP_ERROR),
    ("TCP_FASTOPEN", ws::TCP_FASTOPEN),
    ("TCP_ICMP_ERROR_INFO", ws::TCP_ICMP_ERROR_INFO),
    ("TCP_KEEPALIVE", ws::TCP_KEEPALIVE),
    ("TCP_KEEPCNT", ws::TCP_KEEPCNT),
    ("TCP_KEEPIDLE", ws::TCP_KEEPIDLE),
    ("TCP_KEEPINTVL", ws::TCP_KEEPINTVL),
    ("TCP_MAXRT", ws::TCP_MAXRT),
    ("TCP_MAXRTMS", ws::TCP_MAXRTMS),
    ("TCP_MAXSEG", ws::TCP_MAXSEG),
    ("TCP_NODELAY", ws::TCP_NODELAY),
    ("TCP_NOURG", ws::TCP_NOURG),
    ("TCP_STDURG", ws::TCP_STDURG),
    ("TCP_TIMESTAMPS", ws::TCP_TIMESTAMPS),
];

const UDP: &[(&str, i32)] = &[
    ("UDP_CHECKSUM_COVERAGE", ws::UDP_CHECKSUM_COVERAGE),
    ("UDP_NOCHECKSUM", ws::UDP_NOCHECKSUM),
    ("UDP_RECV_MAX_COALESCED_SIZE", ws::UDP_RECV_MAX_COALESCED_SIZE),
    ("UDP_SEND_MSG_SIZE", ws::UDP_SEND_MSG_SIZE),
];

const IP: &[(&str, i32)] = &[
    ("IP_ADD_MEMBERSHIP", ws::IP_ADD_MEMBERSHIP),
    ("IP_ADD_SOURCE_MEMBERSHIP", ws::IP_ADD_SOURCE_MEMBERSHIP),
    ("IP_BLOCK_SOURCE", ws::IP_BLOCK_SOURCE),
    ("IP_DONTFRAGMENT", ws::IP_DONTFRAGMENT),
    ("IP_DROP_MEMBERSHIP", ws::IP_DROP_MEMBERSHIP),
    ("IP_DROP_SOURCE_MEMBERSHIP", ws::IP_DROP_SOURCE_MEMBERSHIP),
    ("IP_HDRINCL", ws::IP_HDRINCL),
    ("IP_MTU", ws::IP_MTU),
    ("IP_MTU_DISCOVER", ws::IP_MTU_DISCOVER),
    ("IP_MULTICAST_IF", ws::IP_MULTICAST_IF),
    ("IP_MULTICAST_LOOP", ws::IP_MULTICAST_LOOP),
    ("IP_MULTICAST_TTL", ws::IP_MULTICAST_TTL),
    ("IP_OPTIONS", ws::IP_OPTIONS),
    ("IP_PKTINFO", ws::IP_PKTINFO),
    ("IP_RECEIVE_BROADCAST", ws::IP_RECEIVE_BROADCAST),
    ("IP_RECVDSTADDR", ws::IP_RECVDSTADDR),
    ("IP_RECVERR", ws::IP_RECVERR),
    ("IP_RECVIF", ws::IP_RECVIF),
    ("IP_RECVTOS", ws::IP_RECVTOS),
    ("IP_RECVTTL", ws::IP_RECVTTL),
    ("IP_TOS", ws::IP_TOS),
    ("IP_TTL", ws::IP_TTL),
    ("IP_UNBLOCK_SOURCE", ws::IP_UNBLOCK_SOURCE),
    ("IP_UNICAST_IF", ws::IP_UNICAST_IF),
    ("IP_UNSPECIFIED_TYPE_OF_SERVICE", ws::IP_UNSPECIFIED_TYPE_OF_SERVICE),
    ("IP_USER_MTU", ws::IP_USER_MTU),
    ("IP_WFP_REDIRECT_RECORDS", ws::IP_WFP_REDIRECT_RECORDS),
    ("MCAST_BLOCK_SOURCE", 43),
    ("MCAST_JOIN_GROUP", 41),
    ("MCAST_JOIN_SOURCE_GROUP", 45),
    ("MCAST_LEAVE_GROUP", 42),
    ("MCAST_LEAVE_SOURCE_GROUP", 46),
    ("MCAST_UNBLOCK_SOURCE", 44),
];

const IPV6: &[(&str, i32)] = &[
    ("IPV6_ADD_MEMBERSHIP", ws::IPV6_ADD_MEMBERSHIP),
    ("IPV6_CHECKSUM", ws::IPV6_CHECKSUM),
    ("IPV6_DONTFRAG", ws::IPV6_DONTFRAG),
    ("IPV6_DROP_MEMBERSHIP", ws::IPV6_DROP_MEMBERSHIP),
    ("IPV6_HDRINCL", ws::IPV6_HDRINCL),
    ("IPV6_HOPLIMIT", ws::IPV6_HOPLIMIT),
    ("IPV6_HOPOPTS", ws::IPV6_HOPOPTS),
    ("IPV6_JOIN_GROUP", ws::IPV6_JOIN_GROUP),
    ("IPV6_LEAVE_GROUP", ws::IPV6_LEAVE_GROUP),
    ("IPV6_MTU", ws::IPV6_MTU),
    ("IPV6_MTU_DISCOVER", ws::IPV6_MTU_DISCOVER),
    ("IPV6_MULTICAST_HOPS", ws::IPV6_MULTICAST_HOPS),
    ("IPV6_MULTICAST_IF", ws::IPV6_MULTICAST_IF),
    ("IPV6_MULTICAST_LOOP", ws::IPV6_MULTICAST_LOOP),
    ("IPV6_PKTINFO", ws::IPV6_PKTINFO),
    ("IPV6_PROTECTION_LEVEL", ws::IPV6_PROTECTION_LEVEL),
    ("IPV6_RECVERR", ws::IPV6_RECVERR),
    ("IPV6_RECVHOPLIMIT", ws::IPV6_HOPLIMIT),
    ("IPV6_RECVIF", ws::IPV6_RECVIF),
    ("IPV6_RECVPKTINFO", ws::IPV6_PKTINFO),
    ("IPV6_RECVRTHDR", ws::IPV6_RECVRTHDR),
    ("IPV6_RECVTCLASS", ws::IPV6_RECVTCLASS),
    ("IPV6_RTHDR", ws::IPV6_RTHDR),
    ("IPV6_TCLASS", ws::IPV6_TCLASS),
    ("IPV6_UNICAST_HOPS", ws::IPV6_UNICAST_HOPS),
    ("IPV6_UNICAST_IF", ws::IPV6_UNICAST_IF),
    ("IPV6_USER_MTU", ws::IPV6_USER_MTU),
    ("IPV6_V6ONLY", ws::IPV6_V6ONLY),
];
