//! An echo server and its client over TCP: one client after the other.
//!
//! Teaches the calls in their order; that a server has two kinds of socket, one that listens and
//! one for each connection; that a receive of nothing is the end of the stream; and that even a
//! client that knows how much will come must receive until it has come.
//!
//! ```text
//! cargo run --bin tcp-echo server
//! cargo run --bin tcp-echo client 127.0.0.1:PORT hello 'a longer message'
//! ```

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;

use sockdrill_examples::{loopback, start};

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    // Port 0: the system chooses one that is free, and is then asked which.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, peer) = listener.accept()?;
        // What goes wrong with one client must not end the service for all.
        match echo(conn) {
            Ok(bytes) => println!("{peer}: {bytes} bytes, then the end"),
            Err(error) => println!("{peer}: {error}"),
        }
    }
}

/// Sends back all that comes, in whatever pieces it comes: an echo needs no messages.
fn echo(mut conn: TcpStream) -> io::Result<usize> {
    let mut buffer = [0; 1024];
    let mut total = 0;
    loop {
        let length = conn.read(&mut buffer)?;
        if length == 0 {
            return Ok(total);
        }
        conn.write_all(&buffer[..length])?;
        total += length;
    }
}

fn client(address: &str, messages: &[String]) -> io::Result<()> {
    let mut conn = TcpStream::connect(loopback(address)?)?;
    for message in messages {
        conn.write_all(message.as_bytes())?;
        // Not `read`: it may give less than there will be.
        let mut answer = vec![0; message.len()];
        conn.read_exact(&mut answer)?;
        println!("sent {message:?}, received {:?}", String::from_utf8_lossy(&answer));
    }
    // The end of this direction only: what the server has still to say would arrive.
    conn.shutdown(Shutdown::Write)?;
    let rest = conn.read(&mut [0; 1])?;
    println!("sent the end, received {}", if rest == 0 { "the end" } else { "more" });
    Ok(())
}
