//! Peers: sockets with a script of their own.
//!
//! [`spec`] is the one description of a peer; [`schedule`] decides what is sent when and [`reads`] when
//! it reads, pure functions of the time that is passed in; [`random`] draws what a seed gives.

pub mod random;
pub mod reads;
pub mod schedule;
pub mod spec;
