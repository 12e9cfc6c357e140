//! A signal that does nothing but end a blocking call with `EINTR`.
//!
//! Never ends a thread or a process. Who sends it, and to whom, is the system's.

/// The handlers that [`install`] is given do no more than this, which is safe at any moment.
pub(in crate::sys) extern "C" fn nothing(_signal: libc::c_int) {}

/// With these flags: without `SA_RESTART`, since a restarted call would not have been interrupted.
pub(in crate::sys) fn install(
    signal: libc::c_int,
    handler: extern "C" fn(libc::c_int),
    flags: libc::c_int,
) {
    // SAFETY: all zeroes are a valid sigaction: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = flags;
    // SAFETY: the handler is one that is safe at any moment. It fails only for a signal
    // that does not exist.
    unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
}
