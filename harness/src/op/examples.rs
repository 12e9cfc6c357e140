//! The file in which the examples of the operations' table stand.

/// The file in which the examples of the table stand: `conn` is the server's end of `client`.
const EXAMPLES_BEGIN: &str = r#"
title = "Examples"
sockets.server = { kind = "tcp4", listen = "loopback:0" }
sockets.client = { kind = "tcp4", connect = "server" }
sockets.fresh  = { kind = "tcp4" }
sockets.rx     = { kind = "udp4", bind = "loopback:0" }
sockets.tx     = { kind = "udp4" }
sockets.left   = { pair = "right" }
sockets.local  = { kind = "unix-dgram", bind = "path:sock" }
step = [
  { server.accept = "conn" },
"#;

/// A whole scenario file around `steps`, each a line of `step = […]`.
pub fn file_around(steps: &[&str]) -> String {
    format!("{EXAMPLES_BEGIN}  {},\n]\n", steps.join(",\n  "))
}
