//! Peers: sockets with a script of their own, which run beside the steps.
//!
//! The file's front end of [`peer::spec`](crate::peer::spec): here are the keys and their mistakes,
//! there is what they mean. `sending` reads what a peer sends, `faults` what goes wrong, `reading`
//! how it reads.

mod faults;
mod reading;
mod sending;

use super::node::{Name, Node, Reader, Table};
use super::order::Part;
use super::problem::Span;
use super::value::valid_name;
use crate::address::Address;
use crate::kind::Kind;
use crate::op::{Number, Size, Word};
use crate::peer::spec::{Role, Spec, Then};

pub use faults::FAULT_KEYS;
pub use reading::READ_KEYS;
pub use sending::{SEND_KEYS, encode};

/// The keys of a peer.
pub const PEER_KEYS: [&str; 23] = [
    "connect", "listen", "bind", "to", "kind", "backlog", "rcvbuf", "sndbuf", "nodelay", "framing",
    "frames", "data", "fill", "hex", "offset", "send", "chunk", "gap", "echo", "read", "faults",
    "then", "seed",
];

/// One peer, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Its name.
    pub name: Name,
    /// Its kind; that of the socket it connects to where not given.
    pub kind: Option<Kind>,
    /// The address that it listens on or is bound to.
    pub local: Option<Address>,
    /// Whom it connects to, or where its datagrams go.
    pub to: Option<Address>,
    /// What it is and does. Its kind is a guess until `plan` knows whom it connects to.
    pub spec: Spec,
    /// Where it stands.
    pub span: Span,
}

/// Reads all peers, in the order of the file.
pub fn read_peers<'a>(node: Node<'a>, reader: &mut Reader<'_>) -> Option<Vec<Part<'a>>> {
    let Some(table) = node.as_table() else {
        let wanted = "a table of peers: peers.NAME = { connect = \"server\", data = \"…\" }";
        reader.wrong_type(node, wanted);
        return None;
    };
    let part = |(key, span, node): (&'a str, Span, Node<'a>)| {
        let noted = reader.problems.noted();
        let peer = read_peer(key, span, node, reader);
        let complete = reader.problems.noted() == noted;
        Part { name: Some((key, span)), node, steps: Vec::new(), peer, complete }
    };
    Some(table.entries().map(part).collect())
}

fn read_peer(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Peer> {
    if let Err(why) = valid_name(key) {
        reader.problems.add_told(span, &why);
        return None;
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a peer: { connect = \"server\", data = \"…\" }");
        return None;
    };
    reader.refuse_others(table, "key", &PEER_KEYS);
    let name = reader.names.intern(key);
    let kind = optional::<Kind>(table, "kind", reader);
    let role = read_role(table, span, reader);
    let mut spec = Spec::new(
        role.as_ref().map_or(Role::Connect, |place| place.role),
        kind.or(role.as_ref().and_then(Place::kind)).unwrap_or(Kind::Tcp4),
    );
    spec.rcvbuf = optional::<Size>(table, "rcvbuf", reader).map(|size| size.0);
    spec.sndbuf = optional::<Size>(table, "sndbuf", reader).map(|size| size.0);
    spec.nodelay = optional(table, "nodelay", reader).unwrap_or(true);
    spec.then = table.get("then").and_then(|node| read_then(node, reader)).unwrap_or(Then::Keep);
    if let Some(seed) = optional::<Number>(table, "seed", reader) {
        spec.seed = u64::from(seed.0.cast_unsigned());
    }
    sending::read(node, table, &mut spec, reader);
    faults::read(table, &mut spec, reader);
    reading::read(table, &mut spec, reader);
    let Place { local, to, .. } = role?;
    let kind = kind.or(local.as_ref().map(|_| spec.kind));
    Some(Peer { name, kind, local, to, spec, span })
}

/// Where a peer is, or whom it talks to.
struct Place {
    role: Role,
    local: Option<Address>,
    to: Option<Address>,
}

impl Place {
    /// The kind that its own address implies.
    fn kind(&self) -> Option<Kind> {
        use crate::address::Host;
        let datagram = self.role == Role::Datagram;
        Some(match self.local.as_ref()? {
            Address::Inet(Host::Ip(ip), _) if ip.is_ipv6() && datagram => Kind::Udp6,
            Address::Inet(Host::Ip(ip), _) if ip.is_ipv6() => Kind::Tcp6,
            Address::Path { .. } | Address::Abstract { .. } | Address::Autobind if datagram => {
                Kind::UnixDgram
            }
            Address::Path { .. } | Address::Abstract { .. } | Address::Autobind => Kind::UnixStream,
            Address::Of(_) | Address::Inet(..) | Address::Altered { .. } | Address::Unspecified
                if datagram =>
            {
                Kind::Udp4
            }
            Address::Of(_) | Address::Inet(..) | Address::Altered { .. } | Address::Unspecified => {
                Kind::Tcp4
            }
        })
    }
}

/// Just one of `connect`, `listen` and `bind` says what a peer is.
fn read_role(table: Table<'_>, span: Span, reader: &mut Reader<'_>) -> Option<Place> {
    const HELP: &str = "connect = \"server\", the socket that it talks to; \
        listen = \"loopback:0\"; or bind = \"loopback:0\" for datagrams";
    let [connect, listen, bind] = ["connect", "listen", "bind"].map(|key| table.get(key));
    let mut given = [connect, listen, bind].into_iter().flatten();
    match (given.next(), given.next()) {
        (None, _) => {
            let message = "a peer without `connect`, `listen` or `bind`";
            reader.problems.add_with_help(span, message, HELP);
            return None;
        }
        (Some(_), Some(second)) => {
            let help = "a peer connects, listens, or is bound and sends datagrams";
            reader.problems.add_with_help(second.span, "a second role", help);
            return None;
        }
        (Some(_), None) => {}
    }
    goes_with(table, "to", "bind", "connect = \"…\" says whom a peer connects to", reader);
    goes_with(table, "backlog", "listen", "only who listens has a backlog", reader);
    let backlog = optional::<Number>(table, "backlog", reader).map(|number| number.0);
    let mut address = |key: &str| table.get(key).map(|node| <Address as Word>::read(node, reader));
    let place = if connect.is_some() {
        Place { role: Role::Connect, local: None, to: address("connect")? }
    } else if listen.is_some() {
        Place { role: Role::Listen { backlog }, local: address("listen")?, to: None }
    } else {
        let to = address("to").unwrap_or(None);
        Place { role: Role::Datagram, local: address("bind")?, to }
    };
    fits_kind(table, place.role, reader)?;
    (place.local.is_some() || place.to.is_some()).then_some(place)
}

/// Whether a kind that is given can play the role.
fn fits_kind(table: Table<'_>, role: Role, reader: &mut Reader<'_>) -> Option<()> {
    let Some(node) = table.get("kind") else { return Some(()) };
    let Some(kind) = node.as_str().and_then(Kind::from_name) else { return Some(()) };
    let (fits, help) = match role {
        Role::Connect => return Some(()),
        Role::Listen { .. } => (kind.is_connection_oriented(), "`bind` is for datagrams"),
        Role::Datagram => (!kind.is_connection_oriented(), "`listen` is for connections"),
    };
    if !fits {
        let message = format!("a peer of this role cannot be `{kind}`");
        reader.problems.add_with_help(node.span, message, help);
    }
    fits.then_some(())
}

/// Notes a key that means nothing without another.
fn goes_with(table: Table<'_>, key: &str, with: &str, help: &str, reader: &mut Reader<'_>) {
    if let (Some(node), None) = (table.get(key), table.get(with)) {
        reader.problems.add_with_help(node.span, format!("`{key}` without `{with}`"), help);
    }
}

fn optional<W: Word>(table: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<W> {
    table.get(key).and_then(|node| W::read(node, reader))
}

fn read_then(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Then> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, "an ending: keep, shutdown, close or reset");
        return None;
    };
    let then = Then::ALL.iter().find(|(known, _)| *known == word).map(|(_, then)| *then);
    if then.is_none() {
        reader.problems.add_unknown(node.span, "ending", word, &Then::WORDS);
    }
    then
}
