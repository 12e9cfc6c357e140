//! The kinds of socket a scenario may open: an address family and a type.

use std::fmt;

/// Address family and socket type in the words of a scenario file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `AF_INET`, `SOCK_STREAM`.
    Tcp4,
    /// `AF_INET6`, `SOCK_STREAM`.
    Tcp6,
    /// `AF_INET`, `SOCK_DGRAM`.
    Udp4,
    /// `AF_INET6`, `SOCK_DGRAM`.
    Udp6,
    /// `AF_UNIX`, `SOCK_STREAM`.
    UnixStream,
    /// `AF_UNIX`, `SOCK_DGRAM`.
    UnixDgram,
    /// `AF_UNIX`, `SOCK_SEQPACKET`.
    UnixSeqpacket,
}

/// Where a socket's addresses live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// `AF_INET`.
    Inet4,
    /// `AF_INET6`.
    Inet6,
    /// `AF_UNIX`.
    Unix,
}

/// What a socket carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `SOCK_STREAM`: bytes in order, no message boundaries.
    Stream,
    /// `SOCK_DGRAM`: messages, each alone.
    Dgram,
    /// `SOCK_SEQPACKET`: messages in order over a connection.
    Seqpacket,
}

impl Kind {
    /// Every kind, in the order of the reference.
    pub const ALL: [Kind; 7] = [
        Kind::Tcp4,
        Kind::Tcp6,
        Kind::Udp4,
        Kind::Udp6,
        Kind::UnixStream,
        Kind::UnixDgram,
        Kind::UnixSeqpacket,
    ];

    /// The word in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tcp4 => "tcp4",
            Kind::Tcp6 => "tcp6",
            Kind::Udp4 => "udp4",
            Kind::Udp6 => "udp6",
            Kind::UnixStream => "unix-stream",
            Kind::UnixDgram => "unix-dgram",
            Kind::UnixSeqpacket => "unix-seqpacket",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The address family.
    pub fn family(self) -> Family {
        match self {
            Kind::Tcp4 | Kind::Udp4 => Family::Inet4,
            Kind::Tcp6 | Kind::Udp6 => Family::Inet6,
            Kind::UnixStream | Kind::UnixDgram | Kind::UnixSeqpacket => Family::Unix,
        }
    }

    /// The socket type.
    pub fn socket_type(self) -> Type {
        match self {
            Kind::Tcp4 | Kind::Tcp6 | Kind::UnixStream => Type::Stream,
            Kind::Udp4 | Kind::Udp6 | Kind::UnixDgram => Type::Dgram,
            Kind::UnixSeqpacket => Type::Seqpacket,
        }
    }

    /// Whether one listens and accepts with it.
    pub fn is_connection_oriented(self) -> bool {
        self.socket_type() != Type::Dgram
    }

    /// Whether it speaks TCP.
    pub fn is_tcp(self) -> bool {
        matches!(self, Kind::Tcp4 | Kind::Tcp6)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
