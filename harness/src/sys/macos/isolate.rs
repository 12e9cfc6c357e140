//! A network of one's own: macOS has none that a process could enter.
//!
//! Only says so.

const WHY: &str = "macOS has no network namespaces";

/// Always refused, with the reason.
pub fn prepare_isolation() -> Result<(), String> {
    Err(WHY.to_owned())
}

/// Always refused, with the reason.
pub fn isolate_thread() -> Result<(), String> {
    Err(WHY.to_owned())
}

/// Always refused, with the reason.
pub fn can_isolate() -> Result<(), String> {
    Err(WHY.to_owned())
}
