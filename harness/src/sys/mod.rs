//! What a platform must supply, and nothing else: the only place with `cfg(target…)` and `unsafe`.
//!
//! A platform is one module, `imp` below, that has all of these:
//!
//! | what | items |
//! |---|---|
//! | sockets, one system call a function, never retried | [`Socket`] and its methods |
//! | messages | [`Socket::recv_msg`], [`Socket::send_msg`] with the types of `message` |
//! | waiting | [`poll`], [`POLL_GRAIN`], [`select`], [`POLLIN`], [`POLLOUT`], [`CLOSED_ASKED`], [`CLOSED_SIGNS`], [`CLOSED_WAKES`], [`Waker`], [`Readiness`], [`WAIT_GRAIN`], [`sharpen_timers`] |
//! | answers that differ in shape | [`CONNECTING`], [`CUT`] |
//! | epoll, where there is one | [`epoll_create`], [`epoll_control`], [`epoll_wait`], [`EPOLL_ADD`], [`EPOLL_MODIFY`], [`EPOLL_DELETE`] |
//! | the connection table | [`ConnectionTable`], [`has_queued`] |
//! | the machine | [`SYSTEM`], [`identify`], [`sysctl`], [`ephemeral_ports`], [`can_pair`], [`can_tell_unsent`], [`can_poll_errors`], [`can_list_connections`], [`can_epoll`], [`can_signal`], [`can_isolate`], [`is_root`] |
//! | a network of one's own | [`prepare_isolation`], [`isolate_thread`] |
//! | threads in blocking calls | [`ThreadId`], [`current_thread_id`], [`is_blocked`], [`interrupt`], [`signal_thread`], [`signals_handled`], [`watching_sigpipe`], [`run_delay`], [`RunDelay`] |
//! | programs | [`start_tree`] |
//! | a second process with sockets of this one | [`can_fork`], [`hold`], [`without_descriptors`] |
//! | this process | [`process_id`], [`user_id`], [`group_id`], [`resident_memory`], [`open_descriptors`], [`descriptor_limit`], [`reserve_descriptors`], [`thread_count`], [`unlink`] |
//! | sockets of a library | [`AsRaw`], [`Owned`], [`Socket::watching`], [`Socket::disown`], [`Socket::into_owned`], [`Socket::fd_flags`] |
//! | numbers and layouts | [`option_number`], and the modules `address`, `layout` and `names` |
//!
//! What is the same everywhere stands once, beside the platforms, and asks those three modules for
//! the rest: [`Address`], [`PollFd`], [`Ready`], [`encode`] and its like, [`message_flag`] and its like,
//! [`can_kind`] and its like, [`byte_mask`], [`prefetch`]. What is POSIX stands once in `unix`.
//!
//! Every call answers what the system answered: `EINTR` and `EAGAIN` come back as they are, and
//! who waits or tries again is `net`. A platform never prints, never sleeps, never keeps a global.
//! To add one: write the module, name it below, and make the tests of `sys/unix` pass there, or those
//! of `sys/windows`.

mod address;
mod byte_mask;
mod bytes;
mod encode;
#[cfg(not(target_os = "linux"))]
mod lacking;
mod message;
mod names;
mod poll_fd;
mod prefetch;
mod probe;
mod readiness;
mod socket2;
#[cfg(unix)]
mod unix;

/// The items, where std and tokio have Unix sockets: not on Windows, which has them itself.
#[cfg(unix)]
macro_rules! where_std_has_unix {
    ({ $($item:item)* } else { $($other:item)* }) => { $($item)* };
    ($($item:item)*) => { $($item)* };
}

/// The items, where std and tokio have Unix sockets: not on Windows, which has them itself.
#[cfg(windows)]
macro_rules! where_std_has_unix {
    ({ $($item:item)* } else { $($other:item)* }) => { $($other)* };
    ($($item:item)*) => {};
}

pub(crate) use where_std_has_unix;

/// Whether std and tokio have Unix sockets here.
pub const STD_HAS_UNIX: bool = cfg!(unix);

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod imp;

#[cfg(target_os = "windows")]
#[path = "windows/mod.rs"]
mod imp;

#[cfg(target_os = "macos")]
#[path = "macos/mod.rs"]
mod imp;

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
compile_error!(
    "sockdrill has no sys module for this target yet: write one that supplies what sys/mod.rs lists"
);

pub use address::Address;
pub use byte_mask::byte_mask;
pub use encode::{decode, encode, value_len};
pub use imp::*;
pub use message::{Ancillary, Control, Credentials, Message, Received, Shutdown};
pub use names::{event, event_names, level_number, message_flag, message_flag_names, socket_word};
pub use poll_fd::PollFd;
pub use prefetch::prefetch;
pub use probe::{can_ipv6, can_kind};
pub use readiness::Ready;
pub use socket2::{through_uninit, to_socket2};
