//! Peers: sockets with a script of their own.
//!
//! [`spec`] is the one description of a peer; [`schedule`] decides what is sent when and [`reads`] when
//! it reads, pure functions of the time that is passed in; [`random`] draws what a seed gives.
//! [`live`] makes the calls that these ask for, over real sockets, and never waits: whoever gives it
//! turns does.

mod link;
pub mod live;
pub mod random;
pub mod reads;
pub mod schedule;
pub mod spec;
