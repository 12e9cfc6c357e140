//! A chat over UDP: one server, several clients.
//!
//! Teaches that a server without connections has to remember its clients itself, by their
//! addresses, and learns that one has left only if it is told; and that a client which sends and
//! receives at any time needs two threads (or readiness, or tasks) on its one socket.
//!
//! ```text
//! cargo run --bin udp-chat server
//! cargo run --bin udp-chat client 127.0.0.1:PORT NAME      what you type is said; ^D leaves
//! ```

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use sockdrill_examples::{loopback, start, usage};

/// The longest thing to say, in bytes, marks included. All of it goes in one datagram.
const LONGEST: usize = 1024;

/// How long the answer to `leave` may take before it is sent again.
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    start(server, client)
}

fn server(_: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    let mut members = BTreeMap::new();
    let mut buffer = [0; LONGEST];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            // Windows only: somebody left without a word, or said more than the buffer holds.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => continue,
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&buffer[..length]);
        serve(&socket, &mut members, from, &text)?;
    }
}

/// Does what one datagram asks for. Strangers may join and nothing else.
fn serve(
    socket: &UdpSocket,
    members: &mut BTreeMap<SocketAddr, String>,
    from: SocketAddr,
    text: &str,
) -> io::Result<()> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let news = match (verb, members.get(&from)) {
        ("join", None) => {
            members.insert(from, rest.to_owned());
            format!("{rest} joined, {} here", members.len())
        }
        ("say", Some(name)) => format!("{name}: {rest}"),
        // Answered even if it has left already: the first answer may be what was lost.
        ("leave", _) => {
            socket.send_to(b"bye", from)?;
            let Some(name) = members.remove(&from) else { return Ok(()) };
            format!("{name} left, {} here", members.len())
        }
        _ => return Ok(()),
    };
    println!("{news}");
    for member in members.keys() {
        socket.send_to(news.as_bytes(), member)?;
    }
    Ok(())
}

fn client(address: &str, arguments: &[String]) -> io::Result<()> {
    let [name] = arguments else { return Err(usage("client ADDRESS NAME")) };
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(loopback(address)?)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let leaving = AtomicBool::new(false);
    thread::scope(|scope| {
        socket.send(format!("join {name}").as_bytes())?;
        let listener = scope.spawn(|| listen(&socket, &leaving));
        for line in io::stdin().lines() {
            socket.send(format!("say {}", line?).as_bytes())?;
        }
        leaving.store(true, Ordering::SeqCst);
        socket.send(b"leave")?;
        listener.join().unwrap_or_else(|_| Err(io::Error::other("the listener panicked")))
    })
}

/// Prints what others say, until the server says `bye`.
fn listen(socket: &UdpSocket, leaving: &AtomicBool) -> io::Result<()> {
    let mut buffer = [0; LONGEST];
    let mut tries = 5;
    while tries > 0 {
        match socket.recv(&mut buffer) {
            Ok(length) if &buffer[..length] == b"bye" => return Ok(()),
            Ok(length) => println!("{}", String::from_utf8_lossy(&buffer[..length])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if leaving.load(Ordering::SeqCst) {
                    tries -= 1;
                    socket.send(b"leave")?;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, "the server does not answer"))
}
