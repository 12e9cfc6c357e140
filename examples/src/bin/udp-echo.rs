//! An echo server and its client over UDP.
//!
//! Teaches that there is no connection: one socket serves every client, and each datagram says
//! where it is from. That a datagram arrives whole or not at all, and even an empty one arrives.
//! That nobody sends a lost one again but the client itself. And an error that is not one: on
//! Windows a receive fails when an *earlier send* found nobody.
//!
//! ```text
//! cargo run --bin udp-echo server
//! cargo run --bin udp-echo client 127.0.0.1:PORT hello ''
//! ```

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::time::Duration;

use sockdrill_examples::{loopback, start};

/// How long to wait for an answer before the question is sent again.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a question is sent.
const TRIES: usize = 5;

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    // As large as a datagram can be: of one that is larger than the buffer the rest is lost.
    let mut buffer = vec![0; 65_535];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, peer)) => {
                println!("{peer}: {length} bytes");
                socket.send_to(&buffer[..length], peer)?;
            }
            // An answer went to a client that is gone: WSAECONNRESET (10054), on Windows only.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(error),
        }
    }
}

fn client(address: &str, messages: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    // Sends nothing. From now on datagrams of others are not received, and an error comes back.
    socket.connect(loopback(address)?)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    for message in messages {
        let answer = ask(&socket, message.as_bytes())?;
        println!("sent {message:?}, received {:?}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

/// Sends until there is an answer.
fn ask(socket: &UdpSocket, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; 65_535];
    for _ in 0..TRIES {
        socket.send(question)?;
        match socket.recv(&mut buffer) {
            Ok(length) => return Ok(buffer[..length].to_vec()),
            // One error, two names: EAGAIN on Unix, WSAETIMEDOUT on Windows.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, format!("no answer to {TRIES} datagrams")))
}
