//! What a platform must supply, and nothing else: the only place with `cfg(target…)` and `unsafe`.
//!
//! A platform is one module, `imp` below, that has all of these:
//!
//! | what | items |
//! |---|---|
//! | addresses | [`Address`] |
//! | sockets, one system call a function, never retried | [`Socket`] and its methods |
//! | messages | [`Socket::recv_msg`], [`Socket::send_msg`] with the types of `message` |
//! | waiting | [`poll`], [`PollFd`], [`POLLIN`], [`POLLOUT`], [`CLOSED_ASKED`], [`CLOSED_SIGNS`], [`Waker`], [`sharpen_timers`] |
//! | answers that differ in shape | [`CONNECTING`], [`CUT`] |
//! | names and numbers | [`message_flag`], [`message_flag_names`], [`event`], [`event_names`], [`option_number`], [`level_number`] |
//! | option values | [`encode`], [`decode`], [`value_len`] |
//! | the connection table | [`ConnectionTable`], [`has_queued`] |
//! | the machine | [`SYSTEM`], [`identify`], [`sysctl`], [`ephemeral_ports`], [`can_ipv6`], [`can_kind`], [`can_pair`], [`can_tell_unsent`], [`can_isolate`], [`is_root`] |
//! | a network of one's own | [`prepare_isolation`], [`isolate_thread`] |
//! | threads in blocking calls | [`ThreadId`], [`current_thread_id`], [`is_blocked`], [`interrupt`], [`run_delay`], [`RunDelay`] |
//! | this process | [`process_id`], [`user_id`], [`group_id`], [`resident_memory`], [`open_descriptors`], [`thread_count`], [`unlink`] |
//!
//! Every call answers what the system answered: `EINTR` and `EAGAIN` come back as they are, and
//! who waits or tries again is `net`. A platform never prints, never sleeps, never keeps a global.
//! To add one: write the module, name it below, and make the tests of `sys/linux` pass there.

mod message;

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod imp;

#[cfg(target_os = "windows")]
#[path = "windows/mod.rs"]
mod imp;

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
compile_error!(
    "sockdrill has no sys module for this target yet: write one that supplies what sys/mod.rs lists"
);

pub use imp::*;
pub use message::{Ancillary, Control, Credentials, Message, Received, Shutdown};
