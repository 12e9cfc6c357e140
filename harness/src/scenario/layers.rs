//! Whether each socket's layer has the calls that are asked of it: a file that asks std for a
//! `listen` or tokio for flags is refused before anything runs.

use super::order::{Part, alternatives, claims_node, place_of};
use super::problem::{Problems, Span};
use super::{Name, Names, Step};
use crate::expect::Claim;
use crate::kind::Kind;
use crate::op::Op;
use crate::via::{Made, Via};

/// Notes every call that a layer does not have.
pub fn check(sockets: &[Part<'_>], steps: &[Part<'_>], names: &Names, problems: &mut Problems) {
    let mut layers = Layers { made: vec![None; names.len()], problems };
    for part in sockets.iter().chain(steps) {
        for step in &part.steps {
            layers.step(step, part);
        }
    }
}

struct Layers<'p> {
    /// What each name stands for, where a step that could be read says so.
    made: Vec<Option<Made>>,
    problems: &'p mut Problems,
}

impl Layers<'_> {
    fn step(&mut self, step: &Step, part: &Part<'_>) {
        let of = self.made.get(usize::from(step.socket.id.0)).copied().flatten();
        match &step.op {
            Op::Open(open) => {
                let via = open.via.unwrap_or_default();
                let made = in_child(open.no_descriptor, via).and_then(|()| Made::by_open(open));
                self.makes(&[&step.socket], made, via, step, part);
            }
            Op::Pair(pair) => {
                let (via, kind) = (pair.via.unwrap_or_default(), pair.kind);
                let made = in_child(pair.no_descriptor, via)
                    .and_then(|()| Made::by_pair(via, kind.unwrap_or(Kind::UnixStream)));
                self.makes(&[&step.socket, &pair.with.0], made, via, step, part);
            }
            Op::Accept(accept) => {
                let Some(of) = of else { return };
                self.refused(of, step, part);
                let via = accept.via.unwrap_or(of.via);
                let made = if of.via == Via::Raw || of.via == via {
                    Made::by_accept(via, of.kind)
                } else {
                    Err(format!("what {} accepts is {}'s own", of.via, of.via))
                };
                let made = in_child(accept.no_descriptor, via).and(made);
                self.makes(&[&accept.name.0], made, via, step, part);
            }
            Op::Dup(dup) => {
                let Some(of) = of else { return };
                self.refused(of, step, part);
                let made = in_child(dup.no_descriptor, of.via).map(|()| of);
                self.makes(&[&dup.name.0], made, of.via, step, part);
            }
            _ => {
                let Some(of) = of else { return };
                self.refused(of, step, part);
            }
        }
    }

    fn makes(
        &mut self,
        names: &[&Name],
        made: Result<Made, String>,
        via: Via,
        step: &Step,
        part: &Part<'_>,
    ) {
        match made {
            Ok(made) => {
                for name in names {
                    if let Some(slot) = self.made.get_mut(usize::from(name.id.0)) {
                        *slot = Some(made);
                    }
                }
            }
            Err(why) => {
                let place = place_of(part.node, via.name()).unwrap_or(step.span);
                let message = format!("{via} cannot do this for `{}`", names[0].text);
                self.problems.add_with_help(place, message, &*why);
            }
        }
    }

    fn refused(&mut self, of: Made, step: &Step, part: &Part<'_>) {
        if let Some(why) = of.refuses(&step.op) {
            let able: Vec<&str> = of.able(&step.op).iter().map(|via| via.name()).collect();
            let able = match able.as_slice() {
                [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
                able => able.concat(),
            };
            let help = format!("of the layers, {able} can");
            self.problems.add_with_help(step.span, why, help);
        }
        let truncated = |claim: &Claim| matches!(claim, Claim::Truncated(_));
        let claims = alternatives(&step.expect).any(|one| one.claims.iter().any(truncated));
        if claims && !of.tells_truncated(&step.op) {
            let place: Span = claims_node(part.node, "truncated").unwrap_or(step.claim);
            let message = format!("{} does not tell whether a datagram was cut", of.type_name());
            let help =
                "what `recv_from` returns is a length and an address; claim `len` and `data`";
            self.problems.add_with_help(place, message, help);
        }
    }
}

/// After a fork only the system's own calls are safe.
fn in_child(no_descriptor: Option<bool>, via: Via) -> Result<(), String> {
    if no_descriptor == Some(true) && via != Via::Raw {
        return Err(
            "`no_descriptor` makes the call in a child, which may call the system alone".to_owned()
        );
    }
    Ok(())
}
