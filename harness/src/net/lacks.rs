//! What an operation asks for that this system does not have, known before anything runs.
//!
//! A name without a number here, a question that the system has no call for. What a call answers
//! when it is made is not foreseen.

use super::via;
use crate::op::{ControlMessages, Get, MessageFlags, Numbered, Op, OptionId, SocketOf, Wait};
use crate::option::{Shape, SocketOption};
use crate::sys;

/// Why `op` cannot be done here; `None` where it can.
pub fn lacks(op: &Op) -> Option<String> {
    match op {
        Op::Send(op) => flags(op.flags.as_ref())
            .or_else(|| op.sigpipe.filter(|told| *told).and_then(|_| sys::can_signal().err())),
        Op::SendTo(op) => flags(op.flags.as_ref()),
        Op::SendMsg(op) => flags(op.flags.as_ref()).or_else(|| control(op.control.as_ref())),
        Op::Recv(op) => flags(op.flags.as_ref()),
        Op::Peek(op) => flags(op.flags.as_ref()),
        Op::RecvFrom(op) => flags(op.flags.as_ref()),
        Op::RecvMsg(op) => flags(op.flags.as_ref()),
        Op::Get(op) => option(op.option).or_else(|| field(op)),
        Op::Set(op) => op.settings.0.iter().find_map(|(id, _)| option(*id)),
        Op::Poll(op) => unknown(&op.events.0, |name| sys::event(name).is_some()),
        Op::Open(open) => via::lacks(op).or_else(|| deprived(open.no_descriptor)),
        Op::Pair(pair) => {
            let unable = sys::can_pair().err().or_else(|| via::lacks(op));
            unable.or_else(|| deprived(pair.no_descriptor))
        }
        Op::Accept(op) => deprived(op.no_descriptor),
        Op::Dup(op) => deprived(op.no_descriptor),
        Op::Fork(_) => sys::can_fork().err(),
        Op::SocketOf(op) => words(op),
        Op::EpollCreate(_) | Op::EpollCtl(_) | Op::EpollWait(_) => sys::can_epoll().err(),
        Op::Interrupt(_) => sys::can_signal().err(),
        Op::Unsent(_) => sys::can_tell_unsent().err(),
        Op::State(_) => sys::can_list_connections().err(),
        Op::Wait(op) => wait(op),
        Op::Bind(_)
        | Op::Listen(_)
        | Op::Connect(_)
        | Op::SendAll(_)
        | Op::FillQueue(_)
        | Op::RecvExactly(_)
        | Op::RecvToEof(_)
        | Op::SendFrames(_)
        | Op::RecvFrames(_)
        | Op::Shutdown(_)
        | Op::Close(_)
        | Op::Nonblocking(_)
        | Op::Unlink(_)
        | Op::LocalAddr(_)
        | Op::PeerAddr(_)
        | Op::PendingError(_)
        | Op::FdFlags(_)
        | Op::Available(_)
        | Op::AtMark(_)
        | Op::Select(_)
        | Op::StartProgram(_)
        | Op::StopProgram(_)
        | Op::ProgramStatus(_)
        | Op::ProgramExit(_)
        | Op::ProgramOutput(_)
        | Op::Join(_)
        | Op::Pause(_) => None,
    }
}

fn words(op: &SocketOf) -> Option<String> {
    let given = [Some(op.domain.0), op.socktype.map(|word| word.0), op.protocol.map(|word| word.0)];
    given.into_iter().flatten().find_map(|word| match word {
        Numbered::Named(name) => unknown(&[name], |name| sys::socket_word(name).is_some()),
        Numbered::Number(_) => None,
    })
}

fn wait(op: &Wait) -> Option<String> {
    let unsent = op.drained.and_then(|_| sys::can_tell_unsent().err());
    let errors = || op.error.and_then(|_| sys::can_poll_errors().err());
    let states = || op.state.and_then(|_| sys::can_list_connections().err());
    unsent.or_else(errors).or_else(states)
}

fn flags(names: Option<&MessageFlags>) -> Option<String> {
    let names = names.map(|names| names.0.as_slice()).unwrap_or_default();
    unknown(names, |name| sys::message_flag(name).is_some())
}

/// A control message has the number of the option of its name.
fn control(messages: Option<&ControlMessages>) -> Option<String> {
    let mut messages = messages?.0.iter();
    messages.find_map(|(message, _)| {
        unknown(&[message.name], |name| sys::option_number(name).is_some())
    })
}

fn option(id: OptionId) -> Option<String> {
    match id {
        OptionId::Named(known) => unknown(&[known.name], |name| sys::option_number(name).is_some()),
        OptionId::Numbered { .. } => None,
    }
}

/// A field of `TCP_INFO`, of which each system has others.
fn field(op: &Get) -> Option<String> {
    let OptionId::Named(SocketOption { shape: Shape::TcpInfo, .. }) = op.option else {
        return None;
    };
    let name = &op.field.as_ref()?.0;
    let all = sys::decode(Shape::TcpInfo, &vec![0; sys::value_len(Shape::TcpInfo)]);
    let lacks = all.field(name).is_none();
    lacks.then(|| format!("TCP_INFO has no {name} on {}", sys::SYSTEM.name()))
}

fn unknown(names: &[&str], is_known: impl Fn(&str) -> bool) -> Option<String> {
    let name = names.iter().find(|name| !is_known(name))?;
    Some(format!("{} has no {name}", sys::SYSTEM.name()))
}

fn deprived(asked: Option<bool>) -> Option<String> {
    asked.filter(|asked| *asked).and_then(|_| sys::can_fork().err())
}
