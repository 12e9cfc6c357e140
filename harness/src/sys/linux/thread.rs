//! Threads that are inside a blocking call: is it asleep, and how to get it out.
//!
//! Never ends a thread: an interrupted call answers `EINTR`, and its thread goes on from there.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Once;
use std::time::Duration;

use crate::errno::Errno;
use crate::sys::unix::signal::{install, nothing};
use crate::sys::unix::{Socket, answer};

/// gettid(2): the kernel's number of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(pub(super) libc::pid_t);

/// The calling thread.
pub fn current_thread_id() -> ThreadId {
    // SAFETY: takes nothing and cannot fail.
    ThreadId(unsafe { libc::gettid() })
}

/// What a thread may sleep in on its way to its call: a lock, a channel, memory.
const ON_THE_WAY: [libc::c_long; 7] = [
    libc::SYS_futex,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
];

/// Where the call is not told: a thread seen asleep after so many looks is not on its way any more.
const ENOUGH_LOOKS: u32 = 20;

/// Whether the thread sleeps inside its call, which is no lock's and not about memory: proc(5)
/// `task/TID/syscall`. False once it has ended.
///
/// Where that file is missing, as on gVisor, it is asleep by `task/TID/stat` when as many `looks` of
/// the caller, who sleeps between them, have gone by: no proof.
pub fn is_blocked(thread: ThreadId, looks: u32) -> bool {
    let ThreadId(id) = thread;
    match read_line(&format!("/proc/self/task/{id}/syscall")) {
        // `running`, or -1 for a sleep outside of any call, or the call's number.
        Some(text) => {
            let number = text.split(' ').next().and_then(|word| word.parse::<libc::c_long>().ok());
            number.is_some_and(|number| number >= 0 && !ON_THE_WAY.contains(&number))
        }
        None => looks >= ENOUGH_LOOKS && sleeps(id),
    }
}

/// State `S` in `stat`, after the name, which may hold anything.
fn sleeps(id: libc::pid_t) -> bool {
    let stat = read_line(&format!("/proc/self/task/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
}

/// One read: half the calls of `fs::read_to_string`, and these lines are short.
fn read_line(path: &str) -> Option<String> {
    let mut line = [0; 512];
    let len = File::open(path).and_then(|mut file| file.read(&mut line)).ok()?;
    Some(String::from_utf8_lossy(&line[..len]).into_owned())
}

/// tgkill(2) with a signal that does nothing but end a blocking call with `EINTR`.
///
/// A thread not yet inside the call does not notice: ask [`is_blocked`] first, or repeat until the
/// call has returned. `ESRCH` once the thread has ended. Other systems ask which socket it is in.
pub fn interrupt(thread: ThreadId, _socket: Option<&Socket>) -> Result<(), Errno> {
    static HANDLER: Once = Once::new();
    // SIGURG and its like are ignored by default and would interrupt nothing. The first real-time
    // signals are the C library's and, by custom, those of debuggers and Java.
    let signal = libc::SIGRTMIN() + 5;
    HANDLER.call_once(|| install(signal, nothing, 0));
    tell(thread, signal)
}

/// tgkill(2) with a signal that has a handler.
pub(super) fn tell(thread: ThreadId, signal: libc::c_int) -> Result<(), Errno> {
    let ThreadId(id) = thread;
    // SAFETY: takes numbers only; the signal has a handler, so it ends nothing.
    let returned = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), id, signal) };
    answer(if returned == -1 { -1 } else { 0 }).map(drop)
}

/// How long the thread that opened it has been ready to run without a CPU: the second number of
/// `schedstat`, proc(5). What it grew by over a measurement says whether its times can be trusted.
#[derive(Debug)]
pub struct RunDelay(File);

impl RunDelay {
    /// Of the calling thread; `None` where the kernel does not count it.
    pub fn open() -> Option<RunDelay> {
        let delay = RunDelay(File::open("/proc/thread-self/schedstat").ok()?);
        delay.read().map(|_| delay)
    }

    /// Since the thread began. Costs about 1 µs, a tenth of opening it.
    pub fn read(&self) -> Option<Duration> {
        let mut line = [0; 128];
        let len = self.0.read_at(&mut line, 0).ok()?;
        let text = std::str::from_utf8(&line[..len]).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
    }
}

/// [`RunDelay::read`] of the calling thread, once.
pub fn run_delay() -> Option<Duration> {
    RunDelay::open()?.read()
}
