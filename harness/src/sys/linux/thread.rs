//! Threads that are inside a blocking call: is it asleep, and how to get it out.
//!
//! Never ends a thread: an interrupted call answers `EINTR`, and its thread goes on from there.

use std::fs;
use std::sync::Once;
use std::time::Duration;

use super::answer;
use crate::errno::Errno;

/// gettid(2): the kernel's number of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(libc::pid_t);

/// The calling thread.
pub fn current_thread_id() -> ThreadId {
    // SAFETY: takes nothing and cannot fail.
    ThreadId(unsafe { libc::gettid() })
}

/// Whether the thread sleeps inside a system call other than a lock's: proc(5) `task/TID/syscall`.
/// False once it has ended. Where that file is missing, any sleep counts (`task/TID/stat`).
///
/// A thread that waits for a channel or a mutex is in futex(2), which is not what is asked.
pub fn is_blocked(thread: ThreadId) -> bool {
    let ThreadId(id) = thread;
    match fs::read_to_string(format!("/proc/self/task/{id}/syscall")) {
        // `running`, or -1 for a sleep outside of any call, or the call's number.
        Ok(text) => {
            let number = text.split(' ').next().and_then(|word| word.parse::<i64>().ok());
            #[allow(clippy::useless_conversion, reason = "32 bits on some targets")]
            let futex = i64::from(libc::SYS_futex);
            number.is_some_and(|number| number >= 0 && number != futex)
        }
        Err(_) => sleeps(id),
    }
}

/// State `S` in `stat`, after the name, which may hold anything.
fn sleeps(id: libc::pid_t) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/self/task/{id}/stat")) else { return false };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
}

/// tgkill(2) with a signal that does nothing but end a blocking call with `EINTR`.
///
/// A thread not yet inside the call does not notice: ask [`is_blocked`] first, or repeat until the
/// call has returned. `ESRCH` once the thread has ended.
pub fn interrupt(thread: ThreadId) -> Result<(), Errno> {
    static HANDLER: Once = Once::new();
    // SIGURG and its like are ignored by default and would interrupt nothing. The first real-time
    // signals are the C library's and, by custom, those of debuggers and Java.
    let signal = libc::SIGRTMIN() + 5;
    HANDLER.call_once(|| install(signal));
    let ThreadId(id) = thread;
    // SAFETY: takes numbers only; the signal has a handler, so it ends nothing.
    let returned = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), id, signal) };
    answer(if returned == -1 { -1 } else { 0 }).map(drop)
}

extern "C" fn nothing(_signal: libc::c_int) {}

/// Without `SA_RESTART`: a restarted call would not have been interrupted.
fn install(signal: libc::c_int) {
    // SAFETY: all zeroes are a valid sigaction: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
    // SAFETY: the handler does nothing, so it is safe at any moment. It fails only for a signal
    // that does not exist.
    unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
}

/// How long this thread was ready to run and had no CPU, since it began: the second number of
/// `schedstat`. The difference over a measurement says whether its times can be trusted. `None`
/// where the kernel does not count it.
pub fn run_delay() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}
