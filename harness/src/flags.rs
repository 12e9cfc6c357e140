//! The names of message flags (`MSG_PEEK`), poll and epoll events (`POLLIN`, `EPOLLIN`), select's
//! sets, and of what socket(2) is given, of all systems.
//!
//! Pure: a name is interned here at parse time; its number is `sys::message_flag`, `sys::event` and
//! their like, which say `None` where the system has no such flag.

/// Every message flag of send(2) and recv(2) that some system has.
pub const MESSAGE: [&str; 32] = [
    // POSIX
    "MSG_OOB",
    "MSG_PEEK",
    "MSG_DONTROUTE",
    "MSG_CTRUNC",
    "MSG_TRUNC",
    "MSG_EOR",
    "MSG_WAITALL",
    "MSG_NOSIGNAL",
    // Linux, some of them macOS too
    "MSG_DONTWAIT",
    "MSG_PROXY",
    "MSG_FIN",
    "MSG_SYN",
    "MSG_CONFIRM",
    "MSG_RST",
    "MSG_ERRQUEUE",
    "MSG_MORE",
    "MSG_WAITFORONE",
    "MSG_BATCH",
    "MSG_ZEROCOPY",
    "MSG_FASTOPEN",
    "MSG_CMSG_CLOEXEC",
    // macOS
    "MSG_EOF",
    "MSG_FLUSH",
    "MSG_HOLD",
    "MSG_SEND",
    "MSG_HAVEMORE",
    "MSG_RCVMORE",
    // Windows
    "MSG_PARTIAL",
    "MSG_INTERRUPT",
    "MSG_PUSH_IMMEDIATE",
    "MSG_BCAST",
    "MSG_MCAST",
];

/// Every event of poll(2) that some system has.
pub const EVENTS: [&str; 13] = [
    "POLLIN",
    "POLLPRI",
    "POLLOUT",
    "POLLERR",
    "POLLHUP",
    "POLLNVAL",
    "POLLRDNORM",
    "POLLRDBAND",
    "POLLWRNORM",
    "POLLWRBAND",
    // Linux
    "POLLMSG",
    "POLLREMOVE",
    "POLLRDHUP",
];

/// The sets of select(2), in the order of its arguments.
pub const SETS: [&str; 3] = ["readfds", "writefds", "exceptfds"];

/// The flags of a descriptor that `fd_flags` tells of.
pub const DESCRIPTOR: [&str; 3] = ["FD_CLOEXEC", "O_NONBLOCK", "HANDLE_FLAG_INHERIT"];

/// Every event of `epoll_wait(2)`, then every flag of `epoll_ctl(2)`.
pub const EPOLL: [&str; 15] = [
    "EPOLLIN",
    "EPOLLPRI",
    "EPOLLOUT",
    "EPOLLERR",
    "EPOLLHUP",
    "EPOLLRDNORM",
    "EPOLLRDBAND",
    "EPOLLWRNORM",
    "EPOLLWRBAND",
    "EPOLLMSG",
    "EPOLLRDHUP",
    // Flags
    "EPOLLEXCLUSIVE",
    "EPOLLWAKEUP",
    "EPOLLONESHOT",
    "EPOLLET",
];

/// Address families of socket(2).
pub const DOMAINS: [&str; 4] = ["AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_INET6"];

/// Types of socket(2).
pub const TYPES: [&str; 5] =
    ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET", "SOCK_RAW", "SOCK_RDM"];

/// Protocols of socket(2).
pub const PROTOCOLS: [&str; 6] =
    ["IPPROTO_IP", "IPPROTO_ICMP", "IPPROTO_TCP", "IPPROTO_UDP", "IPPROTO_IPV6", "IPPROTO_ICMPV6"];

/// The epoll event or flag of that name, interned.
pub fn epoll(name: &str) -> Option<&'static str> {
    EPOLL.into_iter().find(|known| *known == name)
}

/// The message flag of that name, interned. `None` where no system has it.
pub fn message(name: &str) -> Option<&'static str> {
    MESSAGE.into_iter().find(|known| *known == name)
}

/// The flag of that name, of a message or of a descriptor. `None` where no system has it.
pub fn told(name: &str) -> Option<&'static str> {
    message(name).or_else(|| DESCRIPTOR.into_iter().find(|known| *known == name))
}

/// Every flag that an operation tells of.
pub fn all_told() -> Vec<&'static str> {
    MESSAGE.into_iter().chain(DESCRIPTOR).collect()
}

/// The poll event of that name, interned. `None` where no system has it.
pub fn event(name: &str) -> Option<&'static str> {
    EVENTS.into_iter().find(|known| *known == name)
}

/// The set of select(2) of that name, interned.
pub fn set(name: &str) -> Option<&'static str> {
    SETS.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_interned() {
        assert_eq!(message("MSG_PEEK"), Some("MSG_PEEK"));
        assert_eq!(message("PEEK"), None);
        assert_eq!(event("POLLRDHUP"), Some("POLLRDHUP"));
        assert_eq!(event("MSG_PEEK"), None);
    }

    #[test]
    fn no_name_stands_twice() {
        let mut all: Vec<&str> = MESSAGE.into_iter().chain(EVENTS).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), MESSAGE.len() + EVENTS.len());
    }
}
