//! epoll(7): an instance is a descriptor, watched sockets are told by a number of the caller's.
//!
//! Never waits.

use crate::errno::Errno;
use crate::sys::unix::{RawSocket, Socket, answer};

/// `EPOLL_CTL_ADD`.
pub const EPOLL_ADD: i32 = libc::EPOLL_CTL_ADD;

/// `EPOLL_CTL_MOD`.
pub const EPOLL_MODIFY: i32 = libc::EPOLL_CTL_MOD;

/// `EPOLL_CTL_DEL`.
pub const EPOLL_DELETE: i32 = libc::EPOLL_CTL_DEL;

/// Names of events and flags; the C library lacks some numbers of `linux/eventpoll.h`.
const NAMES: [(&str, u32); 15] = [
    ("EPOLLIN", 0x1),
    ("EPOLLPRI", 0x2),
    ("EPOLLOUT", 0x4),
    ("EPOLLERR", 0x8),
    ("EPOLLHUP", 0x10),
    ("EPOLLRDNORM", 0x40),
    ("EPOLLRDBAND", 0x80),
    ("EPOLLWRNORM", 0x100),
    ("EPOLLWRBAND", 0x200),
    ("EPOLLMSG", 0x400),
    ("EPOLLRDHUP", 0x2000),
    ("EPOLLEXCLUSIVE", 1 << 28),
    ("EPOLLWAKEUP", 1 << 29),
    ("EPOLLONESHOT", 1 << 30),
    ("EPOLLET", 1 << 31),
];

/// What one call tells at most, however much it is asked for.
const MOST: usize = 1024;

/// Whether there is epoll.
pub fn can_epoll() -> Result<(), String> {
    Ok(())
}

/// `epoll_create1(2)`, close-on-exec.
pub fn epoll_create() -> Result<Socket, Errno> {
    // SAFETY: takes a number only.
    answer(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(Socket::from_raw)
}

/// `epoll_ctl(2)`: the socket is told of by `number`.
pub fn epoll_control(
    instance: &Socket,
    action: i32,
    watched: RawSocket,
    events: &[&str],
    number: u64,
) -> Result<(), Errno> {
    let bit =
        |name: &str| NAMES.iter().find(|(known, _)| *known == name).map_or(0, |(_, bit)| *bit);
    let events = events.iter().fold(0, |bits, name| bits | bit(name));
    let mut event = libc::epoll_event { events, u64: number };
    // SAFETY: `event` is an epoll_event that outlives the call.
    answer(unsafe { libc::epoll_ctl(instance.raw(), action, watched, &raw mut event) }).map(drop)
}

/// `epoll_wait(2)` without waiting: the numbers of what is ready, with their events.
pub fn epoll_wait(
    instance: &Socket,
    maxevents: i32,
) -> Result<Vec<(u64, Vec<&'static str>)>, Errno> {
    let room = usize::try_from(maxevents).unwrap_or(0).min(MOST);
    let mut told = vec![libc::epoll_event { events: 0, u64: 0 }; room.max(1)];
    let asked = maxevents.min(i32::try_from(MOST).unwrap_or(i32::MAX));
    // SAFETY: `told` has room for `asked` events, or `asked` is refused.
    let ready = answer(unsafe { libc::epoll_wait(instance.raw(), told.as_mut_ptr(), asked, 0) })?;
    told.truncate(usize::try_from(ready).unwrap_or(0));
    Ok(told.iter().map(|event| (event.u64, names_of(event.events))).collect())
}

fn names_of(bits: u32) -> Vec<&'static str> {
    NAMES.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect()
}
