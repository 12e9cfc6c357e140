//! The ports of the runs that are under way: no two of them have the same number.
//!
//! The system gives a port that is free again to whoever asks next, and one that is taken in IPv4 to
//! who asks in IPv6. A run that claims what comes of a port which it has closed, or has in one family
//! only, would be answered by another run. So a run that is given a number of another's stops there,
//! and is begun anew.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::kind::Kind;
use crate::sys::Address;

/// A port, and whether it is TCP's.
type Port = (bool, u16);

static TAKEN: LazyLock<Mutex<HashSet<Port>>> = LazyLock::new(Mutex::default);

/// The ports of one run, also those it has closed, until its end.
#[derive(Debug, Default)]
pub struct Ports {
    own: Vec<Port>,
    are_shared: bool,
}

impl Ports {
    /// A socket of the run has this address.
    pub fn note(&mut self, kind: Kind, address: &Address) {
        let Some(address) = address.as_socket() else { return };
        let port = (kind.is_tcp(), address.port());
        if self.own.contains(&port) {
            return;
        }
        if lock().insert(port) {
            self.own.push(port);
        } else {
            self.are_shared = true;
        }
    }

    /// Whether another run had one of them first.
    pub fn are_shared(&self) -> bool {
        self.are_shared
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        let mut taken = lock();
        for port in &self.own {
            taken.remove(port);
        }
    }
}

fn lock() -> MutexGuard<'static, HashSet<Port>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    use super::*;

    #[test]
    fn a_port_is_one_run_s_in_all_families_until_its_end() {
        // Port 1: no test asks for it, and the system never gives it.
        let v4 = Address::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        let v6 = Address::from(SocketAddr::from((Ipv6Addr::LOCALHOST, 1)));
        let (mut first, mut second) = (Ports::default(), Ports::default());
        first.note(Kind::Tcp4, &v4);
        first.note(Kind::Tcp6, &v6);
        second.note(Kind::Udp4, &v4);
        assert!(!first.are_shared() && !second.are_shared());
        second.note(Kind::Tcp6, &v6);
        assert!(second.are_shared());
        drop(second);
        let mut third = Ports::default();
        third.note(Kind::Tcp4, &v4);
        assert!(third.are_shared(), "it is still the first one's");
        drop(first);
        let mut fourth = Ports::default();
        fourth.note(Kind::Tcp4, &v4);
        fourth.note(Kind::Udp6, &v6);
        assert!(!fourth.are_shared());
    }
}
