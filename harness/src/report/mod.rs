//! What people and programs read: one file a format.
//!
//! Pure: values in, text out. Never opens a file or a socket, never prints.

pub mod problems;
