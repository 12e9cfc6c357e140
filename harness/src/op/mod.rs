//! The operations: one entry each, from which the parser, the accepted words, the JSON schema, the
//! reference page and the transcripts come.
//!
//! To add one: an entry in `table`, an arm in `net`, a scenario that shows it. The macro of
//! `operations` makes the types out of the entries.

#[macro_use]
mod operations;

mod ancillary;
mod argument;
mod command;
mod entry;
mod epoll;
mod examples;
pub mod form;
mod lists;
mod program;
mod settings;
mod socket;
mod table;
#[cfg(test)]
mod tests;
mod word;

pub use ancillary::ControlMessages;
pub use argument::{Argument, Fields, Word};
pub use command::{BUILT, CommandLine, PORT, Placeholder};
pub use entry::{ArgumentEntry, Entry, PATIENCE_KEYS, Patience};
pub use epoll::{EpollAction, EpollEvents};
pub use examples::file_around;
pub use lists::{Events, FdSets, MessageFlags, NewNames, Payloads, Sizes, SocketName, SocketNames};
pub use program::{Endpoint, Ready};
pub use settings::{OptionId, Settings, read_settings};
pub use socket::{Domain, Numbered, Protocol, SocketType};
pub use table::*;
pub use word::{How, Label, LocalAddress, NewName, Number, Size, StateName};
