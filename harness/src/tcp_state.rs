//! The states of a TCP connection, in the words of RFC 9293, section 3.3.2.
//!
//! Pure: which state a connection is in is asked of `sys::ConnectionTable`.

use std::fmt;

/// A state of a TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TcpState {
    /// No connection at all.
    Closed,
    /// Waits for a connection request.
    Listen,
    /// Sent a SYN, waits for its answer.
    SynSent,
    /// Received and sent a SYN, waits for the acknowledgement.
    SynReceived,
    /// Open on both sides.
    Established,
    /// The peer closed; this side may still send.
    CloseWait,
    /// Closed, waits for the acknowledgement of its FIN.
    FinWait1,
    /// Its FIN was acknowledged, waits for the peer's.
    FinWait2,
    /// Both closed at once, waits for the acknowledgement of its FIN.
    Closing,
    /// Closed after the peer did, waits for the acknowledgement of its FIN.
    LastAck,
    /// Waits until no late segment of the connection can arrive.
    TimeWait,
}

impl TcpState {
    /// Every state, in the order of a connection's life.
    pub const ALL: [TcpState; 11] = [
        TcpState::Closed,
        TcpState::Listen,
        TcpState::SynSent,
        TcpState::SynReceived,
        TcpState::Established,
        TcpState::CloseWait,
        TcpState::FinWait1,
        TcpState::FinWait2,
        TcpState::Closing,
        TcpState::LastAck,
        TcpState::TimeWait,
    ];

    /// Other spellings: netstat's (`FIN_WAIT1`), Linux's (`SYN_RECV`, `CLOSE`), Windows'
    /// (`SYN_RCVD`).
    pub const ALIASES: [(&'static str, TcpState); 5] = [
        ("CLOSE", TcpState::Closed),
        ("SYN_RECV", TcpState::SynReceived),
        ("SYN_RCVD", TcpState::SynReceived),
        ("FIN_WAIT1", TcpState::FinWait1),
        ("FIN_WAIT2", TcpState::FinWait2),
    ];

    /// The word in a scenario file: RFC 9293's, hyphens and spaces as underscores.
    pub fn name(self) -> &'static str {
        match self {
            TcpState::Closed => "CLOSED",
            TcpState::Listen => "LISTEN",
            TcpState::SynSent => "SYN_SENT",
            TcpState::SynReceived => "SYN_RECEIVED",
            TcpState::Established => "ESTABLISHED",
            TcpState::CloseWait => "CLOSE_WAIT",
            TcpState::FinWait1 => "FIN_WAIT_1",
            TcpState::FinWait2 => "FIN_WAIT_2",
            TcpState::Closing => "CLOSING",
            TcpState::LastAck => "LAST_ACK",
            TcpState::TimeWait => "TIME_WAIT",
        }
    }

    /// The state of that name, also in its other spellings ([`TcpState::ALIASES`]).
    pub fn from_name(name: &str) -> Option<TcpState> {
        let alias = TcpState::ALIASES.iter().find(|(alias, _)| *alias == name);
        let canonical = || TcpState::ALL.into_iter().find(|state| state.name() == name);
        alias.map(|(_, state)| *state).or_else(canonical)
    }

    /// The state of Linux's number (`include/net/tcp_states.h`), as in `tcpi_state` and
    /// `/proc/net/tcp`. 12 is a request not yet given a socket, which is `SYN_RECEIVED` to a peer.
    pub fn from_linux(number: u8) -> Option<TcpState> {
        match number {
            1 => Some(TcpState::Established),
            2 => Some(TcpState::SynSent),
            3 | 12 => Some(TcpState::SynReceived),
            4 => Some(TcpState::FinWait1),
            5 => Some(TcpState::FinWait2),
            6 => Some(TcpState::TimeWait),
            7 => Some(TcpState::Closed),
            8 => Some(TcpState::CloseWait),
            9 => Some(TcpState::LastAck),
            10 => Some(TcpState::Listen),
            11 => Some(TcpState::Closing),
            _ => None,
        }
    }
}

impl fmt::Display for TcpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_name() {
        for state in TcpState::ALL {
            assert_eq!(TcpState::from_name(state.name()), Some(state));
        }
        assert_eq!(TcpState::from_name("FIN_WAIT1"), Some(TcpState::FinWait1));
        assert_eq!(TcpState::from_name("SYN_RECV"), Some(TcpState::SynReceived));
        assert_eq!(TcpState::from_name("CLOSE"), Some(TcpState::Closed));
        assert_eq!(TcpState::from_name("time_wait"), None);
    }

    #[test]
    fn linux_numbers_give_every_state() {
        let mut seen: Vec<_> = (0..=u8::MAX).filter_map(TcpState::from_linux).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, TcpState::ALL);
    }
}
