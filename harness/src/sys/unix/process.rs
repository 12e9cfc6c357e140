//! A program with all that it starts: a process group.

use std::io;
use std::process::Command;

use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup};

/// Starts `command` as the leader of a process group of its own. To kill it kills the group.
pub fn start_tree(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    CommandWrap::from(command).wrap(ProcessGroup::leader()).spawn()
}
