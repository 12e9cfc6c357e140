//! Whether the steps can be run in their order: each socket opened once and before its use, never
//! used after its close, each pending operation joined once and after its start.

use std::collections::HashMap;

use super::problem::{Problems, Span};
use super::{Name, Names, Scenario, SocketId, Step, Use};
use crate::op::{Op, Patience};

/// What has become of a name so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Open,
    Closed,
}

/// Notes everything that is out of order.
pub fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut order = Order {
        states: vec![State::Unknown; scenario.names.len()],
        names: &scenario.names,
        pending: HashMap::new(),
        problems,
    };
    for step in &scenario.setup {
        order.step(step);
    }
    for peer in &scenario.peers {
        order.opens(&peer.name, peer.span);
        order.address(&peer.connect, peer.span);
    }
    for step in &scenario.steps {
        order.step(step);
    }
    order.finish();
}

struct Order<'o> {
    states: Vec<State>,
    names: &'o Names,
    pending: HashMap<&'o str, (SocketId, Span)>,
    problems: &'o mut Problems,
}

impl<'o> Order<'o> {
    fn step(&mut self, step: &'o Step) {
        if let Some(Use::Opens(name)) = opened_by(step) {
            self.opens(name, step.span);
        } else if !speaks_of_closed(&step.op) {
            self.socket(&step.socket, step.span);
        } else {
            self.known(&step.socket, step.span);
        }
        step.op.visit(&mut |used| match used {
            Use::Opens(name) => self.opens(name, step.span),
            Use::Socket(name) => self.socket(name, step.span),
            Use::Address(name) => self.known(name, step.span),
        });
        self.note_pending(step);
        if let Op::Close(_) = step.op {
            self.set(&step.socket, State::Closed);
        }
    }

    fn note_pending(&mut self, step: &'o Step) {
        if let Patience::Start(label) = &step.patience
            && self.pending.insert(label, (step.socket.id, step.span)).is_some()
        {
            self.problems.add(step.span, format!("`{label}` is pending already"), None);
        }
        let Op::Join(join) = &step.op else { return };
        match self.pending.remove(join.step.0.as_str()) {
            Some((socket, _)) if socket == step.socket.id => {}
            Some((socket, _)) => {
                let owner = self.names.text(socket);
                let message = format!(
                    "`{}` is pending on `{owner}`, not on `{}`",
                    join.step.0, step.socket.text
                );
                self.problems.add(step.span, message, None);
            }
            None => {
                let message = format!("no step before this one was started as `{}`", join.step.0);
                let help = "give `start = \"NAME\"` to the operation that is to be left pending";
                self.problems.add_with_help(step.span, message, help);
            }
        }
    }

    /// An operation that nobody joins would have an outcome that nobody sees.
    fn finish(self) {
        for (label, (_, span)) in self.pending {
            let message = format!("`{label}` is started and never joined");
            self.problems.add_with_help(span, message, format!("add a step `join = \"{label}\"`"));
        }
    }

    fn set(&mut self, name: &Name, state: State) {
        if let Some(slot) = self.states.get_mut(usize::from(name.id.0)) {
            *slot = state;
        }
    }

    fn get(&self, name: &Name) -> State {
        self.states.get(usize::from(name.id.0)).copied().unwrap_or(State::Unknown)
    }

    fn opens(&mut self, name: &Name, span: Span) {
        if self.get(name) != State::Unknown {
            let help = "a name stands for one socket all through the file; choose another";
            self.problems.add_with_help(
                span,
                format!("`{}` names a socket already", name.text),
                help,
            );
        }
        self.set(name, State::Open);
    }

    fn socket(&mut self, name: &Name, span: Span) {
        self.known(name, span);
        if self.get(name) == State::Closed {
            let help = "its descriptor may be another socket's by now; only `wait`, `state` and addresses still work";
            self.problems.add_with_help(
                span,
                format!("`{}` is closed before this", name.text),
                help,
            );
        }
    }

    fn address(&mut self, address: &crate::address::Address, span: Span) {
        crate::op::Word::visit(address, &mut |used| {
            if let Use::Address(name) = used {
                self.known(name, span);
            }
        });
    }

    fn known(&mut self, name: &Name, span: Span) {
        if self.get(name) != State::Unknown {
            return;
        }
        let open: Vec<&str> = self
            .names
            .iter()
            .enumerate()
            .filter(|(i, _)| self.states[*i] != State::Unknown)
            .map(|(_, n)| n)
            .collect();
        let help = super::suggest(&name.text, &open);
        self.problems.add_with_help(span, format!("no socket `{}` is open here", name.text), help);
        // Said once: what follows would only repeat it.
        self.set(name, State::Open);
    }
}

/// `open` and `pair` give the name before the dot to a new socket.
fn opened_by(step: &Step) -> Option<Use<'_>> {
    matches!(step.op, Op::Open(_) | Op::Pair(_)).then_some(Use::Opens(&step.socket))
}

/// Operations that ask about the addresses a name had, and so work after its close.
fn speaks_of_closed(op: &Op) -> bool {
    match op {
        Op::State(_) | Op::Unlink(_) | Op::Pause(_) | Op::Join(_) => true,
        Op::Wait(wait) => wait.state.is_some(),
        _ => false,
    }
}
