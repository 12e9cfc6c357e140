//! Scenarios that others must not run beside, though their files do not say so.

use super::{SocketId, Step, Use};
use crate::op::{Op, Patience};

/// Whether it copies the whole process, if only for a moment: what another scenario closes then would
/// stay open.
pub fn forks(step: &Step) -> bool {
    let no_descriptor = match &step.op {
        Op::Fork(_) => return true,
        Op::Open(open) => open.no_descriptor,
        Op::Pair(pair) => pair.no_descriptor,
        Op::Accept(accept) => accept.no_descriptor,
        Op::Dup(dup) => dup.no_descriptor,
        _ => None,
    };
    no_descriptor == Some(true)
}

/// Whether a socket is closed while a call on it is pending. What another scenario opens then may have
/// the same descriptor. Linux holds on to what it was when the call began, and tells that it has; where
/// that is not told, the call may only begin then, and Wine looks at the descriptor once more when there
/// is something to receive: either takes what is the other's.
pub fn closes_under_a_call(steps: &[Step]) -> bool {
    let mut pending: Vec<(&str, SocketId)> = Vec::new();
    for step in steps {
        match &step.op {
            Op::Join(join) => pending.retain(|(label, _)| *label != join.step.0),
            Op::Close(_) if pending.iter().any(|(_, socket)| *socket == step.socket.id) => {
                return true;
            }
            _ => {}
        }
        if let Patience::Start(label) = &step.patience {
            pending.push((label, step.socket.id));
            step.op.visit(&mut |used| {
                if let Use::Socket(name) = used {
                    pending.push((label, name.id));
                }
            });
        }
    }
    false
}
