//! The program: reads the command line, does what it says, exits with what came of it.

mod cli;

use std::panic::PanicHookInfo;
use std::process;

use sockdrill::program;
use sockdrill::verdict::ExitCode;

/// What a shell reports of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

fn main() -> process::ExitCode {
    std::panic::set_hook(Box::new(own_bug));
    let code = cli::main(|| {
        program::kill_all();
        process::exit(INTERRUPTED)
    });
    process::ExitCode::from(cli::number(code))
}

/// A panic is always a bug of ours, on whichever thread: nothing that follows could be trusted, and
/// a worker that is gone may be waited for.
fn own_bug(panic: &PanicHookInfo<'_>) {
    program::kill_all();
    eprint!("{}", cli::bug_report(&panic.to_string()));
    process::exit(i32::from(cli::number(ExitCode::Internal)));
}
