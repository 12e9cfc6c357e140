//! Whether the steps can be run in their order: each socket opened once and before its use, never
//! used after its close, each pending operation joined once and after its start.
//!
//! Asked of files with other mistakes too. What stands in a part that could not be read is in
//! doubt, and nothing is said of a name in doubt.

use std::collections::{BTreeMap, HashSet};

use super::node::Node;
use super::peer::Peer;
use super::possible::check_joined;
use super::problem::{Problems, Span, nearest, suggest};
use super::value::{RESERVED, plain_name};
use super::{Expectation, Name, Names, Step, Use};
use crate::expect::{Alternative, Claim};
use crate::op::{Op, Patience, Word};

/// A declared socket, a peer or a step, and what could be read of it.
#[derive(Debug)]
pub struct Part<'a> {
    /// The name and its place, where it stands for one.
    pub name: Option<(&'a str, Span)>,
    /// All that is written there.
    pub node: Node<'a>,
    /// The steps, as many as could be read: of a step at most one, of a socket all that set it up.
    pub steps: Vec<Step>,
    /// The peer, where it is one and could be read.
    pub peer: Option<Peer>,
    /// Whether there is no mistake in it.
    pub complete: bool,
}

/// What has become of a name so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Open,
    Closed,
    /// A program, which is no socket.
    Program,
    /// A mistake has been noted of it, or stands where it might have been opened or closed.
    Doubtful,
}

/// What has become of the name of a pending operation so far.
#[derive(Clone, Copy)]
enum Label<'o> {
    /// Started by this step of this part.
    Pending(&'o Step, Node<'o>),
    Joined,
    Doubtful,
}

/// Notes everything that is out of order.
pub fn check(
    sockets: &[Part<'_>],
    peers: &[Part<'_>],
    steps: &[Part<'_>],
    names: &Names,
    problems: &mut Problems,
) {
    let mut order = Order {
        states: vec![State::Unknown; names.len()],
        names,
        labels: BTreeMap::new(),
        doubted: HashSet::new(),
        peers,
        steps,
        problems,
    };
    // Who listens or is bound is there before the sockets that talk to it.
    let is_first = |part: &&Part<'_>| part.peer.as_ref().is_some_and(|peer| peer.local.is_some());
    let (first, last): (Vec<_>, Vec<_>) = peers.iter().partition(is_first);
    for part in first.into_iter().chain(sockets).chain(last).chain(steps) {
        order.part(part);
    }
    order.finish();
    for part in steps {
        order.names_claimed(part);
    }
}

struct Order<'o> {
    states: Vec<State>,
    names: &'o Names,
    /// Ordered, so that the same file is told the same.
    labels: BTreeMap<&'o str, Label<'o>>,
    /// Every text of the parts that could not be read.
    doubted: HashSet<&'o str>,
    /// All peers, for conditions that only they have.
    peers: &'o [Part<'o>],
    /// All steps, for what is opened later.
    steps: &'o [Part<'o>],
    problems: &'o mut Problems,
}

impl<'o> Order<'o> {
    fn part(&mut self, part: &'o Part<'o>) {
        if let Some((name, _)) = part.name.filter(|_| !part.complete) {
            self.doubt(name);
        }
        for step in &part.steps {
            self.step(step, part);
        }
        if let Some(peer) = &part.peer {
            self.opens(&peer.name, || peer.span);
            // Where datagrams go is asked when the first is sent.
            if let Some(to) = peer.to.as_ref().filter(|_| peer.local.is_none()) {
                Word::visit(to, &mut |used| self.used(used, part, peer.span));
            }
            if let Some(local) = &peer.local {
                Word::visit(local, &mut |used| self.used(used, part, peer.span));
            }
        }
        if !part.complete {
            self.doubt_all(part.node);
        }
    }

    fn step(&mut self, step: &'o Step, part: &'o Part<'o>) {
        let place = || socket_place(part, step);
        if opens_its_own(&step.op) {
            self.opens(&step.socket, place);
        } else if is_of_program(&step.op) {
            self.program(&step.socket, place);
        } else if speaks_of_closed(&step.op) {
            self.known(&step.socket, place);
        } else {
            self.socket(&step.socket, place);
        }
        step.op.visit(&mut |used| self.used(used, part, step.span));
        if let Patience::Start(label) = &step.patience {
            self.start(label, step, part);
        }
        if let Op::Wait(wait) = &step.op
            && (wait.received.is_some() || wait.finished.is_some())
        {
            self.only_peers(step, part);
        }
        if let Op::Join(join) = &step.op {
            self.join(&join.step.0, step, part);
        }
        if let Op::StartProgram(_) = step.op
            && self.get(&step.socket) == State::Open
        {
            self.set(&step.socket, State::Program);
        }
        if let Op::Interrupt(interrupt) = &step.op {
            self.interrupt(&interrupt.step.0, step, part);
        }
        if let Op::Close(close) = &step.op
            && close.stale != Some(true)
            && self.get(&step.socket) == State::Open
        {
            self.set(&step.socket, State::Closed);
        }
    }

    /// What a socket of the steps has received is `recv`'s to say.
    fn only_peers(&mut self, step: &Step, part: &Part<'_>) {
        let is_peer = |name: &str| self.peers.iter().any(|peer| is_named(peer, name));
        let name = &*step.socket.text;
        if !is_peer(name) && !self.doubted.contains(name) {
            let help = "`received` and `finished` are of peers; of a socket, wait for `readable`";
            let place = socket_place(part, step);
            self.problems.add_with_help(place, format!("`{name}` is no peer"), help);
        }
    }

    fn used(&mut self, used: Use<'_>, part: &Part<'_>, otherwise: Span) {
        let place = |name: &str| place_of(part.node, name).unwrap_or(otherwise);
        match used {
            Use::Opens(name) => self.opens(name, || place(&name.text)),
            Use::Socket(name) => self.socket(name, || place(&name.text)),
            Use::Address(name) => self.known(name, || place(&name.text)),
        }
    }

    fn start(&mut self, label: &'o str, step: &'o Step, part: &'o Part<'o>) {
        let before = self.labels.get(label).copied();
        if matches!(before, Some(Label::Doubtful)) {
            return;
        }
        if matches!(before, Some(Label::Pending(..))) {
            let place = place_of(part.node, label).unwrap_or(step.span);
            let help = "join it before another is started by that name, or choose another";
            self.problems.add_with_help(place, format!("`{label}` is pending already"), help);
        }
        self.labels.insert(label, Label::Pending(step, part.node));
    }

    fn join(&mut self, label: &'o str, step: &'o Step, part: &'o Part<'o>) {
        let place = place_of(part.node, label).unwrap_or(step.span);
        match self.labels.get(label).copied() {
            Some(Label::Pending(started, _)) => {
                self.labels.insert(label, Label::Joined);
                if started.socket.id == step.socket.id {
                    check_joined(step, started, part.node, self.problems);
                    return;
                }
                let (owner, name) = (&started.socket.text, &step.socket.text);
                let message = format!("`{label}` is pending on `{owner}`, not on `{name}`");
                let help = format!("write {owner}.join = \"{label}\"");
                self.problems.add_with_help(socket_place(part, step), message, help);
            }
            Some(Label::Joined) => {
                let help = "an operation has one outcome";
                self.problems.add_with_help(place, format!("`{label}` is joined already"), help);
            }
            Some(Label::Doubtful) => {}
            None => self.join_in_vain(label, place),
        }
    }

    /// Only what is pending can be interrupted.
    fn interrupt(&mut self, label: &'o str, step: &'o Step, part: &'o Part<'o>) {
        let place = place_of(part.node, label).unwrap_or(step.span);
        match self.labels.get(label) {
            Some(Label::Pending(..) | Label::Doubtful) => {}
            Some(Label::Joined) => {
                self.problems.add(place, format!("`{label}` is joined before this"), None);
            }
            None => self.join_in_vain(label, place),
        }
    }

    fn join_in_vain(&mut self, label: &'o str, place: Span) {
        let pending = |(label, state): (&&'o str, &Label<'_>)| {
            matches!(state, Label::Pending(..)).then_some(*label)
        };
        let pending: Vec<&'o str> = self.labels.iter().filter_map(pending).collect();
        let meant = nearest(label, &pending);
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                "give `start = \"NAME\"` to the operation that is to be left pending".to_owned()
            }
        };
        let message = format!("no step before this one was started as `{label}`");
        self.problems.add_with_help(place, message, help);
        // That the one is started too late, or the other never joined, would only repeat it.
        for label in meant.into_iter().chain([label]) {
            self.labels.insert(label, Label::Doubtful);
        }
    }

    /// An operation that nobody joins would have an outcome that nobody sees.
    fn finish(&mut self) {
        for (label, state) in &self.labels {
            let Label::Pending(step, node) = state else { continue };
            let place = place_of(*node, label).unwrap_or(step.span);
            let help = format!("add a step {{ {}.join = \"{label}\" }}", step.socket.text);
            let message = format!("`{label}` is started and never joined");
            self.problems.add_with_help(place, message, help);
        }
    }

    fn set(&mut self, name: &Name, state: State) {
        if let Some(slot) = self.states.get_mut(usize::from(name.id.0)) {
            *slot = state;
        }
    }

    fn get(&self, name: &Name) -> State {
        self.states.get(usize::from(name.id.0)).copied().unwrap_or(State::Doubtful)
    }

    fn opens(&mut self, name: &Name, place: impl FnOnce() -> Span) {
        match self.get(name) {
            State::Unknown | State::Doubtful => self.set(name, State::Open),
            State::Open | State::Closed | State::Program => {
                let message = format!("`{}` names a socket already", name.text);
                let help = "a name stands for one socket all through the file; choose another";
                self.problems.add_with_help(place(), message, help);
            }
        }
    }

    fn socket(&mut self, name: &Name, place: impl FnOnce() -> Span) {
        if self.get(name) == State::Closed {
            let message = format!("`{}` is closed before this", name.text);
            let help = "`state`, `wait` for a state, and its address still work after `close`";
            self.problems.add_with_help(place(), message, help);
        } else if self.get(name) == State::Program {
            let message = format!("`{}` is a program, not a socket", name.text);
            let help =
                "connect a socket to it; it has itself only `stop`, `status`, `exit` and `output`";
            self.problems.add_with_help(place(), message, help);
        } else {
            self.known(name, place);
        }
    }

    fn program(&mut self, name: &Name, place: impl FnOnce() -> Span) {
        match self.get(name) {
            State::Open | State::Closed => {
                let message = format!("`{}` is a socket, not a program", name.text);
                let help = "only what `start` or `programs` names can be stopped or asked";
                self.problems.add_with_help(place(), message, help);
            }
            State::Unknown | State::Program | State::Doubtful => self.known(name, place),
        }
    }

    fn known(&mut self, name: &Name, place: impl FnOnce() -> Span) {
        if self.get(name) != State::Unknown {
            return;
        }
        let message = format!("no socket `{}` is open here", name.text);
        let help = if self.is_opened_later(name) {
            "a later step opens it".to_owned()
        } else {
            suggest(&name.text, &self.names_in(|state| state == State::Open))
        };
        self.problems.add_with_help(place(), message, help);
        // Said once: what follows would only repeat it.
        self.set(name, State::Doubtful);
    }

    /// Asked of a name that is not open: a step that opens it comes later.
    fn is_opened_later(&self, name: &Name) -> bool {
        let mut found = false;
        for step in self.steps.iter().flat_map(|part| &part.steps) {
            found |= opens_its_own(&step.op) && step.socket.id == name.id;
            step.op.visit(&mut |used| {
                found |= matches!(used, Use::Opens(opened) if opened.id == name.id);
            });
        }
        found
    }

    fn names_in(&self, wanted: impl Fn(State) -> bool) -> Vec<&'o str> {
        let states = self.names.iter().zip(&self.states);
        states.filter(|(_, state)| wanted(**state)).map(|(name, _)| name).collect()
    }

    fn doubt(&mut self, text: &'o str) {
        self.doubted.insert(text);
        let slot = self.names.find(text).and_then(|id| self.states.get_mut(usize::from(id.0)));
        if let Some(slot) = slot.filter(|state| **state == State::Unknown) {
            *slot = State::Doubtful;
        }
    }

    /// Everything that could be a name, or the label of a pending operation.
    fn doubt_all(&mut self, node: Node<'o>) {
        if let Some(text) = node.as_str() {
            self.doubt(text);
            self.labels.insert(text, Label::Doubtful);
        } else if let Some(table) = node.as_table() {
            for (key, _, node) in table.entries() {
                self.doubt(key);
                self.doubt_all(node);
            }
        } else if let Some(items) = node.as_array() {
            items.for_each(|item| self.doubt_all(item));
        }
    }

    /// A claim that something is from a socket which no step opens can never hold.
    fn names_claimed(&mut self, part: &Part<'_>) {
        for step in &part.steps {
            for name in alternatives(&step.expect).flat_map(|one| &one.claims).flat_map(claimed) {
                let name = name.strip_prefix("any:").unwrap_or(name);
                let id = self.names.find(name).map(|id| usize::from(id.0));
                let state = id.and_then(|id| self.states.get(id)).copied();
                if state.unwrap_or(State::Unknown) == State::Unknown
                    && plain_name(name)
                    && !RESERVED.contains(&name)
                    && !self.doubted.contains(name)
                {
                    let place = place_of(part.node, name).unwrap_or(step.claim);
                    let known = self.names_in(|state| state != State::Unknown);
                    let message = format!("no socket is named `{name}`");
                    self.problems.add_with_help(place, message, suggest(name, &known));
                }
            }
        }
    }
}

/// All outcomes that a step accepts anywhere.
pub fn alternatives(expect: &Expectation) -> impl Iterator<Item = &Alternative> {
    let everywhere = match expect {
        Expectation::Everywhere(expect) => Some(expect),
        Expectation::Unwritten | Expectation::ByPlatform(_) => None,
    };
    let by_platform = match expect {
        Expectation::ByPlatform(platforms) => platforms.as_slice(),
        Expectation::Unwritten | Expectation::Everywhere(_) => &[],
    };
    let all = everywhere.into_iter().chain(by_platform.iter().map(|(_, expect)| expect));
    all.flat_map(|expect| &expect.any_of)
}

/// The sockets that a claim names.
fn claimed(claim: &Claim) -> Vec<&str> {
    match claim {
        Claim::From(name) | Claim::Address(name) => vec![name],
        Claim::Ready(items) => items.iter().filter_map(|item| item.split(' ').next()).collect(),
        Claim::Len(_)
        | Claim::Data(_)
        | Claim::Truncated(_)
        | Claim::Value(_)
        | Claim::State(_)
        | Claim::Events(_)
        | Claim::Sets(_)
        | Claim::Flags(_)
        | Claim::Frames(_)
        | Claim::Control(_)
        | Claim::Elapsed(_) => Vec::new(),
    }
}

fn is_named(part: &Part<'_>, name: &str) -> bool {
    part.name.is_some_and(|(known, _)| known == name)
}

/// These give the name before the dot to a new socket, or to a program.
fn opens_its_own(op: &Op) -> bool {
    matches!(
        op,
        Op::Open(_) | Op::Pair(_) | Op::SocketOf(_) | Op::EpollCreate(_) | Op::StartProgram(_)
    )
}

fn is_of_program(op: &Op) -> bool {
    match op {
        Op::StopProgram(_) | Op::ProgramStatus(_) | Op::ProgramExit(_) | Op::ProgramOutput(_) => {
            true
        }
        // What was left pending is joined on whatever it was started on.
        _ => false,
    }
}

/// Operations that ask about the addresses a name had, and so work after its close.
fn speaks_of_closed(op: &Op) -> bool {
    match op {
        Op::State(_) | Op::Unlink(_) | Op::Pause(_) | Op::Join(_) | Op::Interrupt(_) => true,
        Op::Wait(wait) => wait.state.is_some(),
        _ => false,
    }
}

/// Where a step's own socket stands: before its verb, or before its declaration.
fn socket_place(part: &Part<'_>, step: &Step) -> Span {
    if let Some((_, place)) = part.name {
        return place;
    }
    let key = part.node.as_table().and_then(|table| {
        table.entries().find(|(key, ..)| *key == &*step.socket.text).map(|(_, place, _)| place)
    });
    key.unwrap_or(step.span)
}

/// Where a name stands among the values of a part: alone, or as the port of an address.
pub fn place_of(node: Node<'_>, name: &str) -> Option<Span> {
    /// What holds bytes, not names.
    const BYTES: [&str; 6] = ["data", "fill", "hex", "parts", "frames", "why"];
    if let Some(text) = node.as_str() {
        let port = text.rsplit_once(':').map(|(_, port)| port);
        return (text == name || port == Some(name)).then_some(node.span);
    }
    if let Some(mut items) = node.as_array() {
        return items.find_map(|item| place_of(item, name));
    }
    let mut entries = node.as_table()?.entries().filter(|(key, ..)| !BYTES.contains(key));
    entries.find_map(|(_, _, node)| place_of(node, name))
}

/// Where a claim's key or an outcome's word stands among the claims of a step.
pub fn claims_node(step: Node<'_>, word: &str) -> Option<Span> {
    step.as_table().and_then(|table| table.get("expect")).and_then(|node| word_in(node, word))
}

fn word_in(node: Node<'_>, word: &str) -> Option<Span> {
    if let Some(mut items) = node.as_array() {
        return items.find_map(|item| word_in(item, word));
    }
    if let Some(table) = node.as_table() {
        let found = |(key, span, node): (&str, Span, Node<'_>)| {
            if key == word { Some(span) } else { word_in(node, word) }
        };
        return table.entries().find_map(found);
    }
    (node.as_str() == Some(word)).then_some(node.span)
}
