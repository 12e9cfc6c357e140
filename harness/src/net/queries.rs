//! What a socket can be asked: addresses, options, counters.

use super::job::{Answer, Attempt, Job};
use crate::errno::Errno;
use crate::op::{Get, LocalAddr, OptionId, PeerAddr, Set};
use crate::option::{Shape, Value};
use crate::outcome::Fact;
use crate::run::CannotLook;
use crate::sys::{self, Address, Socket};

/// What getsockopt(2) is given room for where the option is only known by its number.
const UNKNOWN_LEN: usize = 256;

pub fn local_addr(op: &LocalAddr, job: &Job) -> Result<Attempt, CannotLook> {
    let socket = job.open_socket()?;
    Ok(match op.room {
        None => address(&socket.local_addr()),
        Some(room) => length(socket.local_addr_len(room.0)),
    })
}

pub fn peer_addr(op: &PeerAddr, job: &Job) -> Result<Attempt, CannotLook> {
    let socket = job.open_socket()?;
    Ok(match op.room {
        None => address(&socket.peer_addr()),
        Some(room) => length(socket.peer_addr_len(room.0)),
    })
}

fn length(result: Result<usize, Errno>) -> Attempt {
    match result {
        Ok(len) => Attempt::ok(vec![Fact::Len(len as u64)]),
        Err(errno) => Attempt::error(errno),
    }
}

fn address(result: &Result<Address, Errno>) -> Attempt {
    match result {
        Ok(address) => Attempt::Done(Answer { address: Some(*address), ..Answer::ok(Vec::new()) }),
        Err(errno) => Attempt::error(*errno),
    }
}

fn value(result: Result<Value, Errno>) -> Attempt {
    match result {
        Ok(value) => Attempt::ok(vec![Fact::Value(value)]),
        Err(errno) => Attempt::error(errno),
    }
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Level and number of an option here.
fn numbers(option: OptionId) -> Result<(i32, i32), CannotLook> {
    match option {
        OptionId::Named(known) => sys::option_number(known.name)
            .ok_or_else(|| CannotLook(format!("{} does not exist on this system", known.name))),
        OptionId::Numbered { level, number } => Ok((level, number)),
    }
}

fn shape(option: OptionId) -> Option<Shape> {
    match option {
        OptionId::Named(known) => Some(known.shape),
        OptionId::Numbered { .. } => None,
    }
}

pub fn get(op: &Get, job: &Job) -> Result<Attempt, CannotLook> {
    let (level, number) = numbers(op.option)?;
    let shape = shape(op.option);
    let whole = || shape.map_or(UNKNOWN_LEN, sys::value_len);
    let len = op.room.map_or_else(whole, |room| room.0);
    let bytes = match job.open_socket()?.get_option(level, number, len) {
        Ok(bytes) => bytes,
        Err(errno) => return Ok(Attempt::error(errno)),
    };
    let whole = sys::decode(shape.unwrap_or(by_length(&bytes)), &bytes);
    let told = match &op.field {
        None => whole,
        Some(field) => whole.field(&field.0).cloned().ok_or_else(|| {
            CannotLook(format!("{} has no field `{}`", op.option.name(), field.0))
        })?,
    };
    Ok(value(Ok(ours(shape, told))))
}

/// An option without a known shape is a number where it has the size of one.
fn by_length(bytes: &[u8]) -> Shape {
    if bytes.len() == size_of::<i32>() { Shape::Int } else { Shape::Bytes }
}

/// Process, user and group are shown by whether they are our own: numbers differ from run to run.
fn ours(shape: Option<Shape>, value: Value) -> Value {
    let (Some(Shape::Ucred), Value::Record(fields)) = (shape, &value) else { return value };
    let own = [
        ("pid", i64::from(sys::process_id())),
        ("uid", i64::from(sys::user_id())),
        ("gid", i64::from(sys::group_id())),
    ];
    let whose = |(name, value): &(String, Value)| {
        let is_own =
            own.iter().any(|(known, number)| known == name && *value == Value::Int(*number));
        (name.clone(), if is_own { Value::Text("self".to_owned()) } else { value.clone() })
    };
    Value::Record(fields.iter().map(whose).collect())
}

pub fn fd_flags(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(match job.open_socket()?.fd_flags() {
        Ok(names) => Attempt::ok(vec![Fact::Flags(names)]),
        Err(errno) => Attempt::error(errno),
    })
}

pub fn set(op: &Set, job: &Job) -> Result<Attempt, CannotLook> {
    let socket = job.open_socket()?;
    for (option, value) in &op.settings.0 {
        let (level, number) = numbers(*option)?;
        let shape = shape(*option).unwrap_or(by_value(value));
        let bytes = sys::encode(shape, value).map_err(CannotLook)?;
        if let Err(errno) = socket.set_option(level, number, &bytes) {
            return Ok(Attempt::error(errno));
        }
    }
    Ok(Attempt::ok(Vec::new()))
}

fn by_value(value: &Value) -> Shape {
    match value {
        Value::Bool(_) => Shape::Bool,
        Value::Int(_) => Shape::Int,
        Value::Text(_) => Shape::Text,
        Value::Bytes(_) | Value::Record(_) => Shape::Bytes,
    }
}

/// The pending error, which asking takes away.
pub fn so_error(socket: &Socket) -> Result<Option<Errno>, Errno> {
    let (level, number) = sys::option_number("SO_ERROR").ok_or(Errno::EOPNOTSUPP)?;
    let bytes = socket.get_option(level, number, size_of::<i32>())?;
    let number = bytes.try_into().map_or(0, i32::from_ne_bytes);
    Ok((number != 0).then(|| Errno::from_number(sys::SYSTEM, number)))
}

pub fn pending_error(job: &Job) -> Result<Attempt, CannotLook> {
    let error = so_error(job.open_socket()?);
    Ok(value(error.map(|error| Value::Text(error.map_or("none".into(), Errno::name).into_owned()))))
}

pub fn available(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(value(job.open_socket()?.available().map(count)))
}

pub fn unsent(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(value(job.open_socket()?.unsent().map(count)))
}

pub fn at_mark(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(value(job.open_socket()?.at_mark().map(Value::Bool)))
}
