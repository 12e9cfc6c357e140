//! Every call that a layer has, made: what `sockdrill::via` says of a library, its file in `net/via`
//! does. A call that is missing there would end as `broken`.

use rstest::rstest;
use sockdrill::verdict::Verdict;

use crate::running::check;

/// What all layers' streams have, and the listener that they come from.
const STREAM: &str = r#"
sockets.server = { kind = "$kind", listen = "loopback:0", via = "$via" }
sockets.client = { kind = "$kind", connect = "server", via = "$via" }
step = [
  { server.accept = "conn", expect = { from = "client" } },
  { client.local_addr = {}, expect = { address = "client" } },
  { client.peer_addr = {}, expect = { address = "server" } },
  { server.local_addr = {}, expect = { address = "server" } },
  { client.set = { TCP_NODELAY = true } },
  { client.get = "TCP_NODELAY", expect = { value = true } },
  { client.error = {}, expect = { value = "none" } },
  { client.send = "HELLO", expect = { len = 5 } },
  { conn.wait = { readable = 5 } },
  { conn.peek = 2, expect = { data = "HE" } },
  { conn.recv = 2, expect = { data = "HE" } },
  { conn.recv_exactly = 3, expect = { data = "LLO" } },
  { conn.recv = { max = 16, start = "late" }, expect = "pending" },
  { client.send_all = "WORLD", expect = { len = 5 } },
  { conn.join = "late", expect = { data = "WORLD" } },
  { client.shutdown = "SHUT_WR" },
  { conn.recv_to_eof = {}, expect = { end = "eof" } },
  { conn.recv = 1, expect = "eof" },
  { conn.close = {} },
  { client.recv = 1, expect = "eof" },
]
[matrix]
kind = ["tcp4", "tcp6"]
via = ["std", "socket2", "tokio"]
"#;

const DATAGRAMS: &str = r#"
sockets.rx = { kind = "$kind", bind = "loopback:0", via = "$via" }
sockets.tx = { kind = "$kind", bind = "loopback:0", via = "$via" }
step = [
  { tx.send_to = { to = "rx", data = "HELLO" }, expect = { len = 5 } },
  { rx.peek = 16, expect = { data = "HELLO" } },
  { rx.recv_from = 16, expect = { data = "HELLO", from = "tx" } },
  { rx.recv_from = { max = 16, start = "late" }, expect = "pending" },
  { tx.connect = "rx" },
  { tx.peer_addr = {}, expect = { address = "rx" } },
  { tx.send = "WORLD" },
  { rx.join = "late", expect = { data = "WORLD", from = "tx" } },
  { rx.connect = "tx" },
  { tx.send = "" },
  { rx.recv = 16, expect = { len = 0 } },
  { rx.error = {}, expect = { value = "none" } },
  { rx.local_addr = {}, expect = { address = "rx" } },
]
[matrix]
kind = ["udp4", "udp6"]
via = ["std", "socket2", "tokio"]
"#;

const UNIX_STREAM: &str = r#"
needs = ["unix-stream"]
sockets.server = { kind = "unix-stream", listen = "path:sock", via = "$via" }
sockets.client = { kind = "unix-stream", connect = "server", via = "$via" }
step = [
  { server.accept = "conn" },
  { client.peer_addr = {}, expect = { address = "server" } },
  { server.local_addr = {}, expect = { address = "server" } },
  { server.error = {}, expect = { value = "none" } },
  { client.send = "HE" },
  { client.send_all = "LLO" },
  { conn.recv_exactly = 5, expect = { data = "HELLO" } },
  { client.shutdown = "SHUT_WR" },
  { conn.recv = 1, expect = "eof" },
  { conn.recv_to_eof = {}, expect = { end = "eof" } },
]
[matrix]
via = ["std", "socket2", "tokio"]
"#;

const UNIX_DATAGRAMS: &str = r#"
needs = ["unix-dgram"]
sockets.rx = { kind = "unix-dgram", bind = "path:rx", via = "$via" }
sockets.tx = { kind = "unix-dgram", via = "$via" }
step = [
  { tx.send_to = { to = "rx", data = "HELLO" } },
  { rx.recv_from = 16, expect = { data = "HELLO" } },
  { tx.connect = "rx" },
  { tx.send = "WORLD" },
  { rx.recv = 16, expect = { data = "WORLD" } },
  { tx.shutdown = "SHUT_RDWR" },
  { tx.error = {}, expect = { value = "none" } },
]
[matrix]
via = ["std", "socket2", "tokio"]
"#;

const PAIRS: &str = r#"
needs = ["unix-dgram"]
sockets.left = { pair = "right", kind = "$kind", via = "$via" }
step = [
  { left.send = "HELLO" },
  { right.recv = 16, expect = { data = "HELLO" } },
]
[matrix]
kind = ["unix-stream", "unix-dgram"]
via = ["std", "tokio"]
"#;

/// A duplicate, whether calls block, a limit for connecting, and a raw connection taken over.
const MADE: &str = r#"
sockets.server = { kind = "tcp4", listen = "loopback:0" }
step = [
  { client.open = { kind = "tcp4", connect = "server", timeout = "5s", via = "$via" } },
  { client.dup = "again" },
  { client.nonblocking = false },
  { client.nonblocking = true },
  { client.recv = { max = 1, nowait = true }, expect = "EAGAIN" },
  { server.accept = { name = "conn", via = "$via" }, expect = { from = "client" } },
  { client.close = {} },
  { again.send = "HELLO" },
  { conn.recv_exactly = 5, expect = { data = "HELLO" } },
]
[matrix]
via = ["std", "socket2"]
"#;

/// What only socket2 has: a socket that is bound, listens and connects by calls of their own; flags;
/// parts.
const SOCKET2: &str = r#"
sockets.server = { kind = "$kind", via = "socket2" }
sockets.client = { kind = "$kind", via = "socket2" }
sockets.six = { kind = "tcp6", via = "socket2" }
sockets.tx = { kind = "udp4", via = "socket2" }
sockets.rx = { kind = "udp4", bind = "loopback:0", via = "socket2" }
step = [
  { six.set = { IPV6_V6ONLY = true }, expect = "ok" },
  { server.bind = "loopback:0" },
  { server.listen = 3 },
  { client.connect = "server" },
  { server.accept = "conn" },
  { client.send_msg = { parts = ["HEL", "LO"] }, expect = { len = 5 } },
  { conn.wait = { readable = 5 } },
  { conn.recv = { max = 5, flags = ["MSG_PEEK"] }, expect = { data = "HELLO" } },
  { conn.recv_msg = [3, 3], expect = { data = "HELLO" } },
  { tx.send_to = { to = "rx", data = "HELLO" } },
  { rx.recv_msg = [3, 3], expect = { data = "HELLO", truncated = false, from = "tx" } },
]
[matrix]
kind = ["tcp4", "tcp6"]
"#;

#[rstest]
#[case::stream(STREAM)]
#[case::datagrams(DATAGRAMS)]
#[case::unix_stream(UNIX_STREAM)]
#[case::unix_datagrams(UNIX_DATAGRAMS)]
#[case::pairs(PAIRS)]
#[case::made(MADE)]
#[case::socket2(SOCKET2)]
fn every_call_of_a_layer_is_made(#[case] text: &str) {
    check(text, Verdict::Pass);
}

/// Every option that a layer's type has a setter for.
#[rstest]
#[case("tcp4", "std", &["IP_TTL = 9", "TCP_NODELAY = true", "SO_RCVTIMEO = '1s'", "SO_SNDTIMEO = '1s'"])]
#[case("tcp4", "tokio", &["IP_TTL = 9", "TCP_NODELAY = true", "SO_LINGER = { l_onoff = 1, l_linger = 0 }"])]
#[case("udp4", "std", &["IP_TTL = 9", "SO_BROADCAST = true", "IP_MULTICAST_TTL = 2", "IP_MULTICAST_LOOP = 0"])]
#[case("udp4", "tokio", &["IP_TTL = 9", "SO_BROADCAST = true", "IP_MULTICAST_TTL = 2", "IP_MULTICAST_LOOP = 0"])]
#[case("udp4", "socket2", &["IP_TTL = 9", "SO_BROADCAST = true", "IP_MULTICAST_TTL = 2", "IP_MULTICAST_LOOP = 0"])]
#[case("tcp4", "socket2", &[
    "IP_TTL = 9", "TCP_NODELAY = true", "SO_KEEPALIVE = true", "SO_LINGER = { l_onoff = 1, l_linger = 0 }",
    "SO_OOBINLINE = true", "SO_RCVBUF = 9000", "SO_SNDBUF = 9000", "SO_REUSEADDR = true",
    "SO_RCVTIMEO = '1s'", "SO_SNDTIMEO = '1s'",
])]
fn every_setter_of_a_layer_is_called(
    #[case] kind: &str,
    #[case] via: &str,
    #[case] settings: &[&str],
) {
    let made = if kind.starts_with("tcp") { "connect = 'server'" } else { "bind = 'loopback:0'" };
    let steps: Vec<String> =
        settings.iter().map(|one| format!("{{ s.set = {{ {one} }}, expect = 'ok' }}")).collect();
    let text = format!(
        "sockets.server = {{ kind = '{}', listen = 'loopback:0' }}\n\
         sockets.s = {{ kind = '{kind}', {made}, via = '{via}' }}\n\
         step = [{{ server.local_addr = {{}} }}, {}]",
        kind.replace("udp", "tcp"),
        steps.join(", ")
    );
    check(&text, Verdict::Pass);
}

/// An error that a library makes up has a kind and no number: it goes by the kind's name, and can be
/// claimed by no other.
#[test]
fn an_error_without_a_number_goes_by_its_kind() {
    let steps = |claim: &str| {
        format!(
            "sockets.server = {{ kind = 'tcp4', listen = 'loopback:0' }}\n\
             sockets.client = {{ kind = 'tcp4', connect = 'server', via = 'std' }}\n\
             step = [{{ server.accept = 'conn' }}, {{ conn.close = {{}} }}, \
             {{ client.wait = {{ peer_closed = true }} }}, \
             {{ client.recv_exactly = 1, expect = '{claim}' }}]"
        )
    };
    check(&steps("UnexpectedEof"), Verdict::Pass);
    check(&steps("ECONNRESET"), Verdict::Fail);
}
