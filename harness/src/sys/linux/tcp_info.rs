//! `struct tcp_info` of `linux/tcp.h`, field by field, as far as the kernel wrote it.
//!
//! The C library's copy ends years ago, so the layout is kept here: each field's size in order.
//! The struct only ever grows, so an older kernel's is a prefix of a newer one's. The word after
//! `tcpi_received_ce_bytes` is left out: 6.18 and its successor put different fields there.

use super::bytes::{array, u16_at, u32_at, u64_at};
use crate::option::Value;
use crate::tcp_state::TcpState;

/// As many bytes as the newest kernel known here writes, and room for those to come.
pub(super) const ROOM: usize = 512;

/// Whole bytes at the beginning; then two bytes of bit fields.
const BYTES: [&str; 6] = [
    "tcpi_state",
    "tcpi_ca_state",
    "tcpi_retransmits",
    "tcpi_probes",
    "tcpi_backoff",
    "tcpi_options",
];

/// The rest, from offset 8, each with its size in bytes; natural alignment leaves no hole.
const FIELDS: &[(&str, usize)] = &[
    ("tcpi_rto", 4),
    ("tcpi_ato", 4),
    ("tcpi_snd_mss", 4),
    ("tcpi_rcv_mss", 4),
    ("tcpi_unacked", 4),
    ("tcpi_sacked", 4),
    ("tcpi_lost", 4),
    ("tcpi_retrans", 4),
    ("tcpi_fackets", 4),
    ("tcpi_last_data_sent", 4),
    ("tcpi_last_ack_sent", 4),
    ("tcpi_last_data_recv", 4),
    ("tcpi_last_ack_recv", 4),
    ("tcpi_pmtu", 4),
    ("tcpi_rcv_ssthresh", 4),
    ("tcpi_rtt", 4),
    ("tcpi_rttvar", 4),
    ("tcpi_snd_ssthresh", 4),
    ("tcpi_snd_cwnd", 4),
    ("tcpi_advmss", 4),
    ("tcpi_reordering", 4),
    ("tcpi_rcv_rtt", 4),
    ("tcpi_rcv_space", 4),
    ("tcpi_total_retrans", 4),
    ("tcpi_pacing_rate", 8),
    ("tcpi_max_pacing_rate", 8),
    ("tcpi_bytes_acked", 8),
    ("tcpi_bytes_received", 8),
    ("tcpi_segs_out", 4),
    ("tcpi_segs_in", 4),
    ("tcpi_notsent_bytes", 4),
    ("tcpi_min_rtt", 4),
    ("tcpi_data_segs_in", 4),
    ("tcpi_data_segs_out", 4),
    ("tcpi_delivery_rate", 8),
    ("tcpi_busy_time", 8),
    ("tcpi_rwnd_limited", 8),
    ("tcpi_sndbuf_limited", 8),
    ("tcpi_delivered", 4),
    ("tcpi_delivered_ce", 4),
    ("tcpi_bytes_sent", 8),
    ("tcpi_bytes_retrans", 8),
    ("tcpi_dsack_dups", 4),
    ("tcpi_reord_seen", 4),
    ("tcpi_rcv_ooopack", 4),
    ("tcpi_snd_wnd", 4),
    ("tcpi_rcv_wnd", 4),
    ("tcpi_rehash", 4),
    ("tcpi_total_rto", 2),
    ("tcpi_total_rto_recoveries", 2),
    ("tcpi_total_rto_time", 4),
    ("tcpi_received_ce", 4),
    ("tcpi_delivered_e1_bytes", 4),
    ("tcpi_delivered_e0_bytes", 4),
    ("tcpi_delivered_ce_bytes", 4),
    ("tcpi_received_e1_bytes", 4),
    ("tcpi_received_e0_bytes", 4),
    ("tcpi_received_ce_bytes", 4),
];

/// Where the number of waiting connections stands in a listener's `tcp_info`.
pub(super) const UNACKED_AT: usize = 24;

/// Where the congestion window stands.
pub(super) const SND_CWND_AT: usize = 80;

/// Every field that is there, in the order of the struct; the state by its name.
pub(super) fn decode(bytes: &[u8]) -> Value {
    let mut fields = Vec::with_capacity(BYTES.len() + 4 + FIELDS.len());
    for (name, byte) in BYTES.into_iter().zip(bytes) {
        let value = match TcpState::from_linux(*byte) {
            Some(state) if name == "tcpi_state" => Value::Text(state.name().to_owned()),
            Some(_) | None => Value::Int(i64::from(*byte)),
        };
        fields.push((name.to_owned(), value));
    }
    if let Some([scales, app]) = array::<2>(bytes, BYTES.len()) {
        fields.extend(bit_fields(scales, app));
    }
    let mut at = 8;
    for (name, size) in FIELDS {
        let number = match size {
            2 => u16_at(bytes, at).map(i64::from),
            4 => u32_at(bytes, at).map(i64::from),
            // Rates that are not limited are all ones, which is -1 here.
            _ => u64_at(bytes, at).map(u64::cast_signed),
        };
        let Some(number) = number else { break };
        fields.push(((*name).to_owned(), Value::Int(number)));
        at += size;
    }
    Value::Record(fields)
}

/// C lays bit fields from the low end on little-endian machines, from the high end on others.
fn bit_fields(scales: u8, app: u8) -> [(String, Value); 4] {
    let part = |byte: u8, from: u8, width: u8| {
        let shift = if cfg!(target_endian = "little") { from } else { 8 - from - width };
        Value::Int(i64::from((byte >> shift) & ((1 << width) - 1)))
    };
    [
        ("tcpi_snd_wscale".to_owned(), part(scales, 0, 4)),
        ("tcpi_rcv_wscale".to_owned(), part(scales, 4, 4)),
        ("tcpi_delivery_rate_app_limited".to_owned(), part(app, 0, 1)),
        ("tcpi_fastopen_client_fail".to_owned(), part(app, 1, 2)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_the_header() {
        let offset = |wanted: &str| {
            let before = FIELDS.iter().take_while(|(name, _)| *name != wanted);
            8 + before.map(|(_, size)| size).sum::<usize>()
        };
        assert_eq!(offset("tcpi_unacked"), UNACKED_AT);
        assert_eq!(offset("tcpi_unacked"), std::mem::offset_of!(libc::tcp_info, tcpi_unacked));
        assert_eq!(offset("tcpi_snd_cwnd"), SND_CWND_AT);
        assert_eq!(offset("tcpi_rcv_space"), std::mem::offset_of!(libc::tcp_info, tcpi_rcv_space));
        // Worked out with offsetof over linux/tcp.h.
        assert_eq!(offset("tcpi_pacing_rate"), 104);
        assert_eq!(offset("tcpi_delivery_rate"), 160);
        assert_eq!(offset("tcpi_snd_wnd"), 228);
        assert_eq!(offset("tcpi_received_ce_bytes"), 272);
    }

    #[test]
    fn a_short_answer_is_a_short_record() {
        let Value::Record(fields) = decode(&[1, 0, 0, 0, 0, 0, 0x77, 0x01, 9, 0, 0, 0, 1, 2])
        else {
            panic!("not a record");
        };
        assert_eq!(fields.len(), 11);
        assert_eq!(fields[0], ("tcpi_state".to_owned(), Value::Text("ESTABLISHED".to_owned())));
        assert_eq!(decode(&[]), Value::Record(Vec::new()));
    }
}
