//! A scenario made ready for one platform: the claims that hold there, limits filled in, the kind
//! of each peer known.
//!
//! [`lower`] is the arrow from `Scenario` to `Plan`. Pure: it knows the platform it is told, and
//! asks the machine nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::address::{Address, Host, Port};
use crate::expect::Expect;
use crate::kind::{Family, Kind};
use crate::op::{Op, Patience};
use crate::peer::spec::{Role, Spec, Then};
use crate::platform::{Platform, System, most_specific};
use crate::scenario::{
    Expectation, Known, Level, Name, Names, Need, Peer, Scenario, Span, Step, closes_under_a_call,
};

/// How long a step waits that says nothing itself: long enough for any answer a loopback can give,
/// short enough to wait for with the eyes on it.
pub const DEFAULT_WITHIN: Duration = Duration::from_secs(5);

/// How long a whole run may take that says nothing itself.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(30);

/// One operation ready to run.
#[derive(Clone, Debug)]
pub struct Action {
    /// The socket it is done on.
    pub socket: Name,
    /// What is done.
    pub op: Arc<Op>,
    /// What happens where the system does not answer at once.
    pub patience: Patience,
}

impl Action {
    /// As a transcript shows the call: `conn.recv(64)`.
    pub fn show(&self) -> String {
        let patience = match &self.patience {
            Patience::Default => None,
            Patience::Within(limit) => Some(format!("within={limit:?}")),
            Patience::NoWait => Some("nowait".to_owned()),
            Patience::Start(label) => Some(format!("start={label}")),
        };
        let arguments = Some(self.op.show_arguments()).filter(|arguments| !arguments.is_empty());
        let all: Vec<String> = arguments.into_iter().chain(patience).collect();
        format!("{}.{}({})", self.socket.text, self.op.entry().verb, all.join(", "))
    }
}

/// One step ready to run and to be judged.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// What is done.
    pub action: Action,
    /// What is claimed here; `None` where nothing is.
    pub expect: Option<Expect>,
    /// Whether the claim was written for this step, rather than understood.
    pub written: bool,
    /// Why systems act so.
    pub why: Option<String>,
    /// How binding the claim is.
    pub level: Level,
    /// The deviation listed for this platform.
    pub known: Option<Known>,
    /// Where the claim stands.
    pub place: Place,
}

/// A place in the scenario's file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A peer ready to run.
#[derive(Clone, Debug)]
pub struct PlannedPeer {
    /// The peer's name.
    pub name: Name,
    /// What it is and does.
    pub spec: Arc<Spec>,
    /// The address that it listens on or is bound to.
    pub local: Option<Address>,
    /// Whom it connects to, or where its datagrams go.
    pub to: Option<Address>,
}

impl PlannedPeer {
    /// Whether it has to be there before the declared sockets, which may talk to it.
    pub fn comes_first(&self) -> bool {
        self.local.is_some()
    }

    /// Its calls up to its readiness, as a transcript shows them; a connection is made later.
    pub fn opening(&self) -> Vec<String> {
        let name = &self.name.text;
        let mut calls = vec![format!("{name}.open({})", self.spec.kind)];
        calls.extend(self.local.as_ref().map(|local| format!("{name}.bind({local})")));
        if let Role::Listen { backlog } = self.spec.role {
            let backlog = backlog.map(|backlog| backlog.to_string()).unwrap_or_default();
            calls.push(format!("{name}.listen({backlog})"));
        }
        calls
    }

    /// What it does, a line for each part of its script.
    pub fn script(&self) -> Vec<String> {
        let name = &self.name.text;
        let mut lines = self.opening();
        if let (Role::Connect, Some(to)) = (self.spec.role, &self.to) {
            lines.push(format!("{name}.connect({to})"));
        }
        lines.extend(self.spec.script().into_iter().map(|line| format!("{name}: {line}")));
        lines
    }
}

/// A scenario on one platform.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The id, with the cell in brackets.
    pub id: String,
    /// The claim as a sentence.
    pub title: String,
    /// Its sources.
    pub see: Vec<String>,
    /// What the machine must have: what the file says, and what its kinds of socket imply.
    pub needs: Vec<Need>,
    /// Whether it must have the machine to itself.
    pub serial: bool,
    /// The limit on the whole run.
    pub limit: Duration,
    /// How often it is run for one verdict.
    pub repeat: usize,
    /// The sockets' names, by number.
    pub names: Names,
    /// What sets the declared sockets up; has to succeed.
    pub setup: Vec<Action>,
    /// What runs beside the steps.
    pub peers: Vec<PlannedPeer>,
    /// The steps.
    pub steps: Vec<PlannedStep>,
    /// In whose spelling errors are shown.
    pub system: System,
}

impl Plan {
    /// Whether any step claims anything here that the file says outright, and none claims it for
    /// other platforms only: there this platform's answer is not judged.
    pub fn is_judged(&self) -> bool {
        let written = || self.steps.iter().filter(|step| step.written);
        let elsewhere = |step: &PlannedStep| step.expect.is_none() && step.level != Level::Info;
        written().any(|step| step.expect.is_some()) && !written().any(elsewhere)
    }
}

/// Makes `scenario`, written in `text`, ready for `platform`.
pub fn lower(scenario: Scenario, text: &str, platform: &Platform) -> Plan {
    let lines = Lines::new(text);
    let kinds = Kinds::of(&scenario);
    let needs = needs_of(&scenario, &kinds);
    let peers = scenario.peers.iter().map(|peer| lower_peer(peer, &kinds)).collect();
    let alone = platform.name() != System::Linux.name() && closes_under_a_call(&scenario.steps);
    let setup = scenario.setup.into_iter().map(action).collect();
    let steps = scenario.steps.into_iter().map(|step| lower_step(step, &lines, platform)).collect();
    Plan {
        id: scenario.id,
        title: scenario.title,
        see: scenario.see,
        needs,
        serial: scenario.serial || alone,
        limit: scenario.limit.unwrap_or(DEFAULT_LIMIT),
        repeat: scenario.repeat.max(1),
        names: scenario.names,
        setup,
        peers,
        steps,
        system: platform.system,
    }
}

fn action(step: Step) -> Action {
    Action { socket: step.socket, op: Arc::new(step.op), patience: step.patience }
}

fn lower_step(mut step: Step, lines: &Lines<'_>, platform: &Platform) -> PlannedStep {
    let place = lines.place(step.claim);
    let expect = std::mem::replace(&mut step.expect, Expectation::Unwritten);
    let (written, expect) = match expect {
        Expectation::Unwritten => (false, understood(&step.patience)),
        Expectation::Everywhere(expect) => (true, Some(expect)),
        Expectation::ByPlatform(keys) => (true, most_specific(&keys, platform).cloned()),
    };
    let expect = expect.filter(|_| step.level != Level::Info);
    let known = std::mem::take(&mut step.known);
    let known = known.into_iter().find(|known| known.platform.specificity(platform).is_some());
    let (why, level) = (step.why.take(), step.level);
    PlannedStep { action: action(step), expect, written, why, level, known, place }
}

/// A step that claims nothing has to succeed; one that is left pending claims nothing.
fn understood(patience: &Patience) -> Option<Expect> {
    match patience {
        Patience::Default | Patience::Within(_) | Patience::NoWait => Some(Expect::success()),
        Patience::Start(_) => None,
    }
}

/// The kind of each socket that the file opens by itself, by number.
struct Kinds(Vec<Option<Kind>>);

impl Kinds {
    fn of(scenario: &Scenario) -> Kinds {
        let mut kinds = vec![None; scenario.names.len()];
        for step in scenario.setup.iter().chain(&scenario.steps) {
            let kind = match &step.op {
                Op::Open(open) => Some(open.kind),
                Op::Pair(pair) => Some(pair.kind.unwrap_or(Kind::UnixStream)),
                _ => continue,
            };
            kinds[usize::from(step.socket.id.0)] = kind;
        }
        for peer in &scenario.peers {
            kinds[usize::from(peer.name.id.0)] = peer.kind;
        }
        Kinds(kinds)
    }

    fn get(&self, name: &Name) -> Option<Kind> {
        self.0.get(usize::from(name.id.0)).copied().flatten()
    }
}

/// What the file needs, and what its kinds of socket and its addresses imply.
fn needs_of(scenario: &Scenario, kinds: &Kinds) -> Vec<Need> {
    let mut needs = scenario.needs.clone();
    for kind in kinds.0.iter().flatten() {
        match (kind.family(), kind.name()) {
            (Family::Inet4, _) => {}
            (Family::Inet6, _) => needs.push(Need::Capability("ipv6")),
            (Family::Unix, name) => needs.push(Need::Capability(name)),
        }
    }
    for step in scenario.setup.iter().chain(&scenario.steps) {
        if let Op::StartProgram(start) = &step.op {
            needs.push(Need::Capability("programs"));
            let remote = start.at.filter(|at| !at.0.ip().to_canonical().is_loopback());
            needs.extend(remote.map(|_| Need::Capability("remote")));
        }
        let local = match &step.op {
            Op::Bind(bind) => Some(&bind.to.0),
            Op::Open(open) => open.listen.as_ref().or(open.bind.as_ref()).map(|to| &to.0),
            _ => None,
        };
        match local {
            Some(Address::Abstract { .. }) => needs.push(Need::Capability("abstract")),
            Some(Address::Autobind) => needs.push(Need::Capability("autobind")),
            Some(
                Address::Of(_)
                | Address::Inet(..)
                | Address::Path { .. }
                | Address::Altered { .. }
                | Address::Unspecified,
            )
            | None => {}
        }
    }
    needs.extend(looks_of(scenario, kinds).into_iter().map(Need::Capability));
    needs.sort();
    needs.dedup();
    needs
}

/// What the system must let the harness see for the file's `state` and `wait`.
///
/// The state of a socket that is open is told by every table. One that lists only what has a
/// descriptor cannot tell of a socket that was closed, of a peer's end, which may not be accepted
/// yet, nor whether what it does not list is gone.
fn looks_of(scenario: &Scenario, kinds: &Kinds) -> Vec<&'static str> {
    let ending = |then: Then| matches!(then, Then::Close | Then::Reset);
    let ends = |peer: &&Peer| {
        ending(peer.spec.then) || peer.spec.faults.cuts.iter().any(|cut| ending(cut.then))
    };
    let mut closed: BTreeSet<_> =
        scenario.peers.iter().filter(ends).map(|peer| peer.name.id).collect();
    let mut looks = Vec::new();
    for step in scenario.setup.iter().chain(&scenario.steps) {
        let id = step.socket.id;
        let unlisted = match &step.op {
            Op::State(state) => state.peer == Some(true) || closed.contains(&id),
            Op::Wait(wait) => wait.state.as_ref().is_some_and(|wanted| {
                wanted.0.is_none() || wait.peer == Some(true) || closed.contains(&id)
            }),
            _ => false,
        };
        match &step.op {
            Op::Close(_) => {
                closed.insert(id);
            }
            Op::Wait(wait) => {
                // An accepted socket's kind is not written; it has a send queue all the same.
                let streams = kinds.get(&step.socket).is_none_or(Kind::is_tcp);
                looks.extend(wait.drained.filter(|_| streams).map(|_| "send-queue"));
                // Whether any waits, readiness tells everywhere.
                let several = wait.queued.filter(|wanted| wanted.0 > 1);
                looks.extend(several.map(|_| "accept-queue"));
            }
            // A port unreachable reaches who asks for it; a scenario that sets it means to be told.
            Op::Set(set) => {
                let names = set.settings.0.iter().map(|(option, _)| option.name());
                looks.extend(
                    names.into_iter().filter(|name| name == "IP_RECVERR").map(|_| "recverr"),
                );
            }
            Op::Get(get) => {
                looks.extend((get.option.name() == "TCP_INFO").then_some("tcp-info"));
            }
            _ => {}
        }
        looks.extend(unlisted.then_some("connection-table"));
    }
    looks
}

/// A peer with its kind: the one it has, or that of the socket it connects to.
fn lower_peer(peer: &Peer, kinds: &Kinds) -> PlannedPeer {
    let target = || peer.to.as_ref().and_then(|to| target_kind(to, kinds));
    let kind = peer.kind.or_else(target).unwrap_or(peer.spec.kind);
    PlannedPeer {
        name: peer.name.clone(),
        spec: Arc::new(Spec { kind, ..peer.spec.clone() }),
        local: peer.local.clone(),
        to: peer.to.clone(),
    }
}

fn target_kind(address: &Address, kinds: &Kinds) -> Option<Kind> {
    match address {
        Address::Of(name)
        | Address::Inet(Host::Loopback | Host::Any | Host::Ip(_), Port::Of(name)) => {
            kinds.get(name)
        }
        Address::Path { .. } | Address::Abstract { .. } | Address::Autobind => {
            Some(Kind::UnixStream)
        }
        Address::Altered { of, .. } => target_kind(of, kinds),
        Address::Inet(_, Port::Zero) | Address::Unspecified => None,
    }
}

/// The beginnings of a text's lines.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(i, _)| i + 1);
        Lines { text, starts: std::iter::once(0).chain(after).collect() }
    }

    fn place(&self, span: Span) -> Place {
        let line = self.starts.partition_point(|start| *start <= span.start);
        let start = self.starts[line.saturating_sub(1)];
        let before = self.text.get(start..span.start).unwrap_or("");
        Place { line, column: before.chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Version;
    use crate::scenario::parse;

    /// What a file with a listener, its client and `steps` implies beyond its kinds.
    fn looks(steps: &str) -> Vec<String> {
        const HEAD: &str = "title = 'T'\n\
            sockets.server = { kind = 'tcp4', listen = 'loopback:0' }\n\
            sockets.client = { kind = 'tcp4', connect = 'server' }\n";
        let text = format!("{HEAD}step = [{steps}]");
        let mut scenarios = parse("t", &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let version = Version::parse("6.18").expect("a version");
        let release = "6.18".to_owned();
        let here = Platform { system: System::Linux, implementation: None, version, release };
        let needs = lower(scenarios.remove(0), &text, &here).needs;
        needs
            .into_iter()
            .map(|need| match need {
                Need::Capability(word) => word.to_owned(),
                Need::Setting { name, .. } => name,
            })
            .collect()
    }

    #[test]
    fn an_open_socket_needs_no_table_of_all_connections() {
        assert!(looks("{ client.state = {} }").is_empty());
        assert!(
            looks("{ client.wait = { state = 'ESTABLISHED' } }, { client.close = {} }").is_empty()
        );
    }

    #[test]
    fn a_closed_socket_a_peer_and_absence_need_one() {
        for step in [
            "{ client.close = {} }, { client.wait = { state = 'FIN_WAIT_2' } }",
            "{ client.close = {} }, { client.state = {} }",
            "{ client.state = { peer = true } }",
            "{ client.wait = { state = 'ESTABLISHED', peer = true } }",
            "{ client.wait = { state = 'none' } }",
        ] {
            assert_eq!(looks(step), ["connection-table"], "{step}");
        }
    }

    #[test]
    fn waits_for_queues_need_them_told() {
        assert_eq!(looks("{ server.wait = { queued = 2 } }"), ["accept-queue"]);
        assert!(looks("{ server.wait = { queued = 1 } }").is_empty());
        assert_eq!(looks("{ client.wait = { drained = true } }"), ["send-queue"]);
        let accepted = "{ server.accept = 'conn' }, { conn.wait = { drained = true } }";
        assert_eq!(looks(accepted), ["send-queue"]);
        assert_eq!(looks("{ client.set = { IP_RECVERR = true } }"), ["recverr"]);
        assert_eq!(looks("{ client.get = 'TCP_INFO' }"), ["tcp-info"]);
    }
}
