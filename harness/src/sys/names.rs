//! Names of message flags, poll events and option levels, and the system's numbers for them.
//!
//! A name that another system has and this one has not is `None`: the scenario is told, not
//! guessed. The tables are `imp::names`.

use super::imp::names::{EVENT_ALIASES, EVENTS, LEVELS, MESSAGE, SOCKET_WORDS};

/// The number of a message flag; `None` where the system has none of that name.
pub fn message_flag(name: &str) -> Option<i32> {
    find(MESSAGE, name)
}

/// The names of the message flags set in `bits`, the lowest first. Bits without a name are left out.
pub fn message_flag_names(bits: i32) -> Vec<&'static str> {
    MESSAGE.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect()
}

/// The number of a poll event; `None` where the system has none of that name.
pub fn event(name: &str) -> Option<i16> {
    find(EVENTS, name).or_else(|| find(EVENT_ALIASES, name))
}

/// The names of the events set in `bits`, the lowest first, as a test with `&` finds them: where
/// `POLLIN` is two events, it is named for either.
pub fn event_names(bits: i16) -> Vec<&'static str> {
    EVENTS.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect()
}

/// The number of an option level or protocol: `SOL_SOCKET`, `IPPROTO_TCP`.
pub fn level_number(name: &str) -> Option<i32> {
    find(LEVELS, name)
}

/// The number of what socket(2) is given: `AF_INET`, `SOCK_STREAM`, `IPPROTO_TCP`.
pub fn socket_word(name: &str) -> Option<i32> {
    find(SOCKET_WORDS, name).or_else(|| level_number(name))
}

fn find<N: Copy>(table: &[(&str, N)], name: &str) -> Option<N> {
    table.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}
