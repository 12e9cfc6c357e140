//! What sockets really do: a conformance suite and test harness.
pub mod address;
pub mod errno;
pub mod expect;
pub mod flags;
pub mod frame;
pub mod kind;
pub mod op;
pub mod option;
pub mod outcome;
pub mod payload;
pub mod platform;
pub mod report;
pub mod scenario;
pub mod source;
pub mod tcp_state;
