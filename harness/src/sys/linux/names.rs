//! Names of message flags, poll events and option levels, with Linux's numbers.
//!
//! Data only: how a name is found is `sys/names`.

/// `MSG_*` of Linux: those of the C library, and of `linux/socket.h` where it lacks them.
pub(in crate::sys) const MESSAGE: &[(&str, i32)] = &[
    ("MSG_OOB", libc::MSG_OOB),
    ("MSG_PEEK", libc::MSG_PEEK),
    ("MSG_DONTROUTE", libc::MSG_DONTROUTE),
    ("MSG_CTRUNC", libc::MSG_CTRUNC),
    ("MSG_PROXY", 0x10),
    ("MSG_TRUNC", libc::MSG_TRUNC),
    ("MSG_DONTWAIT", libc::MSG_DONTWAIT),
    ("MSG_EOR", libc::MSG_EOR),
    ("MSG_WAITALL", libc::MSG_WAITALL),
    ("MSG_FIN", libc::MSG_FIN),
    ("MSG_SYN", libc::MSG_SYN),
    ("MSG_CONFIRM", libc::MSG_CONFIRM),
    ("MSG_RST", libc::MSG_RST),
    ("MSG_ERRQUEUE", libc::MSG_ERRQUEUE),
    ("MSG_NOSIGNAL", libc::MSG_NOSIGNAL),
    ("MSG_MORE", libc::MSG_MORE),
    ("MSG_WAITFORONE", libc::MSG_WAITFORONE),
    ("MSG_BATCH", 0x4_0000),
    ("MSG_ZEROCOPY", 0x400_0000),
    ("MSG_FASTOPEN", libc::MSG_FASTOPEN),
    ("MSG_CMSG_CLOEXEC", libc::MSG_CMSG_CLOEXEC),
];

/// `POLL*` of Linux.
pub(in crate::sys) const EVENTS: &[(&str, i16)] = &[
    ("POLLIN", libc::POLLIN),
    ("POLLPRI", libc::POLLPRI),
    ("POLLOUT", libc::POLLOUT),
    ("POLLERR", libc::POLLERR),
    ("POLLHUP", libc::POLLHUP),
    ("POLLNVAL", libc::POLLNVAL),
    ("POLLRDNORM", libc::POLLRDNORM),
    ("POLLRDBAND", libc::POLLRDBAND),
    ("POLLWRNORM", libc::POLLWRNORM),
    ("POLLWRBAND", libc::POLLWRBAND),
    ("POLLMSG", 0x400),
    ("POLLREMOVE", 0x1000),
    ("POLLRDHUP", libc::POLLRDHUP),
];

/// Events that are never named: Linux has none.
pub(in crate::sys) const EVENT_ALIASES: &[(&str, i16)] = &[];

/// Levels of getsockopt(2) and of control messages, by both of their spellings.
pub(in crate::sys) const LEVELS: &[(&str, i32)] = &[
    ("SOL_SOCKET", libc::SOL_SOCKET),
    ("IPPROTO_IP", libc::IPPROTO_IP),
    ("SOL_IP", libc::SOL_IP),
    ("IPPROTO_ICMP", libc::IPPROTO_ICMP),
    ("IPPROTO_TCP", libc::IPPROTO_TCP),
    ("SOL_TCP", libc::SOL_TCP),
    ("IPPROTO_UDP", libc::IPPROTO_UDP),
    ("SOL_UDP", libc::SOL_UDP),
    ("IPPROTO_IPV6", libc::IPPROTO_IPV6),
    ("SOL_IPV6", libc::SOL_IPV6),
    ("IPPROTO_ICMPV6", libc::IPPROTO_ICMPV6),
    ("SOL_ICMPV6", libc::IPPROTO_ICMPV6),
    ("IPPROTO_RAW", libc::IPPROTO_RAW),
    ("SOL_RAW", libc::IPPROTO_RAW),
    ("SOL_PACKET", libc::SOL_PACKET),
    ("SOL_NETLINK", libc::SOL_NETLINK),
    ("SOL_TLS", libc::SOL_TLS),
];

/// Address families and types of socket(2). The protocols are among the levels.
pub(in crate::sys) const SOCKET_WORDS: &[(&str, i32)] = &[
    ("AF_UNSPEC", libc::AF_UNSPEC),
    ("AF_UNIX", libc::AF_UNIX),
    ("AF_INET", libc::AF_INET),
    ("AF_INET6", libc::AF_INET6),
    ("SOCK_STREAM", libc::SOCK_STREAM),
    ("SOCK_DGRAM", libc::SOCK_DGRAM),
    ("SOCK_SEQPACKET", libc::SOCK_SEQPACKET),
    ("SOCK_RAW", libc::SOCK_RAW),
    ("SOCK_RDM", libc::SOCK_RDM),
];
