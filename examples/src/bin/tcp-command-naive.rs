//! Remote commands over TCP, as one writes them first, and **wrong**: what one receive gives is
//! taken for one message.
//!
//! Teaches the mistake by showing it: the answer to `count` is longer than the buffer. What was
//! not received of it is not lost, it is *next*: every later answer is the one before. Nothing
//! fails, and with short answers it even works.
//!
//! ```text
//! cargo run --bin tcp-command-naive server
//! cargo run --bin tcp-command-naive client 127.0.0.1:PORT hello count hello
//! ```

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use sockdrill_examples::{commands, loopback, start};

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, peer) = listener.accept()?;
        if let Err(error) = serve(conn) {
            println!("{peer}: {error}");
        }
    }
}

fn serve(mut conn: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        // Wrong here too: two commands sent one after the other may arrive as `hellocount`.
        let length = conn.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let command = String::from_utf8_lossy(&buffer[..length]);
        conn.write_all(commands::run(&command).as_bytes())?;
    }
}

fn client(address: &str, commands: &[String]) -> io::Result<()> {
    let mut conn = TcpStream::connect(loopback(address)?)?;
    for command in commands {
        conn.write_all(command.as_bytes())?;
        // Wrong: one receive is not one answer.
        let mut buffer = [0; 1024];
        let length = conn.read(&mut buffer)?;
        println!("{command:<8}{}", commands::summary(&buffer[..length]));
    }
    Ok(())
}
