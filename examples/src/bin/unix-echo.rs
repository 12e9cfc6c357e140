//! An echo server and its client over `AF_UNIX`: sockets whose address is a file.
//!
//! Teaches that the calls are those of TCP and only the address differs; that the file outlives
//! the server, and a second server cannot bind to it; and that a program should say so where a
//! system has no such sockets. Windows has had them since 2018 (version 1803), but Rust's standard
//! library offers them on Unix only, hence socket2.
//!
//! ```text
//! cargo run --bin unix-echo server /tmp/echo
//! cargo run --bin unix-echo client /tmp/echo hello
//! ```

use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use sockdrill_examples::{start, usage};
use socket2::{Domain, SockAddr, Socket, Type};

fn main() -> ExitCode {
    start(server, client)
}

fn socket() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::STREAM, None).map_err(|error| {
        io::Error::new(ErrorKind::Unsupported, format!("this system has no AF_UNIX: {error}"))
    })
}

fn server(arguments: &[String]) -> io::Result<()> {
    let [path] = arguments else { return Err(usage("server PATH")) };
    let listener = socket()?;
    listener.bind(&SockAddr::unix(path)?).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => io::Error::new(
            ErrorKind::AddrInUse,
            format!("{path} is there already: a socket's file stays until somebody removes it"),
        ),
        _ => error,
    })?;
    listener.listen(128)?;
    println!("listening on {path}");
    loop {
        let (conn, _) = listener.accept()?;
        match echo(conn) {
            // Clients have no address of their own: they did not bind.
            Ok(bytes) => println!("a client: {bytes} bytes, then the end"),
            Err(error) => println!("a client: {error}"),
        }
    }
}

fn echo(mut conn: Socket) -> io::Result<usize> {
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

fn client(path: &str, messages: &[String]) -> io::Result<()> {
    let mut conn = socket()?;
    conn.connect(&SockAddr::unix(path)?)?;
    for message in messages {
        conn.write_all(message.as_bytes())?;
        let mut answer = vec![0; message.len()];
        conn.read_exact(&mut answer)?;
        println!("sent {message:?}, received {:?}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
