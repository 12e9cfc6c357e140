//! The machine and this process: which macOS, what it can do, what the process holds.
//!
//! Asks sysctl(3) and libproc; changes nothing. Probes say why not, for the word after `skip`.

use std::ffi::CString;
use std::fs;

use crate::platform::{Platform, System, Version};
use crate::sys::bytes::{i32_at, u64_at};
use crate::sys::unix::machine::release;
use crate::sys::unix::process_id;

/// Whether a signal can be sent to a thread, and `SIGPIPE` be seen: not here.
pub fn can_signal() -> Result<(), String> {
    Err("nobody has tried yet what signals do to calls on macos".to_owned())
}

/// Why there is no table of connections.
pub(super) const NO_TABLE: &str =
    "macOS tells of its connections by sysctl net.inet.tcp.pcblist_n, which nothing here reads yet";

/// Which macOS answers: `15.4 (24E248)`, its version as the user knows it and its build. Version 0
/// where the kernel tells only its own, as `Darwin 24.4.0`.
#[expect(clippy::missing_panics_doc, reason = "a zero is a version")]
pub fn identify() -> Platform {
    let version = sysctl("kern.osproductversion").filter(|text| !text.is_empty());
    let build = sysctl("kern.osversion").unwrap_or_default();
    let release = match &version {
        Some(version) => format!("{version} ({build})"),
        None => format!("Darwin {}", release()),
    };
    let version = version.as_deref().and_then(Version::parse).or_else(|| Version::parse("0"));
    Platform {
        system: System::Macos,
        implementation: None,
        version: version.expect("a zero is a version"),
        release,
    }
}

/// A setting by its dotted name, as sysctl(8) prints it: `net.inet.tcp.msl`. `None` where there is
/// none of that name, or where it is a structure.
pub fn sysctl(name: &str) -> Option<String> {
    /// `CTLTYPE` and its values, `sys/sysctl.h`.
    const TYPE: i32 = 0xf;
    const INT: i32 = 2;
    const STRING: i32 = 3;
    const QUAD: i32 = 4;
    let mib = mib(name)?;
    // `sysctl_sysctl_oidfmt` of bsd/kern/kern_newsysctl.c, which sysctl(8) asks too.
    let kind = i32_at(&read(&[&[0, 4], mib.as_slice()].concat())?, 0)?;
    let bytes = read(&mib)?;
    match kind & TYPE {
        INT => i32_at(&bytes, 0).map(|number| number.to_string()),
        QUAD => u64_at(&bytes, 0).map(|number| number.cast_signed().to_string()),
        STRING => {
            let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            Some(String::from_utf8_lossy(text).trim().to_owned())
        }
        _ => None,
    }
}

/// sysctlnametomib(3).
fn mib(name: &str) -> Option<Vec<libc::c_int>> {
    let name = CString::new(name).ok()?;
    // `CTL_MAXNAME` of sys/sysctl.h.
    let mut mib = vec![0; 12];
    let mut len = mib.len();
    // SAFETY: the name ends with its NUL, and `mib` has room for `len` ints.
    let returned = unsafe { libc::sysctlnametomib(name.as_ptr(), mib.as_mut_ptr(), &raw mut len) };
    mib.truncate(len);
    (returned == 0).then_some(mib)
}

/// sysctl(3), into 1 KiB: no number and no name is longer.
fn read(mib: &[libc::c_int]) -> Option<Vec<u8>> {
    let mut mib = mib.to_vec();
    let mut bytes = vec![0_u8; 1024];
    let mut len = bytes.len();
    let count = libc::c_uint::try_from(mib.len()).ok()?;
    let (name, at) = (mib.as_mut_ptr(), bytes.as_mut_ptr().cast());
    // SAFETY: `name` has `count` ints and `at` room for `len` bytes; nothing is set.
    let returned = unsafe { libc::sysctl(name, count, at, &raw mut len, std::ptr::null_mut(), 0) };
    bytes.truncate(len);
    (returned == 0).then_some(bytes)
}

/// The range from which bind(2) with port 0 chooses: `in_pcbbind` of `bsd/netinet/in_pcb.c`.
pub fn ephemeral_ports() -> Option<(u16, u16)> {
    let end = |name: &str| sysctl(&format!("net.inet.ip.portrange.{name}"))?.parse().ok();
    Some((end("first")?, end("last")?))
}

/// Whether there is socketpair(2).
pub fn can_pair() -> Result<(), String> {
    Ok(())
}

/// Whether [`Socket::unsent`](crate::sys::Socket::unsent) is answered.
pub fn can_tell_unsent() -> Result<(), String> {
    Ok(())
}

/// Whether poll reports an error of a socket as an event: never (`poll_callback` of
/// `bsd/kern/sys_generic.c` does so only for descriptors that it cannot watch).
pub fn can_poll_errors() -> Result<(), String> {
    Err("macOS's poll reports no errors of sockets".to_owned())
}

/// Whether a connection's state is told: never.
pub fn can_list_connections() -> Result<(), String> {
    Err(NO_TABLE.to_owned())
}

/// Bytes of this process that are in memory; `None` where the kernel does not say.
pub fn resident_memory() -> Option<u64> {
    task_info().map(|info| info.pti_resident_size)
}

/// How many descriptors this process has open, not counting the one that counts.
pub fn open_descriptors() -> usize {
    fs::read_dir("/dev/fd").map_or(0, |all| all.count().saturating_sub(1))
}

/// How many threads this process has.
pub fn thread_count() -> usize {
    task_info().and_then(|info| usize::try_from(info.pti_threadnum).ok()).unwrap_or(1)
}

/// `proc_pidinfo` `PROC_PIDTASKINFO`.
fn task_info() -> Option<libc::proc_taskinfo> {
    // SAFETY: all zeroes are a valid proc_taskinfo, which is numbers only.
    let mut info: libc::proc_taskinfo = unsafe { std::mem::zeroed() };
    let size = libc::c_int::try_from(size_of::<libc::proc_taskinfo>()).ok()?;
    let at = (&raw mut info).cast();
    // SAFETY: `at` has room for `size` bytes.
    let written = unsafe { libc::proc_pidinfo(process_id(), libc::PROC_PIDTASKINFO, 0, at, size) };
    (written == size).then_some(info)
}
