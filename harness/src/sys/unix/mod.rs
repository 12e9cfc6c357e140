//! What POSIX has, once for all Unix systems; what is one system's own is in its folder.
//!
//! Never knows on which of them it runs.

pub(super) mod address;
pub(super) mod time;
