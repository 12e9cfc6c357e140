//! The connection table as text: `/proc/thread-self/net/tcp` and `tcp6`, proc(5).
//!
//! For kernels without `sock_diag`. Reads the whole table for each question, so it is slow where
//! there are many connections; never used where the other way exists.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::bytes::array;
use crate::tcp_state::TcpState;

/// Where the two tables are.
#[derive(Debug)]
pub(super) struct Tables {
    folder: &'static str,
}

impl Tables {
    /// Finds them. `/proc/net` is the main thread's network namespace, so the thread's own first.
    pub fn open() -> Result<Tables, String> {
        let folders = ["/proc/thread-self/net", "/proc/net"];
        let readable = |folder: &&str| fs::File::open(format!("{folder}/tcp")).is_ok();
        let folder = folders.into_iter().find(readable);
        folder.map(|folder| Tables { folder }).ok_or_else(|| "it cannot be opened".to_owned())
    }

    /// As [`ConnectionTable::state`](super::ConnectionTable::state), with an error for a
    /// connection that is not there.
    pub fn state(
        &self,
        local: SocketAddr,
        remote: Option<SocketAddr>,
    ) -> Result<Option<TcpState>, String> {
        let mut found = None;
        // A v4-mapped connection stands in the table of IPv6, whoever asks for it.
        for file in ["tcp", "tcp6"] {
            let path = format!("{}/{file}", self.folder);
            match fs::read_to_string(&path) {
                Ok(text) => found = found.or_else(|| search(&text, local, remote)),
                // Without IPv6 there is no tcp6.
                Err(error) if file == "tcp" => return Err(format!("{path}: {error}")),
                Err(_) => {}
            }
        }
        // gVisor lists only sockets that a descriptor holds: absent there is not closed.
        match (found, remote) {
            (None, Some(_)) => {
                Err("this system lists no connection without a descriptor".to_owned())
            }
            (found, _) => Ok(found),
        }
    }
}

fn search(text: &str, local: SocketAddr, remote: Option<SocketAddr>) -> Option<TcpState> {
    let wanted = (plain(local), remote.map(plain));
    text.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let from = plain(parse(words.next()?)?);
        let to = plain(parse(words.next()?)?);
        let state = TcpState::from_linux(u8::from_str_radix(words.next()?, 16).ok()?)?;
        let same = match wanted.1 {
            Some(remote) => to == remote && state != TcpState::Listen,
            None => state == TcpState::Listen,
        };
        (same && from == wanted.0).then_some(state)
    })
}

/// Without flow label and scope, and as IPv4 where it is IPv4 in IPv6's clothes.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// `0100007F:1F90`: the address as words of the machine's order, the port as a number.
fn parse(word: &str) -> Option<SocketAddr> {
    let (ip, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut octets = [0; 16];
    let words = ip.len() / 8;
    if !ip.is_ascii() || ip.len() != words * 8 || words > 4 {
        return None;
    }
    for (index, four) in octets.chunks_exact_mut(4).enumerate().take(words) {
        let number = u32::from_str_radix(ip.get(8 * index..8 * index + 8)?, 16).ok()?;
        four.copy_from_slice(&number.to_ne_bytes());
    }
    let ip = match words {
        1 => IpAddr::V4(Ipv4Addr::from(array::<4>(&octets, 0)?)),
        4 => IpAddr::V6(Ipv6Addr::from(octets)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}
