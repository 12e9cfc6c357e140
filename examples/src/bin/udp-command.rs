//! Remote commands over UDP: nothing sticks together, and long answers do not fit.
//!
//! Teaches that a datagram which is longer than the buffer is cut, and its rest is *gone*: Linux and
//! macOS do not even say so, Windows fails with WSAEMSGSIZE (10040). The next answer is the right
//! one, as it never is over TCP. And that a datagram has a largest size, 65,507 bytes over IPv4:
//! the answer to `flood` cannot be sent at all.
//!
//! ```text
//! cargo run --bin udp-command server
//! cargo run --bin udp-command client 127.0.0.1:PORT 1024 hello count hello
//! ```
//!
//! The number is the size of the client's buffer: try 65535.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::time::Duration;

use sockdrill_examples::{commands, loopback, start, usage};

/// WSAEMSGSIZE, for which `io::ErrorKind` has no name.
const WSAEMSGSIZE: i32 = 10_040;

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    let mut buffer = vec![0; 65_535];
    loop {
        let (length, peer) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            // Windows only: a client left before its answer came.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => continue,
            Err(error) => return Err(error),
        };
        let answer = commands::run(&String::from_utf8_lossy(&buffer[..length]));
        if let Err(error) = socket.send_to(answer.as_bytes(), peer) {
            println!("{} bytes cannot be sent: {error}", answer.len());
            let excuse = format!("too long for a datagram: {}\n{}", answer.len(), commands::END);
            socket.send_to(excuse.as_bytes(), peer)?;
        }
    }
}

fn client(address: &str, arguments: &[String]) -> io::Result<()> {
    let [size, commands @ ..] = arguments else {
        return Err(usage("client ADDRESS BUFFER COMMAND…"));
    };
    let mut buffer = vec![0; size.parse().map_err(|_| usage("a buffer size in bytes"))?];
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(loopback(address)?)?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    for command in commands {
        socket.send(command.as_bytes())?;
        match socket.recv(&mut buffer) {
            Ok(length) => {
                let answer = &buffer[..length];
                let cut = if answer.ends_with(commands::END.as_bytes()) { "" } else { ", cut" };
                println!("{command:<8}{}{cut}", commands::summary(answer));
            }
            Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => {
                // The buffer is full all the same; how full, std does not tell.
                println!("{command:<8}{}, cut: error 10040", commands::summary(&buffer));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
