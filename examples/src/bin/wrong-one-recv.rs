//! **Wrong on purpose**: `framed-echo`, but one receive is taken for one message.
//!
//! What is wrong: a message that arrives in two pieces is refused as a bad one, and of two that
//! arrive in one piece the second is dropped in silence. A client on the same machine which sends
//! one message and waits for its answer never notices.
//!
//! What is right, so that a test can tell the difference: an over-long length is refused, and the
//! end of the stream is the end.
//!
//! ```text
//! cargo run --bin wrong-one-recv server [PORT]
//! cargo run --bin wrong-one-recv client 127.0.0.1:PORT hello
//! ```

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use sockdrill_examples::messages::exchange;
use sockdrill_examples::{listen, serve_each, start};

fn main() -> ExitCode {
    start(|arguments| serve_each(&listen(arguments)?, serve), exchange)
}

fn serve(mut conn: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        let length = conn.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        // WRONG: the header may have come in part, the message may have, and others may follow.
        let message = buffer[..length].split_first_chunk().and_then(|(header, rest)| {
            let announced = usize::try_from(u32::from_be_bytes(*header)).ok()?;
            rest.get(..announced)
        });
        let Some(message) = message else {
            return Err(io::Error::new(ErrorKind::InvalidData, "not a message"));
        };
        let end = 4 + message.len();
        conn.write_all(&buffer[..end])?;
    }
}
