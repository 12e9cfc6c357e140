//! What this machine can do of what scenarios need, each found out once, when first asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::OnceLock;

use crate::errno::Errno;
use crate::kind::Kind;
use crate::option::Shape;
use crate::scenario::{NEEDS, Need};
use crate::sys;

/// A probe's answer: the reason where the capability is missing.
pub type Probed = Result<(), String>;

/// What a user has to allow: no machine can be asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Scenarios may start programs, and talk to those that run already.
    pub programs: bool,
    /// Scenarios may leave loopback.
    pub remote: bool,
}

/// The capabilities of this machine, and what its user allows.
#[derive(Debug, Default)]
pub struct Capabilities {
    probed: [OnceLock<Probed>; NEEDS.len()],
    allowed: Allowed,
}

impl Capabilities {
    /// The same, where the user allows this.
    pub fn allowing(allowed: Allowed) -> Capabilities {
        Capabilities { allowed, ..Capabilities::default() }
    }

    /// Why `need` is not met here; `None` where it is.
    pub fn lacks(&self, need: &Need) -> Option<String> {
        match need {
            Need::Capability(word) => self.probe(word).err().map(|why| format!("no {word}: {why}")),
            Need::Setting { name, value } => lacks_setting(name, value),
        }
    }

    /// Every capability with what the probe found.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, Probed)> {
        NEEDS.into_iter().map(|word| (word, self.probe(word)))
    }

    fn probe(&self, word: &str) -> Probed {
        let slot =
            NEEDS.iter().position(|known| *known == word).and_then(|index| self.probed.get(index));
        slot.map_or_else(
            || Err("nobody knows how to find out".to_owned()),
            |slot| slot.get_or_init(|| probe(word, self.allowed)).clone(),
        )
    }
}

fn probe(word: &str, allowed: Allowed) -> Probed {
    match (word, Kind::from_name(word)) {
        (_, Some(kind)) => sys::can_kind(kind),
        ("ipv6", _) => sys::can_ipv6(),
        ("abstract", _) => can_abstract(),
        ("autobind", _) => can_autobind(),
        ("accept-queue", _) => tells_queued(),
        ("send-queue", _) => tells_unsent(),
        ("connection-table", _) => lists_all(),
        ("recverr", _) => reports_errors(),
        ("tcp-info", _) => tells_counters(),
        ("udp-segment", _) => splits_datagrams(),
        ("urgent", _) => marks_urgent(),
        ("root", _) => sys::is_root(),
        ("netns", _) => sys::can_isolate(),
        ("programs", _) => may(allowed.programs, "--allow-programs"),
        ("remote", _) => may(allowed.remote, "--allow-remote"),
        _ => Err("nobody knows how to find out".to_owned()),
    }
}

fn may(allowed: bool, flag: &str) -> Probed {
    if allowed { Ok(()) } else { Err(format!("needs {flag}")) }
}

/// The name has this process's number in it, and so disturbs nobody.
fn can_abstract() -> Probed {
    let name = format!("sockdrill-can-abstract-{}", sys::process_id());
    sys::Socket::open(Kind::UnixStream, false)
        .and_then(|socket| socket.bind(&sys::Address::from_abstract(name.as_bytes())))
        .map_err(|errno| {
            format!("an abstract name cannot be bound: {}", errno.spelling(sys::SYSTEM))
        })
}

/// Autobind takes an abstract name that nobody has.
fn can_autobind() -> Probed {
    sys::Socket::open(Kind::UnixStream, false)
        .and_then(|socket| socket.bind(&sys::Address::unnamed()).and_then(|()| socket.local_addr()))
        .map_err(|errno| {
            format!("a socket cannot be bound without a name: {}", errno.spelling(sys::SYSTEM))
        })
        .and_then(|address| match address.abstract_name() {
            Some(_) => Ok(()),
            None => Err("binding without a name gives no abstract name".to_owned()),
        })
}

/// Two ends of a connection on loopback that nobody has accepted: the listener, and the client.
fn unaccepted() -> Result<(sys::Socket, sys::Socket), String> {
    let made = || -> Result<_, Errno> {
        let server = sys::Socket::open(Kind::Tcp4, true)?;
        server.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        server.listen(1)?;
        let client = sys::Socket::open(Kind::Tcp4, true)?;
        client.connect(&server.local_addr()?)?;
        Ok((server, client))
    };
    made().map_err(|errno| format!("no connection over loopback: {}", errno.spelling(sys::SYSTEM)))
}

/// Whether a listener tells how many connections wait to be accepted.
fn tells_queued() -> Probed {
    let (server, _client) = unaccepted()?;
    sys::has_queued(&server, 2).map(drop).map_err(|errno| match errno {
        Errno::EOPNOTSUPP => {
            "the system does not tell how many connections wait on a listener".to_owned()
        }
        errno => format!("a listener's queue cannot be read: {}", errno.spelling(sys::SYSTEM)),
    })
}

/// Whether `IP_RECVERR` can be switched on.
fn reports_errors() -> Probed {
    let wanted = sys::option_number("IP_RECVERR");
    let (level, number) = wanted.ok_or_else(|| format!("{} has none", sys::SYSTEM.name()))?;
    sys::Socket::open(Kind::Udp4, false)
        .and_then(|socket| socket.set_option(level, number, &1_i32.to_ne_bytes()))
        .map_err(|errno| format!("IP_RECVERR cannot be set: {}", errno.spelling(sys::SYSTEM)))
}

/// Whether a connection tells its `TCP_INFO`.
fn tells_counters() -> Probed {
    let wanted = sys::option_number("TCP_INFO");
    let (level, number) = wanted.ok_or_else(|| format!("{} has none", sys::SYSTEM.name()))?;
    let (_server, client) = unaccepted()?;
    let asked = client.get_option(level, number, sys::value_len(Shape::TcpInfo));
    let told = asked.map(drop);
    told.map_err(|errno| {
        format!("a connection does not tell its TCP_INFO: {}", errno.spelling(sys::SYSTEM))
    })
}

/// Whether a send can be split into datagrams. gVisor lets the option be set and does nothing; it
/// cannot be read there.
fn splits_datagrams() -> Probed {
    let wanted = sys::option_number("UDP_SEGMENT");
    let (level, number) = wanted.ok_or_else(|| format!("{} has none", sys::SYSTEM.name()))?;
    sys::Socket::open(Kind::Udp4, false)
        .and_then(|socket| socket.get_option(level, number, sys::value_len(Shape::Int)))
        .map(drop)
        .map_err(|errno| format!("UDP_SEGMENT cannot be read: {}", errno.spelling(sys::SYSTEM)))
}

/// Whether urgent data is told apart from what stands before and after it.
fn marks_urgent() -> Probed {
    let (_server, client) = unaccepted()?;
    client.at_mark().map(drop).map_err(|errno| {
        let spelling = errno.spelling(sys::SYSTEM);
        format!("a stream has no mark of urgent data, SIOCATMARK is {spelling}")
    })
}

/// Whether a TCP socket tells how much of what was sent is not yet acknowledged.
fn tells_unsent() -> Probed {
    let (_server, client) = unaccepted()?;
    client.unsent().map(drop).map_err(|errno| match errno {
        Errno::EOPNOTSUPP => "the system does not tell what is in a send queue".to_owned(),
        errno => format!("a send queue cannot be read: {}", errno.spelling(sys::SYSTEM)),
    })
}

/// Whether the table lists connections without a descriptor: one not yet accepted, one closed.
fn lists_all() -> Probed {
    let (_server, client) = unaccepted()?;
    let address = |result: Result<sys::Address, Errno>| {
        result.map_err(|errno| {
            format!("a connection without addresses: {}", errno.spelling(sys::SYSTEM))
        })
    };
    let (local, remote) = (address(client.local_addr())?, address(client.peer_addr())?);
    let table = sys::ConnectionTable::open()?;
    let listed = |from, to, which: &str| match table.state(Kind::Tcp4, from, Some(to))? {
        Some(_) => Ok(()),
        None => Err(format!("this system does not list a connection {which}")),
    };
    listed(&remote, &local, "before it is accepted")?;
    drop(client);
    listed(&local, &remote, "after its descriptor is closed")
}

fn lacks_setting(name: &str, value: &str) -> Option<String> {
    match sys::sysctl(name) {
        Some(found) if found == value => None,
        Some(found) => Some(format!("{name} is {found}, not {value}")),
        None => Some(format!("there is no setting {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::System;

    #[test]
    fn every_capability_has_a_probe() {
        for (word, probed) in Capabilities::default().all() {
            let nobody = probed.is_err_and(|why| why.contains("nobody knows"));
            assert!(!nobody, "{word}");
        }
    }

    /// Where the kernel has `sock_diag`, the harness sees all of TCP.
    #[test]
    fn linux_shows_its_queues_and_its_table() {
        let platform = sys::identify();
        if platform.system != System::Linux || platform.implementation.is_some() {
            return;
        }
        for word in
            ["accept-queue", "send-queue", "connection-table", "recverr", "tcp-info", "udp-segment"]
        {
            assert_eq!(probe(word, Allowed::default()), Ok(()), "{word}");
        }
        assert_eq!(probe("urgent", Allowed::default()), Ok(()));
    }
}
