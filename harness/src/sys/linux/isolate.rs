//! A network namespace for each thread: its own loopback, ports, tables and settings.
//!
//! Never touches the network of the process it was started in: leaving is only ever forward.
//! Source: `network_namespaces(7)`, `user_namespaces(7)`.

use std::fs;

use super::answer;
use crate::errno::Errno;

/// Makes [`isolate_thread`] possible for this process. To be called once, before there is a second
/// thread; nothing changes where the privilege is there already.
///
/// Without it, the process goes into a user namespace in which it keeps its user and group and may
/// make network namespaces. The error says what forbids that. There, it may also bind ports below
/// 1024 and set privileged options, as root may.
pub fn prepare_isolation() -> Result<(), String> {
    if has_sys_admin() {
        return Ok(());
    }
    // SAFETY: takes nothing and cannot fail.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    // SAFETY: takes numbers only.
    answer(unsafe { libc::unshare(libc::CLONE_NEWUSER) })
        .map_err(|errno| refused("a user namespace", errno))?;
    // Mapped to themselves: a scenario about credentials sees the user that it is. Without
    // `deny`, gid_map is refused to the unprivileged.
    write("setgroups", "deny")?;
    write("uid_map", &format!("{user} {user} 1"))?;
    write("gid_map", &format!("{group} {group} 1"))
}

/// Puts this thread alone into a new network namespace with loopback up. Sockets opened before
/// stay where they were. May be repeated; the last one left is torn down by the kernel when its
/// last socket and table are closed.
pub fn isolate_thread() -> Result<(), String> {
    // SAFETY: takes numbers only; of this thread, only the network changes.
    answer(unsafe { libc::unshare(libc::CLONE_NEWNET) })
        .map_err(|errno| refused("a network namespace", errno))?;
    raise_loopback().map_err(|errno| format!("loopback cannot be brought up: {errno}"))
}

/// Whether [`isolate_thread`] works here, tried on a thread of its own. The error says why not.
pub fn can_isolate() -> Result<(), String> {
    let thread = std::thread::Builder::new().name("can_isolate".to_owned()).spawn(isolate_thread);
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err("the probe panicked".to_owned()),
        Err(error) => Err(format!("no thread for the probe: {error}")),
    }
}

/// ioctl(2) `SIOCSIFFLAGS`, netdevice(7). `127.0.0.1` and `::1` come with it.
fn raise_loopback() -> Result<(), Errno> {
    /// `IFF_UP | IFF_RUNNING` of `linux/if.h`; the C library has them as ints.
    const UP: libc::c_short = 0x41;
    let socket = super::Socket::open(crate::kind::Kind::Udp4, false)?;
    // SAFETY: all zeroes are a valid ifreq: an empty name and no flags.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes()) {
        *to = from.cast_signed() as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = UP;
    // SAFETY: the call reads an ifreq.
    answer(unsafe { libc::ioctl(socket.raw(), libc::SIOCSIFFLAGS, &raw const request) }).map(drop)
}

/// Whether unshare(2) of the network is allowed: bit 21, `CAP_SYS_ADMIN`, of the effective set.
fn has_sys_admin() -> bool {
    const CAP_SYS_ADMIN: u32 = 21;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let bits = set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    bits.is_some_and(|bits| bits >> CAP_SYS_ADMIN & 1 == 1)
}

fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(format!("/proc/self/{file}"), text).map_err(|error| format!("{file}: {error}"))
}

fn refused(what: &str, errno: Errno) -> String {
    format!("the system refuses {what}: {} ({errno})", errno.meaning())
}
