//! A small real server and its test: what `sockdrill::peer` looks like in somebody else's project.
//!
//! The server answers every line with the line in capitals, refuses lines that are too long, and
//! gives up on clients that say nothing. `cargo run --example line_server` serves until it is
//! stopped; `cargo test --example line_server` is what this file is for.

use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, TimedOut, WouldBlock};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

/// Longer lines are refused before they take memory.
const LONGEST: u64 = 1024;

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener, Duration::from_secs(30))
}

/// Serves each client on a thread of its own.
fn serve(listener: &TcpListener, patience: Duration) -> Result<()> {
    // Not by std, which wants an address: Wine has none for a client that has reset meanwhile.
    let listener = SockRef::from(listener);
    loop {
        match listener.accept() {
            // Whatever one client does is no business of the others.
            Ok((conn, _)) => drop(std::thread::spawn(move || answer(&conn.into(), patience))),
            // Nor that it was gone before it was accepted.
            Err(error) if [ConnectionAborted, ConnectionReset].contains(&error.kind()) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Answers one client to its end.
fn answer(mut conn: &TcpStream, patience: Duration) -> Result<()> {
    conn.set_read_timeout(Some(patience))?;
    let mut lines = BufReader::new(conn);
    loop {
        let mut line = Vec::new();
        match (&mut lines).take(LONGEST + 1).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) if line.len() as u64 > LONGEST => return conn.write_all(b"! too long\n"),
            // Cut off by the end of the stream: no line.
            Ok(_) if !line.ends_with(b"\n") => return Ok(()),
            Ok(_) => conn.write_all(&line.to_ascii_uppercase())?,
            Err(error) if [TimedOut, WouldBlock].contains(&error.kind()) => {
                return conn.write_all(b"! too slow\n");
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::net::SocketAddr;

    use sockdrill::peer::{Ended, Then, tcp};

    use super::*;

    type Tested = std::result::Result<(), Box<dyn Error>>;

    /// A server on a thread that ends with the process.
    fn start(patience: Duration) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        std::thread::spawn(move || serve(&listener, patience));
        Ok(addr)
    }

    const PATIENT: Duration = Duration::from_secs(5);

    #[test]
    fn a_line_is_answered_however_it_is_cut() -> Tested {
        let addr = start(PATIENT)?;
        for seed in 0..20 {
            let client = tcp()
                .connect(addr)
                .send("one\ntwo\nthree\n")
                .chunk_between(1, 5)
                .gap(Duration::from_micros(100))
                .seed(seed)
                .start()?;
            assert_eq!(client.wait_received(14)?, b"ONE\nTWO\nTHREE\n", "seed {seed}");
        }
        Ok(())
    }

    #[test]
    fn the_answers_reach_a_client_that_has_half_closed() -> Tested {
        let client =
            tcp().connect(start(PATIENT)?).send("last words\n").then(Then::Shutdown).start()?;
        let seen = client.wait_end()?;
        assert_eq!(seen.connections[0].received, b"LAST WORDS\n");
        assert!(seen.connections[0].ended.contains(&Ended::Eof));
        Ok(())
    }

    #[test]
    fn half_a_line_is_no_line() -> Tested {
        let client =
            tcp().connect(start(PATIENT)?).send("whole\nhalf a line\n").half_close_after(10);
        let seen = client.start()?.wait_end()?;
        assert_eq!(seen.connections[0].received, b"WHOLE\n");
        Ok(())
    }

    #[test]
    fn a_line_without_end_is_refused() -> Tested {
        let client = tcp().connect(start(PATIENT)?).send([b'x'; 1025]).start()?;
        assert_eq!(client.wait_received(11)?, b"! too long\n");
        Ok(())
    }

    #[test]
    fn a_client_that_stalls_does_not_hold_the_server() -> Tested {
        let addr = start(Duration::from_millis(50))?;
        let stalls = tcp().connect(addr).send("never finished\n").stall_after(5).start()?;
        let other = tcp().connect(addr).send("me too\n").start()?;
        assert_eq!(other.wait_received(7)?, b"ME TOO\n", "the others go on");
        assert_eq!(stalls.wait_received(11)?, b"! too slow\n");
        Ok(())
    }

    #[test]
    fn a_client_that_resets_leaves_the_server_standing() -> Tested {
        let addr = start(PATIENT)?;
        let gone = tcp().connect(addr).send("gone\n").reset_after(3).start()?;
        gone.wait_end()?;
        let next = tcp().connect(addr).send("next\n").start()?;
        assert_eq!(next.wait_received(5)?, b"NEXT\n");
        Ok(())
    }
}
