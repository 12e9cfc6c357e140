//! What can never hold: claims that an operation never keeps, operations that never end or wait
//! for nothing. A file that says so is refused before anything runs.

use super::expectation::Subject;
use super::node::{Node, Reader, Table};
use super::order::{alternatives, claims_node};
use super::peer::encode;
use super::problem::{Problems, Span};
use super::value::MAX_BYTES;
use super::{Expectation, Step};
use crate::errno::Errno;
use crate::expect::{Claim, Range, ValueClaim};
use crate::op::{MessageFlags, Op, OptionId, Patience, Size, Wait};
use crate::option::{Shape, Value};
use crate::outcome::End;

/// Notes what makes an operation pointless or endless. `arguments` is what stands after its verb.
pub fn check_operation(op: &Op, patience: &Patience, arguments: Node<'_>, reader: &mut Reader<'_>) {
    let argument = |name: &str| arguments.as_table().and_then(|table: Table<'_>| table.get(name));
    if let Some((name, Size(0))) = amount_a_call(op) {
        let place = argument(name).unwrap_or(arguments).span;
        reader.problems.add(place, "0 bytes at a time never end", None);
    }
    match op {
        Op::Wait(wait) if waits_for_nothing(wait) => {
            let help = "give what to wait for: readable, writable, peer_closed, error, state, drained, queued, received or finished";
            reader.problems.add_with_help(arguments.span, "a wait for nothing", help);
        }
        Op::Wait(Wait { peer: Some(_), state: None, .. }) => {
            let place = argument("peer").unwrap_or(arguments).span;
            let help = "it says whose `state` is waited for";
            reader.problems.add_with_help(place, "`peer` without `state`", help);
        }
        Op::StartProgram(start) if start.run.is_none() && start.at.is_none() => {
            let help = "`run = [\"my-server\", \"{port}\"]`, or `at = \"127.0.0.1:6379\"` where it runs already";
            let message = "a program without a command or an address";
            reader.problems.add_with_help(arguments.span, message, help);
        }
        Op::Join(_) if matches!(patience, Patience::NoWait | Patience::Start(_)) => {
            let place = argument("nowait").or(argument("start")).unwrap_or(arguments).span;
            let help = "`join` waits, at most so long as `within` says";
            reader.problems.add_with_help(place, "a join that does not wait", help);
        }
        Op::Send(send) if send.sigpipe == Some(true) && matches!(patience, Patience::Start(_)) => {
            let place = argument("sigpipe").unwrap_or(arguments).span;
            let help = "the signal is looked for right after the call";
            reader.problems.add_with_help(place, "`sigpipe` of a send that goes on", help);
        }
        Op::SendFrames(op) => {
            if let Some(frames) = argument("frames") {
                encode(&op.framing, &op.frames.0, frames, reader);
            }
        }
        Op::RecvMsg(op) => {
            let bytes: usize = op.parts.0.iter().sum();
            if bytes > MAX_BYTES {
                let place = argument("parts").unwrap_or(arguments).span;
                let message = format!("{bytes} bytes of buffers; at most {MAX_BYTES}");
                reader.problems.add(place, message, None);
            }
        }
        _ => {}
    }
}

/// The argument that divides what an operation does into calls.
fn amount_a_call(op: &Op) -> Option<(&'static str, Size)> {
    match op {
        Op::SendAll(op) => Some(("chunk", op.chunk?)),
        Op::FillQueue(op) => Some(("chunk", op.chunk?)),
        Op::SendFrames(op) => Some(("chunk", op.chunk?)),
        Op::RecvExactly(op) => Some(("max", op.max?)),
        Op::RecvToEof(op) => Some(("max", op.max?)),
        Op::RecvFrames(op) => Some(("max", op.max?)),
        _ => None,
    }
}

fn waits_for_nothing(wait: &Wait) -> bool {
    let Wait {
        readable,
        writable,
        peer_closed,
        error,
        state,
        peer: _,
        drained,
        queued,
        received,
        finished,
    } = wait;
    let sizes = [readable, queued, received].into_iter().all(Option::is_none);
    let flags = [writable, peer_closed, error, drained, finished].into_iter().all(Option::is_none);
    sizes && flags && state.is_none()
}

impl Subject<'_> {
    /// A step that claims nothing has to succeed; what never does is told so.
    pub fn unwritten(&self, reader: &mut Reader<'_>) -> Option<Expectation> {
        let starts = self.op.is_some_and(|(_, patience)| matches!(patience, Patience::Start(_)));
        if !starts {
            self.possible_end(End::Ok, "ok", self.verb, reader)?;
        }
        Some(Expectation::Unwritten)
    }

    /// The end, where the operation can have it.
    pub fn possible_end(
        &self,
        end: End,
        word: &str,
        span: Span,
        reader: &mut Reader<'_>,
    ) -> Option<End> {
        let verb = self.entry.verb;
        let patience = self.op.map(|(_, patience)| patience);
        let waits = self.entry.waits;
        let why_not = match (end, patience) {
            (End::Ok, _) if verb == "recv_to_eof" => "it goes on to the end: write `end = \"eof\"`",
            (End::Error(_) | End::Eof, _) if verb == "pause" => "nothing is called",
            (End::Eof, _) if !self.entry.eof => "it receives nothing that has an end",
            (End::Timeout | End::Pending, _) if !waits => "it does not wait",
            (End::Timeout, Some(Patience::NoWait)) => "with `nowait` it does not wait",
            (End::Timeout, Some(Patience::Start(_))) => {
                "with `start` it goes on; it is `join` that may give up"
            }
            (End::Pending, Some(Patience::Default | Patience::Within(_))) => {
                "only with `start = \"NAME\"` is an operation left pending"
            }
            (End::Ok | End::Eof | End::Pending | End::Timeout | End::Error(_), _) => {
                return Some(end);
            }
        };
        let message = format!("`{verb}` can never end in `{word}`");
        reader.problems.add_with_help(span, message, why_not);
        None
    }

    /// Notes claims that an operation which ends so never keeps.
    pub fn check_claims(&self, end: End, claims: &[(Claim, Span)], reader: &mut Reader<'_>) {
        let Some((op, _)) = self.op else { return };
        let verb = self.entry.verb;
        for (claim, span) in claims {
            if claim.field().is_some() && tells_nothing(op, end) {
                reader.problems.add(*span, nothing_more(verb, end), None);
            } else if let Some(why) = contradiction(op, end, claim) {
                reader.problems.add(*span, why, None);
            }
        }
    }
}

fn nothing_more(verb: &str, end: End) -> String {
    format!("`{verb}` tells nothing more where it ends in `{}`", word(end))
}

fn word(end: End) -> &'static str {
    match end {
        End::Ok => "ok",
        End::Eof => "eof",
        End::Pending => "pending",
        End::Timeout => "timeout",
        End::Error(_) => "an error",
    }
}

/// Ends that come without any fact.
fn tells_nothing(op: &Op, end: End) -> bool {
    match end {
        End::Pending | End::Timeout => true,
        End::Eof => matches!(op, Op::Recv(_) | Op::Peek(_) | Op::RecvMsg(_)),
        End::Ok | End::Error(_) => false,
    }
}

/// Why the claim cannot hold of the operation.
fn contradiction(op: &Op, end: End, claim: &Claim) -> Option<String> {
    match claim {
        Claim::Len(range) => wrong_length(op, end, *range),
        Claim::Data(data) => {
            let claimed = data.len();
            let exactly = exact_length(op, end).filter(|exact| claimed != *exact);
            let most = received_at_most(op).filter(|most| claimed > *most);
            let verb = op.entry().verb;
            let exactly = exactly.map(|exact| {
                format!("claims {claimed} bytes, but `{verb}` ends well with {exact}")
            });
            let most =
                most.map(|most| format!("claims {claimed} bytes, but the buffer holds {most}"));
            most.or(exactly)
        }
        Claim::Frames(frames) => {
            let Op::RecvFrames(op) = op else { return None };
            let (claimed, count) = (frames.len(), op.count.0);
            let wrong = claimed > count || (claimed < count && end == End::Ok);
            wrong.then(|| format!("claims {claimed} of {count} frames"))
        }
        Claim::Value(ValueClaim::Is(value)) => wrong_value(op, value),
        Claim::Elapsed(_) if end == End::Timeout => {
            Some("a `timeout` comes when `within` is over, whatever the system does".to_owned())
        }
        Claim::Value(ValueClaim::Within(_) | ValueClaim::Record(_))
        | Claim::From(_)
        | Claim::Truncated(_)
        | Claim::Address(_)
        | Claim::State(_)
        | Claim::Events(_)
        | Claim::Sets(_)
        | Claim::Ready(_)
        | Claim::Flags(_)
        | Claim::Control(_)
        | Claim::Elapsed(_) => None,
    }
}

fn wrong_length(op: &Op, end: End, range: Range) -> Option<String> {
    if range.most.is_some_and(|most| most < 0) {
        return Some("a length is never below 0".to_owned());
    }
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    if let Some(exact) = exact_length(op, end).filter(|exact| !range.contains(number(*exact))) {
        let verb = op.entry().verb;
        return Some(format!("claims {range} bytes, but `{verb}` ends well with {exact}"));
    }
    let cut = received_flags(op).is_some_and(|flags| flags.0.contains(&"MSG_TRUNC"));
    let most = received_at_most(op).filter(|_| !cut).or(sent_at_most(op))?;
    let least = range.least.unwrap_or(0);
    (least > number(most)).then(|| format!("claims {range} bytes, but there are {most} at most"))
}

/// How many bytes an operation tells of that does all of its work.
fn exact_length(op: &Op, end: End) -> Option<usize> {
    match (op, end) {
        (Op::RecvExactly(op), End::Ok) => Some(op.len.0),
        (Op::SendAll(op), End::Ok) => Some(op.data.len()),
        _ => None,
    }
}

/// What the buffers of a receive hold.
fn received_at_most(op: &Op) -> Option<usize> {
    match op {
        Op::Recv(op) => Some(op.max.0),
        Op::Peek(op) => Some(op.max.0),
        Op::RecvFrom(op) => Some(op.max.0),
        Op::RecvExactly(op) => Some(op.len.0),
        Op::RecvMsg(op) => Some(op.parts.0.iter().sum()),
        _ => None,
    }
}

fn received_flags(op: &Op) -> Option<&MessageFlags> {
    match op {
        Op::Recv(op) => op.flags.as_ref(),
        Op::Peek(op) => op.flags.as_ref(),
        Op::RecvFrom(op) => op.flags.as_ref(),
        Op::RecvMsg(op) => op.flags.as_ref(),
        _ => None,
    }
}

fn sent_at_most(op: &Op) -> Option<usize> {
    match op {
        Op::Send(op) => Some(op.data.len()),
        Op::SendAll(op) => Some(op.data.len()),
        Op::SendTo(op) => Some(op.data.len()),
        Op::SendMsg(op) => Some(op.parts.0.iter().map(crate::payload::Payload::len).sum()),
        _ => None,
    }
}

/// A number or a truth is never text, and an error has an error's name.
fn wrong_value(op: &Op, value: &Value) -> Option<String> {
    if let (Op::PendingError(_), Value::Text(name)) = (op, value) {
        let known = name == "none" || Errno::from_name(name).is_some();
        return (!known).then(|| format!("`{name}` is no error: an error's name, or `none`"));
    }
    let Op::Get(get) = op else { return None };
    let OptionId::Named(option) = get.option else { return None };
    let number = matches!(option.shape, Shape::Bool | Shape::Int | Shape::Long);
    let text = matches!(value, Value::Text(_) | Value::Record(_));
    let wrong = number && text && get.field.is_none();
    wrong.then(|| format!("the value of {} is a number", option.name))
}

/// Notes claims of a `join` that the operation it waits for never keeps.
pub fn check_joined(join: &Step, started: &Step, part: Node<'_>, problems: &mut Problems) {
    let entry = started.op.entry();
    let place = |word: &str| claims_node(part, word).unwrap_or(join.claim);
    for one in alternatives(&join.expect) {
        if one.end == End::Eof && !entry.eof {
            let message = format!("`{}`, which is joined here, can never end in `eof`", entry.verb);
            problems.add(place("eof"), message, None);
        }
        for claim in &one.claims {
            if let Some(why) = never_told(&started.op, one.end, claim) {
                let place = claim.field().map_or(join.claim, |field| place(field.name()));
                problems.add(place, why, None);
            }
        }
    }
}

/// Why a `join` of this operation cannot keep the claim.
fn never_told(started: &Op, end: End, claim: &Claim) -> Option<String> {
    let (entry, field) = (started.entry(), claim.field()?);
    if !entry.gives.contains(&field) {
        let name = field.name();
        return Some(format!("`{}`, which is joined here, never tells `{name}`", entry.verb));
    }
    if tells_nothing(started, end) {
        return Some(nothing_more(entry.verb, end));
    }
    contradiction(started, end, claim)
}
