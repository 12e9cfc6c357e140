//! Through which library a socket's calls go: the raw system call, std, socket2 or tokio.
//!
//! Pure: what each library has, by the types it makes sockets with. The calls are in `net/via`.

use std::fmt;

use crate::kind::{Family, Kind, Type};
use crate::op::{Op, Open};

/// Who makes a socket's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Via {
    /// Nobody: the system call, made by the harness.
    #[default]
    Raw,
    /// Rust's standard library.
    Std,
    /// The crate socket2.
    Socket2,
    /// The crate tokio, on a runtime of one thread.
    Tokio,
}

impl Via {
    /// Every layer, the thinnest first.
    pub const ALL: [Via; 4] = [Via::Raw, Via::Std, Via::Socket2, Via::Tokio];

    /// The word in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Via::Raw => "raw",
            Via::Std => "std",
            Via::Socket2 => "socket2",
            Via::Tokio => "tokio",
        }
    }

    /// The layer of that name.
    pub fn from_name(name: &str) -> Option<Via> {
        Via::ALL.into_iter().find(|via| via.name() == name)
    }

    /// Whether its sockets come into being bound, listening or connected: there is no call for a
    /// socket alone.
    pub fn makes_whole(self) -> bool {
        matches!(self, Via::Std | Via::Tokio)
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a library makes of a kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Listener,
    Stream,
    Datagram,
    /// Of socket2, whose one type is all of them.
    Any,
}

/// The type that a layer's socket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Whose it is.
    pub via: Via,
    /// Its family and type.
    pub kind: Kind,
    role: Role,
}

impl Made {
    /// What `open` makes; the error says why the layer cannot.
    pub fn by_open(open: &Open) -> Result<Made, String> {
        let given = [open.listen.is_some(), open.bind.is_some(), open.connect.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            return Err("it is one of `listen`, `bind` and `connect`; the rest are steps".into());
        }
        if open.backlog.is_some() && open.listen.is_none() {
            return Err("`backlog` without `listen`".into());
        }
        if open.timeout.is_some() && (open.connect.is_none() || !has_connect_timeout(open)) {
            return Err("`timeout` is of `TcpStream::connect_timeout` and of socket2's".into());
        }
        let via = open.via.unwrap_or_default();
        if via.makes_whole() {
            made_whole(via, open)?;
        }
        let role = match open.kind.socket_type() {
            _ if via == Via::Socket2 => Role::Any,
            Type::Dgram => Role::Datagram,
            Type::Stream | Type::Seqpacket if open.listen.is_some() => Role::Listener,
            Type::Stream | Type::Seqpacket => Role::Stream,
        };
        let made = Made { via, kind: open.kind, role };
        made.exists().map(|()| made)
    }

    /// What `pair` makes.
    pub fn by_pair(via: Via, kind: Kind) -> Result<Made, String> {
        if via == Via::Socket2 {
            return Err("socket2 has `Socket::pair` only behind its feature `all`".into());
        }
        let role = if kind == Kind::UnixDgram { Role::Datagram } else { Role::Stream };
        let made = Made { via, kind, role };
        made.exists().map(|()| made)
    }

    /// What accepting from a listener of `kind` makes.
    pub fn by_accept(via: Via, kind: Kind) -> Result<Made, String> {
        let role = if via == Via::Socket2 { Role::Any } else { Role::Stream };
        let made = Made { via, kind, role };
        made.exists().map(|()| made)
    }

    fn exists(self) -> Result<(), String> {
        if self.via != Via::Raw && self.kind == Kind::UnixSeqpacket {
            return Err(format!("{} has no type for {}", self.via, self.kind));
        }
        Ok(())
    }

    /// The type's own name: `std::net::TcpStream`.
    pub fn type_name(self) -> String {
        let unix = self.kind.family() == Family::Unix;
        let name = match (self.role, unix) {
            (Role::Listener, false) => "TcpListener",
            (Role::Stream, false) => "TcpStream",
            (Role::Datagram, false) => "UdpSocket",
            (Role::Listener, true) => "UnixListener",
            (Role::Stream, true) => "UnixStream",
            (Role::Datagram, true) => "UnixDatagram",
            (Role::Any, _) => "Socket",
        };
        match self.via {
            Via::Raw => "a descriptor".to_owned(),
            Via::Std if unix => format!("std::os::unix::net::{name}"),
            Via::Std => format!("std::net::{name}"),
            Via::Socket2 => format!("socket2::{name}"),
            Via::Tokio => format!("tokio::net::{name}"),
        }
    }

    /// Why the layer cannot say this; `None` where it can, or where the system is asked, past it.
    pub fn refuses(self, op: &Op) -> Option<String> {
        if self.via == Via::Raw || asks_the_system(op) {
            return None;
        }
        let unknown =
            || Some(format!("{} has no call for `{}`", self.type_name(), op.entry().verb));
        if !self.has(op.entry().verb) {
            return unknown();
        }
        let chooses = "the library itself chooses the size and time of each call";
        match op {
            Op::SendAll(op) if op.chunk.is_some() || op.gap.is_some() => Some(chooses.to_owned()),
            Op::RecvExactly(op) if op.max.is_some() => Some(chooses.to_owned()),
            Op::RecvToEof(op) if op.max.is_some() => Some(chooses.to_owned()),
            Op::Shutdown(op) if self.via == Via::Tokio && self.role == Role::Stream => {
                let write = op.how == crate::op::How::Write;
                (!write).then(|| format!("{} shuts down writing only", self.type_name()))
            }
            Op::Shutdown(op) if matches!(op.how, crate::op::How::Number(_)) => {
                Some(format!("{} shuts down reading, writing or both", self.type_name()))
            }
            Op::Set(op) => {
                let names = op.settings.0.iter().map(|(option, _)| option.name());
                let unset = names.into_iter().find(|name| !self.sets(name));
                unset.map(|name| format!("{} has no setter for {name}", self.type_name()))
            }
            Op::Send(op) if op.sigpipe.is_some() => {
                Some("`sigpipe` is asked of the raw call".to_owned())
            }
            Op::LocalAddr(op) if op.room.is_some() => {
                Some(format!("{}::local_addr brings its own buffer", self.type_name()))
            }
            _ => self.refuses_flags(op),
        }
    }

    /// Flags and what travels beside the bytes: socket2's alone, and not all of it.
    fn refuses_flags(self, op: &Op) -> Option<String> {
        let (flags, beside) = match op {
            Op::Send(op) => (&op.flags, false),
            Op::SendTo(op) => (&op.flags, false),
            Op::SendMsg(op) => {
                (&op.flags, op.fds.is_some() || op.credentials.is_some() || op.control.is_some())
            }
            Op::Recv(op) => (&op.flags, false),
            Op::RecvFrom(op) => (&op.flags, false),
            Op::RecvMsg(op) => (&op.flags, op.fds.is_some() || op.control.is_some()),
            Op::Peek(op) if op.flags.is_some() => {
                return Some(format!("{}::peek takes no flags", self.type_name()));
            }
            _ => return None,
        };
        if beside {
            return Some("what travels beside the bytes is not spoken of through a layer".into());
        }
        let refused = flags.is_some() && self.via != Via::Socket2;
        refused.then(|| format!("{} takes no flags", self.type_name()))
    }

    /// Whether `recv_from` tells that a datagram was cut: no library's return value has room for it.
    pub fn tells_truncated(self, op: &Op) -> bool {
        self.via == Via::Raw || matches!(op, Op::RecvMsg(_))
    }

    /// The layers that can say this of the same socket, the raw call among them always.
    pub fn able(self, op: &Op) -> Vec<Via> {
        let can = |via: &Via| {
            let role = match (via, self.role) {
                (Via::Socket2, _) => Role::Any,
                // What a socket2 socket would be elsewhere depends on what was done with it.
                (Via::Std | Via::Tokio, Role::Any) => return false,
                (_, role) => role,
            };
            Made { via: *via, role, ..self }.refuses(op).is_none()
        };
        Via::ALL.into_iter().filter(can).collect()
    }

    /// Whether the type has a call for the verb.
    fn has(self, verb: &str) -> bool {
        /// Of socket2's one type, and of any.
        const SOCKET: &[&str] = &[
            "bind",
            "listen",
            "connect",
            "accept",
            "send",
            "send_all",
            "send_to",
            "send_msg",
            "recv",
            "recv_exactly",
            "recv_to_eof",
            "recv_from",
            "recv_msg",
            "peek",
            "shutdown",
            "peer_addr",
            "error",
            "set",
            "dup",
        ];
        const LISTENER: &[&str] = &["accept", "set"];
        const STREAM: &[&str] = &[
            "send",
            "send_all",
            "recv",
            "recv_exactly",
            "recv_to_eof",
            "shutdown",
            "peer_addr",
            "error",
            "set",
        ];
        const DATAGRAM: &[&str] =
            &["connect", "send", "send_to", "recv", "recv_from", "peer_addr", "error", "set"];
        let (tokio, unix) = (self.via == Via::Tokio, self.kind.family() == Family::Unix);
        let of_role = match self.role {
            Role::Listener => LISTENER,
            Role::Stream => STREAM,
            Role::Datagram => DATAGRAM,
            Role::Any => SOCKET,
        };
        of_role.contains(&verb)
            || match verb {
                "local_addr" | "close" => true,
                "dup" | "nonblocking" => !tokio,
                // Of std's `UnixStream` it is unstable; tokio has none.
                "peek" => self.role != Role::Listener && !unix,
                "shutdown" => self.role == Role::Datagram && unix,
                // tokio's `TcpListener` alone has no `take_error`.
                "error" => !tokio || unix,
                _ => false,
            }
    }

    /// Whether there is a setter for the option.
    fn sets(self, option: &str) -> bool {
        let timeouts = ["SO_RCVTIMEO", "SO_SNDTIMEO"].contains(&option);
        match (self.role, self.via) {
            (Role::Any, _) => SOCKET2_SETTERS.contains(&option),
            (_, Via::Std) if timeouts => self.role != Role::Listener,
            _ if self.kind.family() == Family::Unix => false,
            (Role::Listener, _) => option == "IP_TTL",
            (Role::Stream, Via::Tokio) => ["TCP_NODELAY", "IP_TTL", "SO_LINGER"].contains(&option),
            (Role::Stream, _) => ["TCP_NODELAY", "IP_TTL"].contains(&option),
            (Role::Datagram, _) => {
                ["SO_BROADCAST", "IP_TTL", "IP_MULTICAST_TTL", "IP_MULTICAST_LOOP"]
                    .contains(&option)
            }
        }
    }
}

/// The options that `socket2::Socket` sets on every system, of those that anybody has asked for.
pub const SOCKET2_SETTERS: [&str; 14] = [
    "IPV6_V6ONLY",
    "IP_MULTICAST_LOOP",
    "IP_MULTICAST_TTL",
    "IP_TTL",
    "SO_BROADCAST",
    "SO_KEEPALIVE",
    "SO_LINGER",
    "SO_OOBINLINE",
    "SO_RCVBUF",
    "SO_RCVTIMEO",
    "SO_REUSEADDR",
    "SO_SNDBUF",
    "SO_SNDTIMEO",
    "TCP_NODELAY",
];

/// Operations by which the harness watches a socket or asks the system about it: made on the same
/// descriptor by the raw call, whoever made the socket.
pub fn asks_the_system(op: &Op) -> bool {
    match op {
        Op::FillQueue(_)
        | Op::Unlink(_)
        | Op::Get(_)
        | Op::FdFlags(_)
        | Op::Available(_)
        | Op::Unsent(_)
        | Op::AtMark(_)
        | Op::Poll(_)
        | Op::Select(_)
        | Op::State(_)
        | Op::Wait(_)
        | Op::ProgramExit(_)
        | Op::ProgramOutput(_)
        | Op::SocketOf(_)
        | Op::EpollCreate(_)
        | Op::EpollCtl(_)
        | Op::EpollWait(_)
        | Op::Fork(_)
        | Op::Interrupt(_)
        | Op::Join(_)
        | Op::StartProgram(_)
        | Op::StopProgram(_)
        | Op::ProgramStatus(_)
        | Op::Pause(_) => true,
        Op::Open(_)
        | Op::Pair(_)
        | Op::Bind(_)
        | Op::Listen(_)
        | Op::Connect(_)
        | Op::Accept(_)
        | Op::Send(_)
        | Op::SendAll(_)
        | Op::SendTo(_)
        | Op::SendMsg(_)
        | Op::Recv(_)
        | Op::RecvExactly(_)
        | Op::RecvToEof(_)
        | Op::Peek(_)
        | Op::RecvFrom(_)
        | Op::RecvMsg(_)
        | Op::SendFrames(_)
        | Op::RecvFrames(_)
        | Op::Shutdown(_)
        | Op::Close(_)
        | Op::Dup(_)
        | Op::Nonblocking(_)
        | Op::LocalAddr(_)
        | Op::PeerAddr(_)
        | Op::Set(_)
        | Op::PendingError(_) => false,
    }
}

fn has_connect_timeout(open: &Open) -> bool {
    match open.via {
        Some(Via::Std) => open.kind.is_tcp(),
        Some(Via::Socket2) => true,
        Some(Via::Raw | Via::Tokio) | None => false,
    }
}

/// Whether the library has a call that makes such a socket.
fn made_whole(via: Via, open: &Open) -> Result<(), String> {
    if open.backlog.is_some() {
        return Err(format!("{via} chooses the backlog itself"));
    }
    if via == Via::Tokio && open.blocking == Some(true) {
        return Err("tokio's sockets never block".to_owned());
    }
    match open.kind.socket_type() {
        Type::Dgram if open.listen.is_some() => {
            Err(format!("{via} has no {} socket that listens", open.kind))
        }
        Type::Dgram if open.connect.is_some() => {
            Err(format!("{via} binds a datagram socket first: `bind`, then a `connect` step"))
        }
        Type::Dgram if open.kind != Kind::UnixDgram && open.bind.is_none() => {
            Err(format!("{via} has no unbound {} socket: give it `bind`", open.kind))
        }
        Type::Stream if open.bind.is_some() => {
            Err(format!("{via} has no unbound {} socket to bind", open.kind))
        }
        Type::Stream if open.listen.is_none() && open.connect.is_none() => {
            Err(format!("{via} makes a {} socket by `listen` or `connect`", open.kind))
        }
        Type::Dgram | Type::Stream | Type::Seqpacket => Ok(()),
    }
}
