//! A TCP echo server for many clients at once, in two ways: a thread for each connection, and
//! tokio's tasks. And a client that is hundreds of clients.
//!
//! Teaches the two shapes of a concurrent server, which differ in little but `await`. The client
//! proves that the service is concurrent: none of its clients speaks before all are connected, and
//! none leaves before all are answered, so a server of one client after the other (`tcp-echo`)
//! would never get there.
//!
//! ```text
//! cargo run --bin tcp-many server threads
//! cargo run --bin tcp-many server tokio
//! cargo run --bin tcp-many client 127.0.0.1:PORT 300
//! ```

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sockdrill_examples::{loopback, start, usage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// How long all clients together may take.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, _) = listener.accept()?;
        // Its result is lost on purpose: what goes wrong with one client is no one else's matter.
        thread::spawn(|| echo(conn));
    }
}

fn echo(mut conn: std::net::TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = conn.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        conn.write_all(&buffer[..length])?;
    }
}

async fn serve_with_tokio() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, _) = listener.accept().await?;
        tokio::spawn(echo_async(conn));
    }
}

async fn echo_async(mut conn: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = conn.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        conn.write_all(&buffer[..length]).await?;
    }
}

fn client(address: &str, arguments: &[String]) -> io::Result<()> {
    let [count] = arguments else { return Err(usage("client ADDRESS COUNT")) };
    let count = count.parse().map_err(|_| usage("a number of clients"))?;
    let address = loopback(address)?;
    let all = async { tokio::time::timeout(PATIENCE, many(address, count)).await? };
    Runtime::new()?.block_on(all)?;
    println!("{count} clients at once, each with its own answer");
    Ok(())
}

async fn many(address: SocketAddr, count: usize) -> io::Result<()> {
    let everyone = Arc::new(Barrier::new(count));
    let mut clients = JoinSet::new();
    for number in 0..count {
        clients.spawn(one(address, number, Arc::clone(&everyone)));
    }
    // The first that fails ends all others: they would wait for it.
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(())
}

async fn one(address: SocketAddr, number: usize, everyone: Arc<Barrier>) -> io::Result<()> {
    let mut conn = TcpStream::connect(address).await?;
    everyone.wait().await;
    let message = format!("this is client {number}");
    conn.write_all(message.as_bytes()).await?;
    let mut answer = vec![0; message.len()];
    conn.read_exact(&mut answer).await?;
    everyone.wait().await;
    if answer != message.as_bytes() {
        return Err(io::Error::new(ErrorKind::InvalidData, "the answer is another client's"));
    }
    Ok(())
}
