//! A UDP echo server for many clients at once, in two ways: threads that share one socket, and
//! tokio's tasks. And a client that is hundreds of clients.
//!
//! Teaches that a thread per connection has no meaning here, for there are no connections: several
//! threads may receive from the same socket, and each datagram goes to one of them. And that
//! hundreds at once fill the server's one receive buffer, after which the system drops datagrams
//! without a word: each client sends again until it is answered.
//!
//! ```text
//! cargo run --bin udp-many server threads
//! cargo run --bin udp-many server tokio
//! cargo run --bin udp-many client 127.0.0.1:PORT 300
//! ```

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sockdrill_examples::{loopback, start, usage};
use tokio::net::UdpSocket;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Threads that share the socket.
const THREADS: usize = 4;

/// How long a client waits for its answer before it sends again, and how often it does.
const PATIENCE: Duration = Duration::from_secs(1);
const TRIES: usize = 20;

fn main() -> ExitCode {
    start(server, client)
}

fn server(arguments: &[String]) -> io::Result<()> {
    match arguments {
        [way] if way == "threads" => serve_with_threads(),
        [way] if way == "tokio" => Runtime::new()?.block_on(serve_with_tokio()),
        _ => Err(usage("server threads | server tokio")),
    }
}

fn serve_with_threads() -> io::Result<()> {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| echo(&socket))).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))?;
        }
        Ok(())
    })
}

fn echo(socket: &std::net::UdpSocket) -> io::Result<()> {
    let mut buffer = vec![0; 65_535];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, peer)) => {
                socket.send_to(&buffer[..length], peer)?;
            }
            // Windows only: an earlier answer found nobody.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(error),
        }
    }
}

async fn serve_with_tokio() -> io::Result<()> {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await?);
    println!("listening on {}", socket.local_addr()?);
    let mut buffer = vec![0; 65_535];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, peer)) => {
                let (socket, message) = (Arc::clone(&socket), buffer[..length].to_vec());
                // In a task, so that one answer that has to wait holds up no other.
                tokio::spawn(async move { socket.send_to(&message, peer).await });
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(error),
        }
    }
}

fn client(address: &str, arguments: &[String]) -> io::Result<()> {
    let [count] = arguments else { return Err(usage("client ADDRESS COUNT")) };
    let count = count.parse().map_err(|_| usage("a number of clients"))?;
    let again = Runtime::new()?.block_on(many(loopback(address)?, count))?;
    println!("{count} clients at once, each with its own answer");
    if again > 0 {
        println!("{again} datagrams had to be sent again");
    }
    Ok(())
}

/// How many datagrams had to be sent again.
async fn many(address: SocketAddr, count: usize) -> io::Result<usize> {
    let everyone = Arc::new(Barrier::new(count));
    let mut clients = JoinSet::new();
    for number in 0..count {
        clients.spawn(one(address, number, Arc::clone(&everyone)));
    }
    let mut again = 0;
    while let Some(client) = clients.join_next().await {
        again += client??;
    }
    Ok(again)
}

async fn one(address: SocketAddr, number: usize, everyone: Arc<Barrier>) -> io::Result<usize> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(address).await?;
    everyone.wait().await;
    let message = format!("this is client {number}");
    let mut answer = [0; 1024];
    for again in 0..TRIES {
        socket.send(message.as_bytes()).await?;
        if let Ok(length) = timeout(PATIENCE, socket.recv(&mut answer)).await {
            if answer[..length?] != *message.as_bytes() {
                return Err(io::Error::new(ErrorKind::InvalidData, "another client's answer"));
            }
            return Ok(again);
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, format!("no answer to {TRIES} datagrams")))
}
