//! Names of message flags, poll events and option levels, with macOS's numbers.
//!
//! Data only: how a name is found is `sys/names`.

/// `MSG_*` of `sys/socket.h`.
pub(in crate::sys) const MESSAGE: &[(&str, i32)] = &[
    ("MSG_OOB", libc::MSG_OOB),
    ("MSG_PEEK", libc::MSG_PEEK),
    ("MSG_DONTROUTE", libc::MSG_DONTROUTE),
    ("MSG_EOR", libc::MSG_EOR),
    ("MSG_TRUNC", libc::MSG_TRUNC),
    ("MSG_CTRUNC", libc::MSG_CTRUNC),
    ("MSG_WAITALL", libc::MSG_WAITALL),
    ("MSG_DONTWAIT", libc::MSG_DONTWAIT),
    ("MSG_EOF", libc::MSG_EOF),
    ("MSG_FLUSH", libc::MSG_FLUSH),
    ("MSG_HOLD", libc::MSG_HOLD),
    ("MSG_SEND", libc::MSG_SEND),
    ("MSG_HAVEMORE", libc::MSG_HAVEMORE),
    ("MSG_RCVMORE", libc::MSG_RCVMORE),
    ("MSG_NOSIGNAL", libc::MSG_NOSIGNAL),
];

/// `POLL*` of `sys/poll.h`.
pub(in crate::sys) const EVENTS: &[(&str, i16)] = &[
    ("POLLIN", libc::POLLIN),
    ("POLLPRI", libc::POLLPRI),
    ("POLLOUT", libc::POLLOUT),
    ("POLLERR", libc::POLLERR),
    ("POLLHUP", libc::POLLHUP),
    ("POLLNVAL", libc::POLLNVAL),
    ("POLLRDNORM", libc::POLLRDNORM),
    ("POLLRDBAND", libc::POLLRDBAND),
    ("POLLWRBAND", libc::POLLWRBAND),
];

/// Events that are never named: `POLLWRNORM` is `POLLOUT`.
pub(in crate::sys) const EVENT_ALIASES: &[(&str, i16)] = &[("POLLWRNORM", libc::POLLWRNORM)];

/// Levels of getsockopt(2) and of control messages. The `SOL_` of protocols are Linux's spelling.
pub(in crate::sys) const LEVELS: &[(&str, i32)] = &[
    ("SOL_SOCKET", libc::SOL_SOCKET),
    ("SOL_LOCAL", libc::SOL_LOCAL),
    ("IPPROTO_IP", libc::IPPROTO_IP),
    ("SOL_IP", libc::IPPROTO_IP),
    ("IPPROTO_ICMP", libc::IPPROTO_ICMP),
    ("IPPROTO_TCP", libc::IPPROTO_TCP),
    ("SOL_TCP", libc::IPPROTO_TCP),
    ("IPPROTO_UDP", libc::IPPROTO_UDP),
    ("SOL_UDP", libc::IPPROTO_UDP),
    ("IPPROTO_IPV6", libc::IPPROTO_IPV6),
    ("SOL_IPV6", libc::IPPROTO_IPV6),
    ("IPPROTO_ICMPV6", libc::IPPROTO_ICMPV6),
    ("SOL_ICMPV6", libc::IPPROTO_ICMPV6),
    ("IPPROTO_RAW", libc::IPPROTO_RAW),
    ("SOL_RAW", libc::IPPROTO_RAW),
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
