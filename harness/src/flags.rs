//! The names of message flags (`MSG_PEEK`), poll events (`POLLIN`) and select's sets, of all systems.
//!
//! Pure: a name is interned here at parse time; its number is `sys::message_flag` and
//! `sys::event`, which say `None` where the system has no such flag.

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
