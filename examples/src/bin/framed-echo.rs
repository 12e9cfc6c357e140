//! An echo server of whole messages, as it should be: each is a 32-bit big-endian length and that
//! many bytes, and comes back as one.
//!
//! Teaches what the two wrong servers beside it leave out: bytes are kept until a message is whole,
//! what comes after it is kept too, and a length over the limit ends the connection before any
//! memory is reserved for it.
//!
//! ```text
//! cargo run --bin framed-echo server [PORT]
//! cargo run --bin framed-echo client 127.0.0.1:PORT hello ''
//! ```

use std::io;
use std::net::TcpStream;
use std::process::ExitCode;

use sockdrill_examples::messages::{Messages, exchange};
use sockdrill_examples::{listen, serve_each, start};

fn main() -> ExitCode {
    start(|arguments| serve_each(&listen(arguments)?, serve), exchange)
}

fn serve(conn: TcpStream) -> io::Result<()> {
    let mut messages = Messages::new(conn, "u32be")?;
    while let Some(message) = messages.receive()? {
        messages.send(&message)?;
    }
    Ok(())
}
