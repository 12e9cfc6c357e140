//! **Wrong on purpose**: `framed-echo`, but whatever length is announced is believed.
//!
//! What is wrong: four bytes of a stranger reserve up to 4 GiB, for as long as the stranger likes to
//! keep the connection open. There is no limit, so no length is ever refused.
//!
//! What is right, so that a test can tell the difference: messages may arrive in any pieces.
//!
//! ```text
//! cargo run --bin wrong-trusts-length server [PORT]
//! cargo run --bin wrong-trusts-length client 127.0.0.1:PORT hello
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
    while let Some(header) = read_header(&mut conn)? {
        let announced = u32::from_be_bytes(header) as usize;
        // WRONG: nobody has asked whether that can be meant.
        let mut message = vec![0; announced];
        println!("{announced} bytes reserved");
        conn.read_exact(&mut message)?;
        conn.write_all(&[&header[..], &message].concat())?;
    }
    Ok(())
}

/// The next four bytes, or `None` if the stream ends before them.
fn read_header(conn: &mut TcpStream) -> io::Result<Option<[u8; 4]>> {
    let mut header = [0; 4];
    // One byte first: the end is in order here, and nowhere else.
    if conn.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    conn.read_exact(&mut header[1..]).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "the end within a header"),
        _ => error,
    })?;
    Ok(Some(header))
}
