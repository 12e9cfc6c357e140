//! Signals as a scenario sends and sees them.
//!
//! Never ends a thread or a process.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use super::thread::{ThreadId, tell};
use crate::errno::Errno;
use crate::sys::unix::signal::install;

/// Whether a signal can be sent to a thread, and `SIGPIPE` be seen.
pub fn can_signal() -> Result<(), String> {
    Ok(())
}

/// How many signals of [`signal_thread`] threads have handled, by the thread's number.
static HANDLED: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];

fn slot(id: libc::pid_t) -> &'static AtomicU32 {
    &HANDLED[usize::try_from(id).unwrap_or(0) % HANDLED.len()]
}

extern "C" fn count(_signal: libc::c_int) {
    // SAFETY: takes nothing and cannot fail.
    slot(unsafe { libc::gettid() }).fetch_add(1, Ordering::Release);
}

/// Changes once the thread has handled a signal of [`signal_thread`]. One thread in 1024 shares the
/// number with this one.
pub fn signals_handled(thread: ThreadId) -> u32 {
    slot(thread.0).load(Ordering::Acquire)
}

/// tgkill(2) with a signal whose handler does nothing that the call could see: a blocking call ends with `EINTR`, or with
/// `restart`, for which the handler has `SA_RESTART`, may be made again by the kernel.
pub fn signal_thread(thread: ThreadId, restart: bool) -> Result<(), Errno> {
    static HANDLERS: Once = Once::new();
    // Those after the one of `interrupt`.
    let (plain, restarting) = (libc::SIGRTMIN() + 6, libc::SIGRTMIN() + 7);
    HANDLERS.call_once(|| {
        install(plain, count, 0);
        install(restarting, count, libc::SA_RESTART);
    });
    tell(thread, if restart { restarting } else { plain })
}

/// Makes a call with `SIGPIPE` held back; whether it was raised. The kernel never discards a signal
/// that is blocked (`sig_ignored` of kernel/signal.c), though Rust's runtime ignores this one.
pub fn watching_sigpipe<T>(call: impl FnOnce() -> T) -> (T, bool) {
    // SAFETY: all zeroes are a valid sigset_t, which the calls then set.
    let (mut pipe, mut before): (libc::sigset_t, libc::sigset_t) = unsafe { std::mem::zeroed() };
    // SAFETY: both are sets of this frame; the calls cannot fail with these arguments.
    unsafe {
        libc::sigemptyset(&raw mut pipe);
        libc::sigaddset(&raw mut pipe, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, &raw mut before);
    }
    let answered = call();
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: takes the signal away where there is one; the set and the time outlive the call.
    let raised =
        unsafe { libc::sigtimedwait(&raw const pipe, std::ptr::null_mut(), &raw const now) };
    // SAFETY: the set is what the first call wrote.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut()) };
    (answered, raised == libc::SIGPIPE)
}
