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
static HANDLED: [AtomicU32; SLOTS] = [const { AtomicU32::new(0) }; SLOTS];

/// More than there are threads at a time.
const SLOTS: usize = 1024;

fn slot(id: libc::pid_t) -> usize {
    usize::try_from(id).unwrap_or(0) % SLOTS
}

extern "C" fn count(_signal: libc::c_int) {
    // SAFETY: takes nothing and cannot fail.
    HANDLED[slot(unsafe { libc::gettid() })].fetch_add(1, Ordering::Release);
}

/// Changes once the thread has handled a signal of [`signal_thread`]. One thread in 1024 shares the
/// number with this one.
pub fn signals_handled(thread: ThreadId) -> u32 {
    HANDLED[slot(thread.0)].load(Ordering::Acquire)
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

/// How many `SIGPIPE` threads were sent, by the thread's number.
static PIPES: [AtomicU32; SLOTS] = [const { AtomicU32::new(0) }; SLOTS];

extern "C" fn count_pipe(_signal: libc::c_int) {
    // SAFETY: takes nothing and cannot fail.
    PIPES[slot(unsafe { libc::gettid() })].fetch_add(1, Ordering::Release);
}

/// Makes a call; whether it raised `SIGPIPE`. From the first time on the process handles that signal
/// instead of ignoring it, as Rust's runtime has it: the call's own answer is the same.
pub fn watching_sigpipe<T>(call: impl FnOnce() -> T) -> (T, bool) {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| install(libc::SIGPIPE, count_pipe, libc::SA_RESTART));
    // SAFETY: takes nothing and cannot fail.
    let raised = &PIPES[slot(unsafe { libc::gettid() })];
    let before = raised.load(Ordering::Acquire);
    let answered = call();
    (answered, raised.load(Ordering::Acquire) != before)
}
