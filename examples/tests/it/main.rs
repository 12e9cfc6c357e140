//! The programs as people run them: real processes on loopback, and what they print.
//!
//! Each server is ready when it has printed its address, and is stopped when its test ends, also by
//! a panic. Never a fixed port, and no test waits for time to pass.

mod chat;
mod commands;
mod echo;
mod many;
mod process;
mod wrong;
