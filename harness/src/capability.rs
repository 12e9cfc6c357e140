//! What this machine can do of what scenarios need, each found out once, when first asked.

use std::sync::OnceLock;

use crate::kind::Kind;
use crate::scenario::{NEEDS, Need};
use crate::sys;

/// A probe's answer: the reason where the capability is missing.
pub type Probed = Result<(), String>;

/// The capabilities of this machine.
#[derive(Debug, Default)]
pub struct Capabilities([OnceLock<Probed>; NEEDS.len()]);

impl Capabilities {
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
            NEEDS.iter().position(|known| *known == word).and_then(|index| self.0.get(index));
        slot.map_or_else(
            || Err("nobody knows how to find out".to_owned()),
            |slot| slot.get_or_init(|| probe(word)).clone(),
        )
    }
}

fn probe(word: &str) -> Probed {
    match (word, Kind::from_name(word)) {
        (_, Some(kind)) => sys::can_kind(kind),
        ("ipv6", _) => sys::can_ipv6(),
        ("abstract", _) => can_abstract(),
        ("root", _) => sys::is_root(),
        ("netns", _) => sys::can_isolate(),
        _ => Err("nobody knows how to find out".to_owned()),
    }
}

/// Autobind takes an abstract name that nobody has, and so disturbs nobody.
fn can_abstract() -> Probed {
    sys::Socket::open(Kind::UnixStream, false)
        .and_then(|socket| socket.bind(&sys::Address::unnamed()).and_then(|()| socket.local_addr()))
        .map_err(|errno| format!("an abstract name cannot be bound: {}", errno.name()))
        .and_then(|address| match address.abstract_name() {
            Some(_) => Ok(()),
            None => Err("binding without a name gives no abstract name".to_owned()),
        })
}

fn lacks_setting(name: &str, value: &str) -> Option<String> {
    match sys::sysctl(name) {
        Some(found) if found == value => None,
        Some(found) => Some(format!("{name} is {found}, not {value}")),
        None => Some(format!("there is no setting {name}")),
    }
}
