//! What the programs share: their command line, the rule that they stay on loopback, the commands
//! of the remote command servers, and whole messages over TCP.
//!
//! Never what a program is there to show: that is in its own file. Next: `README.md` beside this
//! folder, then `src/bin/tcp-echo.rs`.

pub mod commands;
pub mod messages;

use std::io::{
    self,
    ErrorKind::{ConnectionAborted, ConnectionReset},
};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

use socket2::SockRef;

/// Runs one of a program's two roles: `PROGRAM server ARGUMENTS` or
/// `PROGRAM client ADDRESS ARGUMENTS`; what fails is said on standard error.
pub fn start(
    server: fn(&[String]) -> io::Result<()>,
    client: fn(&str, &[String]) -> io::Result<()>,
) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [role, rest @ ..] if role == "server" => server(rest),
        [role, address, rest @ ..] if role == "client" => client(address, rest),
        _ => Err(usage("server … | client ADDRESS …; the first lines of its source say more")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The error of arguments that are not what `expected` says.
pub fn usage(expected: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("expected {expected}"))
}

/// The address, if it is on this machine: nothing here is fit for a network.
pub fn loopback(address: &str) -> io::Result<SocketAddr> {
    let address: SocketAddr = address.parse().map_err(|_| usage("an address and port"))?;
    if !address.ip().is_loopback() {
        return Err(usage("an address on loopback, such as 127.0.0.1:40000"));
    }
    Ok(address)
}

/// Listens on loopback, on the port in `arguments` or, without one, on any that is free; says where.
pub fn listen(arguments: &[String]) -> io::Result<TcpListener> {
    let port = match arguments {
        [] => 0,
        [port] => port.parse().map_err(|_| usage("server [PORT]"))?,
        _ => return Err(usage("server [PORT]")),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Serves each connection in a thread of its own, for ever; says what goes wrong with one.
pub fn serve_each(
    listener: &TcpListener,
    serve: fn(TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    // Not by std: Wine gives no address for a client that has reset meanwhile, and std panics then.
    let listener = SockRef::from(listener);
    loop {
        let (conn, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // Who is gone before it was accepted is no reason to end.
            Err(error) if [ConnectionAborted, ConnectionReset].contains(&error.kind()) => continue,
            Err(error) => return Err(error),
        };
        thread::spawn(move || {
            if let Err(error) = serve(conn.into()) {
                match peer.as_socket() {
                    Some(peer) => println!("{peer}: {error}"),
                    None => println!("somebody: {error}"),
                }
            }
        });
    }
}
