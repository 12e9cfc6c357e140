//! Levels and numbers of socket options on macOS.
//!
//! The C library's constant where it has one, else that of XNU's public headers (`sys/socket.h`,
//! `netinet/tcp.h`, `netinet/in.h`, and `netinet6/in6.h` as RFC 3542 has it).

/// Level and number of an option; `None` where macOS has none of that name.
pub fn option_number(name: &str) -> Option<(i32, i32)> {
    // `MCAST_*` stand at both IP levels, with one number; IPv4's is given here.
    let tables = [
        (libc::SOL_SOCKET, SOCKET),
        (libc::SOL_LOCAL, LOCAL),
        (libc::IPPROTO_TCP, TCP),
        (libc::IPPROTO_IP, IP),
        (libc::IPPROTO_IPV6, IPV6),
    ];
    tables.into_iter().find_map(|(level, table)| {
        table.iter().find(|(known, _)| *known == name).map(|(_, number)| (level, *number))
    })
}

/// The name of a control message whose data is a plain number. Of IPv4 it is the name of the
/// option that asks for it (`ip_savecontrol` of `bsd/netinet/ip_input.c`).
pub(in crate::sys) fn control_number(level: i32, kind: i32) -> Option<&'static str> {
    match (level, kind) {
        (libc::IPPROTO_IP, libc::IP_RECVTTL) => Some("IP_RECVTTL"),
        (libc::IPPROTO_IP, libc::IP_RECVTOS) => Some("IP_RECVTOS"),
        (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => Some("IPV6_HOPLIMIT"),
        (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) => Some("IPV6_TCLASS"),
        _ => None,
    }
}

const SOCKET: &[(&str, i32)] = &[
    ("SO_ACCEPTCONN", libc::SO_ACCEPTCONN),
    ("SO_BINDTODEVICE", 0x1134),
    ("SO_BROADCAST", libc::SO_BROADCAST),
    ("SO_DEBUG", libc::SO_DEBUG),
    ("SO_DONTROUTE", libc::SO_DONTROUTE),
    ("SO_ERROR", libc::SO_ERROR),
    ("SO_KEEPALIVE", libc::SO_KEEPALIVE),
    ("SO_LINGER", libc::SO_LINGER),
    ("SO_LINGER_SEC", libc::SO_LINGER_SEC),
    ("SO_NOSIGPIPE", libc::SO_NOSIGPIPE),
    ("SO_NREAD", libc::SO_NREAD),
    ("SO_NUMRCVPKT", 0x1112),
    ("SO_NWRITE", libc::SO_NWRITE),
    ("SO_OOBINLINE", libc::SO_OOBINLINE),
    ("SO_RANDOMPORT", libc::SO_RANDOMPORT),
    ("SO_RCVBUF", libc::SO_RCVBUF),
    ("SO_RCVLOWAT", libc::SO_RCVLOWAT),
    ("SO_RCVTIMEO", libc::SO_RCVTIMEO),
    ("SO_REUSEADDR", libc::SO_REUSEADDR),
    ("SO_REUSEPORT", libc::SO_REUSEPORT),
    ("SO_REUSESHAREUID", libc::SO_REUSESHAREUID),
    ("SO_SNDBUF", libc::SO_SNDBUF),
    ("SO_SNDLOWAT", libc::SO_SNDLOWAT),
    ("SO_SNDTIMEO", libc::SO_SNDTIMEO),
    ("SO_TIMESTAMP", libc::SO_TIMESTAMP),
    ("SO_TYPE", libc::SO_TYPE),
    ("SO_USELOOPBACK", libc::SO_USELOOPBACK),
];

const LOCAL: &[(&str, i32)] =
    &[("LOCAL_PEERCRED", libc::LOCAL_PEERCRED), ("LOCAL_PEERPID", libc::LOCAL_PEERPID)];

const TCP: &[(&str, i32)] = &[
    ("TCP_CONNECTIONTIMEOUT", 0x20),
    ("TCP_CONNECTION_INFO", libc::TCP_CONNECTION_INFO),
    ("TCP_ENABLE_ECN", 0x104),
    ("TCP_FASTOPEN", libc::TCP_FASTOPEN),
    ("TCP_KEEPALIVE", libc::TCP_KEEPALIVE),
    ("TCP_KEEPCNT", libc::TCP_KEEPCNT),
    ("TCP_KEEPINTVL", libc::TCP_KEEPINTVL),
    ("TCP_MAXSEG", libc::TCP_MAXSEG),
    ("TCP_NODELAY", libc::TCP_NODELAY),
    ("TCP_NOOPT", libc::TCP_NOOPT),
    ("TCP_NOPUSH", libc::TCP_NOPUSH),
    ("TCP_NOTSENT_LOWAT", 0x201),
    ("TCP_RXT_CONNDROPTIME", 0x80),
    ("TCP_RXT_FINDROP", 0x100),
    ("TCP_SENDMOREACKS", 0x103),
];

const IP: &[(&str, i32)] = &[
    ("IP_ADD_MEMBERSHIP", libc::IP_ADD_MEMBERSHIP),
    ("IP_ADD_SOURCE_MEMBERSHIP", libc::IP_ADD_SOURCE_MEMBERSHIP),
    ("IP_BLOCK_SOURCE", libc::IP_BLOCK_SOURCE),
    ("IP_BOUND_IF", libc::IP_BOUND_IF),
    ("IP_DONTFRAG", libc::IP_DONTFRAG),
    ("IP_DROP_MEMBERSHIP", libc::IP_DROP_MEMBERSHIP),
    ("IP_DROP_SOURCE_MEMBERSHIP", libc::IP_DROP_SOURCE_MEMBERSHIP),
    ("IP_HDRINCL", libc::IP_HDRINCL),
    ("IP_MSFILTER", 74),
    ("IP_MULTICAST_IF", libc::IP_MULTICAST_IF),
    ("IP_MULTICAST_LOOP", libc::IP_MULTICAST_LOOP),
    ("IP_MULTICAST_TTL", libc::IP_MULTICAST_TTL),
    ("IP_OPTIONS", 1),
    ("IP_PKTINFO", libc::IP_PKTINFO),
    ("IP_PORTRANGE", 19),
    ("IP_RECVDSTADDR", libc::IP_RECVDSTADDR),
    ("IP_RECVIF", libc::IP_RECVIF),
    ("IP_RECVOPTS", 5),
    ("IP_RECVPKTINFO", libc::IP_PKTINFO),
    ("IP_RECVTOS", libc::IP_RECVTOS),
    ("IP_RECVTTL", libc::IP_RECVTTL),
    ("IP_RETOPTS", 8),
    ("IP_TOS", libc::IP_TOS),
    ("IP_TTL", libc::IP_TTL),
    ("IP_UNBLOCK_SOURCE", libc::IP_UNBLOCK_SOURCE),
    ("MCAST_BLOCK_SOURCE", libc::MCAST_BLOCK_SOURCE),
    ("MCAST_JOIN_GROUP", libc::MCAST_JOIN_GROUP),
    ("MCAST_JOIN_SOURCE_GROUP", libc::MCAST_JOIN_SOURCE_GROUP),
    ("MCAST_LEAVE_GROUP", libc::MCAST_LEAVE_GROUP),
    ("MCAST_LEAVE_SOURCE_GROUP", libc::MCAST_LEAVE_SOURCE_GROUP),
    ("MCAST_UNBLOCK_SOURCE", libc::MCAST_UNBLOCK_SOURCE),
];

const IPV6: &[(&str, i32)] = &[
    ("IPV6_AUTOFLOWLABEL", 59),
    ("IPV6_BOUND_IF", libc::IPV6_BOUND_IF),
    ("IPV6_CHECKSUM", libc::IPV6_CHECKSUM),
    ("IPV6_DONTFRAG", libc::IPV6_DONTFRAG),
    ("IPV6_DSTOPTS", 50),
    ("IPV6_HOPLIMIT", libc::IPV6_HOPLIMIT),
    ("IPV6_HOPOPTS", 49),
    ("IPV6_JOIN_GROUP", libc::IPV6_JOIN_GROUP),
    ("IPV6_LEAVE_GROUP", libc::IPV6_LEAVE_GROUP),
    ("IPV6_MULTICAST_HOPS", libc::IPV6_MULTICAST_HOPS),
    ("IPV6_MULTICAST_IF", libc::IPV6_MULTICAST_IF),
    ("IPV6_MULTICAST_LOOP", libc::IPV6_MULTICAST_LOOP),
    ("IPV6_NEXTHOP", 48),
    ("IPV6_PATHMTU", 44),
    ("IPV6_PKTINFO", libc::IPV6_PKTINFO),
    ("IPV6_PORTRANGE", 14),
    ("IPV6_RECVDSTOPTS", 40),
    ("IPV6_RECVHOPLIMIT", libc::IPV6_RECVHOPLIMIT),
    ("IPV6_RECVHOPOPTS", 39),
    ("IPV6_RECVPATHMTU", 43),
    ("IPV6_RECVPKTINFO", libc::IPV6_RECVPKTINFO),
    ("IPV6_RECVRTHDR", 38),
    ("IPV6_RECVTCLASS", libc::IPV6_RECVTCLASS),
    ("IPV6_RTHDR", 51),
    ("IPV6_RTHDRDSTOPTS", 57),
    ("IPV6_TCLASS", libc::IPV6_TCLASS),
    ("IPV6_UNICAST_HOPS", libc::IPV6_UNICAST_HOPS),
    ("IPV6_USE_MIN_MTU", 42),
    ("IPV6_V6ONLY", libc::IPV6_V6ONLY),
];
