//! Messages with who sent them and what travels beside the bytes; frames in a stream.

use std::io::{IoSlice, IoSliceMut};
use std::sync::Arc;

use super::Opened;
use super::control;
use super::io::{DEFAULT_BUFFER, send_interest, send_rest};
use super::job::{Answer, Attempt, Interest, Job, message_bits};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::op::{MessageFlags, RecvFrames, RecvFrom, RecvMsg, SendFrames, SendMsg};
use crate::option::{SocketOption, Value};
use crate::outcome::{End, Fact};
use crate::run::CannotLook;
use crate::sys::{self, Ancillary, Control, Message, Received, Socket};

/// The largest frame accepted where the file gives no limit, in bytes.
const DEFAULT_FRAME_LIMIT: usize = 1 << 20;

/// Room for ancillary data where the file gives none: more than any one message of the catalogue.
const DEFAULT_CONTROL: usize = 512;

fn flag(name: &str) -> i32 {
    sys::message_flag(name).unwrap_or(0)
}

/// recvmsg(2) into buffers of these sizes.
fn receive(
    sizes: &[usize],
    control: usize,
    flags: Option<&MessageFlags>,
    job: &Job,
) -> Result<Result<(Received, Vec<u8>), Errno>, CannotLook> {
    let mut buffers: Vec<Vec<u8>> = sizes.iter().map(|size| vec![0; *size]).collect();
    let mut parts: Vec<IoSliceMut<'_>> =
        buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
    let mut room = vec![0; control];
    let received = job.open_socket()?.recv_msg(&mut parts, message_bits(flags)?, &mut room);
    Ok(received.map(|received| {
        let mut data = buffers.concat();
        data.truncate(received.len);
        (received, data)
    }))
}

fn truncated(received: &Received) -> Fact {
    let told = received.error.is_some() && received.error == sys::CUT;
    Fact::Truncated(told || received.flags & flag("MSG_TRUNC") != 0)
}

/// A message that did not fit is an error beside its bytes where the system says so.
fn end(received: &Received) -> End {
    received.error.map_or(End::Ok, End::Error)
}

pub fn recv_from(op: &RecvFrom, job: &Job) -> Result<Attempt, CannotLook> {
    Ok(match receive(&[op.max.0], 0, op.flags.as_ref(), job)? {
        Ok((received, data)) => {
            let facts =
                vec![Fact::Len(received.len as u64), Fact::Data(data), truncated(&received)];
            let answer = Answer::new(end(&received), facts);
            Attempt::Done(Answer { from: sender(&received, job), ..answer })
        }
        Err(errno) => Attempt::unless_ready(errno, Interest::readable()),
    })
}

pub fn recv_msg(op: &RecvMsg, job: &Job) -> Result<Attempt, CannotLook> {
    let room = op.control.map_or(DEFAULT_CONTROL, |size| size.0);
    let (received, data) = match receive(&op.parts.0, room, op.flags.as_ref(), job)? {
        Ok(received) => received,
        Err(errno) => return Ok(Attempt::unless_ready(errno, Interest::readable())),
    };
    let asked = op.parts.0.iter().sum();
    if received.control.is_empty()
        && received.error.is_none()
        && let End::Eof = super::io::end_of(received.len, asked, job)
    {
        return Ok(Attempt::Done(Answer::new(End::Eof, Vec::new())));
    }
    let cut = truncated(&received);
    let flags = Fact::Flags(sys::message_flag_names(received.flags));
    let shown = Fact::Control(received.control.iter().map(control::show).collect());
    let facts = vec![Fact::Len(received.len as u64), Fact::Data(data), cut, flags, shown];
    let (from, end) = (sender(&received, job), end(&received));
    let wanted = op.fds.as_ref().map_or(0, |names| names.0.len());
    let sockets = received.control.into_iter().filter_map(rights).flatten().take(wanted);
    let opened = sockets.map(|socket| arrived(socket, job)).collect::<Result<_, _>>()?;
    Ok(Attempt::Done(Answer { from, opened, ..Answer::new(end, facts) }))
}

/// What came is asked what it is: the sender chose its kind, and whether calls on it block.
fn arrived(socket: Socket, job: &Job) -> Result<Opened, CannotLook> {
    let blocking = socket.is_blocking().map_err(|errno| CannotLook(errno.name().into_owned()))?;
    let kind = Some(socket.kind().unwrap_or(job.kind));
    let remote = socket.peer_addr().ok();
    Ok(Opened { remote, ..Opened::raw(socket, kind, blocking) })
}

/// A datagram socket of `AF_UNIX` without a name sends from an address of no bytes at all.
fn sender(received: &Received, job: &Job) -> Option<sys::Address> {
    received.from.or_else(|| (job.kind == Kind::UnixDgram).then(sys::Address::unnamed))
}

fn rights(control: Control) -> Option<Vec<Socket>> {
    match control {
        Control::Rights(sockets) => Some(sockets),
        _ => None,
    }
}

pub fn send_msg(op: &SendMsg, job: &Job) -> Result<Attempt, CannotLook> {
    let buffers: Vec<Vec<u8>> = op.parts.0.iter().map(crate::payload::Payload::bytes).collect();
    let parts: Vec<IoSlice<'_>> = buffers.iter().map(|buffer| IoSlice::new(buffer)).collect();
    let passed: Vec<&Socket> = job.passed.iter().map(|socket| &**socket).collect();
    let mut ancillary = Vec::new();
    if !passed.is_empty() {
        ancillary.push(Ancillary::Rights(&passed));
    }
    if op.credentials == Some(true) {
        ancillary.push(Ancillary::Credentials(control::own_credentials()));
    }
    let encoded = encoded_control(op)?;
    for (level, kind, data) in &encoded {
        ancillary.push(Ancillary::Other { level: *level, kind: *kind, data });
    }
    let flags = message_bits(op.flags.as_ref())?;
    let message = Message { parts: &parts, to: job.to.as_ref(), flags, control: &ancillary };
    Ok(match job.open_socket()?.send_msg(&message) {
        Ok(len) => Attempt::ok(vec![Fact::Len(len as u64)]),
        Err(errno) => Attempt::unless_ready(errno, send_interest(job)),
    })
}

/// Level, type and bytes of each control message.
fn encoded_control(op: &SendMsg) -> Result<Vec<(i32, i32, Vec<u8>)>, CannotLook> {
    let messages = op.control.iter().flat_map(|messages| &messages.0);
    let encode = |(message, value): &(&SocketOption, Value)| {
        let missing = || CannotLook(format!("{} does not exist here", message.name));
        let (level, kind) = sys::option_number(message.name).ok_or_else(missing)?;
        Ok((level, kind, sys::encode(message.shape, value).map_err(CannotLook)?))
    };
    messages.map(encode).collect()
}

pub fn send_frames(op: &SendFrames, job: &mut Job) -> Result<Attempt, CannotLook> {
    let bytes = match job.sofar.bytes.take() {
        Some(bytes) => bytes,
        None => encoded(op)?,
    };
    send_rest(bytes, op.chunk, None, job)
}

fn encoded(op: &SendFrames) -> Result<Vec<u8>, CannotLook> {
    let mut bytes = Vec::new();
    for frame in &op.frames.0 {
        let result = op.framing.encode(&frame.bytes(), &mut bytes);
        result.map_err(|why| {
            CannotLook(format!("{} cannot carry a frame: {why}", op.framing.name()))
        })?;
    }
    Ok(bytes)
}

/// Receives until `count` frames are whole. Asks for no byte beyond them unless a buffer size is
/// given, so that what follows is left in the stream.
pub fn recv_frames(op: &RecvFrames, job: &mut Job) -> Result<Attempt, CannotLook> {
    let socket = Arc::clone(job.open_socket()?);
    let limit = op.limit.map_or(DEFAULT_FRAME_LIMIT, |limit| limit.0);
    let sofar = &mut job.sofar;
    let decoder = sofar.decoder.get_or_insert_with(|| op.framing.decoder(limit));
    while sofar.frames.len() < op.count.0 {
        match decoder.next() {
            Ok(Some(frame)) => {
                sofar.frames.push(frame);
                continue;
            }
            Ok(None) => {}
            // What cannot be a frame is answered as a protocol would: bad message.
            Err(_) => return Ok(frames(End::Error(Errno::EBADMSG), &mut sofar.frames)),
        }
        let size = op.max.map_or(decoder.missing(), |max| max.0).clamp(1, DEFAULT_BUFFER);
        let mut buffer = vec![0; size];
        match socket.recv(&mut buffer, 0) {
            Ok(0) => return Ok(frames(End::Eof, &mut sofar.frames)),
            Ok(len) => decoder.push(&buffer[..len]),
            Err(Errno::EAGAIN) => {
                return Ok(Attempt::NotYet(Interest::readable(), Some(Errno::EAGAIN)));
            }
            Err(errno) => return Ok(frames(End::Error(errno), &mut sofar.frames)),
        }
    }
    Ok(frames(End::Ok, &mut sofar.frames))
}

fn frames(end: End, frames: &mut Vec<Vec<u8>>) -> Attempt {
    Attempt::Done(Answer::new(end, vec![Fact::Frames(std::mem::take(frames))]))
}
