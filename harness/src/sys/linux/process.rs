//! A program that does not outlive us, even where we are killed.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use process_wrap::std::ChildWrapper;

use crate::sys::unix;

/// Starts `command` as the leader of a process group of its own. To kill it kills the group; where
/// the thread that started it ends first, however that comes, the kernel kills the program itself
/// (`PR_SET_PDEATHSIG`).
pub fn start_tree(mut command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    let end_with_us = || {
        // SAFETY: a system call with numbers; it is safe between fork and exec.
        match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: the closure makes one system call, which allocates nothing and takes no lock.
    unsafe { command.pre_exec(end_with_us) };
    unix::process::start_tree(command)
}
