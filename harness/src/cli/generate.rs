//! What is made from the tables: schema, completions, manual pages.

use clap::CommandFactory as _;
use clap_complete::Shell;
use sockdrill::verdict::ExitCode;
use sockdrill::{reference, schema};

use super::args::{Arguments, Man, Schema};
use super::output::Output;
use super::{Done, Failure};

/// `sockdrill schema`.
pub fn print_schema(args: &Schema, output: &mut Output) -> Done {
    let text = if args.reference { reference::text() } else { schema::text() };
    output.data(&text)?;
    Ok(ExitCode::Success)
}

/// `sockdrill completions`.
pub fn completions(shell: Shell, output: &mut Output) -> Done {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sockdrill", &mut bytes);
    output.data(&String::from_utf8_lossy(&bytes))?;
    Ok(ExitCode::Success)
}

/// `sockdrill man`.
pub fn man(args: &Man, output: &mut Output) -> Done {
    let mut command = Arguments::command();
    command.build();
    if let Some(name) = &args.command {
        let found = command.find_subcommand(name).filter(|it| !it.is_hide_set()).cloned();
        command = found.ok_or_else(|| Failure::usage(format!("there is no command `{name}`")))?;
    }
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command).render(&mut bytes)?;
    output.data(&String::from_utf8_lossy(&bytes))?;
    Ok(ExitCode::Success)
}
