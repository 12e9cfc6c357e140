//! Threads that are inside a blocking call: is it asleep, and how to get it out.
//!
//! Never ends a thread: its I/O is cancelled, and the call answers with an error.

use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{CloseHandle, GetLastError, HANDLE};
use windows_sys::Win32::System::IO::CancelIoEx;
use windows_sys::Win32::System::Threading::{
    GetCurrentThreadId, GetThreadIOPendingFlag, OpenThread, THREAD_QUERY_INFORMATION,
};

use super::{SYSTEM, Socket};
use crate::errno::Errno;

/// A thread by its number, and when it said so: see [`is_blocked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId {
    number: u32,
    since: Instant,
}

/// A request pending for so long is waited for: a call that does not block may have one for a
/// moment, such as a connect over loopback.
const PENDING_FOR: Duration = Duration::from_millis(10);

/// A call that has not returned after this is waiting for something: a loopback call takes below
/// 1 ms.
const BLOCKED_AFTER: Duration = Duration::from_millis(50);

/// Unless it has not come to its turn. Who looks sleeps between two looks and queues for a processor
/// like any thread, so after as many turns of its own the other had one.
const ENOUGH_LOOKS: u32 = 20;

/// The calling thread, right before its call.
pub fn current_thread_id() -> ThreadId {
    // SAFETY: takes nothing and cannot fail.
    ThreadId { number: unsafe { GetCurrentThreadId() }, since: Instant::now() }
}

/// Whether the thread waits inside a call: it has a request pending at a driver
/// (`GetThreadIOPendingFlag`) for 10 ms; or, since not every system tells that (Wine does not), 50 ms
/// and twenty `looks` of the caller, who slept between them, have passed since
/// [`current_thread_id`].
///
/// The second is no proof. It is wrong where a thread gets no processor in 50 ms in which another of
/// its process got one twenty times.
pub fn is_blocked(thread: ThreadId, looks: u32) -> bool {
    let since = thread.since.elapsed();
    since >= PENDING_FOR && has_request(thread.number)
        || since >= BLOCKED_AFTER && looks >= ENOUGH_LOOKS
}

fn has_request(number: u32) -> bool {
    // SAFETY: takes numbers only.
    let handle = unsafe { OpenThread(THREAD_QUERY_INFORMATION, 0, number) };
    if handle.is_null() {
        return false;
    }
    let mut pending = 0;
    // SAFETY: the handle is open, and the call writes a BOOL.
    let told = unsafe { GetThreadIOPendingFlag(handle, &raw mut pending) };
    // SAFETY: the handle was opened above and is used no more.
    unsafe { CloseHandle(handle) };
    told != 0 && pending != 0
}

/// `CancelIoEx`: cancels what is pending on the socket that the thread's call is about; the call
/// answers `WSA_OPERATION_ABORTED` or `WSAEINTR`. Nothing on Windows interrupts a thread as a
/// signal does.
///
/// A thread not yet inside the call does not notice: repeat until the call has returned.
/// `ERROR_NOT_FOUND` where nothing is pending.
pub fn interrupt(_thread: ThreadId, socket: Option<&Socket>) -> Result<(), Errno> {
    let Some(socket) = socket else { return Ok(()) };
    let handle = socket.raw() as HANDLE;
    // SAFETY: a socket is a handle; a null pointer means all requests of this process on it.
    if unsafe { CancelIoEx(handle, std::ptr::null()) } != 0 {
        return Ok(());
    }
    // SAFETY: takes nothing and cannot fail.
    Err(Errno::from_number(SYSTEM, unsafe { GetLastError() }.cast_signed()))
}

/// How long a thread has been ready to run without a CPU: Windows does not count that.
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
