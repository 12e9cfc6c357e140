//! A program with all that it starts: a job object.

use std::io;
use std::process::Command;

use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

/// Starts `command` in a job object of its own. To kill it kills the job.
pub fn start_tree(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    CommandWrap::from(command).wrap(JobObject).spawn()
}
