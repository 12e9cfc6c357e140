//! One name per error on all systems: the POSIX name, with each system's number and spelling.
//!
//! A scenario says `EMSGSIZE`; Linux answers 90, macOS 40, Winsock 10040. Numbers of one system
//! are never compared with those of another: an unknown number keeps its system.
//!
//! Pure: never asks the system for an error or a text. Who does is `sys`.

use std::borrow::Cow;
use std::fmt;

use crate::platform::System;

mod table;

use table::{Row, TABLE};

/// An error as a system gave it, under one name on all systems.
///
/// Equal where the names are equal: `WSAEMSGSIZE` of Windows is `EMSGSIZE` of Linux.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno(Repr);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    /// An index into [`TABLE`].
    Known(u8),
    /// A number that no row of the system has.
    Unknown(System, i32),
}

/// Spellings that mean the error of another row.
///
/// `EWOULDBLOCK` is `EAGAIN` on all systems here. `ENOTSUP` is `EOPNOTSUPP` on Linux and a number
/// of its own on macOS (45 beside 102); one name for both, so that one scenario can claim either.
/// Winsock spells `ECANCELED` with two Ls.
const ALIASES: [(&str, &str); 4] = [
    ("EWOULDBLOCK", "EAGAIN"),
    ("ENOTSUP", "EOPNOTSUPP"),
    ("EDEADLOCK", "EDEADLK"),
    ("ECANCELLED", "ECANCELED"),
];

/// `ENOTSUP` of macOS, which shares the row of `EOPNOTSUPP`.
const MACOS_ENOTSUP: i32 = 45;

/// The constants that code, not a scenario, has to name.
impl Errno {
    /// No such file or directory.
    pub const ENOENT: Errno = known("ENOENT");
    /// A signal came before anything happened.
    pub const EINTR: Errno = known("EINTR");
    /// The descriptor is not open.
    pub const EBADF: Errno = known("EBADF");
    /// The call would block; also `EWOULDBLOCK` and `WSAEWOULDBLOCK`.
    pub const EAGAIN: Errno = known("EAGAIN");
    /// Permission denied.
    pub const EACCES: Errno = known("EACCES");
    /// An argument is invalid.
    pub const EINVAL: Errno = known("EINVAL");
    /// The process has no descriptor left.
    pub const EMFILE: Errno = known("EMFILE");
    /// What was received is no message.
    pub const EBADMSG: Errno = known("EBADMSG");
    /// The writing side was shut down.
    pub const EPIPE: Errno = known("EPIPE");
    /// The message is longer than the buffer or the limit.
    pub const EMSGSIZE: Errno = known("EMSGSIZE");
    /// The level has no such option.
    pub const ENOPROTOOPT: Errno = known("ENOPROTOOPT");
    /// There is no such call; never Winsock's own answer.
    pub const ENOSYS: Errno = known("ENOSYS");
    /// The socket does not take this operation.
    pub const EOPNOTSUPP: Errno = known("EOPNOTSUPP");
    /// The address is in use.
    pub const EADDRINUSE: Errno = known("EADDRINUSE");
    /// The address is not one of this machine.
    pub const EADDRNOTAVAIL: Errno = known("EADDRNOTAVAIL");
    /// The connection was aborted here.
    pub const ECONNABORTED: Errno = known("ECONNABORTED");
    /// The peer reset the connection.
    pub const ECONNRESET: Errno = known("ECONNRESET");
    /// The socket is connected already.
    pub const EISCONN: Errno = known("EISCONN");
    /// The socket is not connected.
    pub const ENOTCONN: Errno = known("ENOTCONN");
    /// Nothing answered in time.
    pub const ETIMEDOUT: Errno = known("ETIMEDOUT");
    /// Nobody listens there.
    pub const ECONNREFUSED: Errno = known("ECONNREFUSED");
    /// A connection attempt is already under way.
    pub const EALREADY: Errno = known("EALREADY");
    /// A connection attempt has begun.
    pub const EINPROGRESS: Errno = known("EINPROGRESS");
}

impl Errno {
    /// The error of that name: POSIX (`EMSGSIZE`), Winsock (`WSAEMSGSIZE`), or an alias
    /// (`EWOULDBLOCK`). `None` where no system has it.
    pub fn from_name(name: &str) -> Option<Errno> {
        position(name)
            .or_else(|| name.strip_prefix("WSA").filter(|rest| is_winsock(rest)).and_then(position))
            .map(|index| Errno(Repr::Known(index)))
    }

    /// The error that `system` gives by that number. A number no table row has is kept.
    pub fn from_number(system: System, number: i32) -> Errno {
        if system == System::Macos && number == MACOS_ENOTSUP {
            return Errno::EOPNOTSUPP;
        }
        let found = (0_u8..).zip(&TABLE).find(|(_, row)| row.number(system) == number);
        match found {
            Some((index, _)) if number != 0 => Errno(Repr::Known(index)),
            Some(_) | None => Errno(Repr::Unknown(system, number)),
        }
    }

    /// The one name on all systems, canonical: `EAGAIN`, never `EWOULDBLOCK`. An error that only
    /// Winsock has keeps Winsock's; an unknown number is `errno 9999`.
    pub fn name(self) -> Cow<'static, str> {
        match self.0 {
            Repr::Known(index) => Cow::Borrowed(at(index).name),
            Repr::Unknown(_, number) => Cow::Owned(format!("errno {number}")),
        }
    }

    /// The number by which `system` gives it; `None` where it never does.
    pub const fn number(self, system: System) -> Option<i32> {
        match self.0 {
            Repr::Known(index) => match at(index).number(system) {
                0 => None,
                number => Some(number),
            },
            Repr::Unknown(of, number) if of as u8 == system as u8 => Some(number),
            Repr::Unknown(..) => None,
        }
    }

    /// The name as `system`'s own documentation writes it: `EMSGSIZE` on Unix,
    /// `WSAEMSGSIZE (10040)` on Windows.
    pub fn spelling(self, system: System) -> String {
        let name = self.name();
        let Repr::Known(index) = self.0 else { return name.into_owned() };
        match self.number(system) {
            // Of the two names of Unix, Winsock has taken the other.
            Some(number) if system == System::Windows && name == "EAGAIN" => {
                format!("WSAEWOULDBLOCK ({number})")
            }
            // Winsock's second L.
            Some(number) if system == System::Windows && name == "ECANCELED" => {
                format!("WSAECANCELLED ({number})")
            }
            Some(number) if system == System::Windows => {
                let prefix = if at(index).is_posix() { "WSA" } else { "" };
                format!("{prefix}{name} ({number})")
            }
            Some(_) | None => name.into_owned(),
        }
    }

    /// What strerror says of it, short.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            Repr::Known(index) => at(index).meaning,
            Repr::Unknown(..) => "Unknown error",
        }
    }

    /// Every name that [`Errno::from_name`] takes: the canonical ones, then aliases and Winsock's.
    pub fn spellings() -> impl Iterator<Item = Cow<'static, str>> {
        let aliases = ALIASES.iter().map(|(alias, _)| *alias);
        let unprefixed: Vec<&'static str> = Errno::names().chain(aliases.clone()).collect();
        let winsock = unprefixed.into_iter().filter(|name| is_winsock(name));
        let plain = Errno::names().chain(aliases).map(Cow::Borrowed);
        plain.chain(winsock.map(|name| Cow::Owned(format!("WSA{name}"))))
    }

    /// Every canonical name, those of Linux first and in the order of its numbers.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.name)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Errno({self})")
    }
}

impl std::error::Error for Errno {}

const fn at(index: u8) -> &'static Row {
    &TABLE[index as usize]
}

fn position(name: &str) -> Option<u8> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, of)| of);
    (0_u8..).zip(&TABLE).find(|(_, row)| row.name == name).map(|(index, _)| index)
}

/// Whether Winsock spells the POSIX name with `WSA` before it.
fn is_winsock(name: &str) -> bool {
    position(name).map(at).is_some_and(|row| row.winsock != 0 && row.is_posix())
}

/// The row of a name, found while compiling: a misspelt constant does not build.
#[expect(clippy::cast_possible_truncation, reason = "TABLE has fewer than 256 rows, asserted")]
pub(crate) const fn known(name: &str) -> Errno {
    assert!(TABLE.len() < 256);
    let mut index = 0;
    while index < TABLE.len() {
        if same(TABLE[index].name, name) {
            return Errno(Repr::Known(index as u8));
        }
        index += 1;
    }
    panic!("no row of that name");
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name_and_numbers() {
        for name in Errno::names() {
            let one = Errno::from_name(name).expect(name);
            assert_eq!(one.name(), name);
            for system in [System::Linux, System::Macos, System::Windows] {
                if let Some(number) = one.number(system) {
                    assert_eq!(Errno::from_number(system, number), one, "{name} of {system:?}");
                }
            }
        }
    }

    #[test]
    fn a_name_is_one_on_all_systems() {
        let long = Errno::from_name("WSAEMSGSIZE").expect("a spelling of Winsock");
        assert_eq!(long, Errno::EMSGSIZE);
        assert_eq!(Errno::from_number(System::Linux, 90), long);
        assert_eq!(Errno::from_number(System::Macos, 40), long);
        assert_eq!(Errno::from_number(System::Windows, 10040), long);
        assert_eq!(long.spelling(System::Linux), "EMSGSIZE");
        assert_eq!(long.spelling(System::Windows), "WSAEMSGSIZE (10040)");
    }

    #[test]
    fn aliases_are_the_same_error() {
        for (alias, name) in [
            ("EWOULDBLOCK", "EAGAIN"),
            ("WSAEWOULDBLOCK", "EAGAIN"),
            ("ENOTSUP", "EOPNOTSUPP"),
            ("WSAECANCELLED", "ECANCELED"),
        ] {
            assert_eq!(Errno::from_name(alias), Errno::from_name(name), "{alias}");
        }
        assert_eq!(
            Errno::from_name("ECANCELED").map(|one| one.spelling(System::Windows)).as_deref(),
            Some("WSAECANCELLED (10103)")
        );
        assert_eq!(Errno::EAGAIN.spelling(System::Windows), "WSAEWOULDBLOCK (10035)");
        assert_eq!(Errno::from_number(System::Macos, 45), Errno::EOPNOTSUPP);
    }

    #[test]
    fn every_spelling_is_taken() {
        let spellings: Vec<String> = Errno::spellings().map(Cow::into_owned).collect();
        for spelling in ["EAGAIN", "EWOULDBLOCK", "WSAEMSGSIZE", "WSAEWOULDBLOCK", "WSAECANCELLED"]
        {
            assert!(spellings.iter().any(|one| one == spelling), "{spelling}");
        }
        assert!(spellings.iter().all(|one| Errno::from_name(one).is_some()));
    }

    #[test]
    fn what_no_system_has_is_refused() {
        for name in ["", "E", "WSA", "WSAEPIPE", "WSAERROR_TIMEOUT", "emsgsize", "errno 9"] {
            assert_eq!(Errno::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn an_unknown_number_keeps_its_system() {
        let odd = Errno::from_number(System::Windows, 9999);
        assert_eq!(odd.name(), "errno 9999");
        assert_eq!(odd.spelling(System::Windows), "errno 9999");
        assert_eq!(odd.number(System::Windows), Some(9999));
        assert_eq!(odd.number(System::Linux), None);
        assert_eq!(Errno::from_number(System::Linux, 0).name(), "errno 0");
    }
}
