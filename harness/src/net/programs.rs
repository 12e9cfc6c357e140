//! Programs under test: started, stopped, asked how they fare.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::job::{Answer, Attempt, Interest, Job};
use crate::op::{ProgramOutput, StartProgram};
use crate::option::Value;
use crate::outcome::Fact;
use crate::program::{Program, SharedProgram, Start};
use crate::run::CannotLook;
use crate::sys::Address;

/// Readiness has no event: it is looked for so often. A start takes tens of milliseconds.
const LOOK: Duration = Duration::from_millis(2);

pub fn start(op: &StartProgram, job: &mut Job) -> Result<Attempt, CannotLook> {
    let Some(run) = &op.run else {
        let at = op.at.map(|at| Address::from(at.0));
        return Ok(Attempt::Done(Answer { address: at, ..Answer::ok(Vec::new()) }));
    };
    if job.program.is_none() {
        let mut start = Start::new(&job.command, op.at.map(|at| at.0), op.ready.as_ref());
        start.may_be_a_path = run.takes_path();
        let program = Program::start(start).map_err(|error| CannotLook(error.to_string()))?;
        job.program = Some(Arc::new(Mutex::new(program)));
    }
    let ready = locked(of(job)?).look().map_err(|error| CannotLook(error.to_string()))?;
    Ok(match ready {
        Some(address) => {
            Attempt::Done(Answer { address: address.map(Address::from), ..Answer::ok(Vec::new()) })
        }
        None => Attempt::NotYet(Interest { events: 0, tick: Some(LOOK) }, None),
    })
}

pub fn stop(job: &Job) -> Result<Attempt, CannotLook> {
    locked(of(job)?).stop();
    Ok(Attempt::ok(Vec::new()))
}

pub fn status(job: &Job) -> Result<Attempt, CannotLook> {
    let status = locked(of(job)?).status();
    Ok(Attempt::ok(vec![Fact::Value(Value::Text(status))]))
}

pub fn exit(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(match locked(of(job)?).exit() {
        Some(status) => Attempt::ok(vec![Fact::Value(status)]),
        None => Attempt::NotYet(Interest { events: 0, tick: Some(LOOK) }, None),
    })
}

pub fn output(op: &ProgramOutput, job: &Job) -> Result<Attempt, CannotLook> {
    let printed = locked(of(job)?).printed(op.lines.map(|lines| lines.0));
    Ok(match printed {
        Some(data) => Attempt::ok(vec![Fact::Data(data)]),
        None => Attempt::NotYet(Interest { events: 0, tick: Some(LOOK) }, None),
    })
}

fn of(job: &Job) -> Result<&SharedProgram, CannotLook> {
    job.program.as_ref().ok_or_else(|| CannotLook("this program was not started here".to_owned()))
}

fn locked(program: &SharedProgram) -> std::sync::MutexGuard<'_, Program> {
    program.lock().unwrap_or_else(PoisonError::into_inner)
}
