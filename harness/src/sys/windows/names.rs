//! Names of message flags, poll events and option levels, with Winsock's numbers.
//!
//! Data only: how a name is found is `sys/names`.

use windows_sys::Win32::Networking::WinSock as ws;

/// `MSG_*` of `winsock2.h` and `ws2def.h`.
pub(in crate::sys) const MESSAGE: &[(&str, i32)] = &[
    ("MSG_OOB", ws::MSG_OOB),
    ("MSG_PEEK", ws::MSG_PEEK),
    ("MSG_DONTROUTE", ws::MSG_DONTROUTE),
    ("MSG_WAITALL", ws::MSG_WAITALL),
    ("MSG_INTERRUPT", 0x10),
    ("MSG_PUSH_IMMEDIATE", ws::MSG_PUSH_IMMEDIATE),
    ("MSG_TRUNC", 0x100),
    ("MSG_CTRUNC", 0x200),
    ("MSG_BCAST", 0x400),
    ("MSG_MCAST", 0x800),
    ("MSG_ERRQUEUE", 0x1000),
    ("MSG_PARTIAL", 0x8000),
];

/// `POLL*` of `winsock2.h`.
pub(in crate::sys) const EVENTS: &[(&str, i16)] = &[
    ("POLLIN", ws::POLLIN),
    ("POLLPRI", ws::POLLPRI),
    ("POLLOUT", ws::POLLOUT),
    ("POLLERR", ws::POLLERR),
    ("POLLHUP", ws::POLLHUP),
    ("POLLNVAL", ws::POLLNVAL),
    ("POLLRDBAND", ws::POLLRDBAND),
    ("POLLWRBAND", ws::POLLWRBAND),
];

/// Events that are never named: `POLLIN` is `POLLRDNORM | POLLRDBAND`, `POLLOUT` is `POLLWRNORM`.
pub(in crate::sys) const EVENT_ALIASES: &[(&str, i16)] =
    &[("POLLRDNORM", ws::POLLRDNORM), ("POLLWRNORM", ws::POLLWRNORM)];

/// Levels of getsockopt and of control messages. The `SOL_` of protocols are Unix's spelling.
pub(in crate::sys) const LEVELS: &[(&str, i32)] = &[
    ("SOL_SOCKET", ws::SOL_SOCKET),
    ("IPPROTO_IP", ws::IPPROTO_IP),
    ("SOL_IP", ws::IPPROTO_IP),
    ("IPPROTO_ICMP", ws::IPPROTO_ICMP),
    ("IPPROTO_TCP", ws::IPPROTO_TCP),
    ("SOL_TCP", ws::IPPROTO_TCP),
    ("IPPROTO_UDP", ws::IPPROTO_UDP),
    ("SOL_UDP", ws::IPPROTO_UDP),
    ("IPPROTO_IPV6", ws::IPPROTO_IPV6),
    ("SOL_IPV6", ws::IPPROTO_IPV6),
    ("IPPROTO_ICMPV6", ws::IPPROTO_ICMPV6),
    ("SOL_ICMPV6", ws::IPPROTO_ICMPV6),
    ("IPPROTO_RAW", ws::IPPROTO_RAW),
    ("SOL_RAW", ws::IPPROTO_RAW),
];

/// Address families and types of socket. The protocols are among the levels.
pub(in crate::sys) const SOCKET_WORDS: &[(&str, i32)] = &[
    ("AF_UNSPEC", ws::AF_UNSPEC as i32),
    ("AF_UNIX", ws::AF_UNIX as i32),
    ("AF_INET", ws::AF_INET as i32),
    ("AF_INET6", ws::AF_INET6 as i32),
    ("SOCK_STREAM", ws::SOCK_STREAM),
    ("SOCK_DGRAM", ws::SOCK_DGRAM),
    ("SOCK_SEQPACKET", ws::SOCK_SEQPACKET),
    ("SOCK_RAW", ws::SOCK_RAW),
    ("SOCK_RDM", ws::SOCK_RDM),
];
