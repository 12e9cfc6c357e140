//! A time server and its client over UDP: the Time protocol of RFC 868.
//!
//! Teaches that a datagram without a single byte is a message (it is the whole question), that
//! numbers cross the network in an agreed byte order, and that a counter of agreed size ends some
//! day: this one in February 2036.
//!
//! ```text
//! cargo run --bin udp-time server
//! cargo run --bin udp-time client 127.0.0.1:PORT
//! ```

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sockdrill_examples::{loopback, start};

/// From 1900, where RFC 868 begins, to 1970: the RFC gives the number itself.
const SECONDS_TO_1970: u64 = 2_208_988_800;

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    loop {
        // What the question says does not matter, and what of it finds no room is lost: an error
        // on Windows (WSAEMSGSIZE), nothing at all elsewhere.
        match socket.recv_from(&mut [0; 16]) {
            Ok((_, peer)) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
                let seconds = now.as_secs() + SECONDS_TO_1970;
                // The lower 32 bits, which is what the protocol has room for.
                let [.., a, b, c, d] = seconds.to_be_bytes();
                socket.send_to(&[a, b, c, d], peer)?;
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => println!("a question was not understood: {error}"),
        }
    }
}

fn client(address: &str, _: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(loopback(address)?)?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    socket.send(&[])?;
    let mut answer = [0; 4];
    let length = socket.recv(&mut answer)?;
    if length != answer.len() {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("{length} bytes are no time")));
    }
    let seconds = u64::from(u32::from_be_bytes(answer));
    let day = seconds.wrapping_sub(SECONDS_TO_1970) % 86_400;
    let (hour, minute, second) = (day / 3_600, day / 60 % 60, day % 60);
    println!("{seconds} seconds since 1900: {hour:02}:{minute:02}:{second:02} UTC");
    Ok(())
}
