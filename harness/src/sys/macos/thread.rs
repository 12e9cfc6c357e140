//! Threads that are inside a blocking call: is it asleep, and how to get it out.
//!
//! Never ends a thread: an interrupted call answers `EINTR`, and its thread goes on from there.

use std::sync::Once;
use std::time::{Duration, Instant};

use crate::errno::Errno;
use crate::sys::imp::SYSTEM;
use crate::sys::unix::Socket;
use crate::sys::unix::signal::{install, nothing};

/// A thread by both of its names, and when it said so: see [`is_blocked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId {
    posix: libc::pthread_t,
    mach: libc::mach_port_t,
    since: Instant,
}

/// Between [`current_thread_id`] and its call, a thread may sleep for a lock, as malloc's, much
/// shorter than this.
const NOT_BEFORE: Duration = Duration::from_millis(2);

/// The calling thread, right before its call.
pub fn current_thread_id() -> ThreadId {
    // SAFETY: takes nothing and cannot fail.
    let posix = unsafe { libc::pthread_self() };
    // SAFETY: the thread is the calling one, so it is there. The name is the thread's own: it is
    // counted for nobody and given back by nobody.
    let mach = unsafe { libc::pthread_mach_thread_np(posix) };
    ThreadId { posix, mach, since: Instant::now() }
}

/// Whether the thread sleeps: `thread_info` `THREAD_BASIC_INFO` says that it waits, 2 ms or more
/// after [`current_thread_id`]. For what it waits macOS does not tell, so a lock counts too. False
/// once the thread has ended. How many `looks` there were before does not matter here.
pub fn is_blocked(thread: ThreadId, _looks: u32) -> bool {
    if thread.since.elapsed() < NOT_BEFORE {
        return false;
    }
    // SAFETY: all zeroes are a valid thread_basic_info, which is numbers only.
    let mut info: libc::thread_basic_info = unsafe { std::mem::zeroed() };
    let mut count = libc::THREAD_BASIC_INFO_COUNT;
    let at = (&raw mut info).cast();
    let flavor = libc::THREAD_BASIC_INFO.cast_unsigned();
    // SAFETY: `at` has room for `count` words; a name that is no thread's any more is refused.
    let told = unsafe { libc::thread_info(thread.mach, flavor, at, &raw mut count) };
    told == libc::KERN_SUCCESS && info.run_state == libc::TH_STATE_WAITING
}

/// `pthread_kill(3)` with a signal that does nothing but end a blocking call with `EINTR`.
///
/// A thread not yet inside the call does not notice: ask [`is_blocked`] first, or repeat until the
/// call has returned. `ESRCH` once the thread has ended. Other systems ask which socket it is in.
pub fn interrupt(thread: ThreadId, _socket: Option<&Socket>) -> Result<(), Errno> {
    static HANDLER: Once = Once::new();
    // macOS has no real-time signals. SIGURG is sent only to who asked for it by F_SETOWN, and is
    // what Go's runtime interrupts its threads with for that reason.
    const SIGNAL: libc::c_int = libc::SIGURG;
    HANDLER.call_once(|| install(SIGNAL, nothing, 0));
    // SAFETY: the signal has a handler, so it ends nothing. libpthread looks the thread up in its
    // list before it touches it.
    match unsafe { libc::pthread_kill(thread.posix, SIGNAL) } {
        0 => Ok(()),
        number => Err(Errno::from_number(SYSTEM, number)),
    }
}

/// How long a thread has been ready to run without a CPU: macOS does not count that.
#[derive(Debug)]
pub struct RunDelay(());

impl RunDelay {
    /// Always `None`.
    pub fn open() -> Option<RunDelay> {
        None
    }

    /// Always `None`.
    pub fn read(&self) -> Option<Duration> {
        let RunDelay(()) = self;
        None
    }
}

/// [`RunDelay::read`] of the calling thread, once: `None`.
pub fn run_delay() -> Option<Duration> {
    RunDelay::open()?.read()
}
