//! The machine and this process: which Windows, or Wine, what it can do, what the process holds.
//!
//! Tries things; changes nothing. Probes say why not, for the word after `skip`.

use std::ffi::{CStr, c_char};

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Foundation::{CloseHandle, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentProcessId, GetProcessHandleCount, OpenProcessToken,
};

use crate::platform::{Implementation, Platform, System, Version};

/// Which Windows answers, or which Wine: of Wine, the version is Wine's own. `10.0.19045` is the
/// build as Windows numbers it.
#[expect(clippy::missing_panics_doc, reason = "a zero is a version")]
pub fn identify() -> Platform {
    let build = build();
    let wine = wine_version();
    let release = match &wine {
        Some(wine) => format!("{wine} (as Windows {build})"),
        None => build,
    };
    let version = Version::parse(&release).or_else(|| Version::parse("0"));
    Platform {
        system: System::Windows,
        implementation: wine.map(|_| Implementation::Wine),
        version: version.expect("a zero is a version"),
        release,
    }
}

/// `RtlGetVersion`, to which no manifest lies.
fn build() -> String {
    let mut info = OSVERSIONINFOW {
        dwOSVersionInfoSize: u32::try_from(size_of::<OSVERSIONINFOW>()).unwrap_or(0),
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: the call writes an OSVERSIONINFOW, whose size is filled in. It cannot fail.
    unsafe { RtlGetVersion(&raw mut info) };
    format!("{}.{}.{}", info.dwMajorVersion, info.dwMinorVersion, info.dwBuildNumber)
}

/// `wine_get_version` of ntdll, which only Wine has.
pub(super) fn wine_version() -> Option<String> {
    let name: Vec<u16> = "ntdll.dll\0".encode_utf16().collect();
    // SAFETY: the name ends with its NUL.
    let module = unsafe { GetModuleHandleW(name.as_ptr()) };
    if module.is_null() {
        return None;
    }
    // SAFETY: the module is loaded in every process and stays so; the name ends with its NUL.
    let found = unsafe { GetProcAddress(module, c"wine_get_version".as_ptr().cast()) }?;
    // SAFETY: the function of that name takes nothing and returns a string (Wine's
    // dlls/ntdll/version.c).
    let call: unsafe extern "C" fn() -> *const c_char = unsafe { std::mem::transmute(found) };
    // SAFETY: it returns a static string with its NUL.
    let text = unsafe { CStr::from_ptr(call()) };
    Some(text.to_string_lossy().into_owned())
}

/// Windows has no settings by dotted names: `None`.
pub fn sysctl(_name: &str) -> Option<String> {
    None
}

/// The range from which bind with port 0 chooses; Windows tells it to programs only through WMI,
/// so `None`.
pub fn ephemeral_ports() -> Option<(u16, u16)> {
    None
}

/// Whether there is socketpair(2): never.
pub fn can_pair() -> Result<(), String> {
    Err("windows has no socketpair".to_owned())
}

/// Whether [`Socket::unsent`](super::Socket::unsent) is answered: never.
pub fn can_tell_unsent() -> Result<(), String> {
    Err("windows does not tell what is in a send queue".to_owned())
}

/// Whether poll reports an error of a socket as an event.
pub fn can_poll_errors() -> Result<(), String> {
    Ok(())
}

/// Whether a connection's state is told.
pub fn can_list_connections() -> Result<(), String> {
    Ok(())
}

/// Whether this process runs elevated, as an administrator.
pub fn is_root() -> Result<(), String> {
    let mut token = std::ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always open, and the call writes a handle.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err("the process's token cannot be read".to_owned());
    }
    let mut elevation = TOKEN_ELEVATION { TokenIsElevated: 0 };
    let size = u32::try_from(size_of::<TOKEN_ELEVATION>()).unwrap_or(0);
    let (at, mut len) = ((&raw mut elevation).cast(), 0);
    // SAFETY: `at` has room for `size` bytes, and the token is open.
    let told = unsafe { GetTokenInformation(token, TokenElevation, at, size, &raw mut len) };
    // SAFETY: the token was opened above and is used no more.
    unsafe { CloseHandle(token) };
    match (told, elevation.TokenIsElevated) {
        (0, _) => Err("the process's token cannot be read".to_owned()),
        (_, 0) => Err("the process is not elevated".to_owned()),
        (_, _) => Ok(()),
    }
}

/// `GetCurrentProcessId`.
pub fn process_id() -> i32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { GetCurrentProcessId() }.cast_signed()
}

/// Windows has no user numbers: 0.
pub fn user_id() -> u32 {
    0
}

/// Windows has no group numbers: 0.
pub fn group_id() -> u32 {
    0
}

/// Bytes of this process that are in memory: its working set.
pub fn resident_memory() -> Option<u64> {
    let mut counters = PROCESS_MEMORY_COUNTERS::default();
    let size = u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS>()).ok()?;
    // SAFETY: `counters` has room for `size` bytes.
    let told = unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, size) };
    (told != 0).then(|| u64::try_from(counters.WorkingSetSize).ok()).flatten()
}

/// How many handles this process has open, sockets among them.
pub fn open_descriptors() -> usize {
    let mut count = 0;
    // SAFETY: the call writes a DWORD. Where it fails the count stays 0.
    unsafe { GetProcessHandleCount(GetCurrentProcess(), &raw mut count) };
    usize::try_from(count).unwrap_or(0)
}

/// How many handles a process may have: as many as there is memory for.
pub fn descriptor_limit() -> Option<usize> {
    None
}

/// How many threads this process has.
pub fn thread_count() -> usize {
    // SAFETY: takes numbers only; the second is passed over.
    let all = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) };
    if all == INVALID_HANDLE_VALUE {
        return 1;
    }
    // SAFETY: takes nothing and cannot fail.
    let own = unsafe { GetCurrentProcessId() };
    let mut entry = THREADENTRY32 {
        dwSize: u32::try_from(size_of::<THREADENTRY32>()).unwrap_or(0),
        ..THREADENTRY32::default()
    };
    let mut count = 0;
    // SAFETY: the snapshot is open, and the call writes a THREADENTRY32.
    let mut more = unsafe { Thread32First(all, &raw mut entry) };
    while more != 0 {
        count += usize::from(entry.th32OwnerProcessID == own);
        // SAFETY: as above.
        more = unsafe { Thread32Next(all, &raw mut entry) };
    }
    // SAFETY: the snapshot was opened above and is used no more.
    unsafe { CloseHandle(all) };
    count
}
