//! Remote commands over TCP, cured: messages are marked, in any way that you name.
//!
//! Teaches that the marks are an agreement of both ends; that it does not matter how the bytes
//! arrive once there is one; and what the tutorials' first cure costs, the length, then a wait for
//! an acknowledgement, then the data: three round trips for a command instead of one. Here a round
//! trip is some microseconds; between two continents it is a fifth of a second.
//!
//! ```text
//! cargo run --bin tcp-command server u32be
//! cargo run --bin tcp-command client 127.0.0.1:PORT u32be hello count hello
//! ```
//!
//! `length-then-ack` is that first cure; the other names are sockdrill's framings: `line` (which
//! cannot carry an answer of several lines, and says so), `json-header`, `netstring`, `varint`, …

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Instant;

use sockdrill_examples::messages::Messages;
use sockdrill_examples::{commands, loopback, start, usage};

fn main() -> ExitCode {
    start(server, client)
}

fn server(arguments: &[String]) -> io::Result<()> {
    let [framing] = arguments else { return Err(usage("server FRAMING")) };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, peer) = listener.accept()?;
        if let Err(error) = serve(Messages::new(conn, framing)?) {
            println!("{peer}: {error}");
        }
    }
}

fn serve(mut messages: Messages) -> io::Result<()> {
    while let Some(command) = messages.receive()? {
        let answer = commands::run(&String::from_utf8_lossy(&command));
        messages.send(answer.as_bytes())?;
    }
    Ok(())
}

fn client(address: &str, arguments: &[String]) -> io::Result<()> {
    let [framing, commands @ ..] = arguments else {
        return Err(usage("client ADDRESS FRAMING COMMAND…"));
    };
    let mut messages = Messages::new(TcpStream::connect(loopback(address)?)?, framing)?;
    let begin = Instant::now();
    for command in commands {
        messages.send(command.as_bytes())?;
        let answer = messages.receive()?.ok_or_else(|| {
            io::Error::new(ErrorKind::UnexpectedEof, "the server ended the connection")
        })?;
        println!("{command:<8}{}", commands::summary(&answer));
    }
    let (count, took) = (messages.round_trips(), begin.elapsed().as_micros());
    println!("{count} round trips for {} commands", commands.len());
    // What is another each time stands apart from the answers.
    eprintln!("{took} µs");
    Ok(())
}
