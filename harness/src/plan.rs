//! A scenario made ready for one platform: the claims that hold there, limits filled in, peers
//! turned into scripts of operations.
//!
//! [`lower`] is the arrow from `Scenario` to `Plan`. Pure: it knows the platform it is told, and
//! asks the machine nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::address::{Address, Host, Port};
use crate::expect::Expect;
use crate::kind::{Family, Kind};
use crate::op::{Connect, Op, Open, OptionId, Patience, Pause, SendAll, Set, Settings, Shutdown};
use crate::option::{self, Value};
use crate::payload::Payload;
use crate::platform::{Platform, System, most_specific};
use crate::scenario::{
    Expectation, Known, Level, Name, Names, Need, Peer, Scenario, Span, Step, Then,
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
    fn new(socket: Name, op: Op) -> Action {
        Action { socket, op: Arc::new(op), patience: Patience::Default }
    }

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

/// A peer: a script of operations on a socket of its own.
#[derive(Clone, Debug)]
pub struct Script {
    /// The peer's name.
    pub name: Name,
    /// What it does, in order.
    pub actions: Vec<Action>,
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
    pub peers: Vec<Script>,
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
    let peers = scenario.peers.iter().map(|peer| script(peer, &kinds)).collect();
    let setup = scenario.setup.into_iter().map(action).collect();
    let steps = scenario.steps.into_iter().map(|step| lower_step(step, &lines, platform)).collect();
    Plan {
        id: scenario.id,
        title: scenario.title,
        see: scenario.see,
        needs,
        serial: scenario.serial,
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
        let Op::Bind(bind) = &step.op else { continue };
        match bind.to {
            Address::Abstract { .. } => needs.push(Need::Capability("abstract")),
            Address::Autobind => needs.push(Need::Capability("autobind")),
            Address::Of(_) | Address::Inet(..) | Address::Path { .. } | Address::Unspecified => {}
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
    let ends = |peer: &&Peer| matches!(peer.then, Then::Close | Then::Reset);
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
                looks.extend(wait.queued.as_ref().map(|_| "accept-queue"));
            }
            _ => {}
        }
        looks.extend(unlisted.then_some("connection-table"));
    }
    looks
}

/// A peer's script: open, connect, send in chunks with gaps between them, end as told.
fn script(peer: &Peer, kinds: &Kinds) -> Script {
    let kind = peer.kind.or_else(|| target_kind(&peer.connect, kinds)).unwrap_or(Kind::Tcp4);
    let mut ops = vec![
        Op::Open(Open { kind, blocking: None }),
        Op::Connect(Connect { to: peer.connect.clone() }),
    ];
    let chunk = peer.chunk.unwrap_or(peer.bytes.len()).max(1);
    for (i, bytes) in peer.bytes.chunks(chunk).enumerate() {
        if let Some(time) = peer.gap.filter(|_| i > 0) {
            ops.push(Op::Pause(Pause { time }));
        }
        ops.push(Op::SendAll(SendAll { data: Payload::Bytes(bytes.to_vec()), chunk: None }));
    }
    ops.extend(ending(peer.then));
    let actions = ops.into_iter().map(|op| Action::new(peer.name.clone(), op)).collect();
    Script { name: peer.name.clone(), actions }
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
        Address::Inet(_, Port::Zero) | Address::Unspecified => None,
    }
}

fn ending(then: Then) -> Vec<Op> {
    let close = || Op::Close(crate::op::Close {});
    match then {
        Then::Keep => Vec::new(),
        Then::Shutdown => vec![Op::Shutdown(Shutdown { how: crate::op::How::Write })],
        Then::Close => vec![close()],
        Then::Reset => {
            let on =
                vec![("l_onoff".to_owned(), Value::Int(1)), ("l_linger".to_owned(), Value::Int(0))];
            let linger = option::find("SO_LINGER").map(|option| {
                let settings = vec![(OptionId::Named(option), Value::Record(on))];
                Op::Set(Set { settings: Settings(settings) })
            });
            linger.into_iter().chain([close()]).collect()
        }
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
        assert_eq!(looks("{ server.wait = { queued = 1 } }"), ["accept-queue"]);
        assert_eq!(looks("{ client.wait = { drained = true } }"), ["send-queue"]);
        let accepted = "{ server.accept = 'conn' }, { conn.wait = { drained = true } }";
        assert_eq!(looks(accepted), ["send-queue"]);
    }
}
