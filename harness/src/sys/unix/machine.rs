//! Who this process is, and what uname(2) says.
//!
//! Changes nothing.

/// uname(2) `release`: the kernel's.
pub(in crate::sys) fn release() -> String {
    // SAFETY: all zeroes are a valid utsname: empty strings.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes a utsname. Where it fails the strings stay empty.
    unsafe { libc::uname(&raw mut names) };
    let bytes = names.release.iter().map(|byte| byte.to_ne_bytes()[0]);
    String::from_utf8_lossy(&bytes.take_while(|byte| *byte != 0).collect::<Vec<_>>()).into_owned()
}

/// Whether the effective user is root. The error says who it is.
pub fn is_root() -> Result<(), String> {
    // SAFETY: takes nothing and cannot fail.
    match unsafe { libc::geteuid() } {
        0 => Ok(()),
        id => Err(format!("user {id} is not root")),
    }
}

/// getpid(2).
pub fn process_id() -> i32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getpid() }
}

/// getuid(2): as `SCM_CREDENTIALS` and `SO_PEERCRED` show it unless it is set otherwise.
pub fn user_id() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getuid() }
}

/// getgid(2).
pub fn group_id() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getgid() }
}

/// getrlimit(2) `RLIMIT_NOFILE`: how many descriptors this process may have open.
pub fn descriptor_limit() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes an rlimit.
    let told = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    (told == 0).then(|| usize::try_from(limit.rlim_cur).ok()).flatten()
}
