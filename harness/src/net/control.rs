//! Control messages as an outcome tells them: without what differs from run to run.

use crate::sys::{self, Control, Credentials};

/// A control message that arrived. Process, user and group are shown by whether they are our own,
/// and times not at all: they differ from run to run.
pub fn show(control: &Control) -> String {
    match control {
        Control::Rights(sockets) => format!("SCM_RIGHTS {}", sockets.len()),
        Control::Credentials(credentials) => {
            let whose = if *credentials == own_credentials() { "self" } else { "another" };
            format!("SCM_CREDENTIALS {whose}")
        }
        Control::Pidfd(_) => "SCM_PIDFD".to_owned(),
        Control::Pktinfo4 { destination, local, .. } if local == destination => {
            format!("IP_PKTINFO {destination}")
        }
        Control::Pktinfo4 { destination, local, .. } => {
            format!("IP_PKTINFO {destination} at {local}")
        }
        Control::Pktinfo6 { destination, .. } => format!("IPV6_PKTINFO {destination}"),
        Control::Number { name, value } => format!("{name} {value}"),
        // The port is the receiver's own.
        Control::Original { name, destination } => match destination.as_socket() {
            Some(to) => format!("{name} {}", to.ip()),
            None => (*name).to_owned(),
        },
        Control::Bytes { name, data } => {
            data.iter().fold(format!("{name} 0x"), |shown, byte| format!("{shown}{byte:02x}"))
        }
        Control::Timestamp { name, .. } => (*name).to_owned(),
        Control::RecvErr { name, errno, .. } => {
            let errno = errno.map_or("none".into(), crate::errno::Errno::name);
            format!("{name} {errno}{}", origin(control))
        }
        Control::Other { .. } => control.name().to_owned(),
    }
}

/// Where an error comes from: ` ICMP 3.3 from 127.0.0.1`, type and code. `ee_origin` is one of
/// `SO_EE_ORIGIN_*` of `linux/errqueue.h`.
fn origin(control: &Control) -> String {
    let Control::RecvErr { origin, ty, code, info, data, offender, .. } = control else {
        return String::new();
    };
    let offender = offender.as_ref().and_then(|from| from.as_socket());
    let from = offender.map_or(String::new(), |from| format!(" from {}", from.ip()));
    let info = if *info == 0 { String::new() } else { format!(", info {info}") };
    match origin {
        1 => format!(" local{info}"),
        2 => format!(" ICMP {ty}.{code}{from}{info}"),
        3 => format!(" ICMPv6 {ty}.{code}{from}{info}"),
        4 => " time stamp".to_owned(),
        5 => format!(" zero copy{info} to {data}, code {code}"),
        _ => format!(" origin {origin}"),
    }
}

/// This process, its user and its group.
pub fn own_credentials() -> Credentials {
    Credentials { pid: sys::process_id(), uid: sys::user_id(), gid: sys::group_id() }
}
