//! Many peers at once beside as many tasks of tokio: how fast they are opened, how long a byte to and
//! from each takes, and what each costs in memory; for 100, 1,000 and 10,000.
//!
//! `cargo bench -p sockdrill --bench crowd [-- COUNT…]`. A table on stdout: the best of five runs each,
//! taken in turn, and the ratio. Every run is a process of its own, which has nothing but what is
//! measured; its other ends are here, so that each process has one descriptor a connection and the
//! usual limits are enough. Memory is the difference of `VmRSS`, after one connection that warms up.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sockdrill::peer::{Group, Peer, Timing, tcp};
use sockdrill::sys;
use socket2::{Domain, Socket, Type};

const COUNTS: [usize; 3] = [100, 1_000, 10_000];

const RUNS: usize = 5;

/// What one run took; each the best of all.
#[derive(Clone, Copy)]
struct Cost {
    open: f64,
    talk: f64,
    bytes: f64,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [method @ ("peers" | "tokio"), count, addr] = words[..] {
        let run = if method == "peers" { peers } else { tasks };
        run(count.parse().expect("a count"), addr.parse().expect("an address"));
        return;
    }
    let counts: Vec<usize> = words.iter().map(|word| word.parse().expect("a count")).collect();
    let counts = if counts.is_empty() { COUNTS.to_vec() } else { counts };
    println!("{:<18} {:>12} {:>12} {:>12}", "each", "open µs", "a byte µs", "memory KiB");
    for count in counts {
        if let Some(budget) = short_of(count) {
            println!("{count}: {budget}");
            continue;
        }
        let mut best: [Option<Cost>; 2] = [None; 2];
        for _ in 0..RUNS {
            for (best, method) in best.iter_mut().zip(["peers", "tokio"]) {
                *best = Some(least(*best, run(method, count)));
            }
        }
        let [Some(peers), Some(tokio)] = best else { return };
        line(&format!("{count} peers"), peers);
        line(&format!("{count} tokio tasks"), tokio);
        // Of the rates, so that more is better; of memory the peer's part.
        println!(
            "{:<18} {:>12.2} {:>12.2} {:>12.2}",
            "ratio",
            tokio.open / peers.open,
            tokio.talk / peers.talk,
            peers.bytes / tokio.bytes,
        );
    }
}

/// What is lacking for so many connections, where something is: looked at before the first.
fn short_of(count: usize) -> Option<String> {
    let (open, limit) = (sys::open_descriptors(), sys::descriptor_limit()?);
    let needed = open + count + 16;
    (needed > limit).then(|| format!("{needed} descriptors needed, {limit} available"))
}

fn least(one: Option<Cost>, other: Cost) -> Cost {
    one.map_or(other, |one| Cost {
        open: one.open.min(other.open),
        talk: one.talk.min(other.talk),
        bytes: one.bytes.min(other.bytes),
    })
}

fn line(name: &str, cost: Cost) {
    let kib = cost.bytes / 1024.0;
    println!("{name:<18} {:>12.1} {:>12.1} {kib:>12.2}", cost.open * 1e6, cost.talk * 1e6);
}

/// One run in a process of its own: it opens, is spoken to and answers, and says what it took.
fn run(method: &str, count: usize) -> Cost {
    let listener = listener();
    let addr = listener.local_addr().expect("its address");
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([method, &count.to_string(), &addr.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut said = BufReader::new(child.stdout.take().expect("its stdout")).lines();
    let mut number =
        || -> f64 { said.next().expect("a line").expect("its text").parse().expect("a number") };
    answer_one(&listener.accept().expect("the first").0);
    let accept = |_| listener.accept().expect("a connection").0;
    let others: Vec<TcpStream> = (0..count).map(accept).collect();
    let open = number();
    let since = Instant::now();
    others.iter().for_each(say_one);
    others.iter().for_each(hear_one);
    let talk = since.elapsed().as_secs_f64();
    drop(child.stdin.take());
    let bytes = number();
    assert!(child.wait().expect("its end").success());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = count as f64;
    Cost { open: open / each, talk: talk / each, bytes: bytes / each }
}

/// One whose queue is long enough: where it is full, a connection comes a second later.
fn listener() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("an address");
    socket.listen(4_096).expect("a queue");
    socket.into()
}

fn say_one(mut stream: &TcpStream) {
    stream.write_all(b"?").expect("a send");
}

fn hear_one(mut stream: &TcpStream) {
    stream.read_exact(&mut [0]).expect("an answer");
}

fn answer_one(stream: &TcpStream) {
    say_one(stream);
    hear_one(stream);
}

/// `VmRSS`, or what the system calls it.
fn memory() -> u64 {
    sys::resident_memory().expect("this system tells")
}

/// Says how long it took to open, waits for the end of stdin, says what memory has grown.
fn tell(before: u64, opened: Duration) {
    println!("{}", opened.as_secs_f64());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the end of stdin");
    println!("{}", memory().saturating_sub(before));
}

fn peers(count: usize, addr: SocketAddr) {
    let group = Group::start(Timing::Economy).expect("a thread");
    let builder = || tcp().connect(addr).send_after(1, "!").within(Duration::from_secs(60));
    let first = builder().start_in(&group).expect("a peer");
    first.wait_sent().expect("the first byte");
    let (before, since) = (memory(), Instant::now());
    let all: Vec<Peer> = builder().start_many(count, &group).expect("peers");
    tell(before, since.elapsed());
    drop(all);
}

fn tasks(count: usize, addr: SocketAddr) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn answer(mut stream: tokio::net::TcpStream) {
        let mut byte = [0];
        while stream.read_exact(&mut byte).await.is_ok() {
            stream.write_all(b"!").await.expect("a send");
        }
    }

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let connect = || async { tokio::net::TcpStream::connect(addr).await.expect("connect") };
        let mut first = connect().await;
        first.read_exact(&mut [0]).await.expect("a byte");
        first.write_all(b"!").await.expect("a send");
        let (before, since) = (memory(), Instant::now());
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(tokio::spawn(answer(connect().await)));
        }
        let opened = since.elapsed();
        // This thread runs the tasks: another one waits.
        tokio::task::spawn_blocking(move || tell(before, opened)).await.expect("no panic");
        all.iter().for_each(tokio::task::JoinHandle::abort);
    });
}
