//! A second process with sockets of this one: fork(2) and no exec.
//!
//! A child has one thread whatever this process has, so it makes nothing but calls that
//! signal-safety(7) allows: it allocates nothing, takes no lock, and leaves by `_exit`. For a moment it
//! has a copy of every descriptor, so nothing that is watched elsewhere may be closed meanwhile: who
//! forks is alone.

use super::{answer, socket::Socket};
use crate::errno::{Errno, known};
use crate::kind::Kind;
use crate::sys::imp::SYSTEM;

/// Descriptors that other threads may open between the look at what is open and the fork.
const SLACK: i32 = 64;

/// The child ended before it said a word.
const ENDED: Errno = known("ECHILD");

/// Whether a process can be forked.
pub fn can_fork() -> Result<(), String> {
    Ok(())
}

/// Forks a process that has a descriptor of `socket`, and one for the word to end: it ends once what is
/// returned is closed.
pub fn hold(socket: &Socket) -> Result<Socket, Errno> {
    let (ours, theirs) = Socket::pair(Kind::UnixStream, true)?;
    let highest = highest_descriptor();
    // SAFETY: the child calls `holder` alone, which keeps to what is allowed after a fork.
    let child = answer(unsafe { libc::fork() })?;
    if child == 0 {
        holder(socket.raw(), theirs.raw(), highest);
    }
    drop(theirs);
    reap(child);
    let mut ready = [0];
    match ours.recv(&mut ready, 0)? {
        0 => Err(ENDED),
        _ => Ok(ours),
    }
}

/// Forks once more, so that its parent has nobody left to reap, closes what it is not to hold, says so,
/// and waits for the end of `control`.
fn holder(held: i32, control: i32, highest: i32) -> ! {
    // SAFETY: calls that signal-safety(7) allows, with numbers and a buffer of one byte.
    unsafe {
        if libc::fork() != 0 {
            libc::_exit(0);
        }
        for number in (0..=highest).filter(|number| ![held, control].contains(number)) {
            libc::close(number);
        }
        let mut byte = 0_u8;
        if libc::write(control, (&raw const byte).cast(), 1) == 1 {
            while libc::read(control, (&raw mut byte).cast(), 1) > 0 {}
        }
        libc::_exit(0)
    }
}

/// Makes the call in a child process that gets no descriptor any more: `RLIMIT_NOFILE` is a whole
/// process's. The call has to be one that signal-safety(7) allows, and one that opens a descriptor.
pub fn without_descriptors<T>(call: impl FnOnce() -> Result<T, Errno>) -> Result<(), Errno> {
    let (ours, theirs) = Socket::pair(Kind::UnixStream, true)?;
    // SAFETY: the child calls setrlimit, the call and write, then leaves.
    let child = answer(unsafe { libc::fork() })?;
    if child == 0 {
        let number = match deprive().and_then(|()| call()) {
            Ok(_) => 0,
            Err(errno) => errno.number(SYSTEM).unwrap_or(-1),
        };
        // SAFETY: `number` has four bytes to read; the rest are numbers.
        unsafe {
            libc::write(theirs.raw(), (&raw const number).cast(), size_of::<i32>());
            libc::_exit(0)
        }
    }
    drop(theirs);
    let mut number = [0; size_of::<i32>()];
    let told = ours.recv(&mut number, 0);
    reap(child);
    match (told?, i32::from_ne_bytes(number)) {
        (4, 0) => Ok(()),
        (4, number) => Err(Errno::from_number(SYSTEM, number)),
        _ => Err(ENDED),
    }
}

/// setrlimit(2): the numbers below 3 are in use, as Rust's runtime sees to, and none above is to be had.
/// With a limit of 0 `F_DUPFD` would be `EINVAL` for its argument. What is open stays open.
fn deprive() -> Result<(), Errno> {
    let limit = libc::rlimit { rlim_cur: 3, rlim_max: 3 };
    // SAFETY: the call reads one `rlimit`.
    answer(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }).map(drop)
}

/// waitpid(2), for a child that ends by itself.
fn reap(child: libc::pid_t) {
    loop {
        // SAFETY: a null status is allowed.
        match answer(unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) }) {
            Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// The highest number that is open, or may be by the time of the fork.
fn highest_descriptor() -> i32 {
    let open = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // Where there is no such folder: more than any run opens.
    numbers.max().unwrap_or(4096) + SLACK
}
