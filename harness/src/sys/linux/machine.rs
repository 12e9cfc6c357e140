//! The machine and this process: which kernel, what it can do, what the process holds.
//!
//! Reads `/proc` and tries things; changes nothing. Probes say why not, for the word after `skip`.

use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::platform::{Implementation, Platform, System, Version};
use crate::sys::unix::machine::release;

/// Which kernel answers. Called once: it may read the kernel's log. Version 0 where the release
/// does not begin with a number.
#[expect(clippy::missing_panics_doc, reason = "a zero is a version")]
pub fn identify() -> Platform {
    // gVisor has no /proc/sys/kernel/osrelease.
    let (linux, is_gvisor) = (release(), is_gvisor());
    let release = match std::env::var(RUNSC) {
        Ok(runsc) if is_gvisor => format!("{runsc} (as Linux {linux})"),
        Ok(_) | Err(_) => linux,
    };
    let version = Version::parse(&release).or_else(|| Version::parse("0"));
    Platform {
        system: System::Linux,
        implementation: is_gvisor.then_some(Implementation::Gvisor),
        version: version.expect("a zero is a version"),
        release,
    }
}

/// The variable by which gVisor's version is told, as its releases are numbered: `20221219.0`.
/// Inside, gVisor gives the version of the Linux that it answers for, and nothing of its own.
const RUNSC: &str = "SOCKDRILL_RUNSC";

/// gVisor says what it is in its version or, older ones, only in the first line of its log.
fn is_gvisor() -> bool {
    let version = fs::read_to_string("/proc/version").unwrap_or_default();
    version.to_lowercase().contains("gvisor")
        || kernel_log().windows(15).any(|part| part == b"Starting gVisor")
}

/// syslog(2) `SYSLOG_ACTION_READ_ALL`: the last 4 KiB of the kernel's log, which is all of
/// gVisor's. Empty without the privilege.
fn kernel_log() -> Vec<u8> {
    const SYSLOG_ACTION_READ_ALL: libc::c_int = 3;
    let mut log = vec![0_u8; 4096];
    // SAFETY: `log` has room for the 4096 bytes.
    let len = unsafe { libc::klogctl(SYSLOG_ACTION_READ_ALL, log.as_mut_ptr().cast(), 4096) };
    log.truncate(usize::try_from(len).unwrap_or(0));
    log
}

/// A setting by its dotted name, as sysctl(8) reads it in this thread's network namespace:
/// `net.ipv4.tcp_tw_reuse`. `None` where there is none of that name.
pub fn sysctl(name: &str) -> Option<String> {
    // Dots separate and slashes stand for dots; neither leads out of /proc/sys.
    let ordinary = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if !name.chars().all(ordinary) || name.contains("..") || name.contains("//") {
        return None;
    }
    let swap = |c: char| match c {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    let path: String = name.chars().map(swap).collect();
    fs::read_to_string(format!("/proc/sys/{path}")).ok().map(|text| text.trim().to_owned())
}

/// The range from which bind(2) with port 0 chooses; `None` where the kernel does not say.
pub fn ephemeral_ports() -> Option<(u16, u16)> {
    let range = sysctl("net.ipv4.ip_local_port_range")?;
    let mut words = range.split_ascii_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// Whether there is socketpair(2).
pub fn can_pair() -> Result<(), String> {
    Ok(())
}

/// Whether [`Socket::unsent`](super::Socket::unsent) is answered.
pub fn can_tell_unsent() -> Result<(), String> {
    Ok(())
}

/// Whether poll reports an error of a socket as an event.
pub fn can_poll_errors() -> Result<(), String> {
    Ok(())
}

/// Whether a connection's state is told.
pub fn can_list_connections() -> Result<(), String> {
    Ok(())
}

/// Bytes of this process that are in memory; `None` where the kernel does not say.
pub fn resident_memory() -> Option<u64> {
    let pages: u64 =
        fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: takes a number only.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    Some(pages * page)
}

/// How many descriptors this process has open.
pub fn open_descriptors() -> usize {
    const FOLDER: &str = "/proc/self/fd";
    // Since Linux 6.2 the folder's size is their number; a listing looks at the whole table.
    match fs::metadata(FOLDER).map(|folder| usize::try_from(folder.len())) {
        Ok(Ok(count @ 1..)) => count,
        // Without the one that is open for it.
        _ => fs::read_dir(FOLDER).map_or(0, |all| all.count().saturating_sub(1)),
    }
}

/// Makes room for this many descriptors. Linux doubles its table of them when it is full, and where
/// the process has several threads whoever opened the socket waits for milliseconds each time
/// (`expand_fdtable` in fs/file.c: for all processors to have let go of the old one).
pub fn reserve_descriptors(count: usize) {
    let Ok(last) = libc::c_int::try_from(count.saturating_sub(1)) else { return };
    // The table reaches as far as the highest number in use, if only for a moment.
    let Ok(any) = fs::File::open("/dev/null") else { return };
    // SAFETY: takes numbers only.
    let raw = unsafe { libc::fcntl(any.as_raw_fd(), libc::F_DUPFD_CLOEXEC, last) };
    if raw >= 0 {
        // SAFETY: the call has just returned it; nobody else owns it.
        drop(unsafe { OwnedFd::from_raw_fd(raw) });
    }
}

/// How many threads this process has.
pub fn thread_count() -> usize {
    fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}
