//! Names of message flags, poll events and option levels, and Winsock's numbers for them.
//!
//! A name that another system has and Windows has not is `None`: the scenario is told, not guessed.

use windows_sys::Win32::Networking::WinSock as ws;

/// `MSG_*` of `winsock2.h` and `ws2def.h`.
const MESSAGE: &[(&str, i32)] = &[
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

/// `POLL*` of `winsock2.h`. `POLLIN` is two events and `POLLOUT` another name for one.
const EVENTS: &[(&str, i16)] = &[
    ("POLLIN", ws::POLLIN),
    ("POLLPRI", ws::POLLPRI),
    ("POLLOUT", ws::POLLOUT),
    ("POLLERR", ws::POLLERR),
    ("POLLHUP", ws::POLLHUP),
    ("POLLNVAL", ws::POLLNVAL),
    ("POLLRDNORM", ws::POLLRDNORM),
    ("POLLRDBAND", ws::POLLRDBAND),
    ("POLLWRNORM", ws::POLLWRNORM),
    ("POLLWRBAND", ws::POLLWRBAND),
];

/// Those that are only another way to say `POLLIN` and `POLLOUT`.
const DOUBLES: [&str; 2] = ["POLLRDNORM", "POLLWRNORM"];

/// Levels of getsockopt and of control messages. The `SOL_` of protocols are Unix's spelling.
const LEVELS: &[(&str, i32)] = &[
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

/// The number of a message flag; `None` where Winsock has none of that name.
pub fn message_flag(name: &str) -> Option<i32> {
    MESSAGE.iter().find(|(known, _)| *known == name).map(|(_, bits)| *bits)
}

/// The names of the message flags set in `bits`, the lowest first. Bits without a name are left out.
pub fn message_flag_names(bits: i32) -> Vec<&'static str> {
    MESSAGE.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect()
}

/// The number of a poll event; `None` where Winsock has none of that name.
pub fn event(name: &str) -> Option<i16> {
    EVENTS.iter().find(|(known, _)| *known == name).map(|(_, bits)| *bits)
}

/// The names of the events set in `bits`, as a test with `&` finds them: `POLLIN` for any of its
/// two.
pub fn event_names(bits: i16) -> Vec<&'static str> {
    let single = EVENTS.iter().filter(|(name, _)| !DOUBLES.contains(name));
    single.filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect()
}

/// The number of an option level or protocol: `SOL_SOCKET`, `IPPROTO_TCP`.
pub fn level_number(name: &str) -> Option<i32> {
    LEVELS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}
