//! Linux: what `sys/mod.rs` asks of a platform, over libc.
//!
//! Never retries, never waits longer than asked. Numbers are those of the kernel's UAPI headers.
//!
//! What Linux shares with other systems is beside this folder, and in `sys/unix`. Here, `table` for
//! what the kernel says of connections; `isolate` for a network namespace a thread.

pub(super) mod address;
mod epoll;
mod isolate;
pub(super) mod layout;
mod machine;
pub(super) mod message;
pub(super) mod names;
pub(super) mod options;
mod poll;
mod proc_net;
mod process;
mod readiness;
mod signal;
pub(super) mod socket;
mod table;
mod tcp_info;
#[cfg(test)]
mod tests;
mod thread;

pub use epoll::{
    EPOLL_ADD, EPOLL_DELETE, EPOLL_MODIFY, can_epoll, epoll_control, epoll_create, epoll_wait,
};
pub use isolate::{can_isolate, isolate_thread, prepare_isolation};
pub use machine::{
    can_list_connections, can_pair, can_poll_errors, can_tell_unsent, ephemeral_ports, identify,
    open_descriptors, reserve_descriptors, resident_memory, sysctl, thread_count,
};
pub use options::option_number;
pub use poll::{
    CLOSED_ASKED, CLOSED_SIGNS, CLOSED_WAKES, POLL_GRAIN, POLLIN, POLLOUT, Waker, poll,
    sharpen_timers,
};
pub use process::start_tree;
pub use readiness::{Readiness, WAIT_GRAIN};
pub use signal::{can_signal, signal_thread, signals_handled, watching_sigpipe};
pub use table::{ConnectionTable, has_queued};
pub use thread::{RunDelay, ThreadId, current_thread_id, interrupt, is_blocked, run_delay};

use crate::errno::Errno;
use crate::platform::System;
pub use crate::sys::unix::{
    AsRaw, Owned, RawSocket, Socket, can_fork, descriptor_limit, group_id, hold, is_root,
    process_id, select, unlink, user_id, without_descriptors,
};
use crate::sys::unix::{answer, count};
use crate::sys::{Address, bytes};

/// Whose error numbers and spellings these are.
pub const SYSTEM: System = System::Linux;

/// What a non-blocking connect says of a connection that has begun.
pub const CONNECTING: Errno = Errno::EINPROGRESS;

/// The error of a receive whose message was longer than the buffer: on Linux it is none.
pub const CUT: Option<Errno> = None;
