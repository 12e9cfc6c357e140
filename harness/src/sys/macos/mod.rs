//! macOS: what `sys/mod.rs` asks of a platform, over libc. **Compiled, never run**: nobody who wrote
//! it had a Mac. It was reviewed against the sources of XNU 11417.101 (macOS 15.4), which the
//! comments name by file and function.
//!
//! Never retries, never waits longer than asked. What could not be written without running it is
//! refused with the reason: the connection table, a listener's queue, errors as poll events.
//!
//! What macOS shares with other systems is beside this folder, and in `sys/unix`.

pub(super) mod address;
mod errno;
mod isolate;
pub(super) mod layout;
mod machine;
pub(super) mod message;
pub(super) mod names;
pub(super) mod options;
pub(super) mod poll;
pub(super) mod socket;
mod table;
#[cfg(test)]
mod tests;
mod thread;

pub use super::lacking::{
    EPOLL_ADD, EPOLL_DELETE, EPOLL_MODIFY, can_epoll, epoll_control, epoll_create, epoll_wait,
    reserve_descriptors, signal_thread, signals_handled, watching_sigpipe,
};
pub use super::readiness::Readiness;
pub use super::unix::process::start_tree;
pub use super::unix::{
    AsRaw, Owned, RawSocket, Socket, can_fork, descriptor_limit, group_id, hold, is_root,
    process_id, select, unlink, user_id, without_descriptors,
};
pub use isolate::{can_isolate, isolate_thread, prepare_isolation};
pub use machine::{
    can_list_connections, can_pair, can_poll_errors, can_signal, can_tell_unsent, ephemeral_ports,
    identify, open_descriptors, resident_memory, sysctl, thread_count,
};
pub use options::option_number;
pub use poll::{
    CLOSED_ASKED, CLOSED_SIGNS, CLOSED_WAKES, POLL_GRAIN, POLLIN, POLLOUT, WAIT_GRAIN, Waker, poll,
    sharpen_timers,
};
pub use table::{ConnectionTable, has_queued};
pub use thread::{RunDelay, ThreadId, current_thread_id, interrupt, is_blocked, run_delay};

use crate::errno::Errno;
use crate::platform::System;

/// Whose error numbers and spellings these are.
pub const SYSTEM: System = System::Macos;

/// What a non-blocking connect says of a connection that has begun.
pub const CONNECTING: Errno = Errno::EINPROGRESS;

/// The error of a receive whose message was longer than the buffer: on macOS it is none.
pub const CUT: Option<Errno> = None;
