//! `TCP_INFO_v0` of `mstcpip.h`, which `SIO_TCP_INFO` writes since Windows 10 1703.
//!
//! What Linux has too, in the same unit, has Linux's name, so that a file may claim it on both; the
//! rest has Windows' own. (`Cwnd` counts bytes there, `tcpi_snd_cwnd` segments.)

use crate::option::Value;
use crate::sys::bytes::{array, u32_at};
use crate::tcp_state::TcpState;

/// The fields behind the state: name, offset, size in bytes.
const FIELDS: [(&str, usize, usize); 18] = [
    ("tcpi_snd_mss", 4, 4),
    ("ConnectionTimeMs", 8, 8),
    ("TimestampsEnabled", 16, 1),
    ("tcpi_rtt", 20, 4),
    ("tcpi_min_rtt", 24, 4),
    ("BytesInFlight", 28, 4),
    ("Cwnd", 32, 4),
    ("tcpi_snd_wnd", 36, 4),
    ("tcpi_rcv_wnd", 40, 4),
    ("RcvBuf", 44, 4),
    ("tcpi_bytes_sent", 48, 8),
    ("tcpi_bytes_received", 56, 8),
    ("BytesReordered", 64, 4),
    ("tcpi_bytes_retrans", 68, 4),
    ("FastRetrans", 72, 4),
    ("DupAcksIn", 76, 4),
    ("TimeoutEpisodes", 80, 4),
    ("SynRetrans", 84, 1),
];

/// Every field that is there, in the order of the struct; the state by its name.
pub(super) fn decode(bytes: &[u8]) -> Value {
    let state = u32_at(bytes, 0).map(|number| match state(number) {
        Some(state) => Value::Text(state.name().to_owned()),
        None => Value::Int(number.into()),
    });
    let mut fields: Vec<(String, Value)> =
        state.into_iter().map(|state| ("tcpi_state".to_owned(), state)).collect();
    for (name, at, size) in FIELDS {
        let number = match size {
            1 => array::<1>(bytes, at).map(|[byte]| i64::from(byte)),
            4 => u32_at(bytes, at).map(i64::from),
            _ => array(bytes, at).map(i64::from_ne_bytes),
        };
        fields.extend(number.map(|number| (name.to_owned(), Value::Int(number))));
    }
    Value::Record(fields)
}

/// `TCPSTATE` of `mstcpip.h`, which counts otherwise than the table of connections does.
fn state(number: u32) -> Option<TcpState> {
    const STATES: [TcpState; 11] = [
        TcpState::Closed,
        TcpState::Listen,
        TcpState::SynSent,
        TcpState::SynReceived,
        TcpState::Established,
        TcpState::FinWait1,
        TcpState::FinWait2,
        TcpState::CloseWait,
        TcpState::Closing,
        TcpState::LastAck,
        TcpState::TimeWait,
    ];
    STATES.get(usize::try_from(number).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use windows_sys::Win32::Networking::WinSock::TCP_INFO_v0;

    use super::*;

    #[test]
    fn offsets_are_those_of_the_header() {
        let at = |name| FIELDS.iter().find(|field| field.0 == name).map(|field| field.1);
        assert_eq!(at("tcpi_snd_mss"), Some(offset_of!(TCP_INFO_v0, Mss)));
        assert_eq!(at("tcpi_rtt"), Some(offset_of!(TCP_INFO_v0, RttUs)));
        assert_eq!(at("tcpi_bytes_sent"), Some(offset_of!(TCP_INFO_v0, BytesOut)));
        assert_eq!(at("SynRetrans"), Some(offset_of!(TCP_INFO_v0, SynRetrans)));
    }

    #[test]
    fn a_state_has_its_name_and_a_short_answer_is_a_short_record() {
        let mut bytes = [0; size_of::<TCP_INFO_v0>()];
        bytes[0] = 4;
        bytes[48] = 5;
        let whole = decode(&bytes);
        assert_eq!(whole.field("tcpi_state"), Some(&Value::Text("ESTABLISHED".to_owned())));
        assert_eq!(whole.field("tcpi_bytes_sent"), Some(&Value::Int(5)));
        assert_eq!(decode(&bytes[..8]).field("tcpi_rtt"), None);
        assert_eq!(decode(&[]), Value::Record(Vec::new()));
    }
}
