//! The platform's own tests: real sockets on loopback, port 0 always, no sleeps.
//!
//! What they share with other Unix systems is in `sys/unix/tests`.

mod messages;
mod options;
mod processes;
mod programs;
mod sockets;
mod tables;

use crate::sys::unix::tests::{PATIENCE, bound, connected, listener, loopback, wait};
