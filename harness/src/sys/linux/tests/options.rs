//! Option values, written and read back.

use super::{bound, connected, loopback};
use crate::errno::Errno;
use crate::kind::{Family, Kind};
use crate::option::{self, Shape, Value};
use crate::sys::{Socket, decode, encode, option_number, process_id, value_len};

fn get(socket: &Socket, name: &str) -> Result<Value, Errno> {
    let shape = option::find(name).expect(name).shape;
    let (level, number) = option_number(name).expect(name);
    let bytes = socket.get_option(level, number, value_len(shape))?;
    Ok(decode(shape, &bytes))
}

fn set(socket: &Socket, name: &str, value: &Value) -> Result<(), Errno> {
    let shape = option::find(name).expect(name).shape;
    let (level, number) = option_number(name).expect(name);
    socket.set_option(level, number, &encode(shape, value).expect(name))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn record(fields: &[(&str, Value)]) -> Value {
    Value::Record(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

#[test]
fn what_is_set_is_read_back() {
    let socket = Socket::open(Kind::Tcp4, false).expect("socket");
    let linger = |on: i64, seconds| {
        record(&[("l_onoff", Value::Int(on)), ("l_linger", Value::Int(seconds))])
    };
    for (name, value, read) in [
        ("SO_REUSEADDR", Value::Bool(true), Value::Bool(true)),
        ("SO_LINGER", Value::Int(3), linger(1, 3)),
        ("SO_LINGER", linger(1, 0), linger(1, 0)),
        ("SO_LINGER", Value::Bool(false), linger(0, 0)),
        ("SO_RCVTIMEO", text("100ms"), text("100ms")),
        ("SO_SNDTIMEO", text("2s"), text("2s")),
        ("SO_SNDTIMEO", Value::Bool(false), text("0s")),
        ("TCP_NODELAY", Value::Bool(true), Value::Bool(true)),
        ("TCP_MAXSEG", Value::Int(536), Value::Int(536)),
        ("TCP_CONGESTION", text("reno"), text("reno")),
        ("IP_TOS", Value::Int(0x10), Value::Int(0x10)),
        ("SO_MAX_PACING_RATE", Value::Int(1 << 20), Value::Int(1 << 20)),
    ] {
        assert_eq!(set(&socket, name, &value), Ok(()), "{name}");
        assert_eq!(get(&socket, name), Ok(read), "{name}");
    }
    let short = Value::Bytes(vec![1]);
    assert_eq!(set(&socket, "SO_REUSEADDR", &short), Err(Errno::EINVAL));
}

#[test]
fn a_wrong_value_never_reaches_the_kernel() {
    let told = encode(Shape::Linger, &text("3s")).expect_err("not a linger");
    assert_eq!(told, "takes { l_onoff, l_linger }, a number of seconds, or false");
    assert_eq!(encode(Shape::Int, &Value::Int(-1)), Ok(vec![0xff; 4]));
    assert_eq!(encode(Shape::Int, &Value::Int(0xffff_ffff)), Ok(vec![0xff; 4]));
    assert_eq!(decode(Shape::Int, &[1, 2, 3]), Value::Bytes(vec![1, 2, 3]));
    assert_eq!(decode(Shape::Ucred, &[1, 2, 3]), Value::Bytes(vec![1, 2, 3]));
}

#[test]
fn groups_are_joined_and_left() {
    let (socket, _) = bound(Kind::Udp4);
    let group =
        record(&[("imr_interface", text("127.0.0.1")), ("imr_multiaddr", text("224.0.0.251"))]);
    assert_eq!(set(&socket, "IP_ADD_MEMBERSHIP", &group), Ok(()));
    assert_eq!(set(&socket, "IP_ADD_MEMBERSHIP", &group), Err(Errno::EADDRINUSE));
    assert_eq!(set(&socket, "IP_DROP_MEMBERSHIP", &group), Ok(()));
    let source = record(&[
        ("imr_multiaddr", text("232.1.1.1")),
        ("imr_interface", text("127.0.0.1")),
        ("imr_sourceaddr", text("127.0.0.2")),
    ]);
    assert_eq!(set(&socket, "IP_ADD_SOURCE_MEMBERSHIP", &source), Ok(()));
    assert_eq!(set(&socket, "IP_DROP_SOURCE_MEMBERSHIP", &source), Ok(()));
    assert_eq!(set(&socket, "IP_MULTICAST_IF", &text("127.0.0.1")), Ok(()));
    assert_eq!(get(&socket, "IP_MULTICAST_IF"), Ok(text("127.0.0.1")));
    let (socket, _) = bound(Kind::Udp6);
    let group =
        record(&[("ipv6mr_multiaddr", text("ff02::fb")), ("ipv6mr_interface", Value::Int(1))]);
    assert_eq!(set(&socket, "IPV6_JOIN_GROUP", &group), Ok(()));
}

#[test]
fn the_peer_and_the_error_are_read() {
    let (left, _right) = Socket::pair(Kind::UnixStream, false).expect("socketpair");
    let peer = get(&left, "SO_PEERCRED").expect("SO_PEERCRED");
    assert_eq!(peer.field("pid"), Some(&Value::Int(process_id().into())));
    assert_eq!(get(&left, "SO_ERROR"), Ok(Value::Int(0)));
    assert_eq!(get(&left, "SO_PASSRIGHTS").unwrap_or(Value::Bool(true)), Value::Bool(true));
    assert_eq!(decode(Shape::Error, &111_i32.to_ne_bytes()), text("ECONNREFUSED"));
    let counters = get(&left, "SO_MEMINFO").expect("SO_MEMINFO");
    assert_eq!(counters.field("sk_meminfo_drops"), Some(&Value::Int(0)));
}

#[test]
fn tcp_info_has_every_field_the_kernel_wrote() {
    let (_listener, client, server) = connected(Kind::Tcp4);
    assert_eq!(client.send(b"12345", 0), Ok(5));
    super::wait(&server, libc::POLLIN);
    let info = get(&server, "TCP_INFO").expect("TCP_INFO");
    assert_eq!(info.field("tcpi_state"), Some(&text("ESTABLISHED")));
    assert_eq!(info.field("tcpi_bytes_received"), Some(&Value::Int(5)));
    assert_eq!(info.field("tcpi_data_segs_in"), Some(&Value::Int(1)));
    let info = get(&client, "TCP_INFO").expect("TCP_INFO");
    assert_eq!(info.field("tcpi_bytes_sent"), Some(&Value::Int(5)));
    assert!(matches!(info.field("tcpi_segs_out"), Some(Value::Int(2..))));
}

/// Reads every option that Linux has, wherever it can be read: a wrong number or a wrong shape
/// would give bytes that fit no reading.
#[test]
fn every_option_that_can_be_read_has_its_shape() {
    let mut read = 0;
    for kind in Kind::ALL {
        let socket = Socket::open(kind, false).expect("socket");
        if kind.family() != Family::Unix {
            socket.bind(&loopback(kind)).expect("bind");
        }
        for option in option::all().filter(|option| option_number(option.name).is_some()) {
            // Some can only be set, some belong to other kinds, some are newer than the kernel.
            let Ok(value) = get(&socket, option.name) else { continue };
            let fits = matches!(value, Value::Bytes(_)) == (option.shape == Shape::Bytes);
            assert!(fits, "{} of {kind}: {value}", option.name);
            read += 1;
        }
    }
    assert!(read > 200, "only {read}");
}
