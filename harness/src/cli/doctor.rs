//! `sockdrill doctor`: what this machine can do, and what would be skipped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sockdrill::capability::Capabilities;
use sockdrill::suite::skip_reason;
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::args::Filters;
use super::output::Output;
use super::select::select;
use super::{Done, Here};

/// Looks and tells. Outside a project it tells of the machine alone.
pub fn doctor(here: &Here<'_>, output: &mut Output) -> Done {
    let capabilities = Capabilities::default();
    output.data(&machine())?;
    output.data(&found(&capabilities))?;
    let skipped = would_be_skipped(here, &capabilities);
    output.data(&skipped.unwrap_or_else(|why| format!("\nscenarios\n  {why}\n")))?;
    // Last: it may move this process into another user namespace.
    output.data(&format!("\n--isolate\n  {}\n", isolation()))?;
    Ok(ExitCode::Success)
}

fn machine() -> String {
    let platform = sys::identify();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ports = sys::ephemeral_ports();
    let ports = ports.map_or("unknown".to_owned(), |(first, last)| {
        format!("{first} to {last}, from which port 0 chooses")
    });
    let rows = [
        ("sockdrill", env!("CARGO_PKG_VERSION").to_owned()),
        ("platform", platform.name().to_owned()),
        ("kernel", platform.release.clone()),
        ("architecture", std::env::consts::ARCH.to_owned()),
        ("cores", cores.to_string()),
        ("ports", ports),
        ("timer", timer()),
    ];
    let mut text = String::from("machine\n");
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:<16} {value}");
    }
    text
}

/// How much longer than asked a short wait takes.
fn timer() -> String {
    const WAIT: Duration = Duration::from_micros(100);
    const TRIES: u32 = 20;
    sys::sharpen_timers();
    let since = Instant::now();
    for _ in 0..TRIES {
        if let Err(errno) = sys::poll(&mut [], Some(WAIT)) {
            return format!("cannot be measured: {errno}");
        }
    }
    let over = (since.elapsed() / TRIES).saturating_sub(WAIT);
    format!("a wait of 100 µs takes {} µs longer", over.as_micros())
}

fn found(capabilities: &Capabilities) -> String {
    let mut text = String::from("\ncapabilities\n");
    for (name, probed) in capabilities.all() {
        let found = probed.map_or_else(|why| format!("no: {why}"), |()| "yes".to_owned());
        let _ = writeln!(text, "  {name:<16} {found}");
    }
    text
}

/// The scenarios that would be skipped, by the reason; an error says why that cannot be told.
fn would_be_skipped(here: &Here<'_>, capabilities: &Capabilities) -> Result<String, String> {
    let project = here.project().map_err(|failure| first_line(&failure.message))?;
    let all = Filters { filters: Vec::new(), exact: false };
    let selection =
        select(&project, &sys::identify(), &all).map_err(|failure| first_line(&failure.message))?;
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for case in &selection.cases {
        if let Some(reason) = skip_reason(&case.plan, capabilities) {
            reasons.entry(reason).or_default().push(&case.plan.id);
        }
    }
    let skipped: usize = reasons.values().map(Vec::len).sum();
    let total = selection.cases.len();
    let mut text = format!("\nscenarios\n  {total}, of which {skipped} would be skipped\n");
    for (reason, ids) in reasons {
        let _ = writeln!(text, "  {reason}");
        for id in ids {
            let _ = writeln!(text, "    {id}");
        }
    }
    if !selection.bad.is_empty() {
        let _ = writeln!(text, "  {} files have mistakes: sockdrill check", selection.bad.len());
    }
    Ok(text)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn isolation() -> String {
    match sys::prepare_isolation().and_then(|()| sys::can_isolate()) {
        Ok(()) => "possible: each scenario gets a network of its own".to_owned(),
        Err(why) => format!("not possible: {why}"),
    }
}
