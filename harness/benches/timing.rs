//! How late sends are: peers in both modes beside `tokio::time::sleep_until` and
//! `std::thread::sleep`, idle and with every core busy, one at a time and many at once; and bulk
//! through a peer beside a bare loop of the same calls.
//!
//! `cargo bench -p sockdrill --bench timing [-- WORD…]`, where a word is part of a line's name. A
//! table on stdout; `late` is the time from when a send was due to when its call was made, `sent` to
//! when that returned. Not criterion: what is measured is a distribution of moments, not a speed.

use std::hint::spin_loop;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sockdrill::peer::{Builder, Group, Peer, Then, Timing, tcp, udp};

/// How long each line measures for, unless that is fewer sends than a 99th percentile takes.
const SPAN: Duration = Duration::from_secs(1);

const GAPS_US: [u64; 5] = [50, 200, 1_000, 5_000, 20_000];

/// How many at once, and the gap of each: the last is 50,000 sends a second.
const CROWDS: [(usize, u64); 3] = [(1, 1_000), (100, 5_000), (1_000, 20_000)];

/// One send: how late it was called, how late it had returned.
type Late = (Duration, Duration);

type Method = (&'static str, fn(usize, Duration, u32) -> Vec<Late>);

const METHODS: [Method; 4] = [
    ("peer precise", |peers, gap, sends| of_peers(Timing::Precise, peers, gap, sends)),
    ("peer economy", |peers, gap, sends| of_peers(Timing::Economy, peers, gap, sends)),
    ("thread::sleep", of_threads),
    ("tokio sleep", of_tasks),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(&**word));
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "µs", "late p50", "p90", "p99", "max", "sent p50", "CPU"
    );
    for busy in [false, true] {
        let load = if busy { "busy" } else { "idle" };
        for (name, method) in METHODS {
            for gap in GAPS_US {
                line(&format!("{load} {name} 1 x {gap} us"), busy, &wanted, method, (1, gap));
            }
            for crowd in &CROWDS[1..] {
                let (peers, gap) = *crowd;
                let name = format!("{load} {name} {peers} x {gap} us");
                line(&name, busy, &wanted, method, *crowd);
            }
        }
    }
    if wanted("bulk") {
        bulk();
    }
}

/// Measures one line, and prints it.
fn line(
    name: &str,
    busy: bool,
    wanted: &dyn Fn(&str) -> bool,
    method: fn(usize, Duration, u32) -> Vec<Late>,
    (peers, gap_us): (usize, u64),
) {
    if !wanted(name) {
        return;
    }
    let gap = Duration::from_micros(gap_us);
    let sends = u32::try_from(SPAN.as_micros() / gap.as_micros()).unwrap_or(1).clamp(300, 5_000);
    let (since, before) = (Instant::now(), cpu());
    let late = with_load(busy, || method(peers, gap, sends));
    let used = cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
    let share = used.map(|used| 100.0 * used.as_secs_f64() / since.elapsed().as_secs_f64());
    let share = share.filter(|_| !busy).map_or("-".to_owned(), |share| format!("{share:.0} %"));
    let mut calls: Vec<Duration> = late.iter().map(|(called, _)| *called).collect();
    let mut returns: Vec<Duration> = late.iter().map(|(_, returned)| *returned).collect();
    calls.sort_unstable();
    returns.sort_unstable();
    let at = |sorted: &[Duration], percent: usize| {
        let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(index).map_or(0.0, |late| late.as_secs_f64() * 1e6)
    };
    println!(
        "{name:<46} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {share:>6}",
        at(&calls, 50),
        at(&calls, 90),
        at(&calls, 99),
        at(&calls, 100),
        at(&returns, 50),
    );
}

/// Does `work`, with every core kept busy by others where asked.
fn with_load<T>(busy: bool, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    let cores = if busy { thread::available_parallelism().map_or(1, usize::from) } else { 0 };
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    spin_loop();
                }
            });
        }
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// The processor time of this process; where there is no proc(5), nothing.
fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    let ticks: u64 = after_name.split(' ').skip(11).take(2).flat_map(str::parse::<u64>).sum();
    Some(Duration::from_millis(ticks * 10))
}

/// Where datagrams go that nobody reads: a send costs the same, whoever makes it.
fn sink() -> (UdpSocket, SocketAddr) {
    let sink = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let addr = sink.local_addr().expect("its address");
    (sink, addr)
}

fn of_peers(timing: Timing, peers: usize, gap: Duration, sends: u32) -> Vec<Late> {
    let (_sink, addr) = sink();
    let group = Group::start(timing).expect("a thread");
    let start = |_| {
        let bytes = vec![0; sends as usize];
        let limit = SPAN * 30;
        let peer = udp().connect(addr).send(bytes).chunk(1).gap(gap).keep_times().within(limit);
        peer.start_in(&group).expect("a peer")
    };
    let all: Vec<Peer> = (0..peers).map(start).collect();
    for peer in &all {
        peer.wait_sent().expect("all is sent");
    }
    let of = |peer: &Peer| {
        let sends = peer.seen().connections.remove(0).sends;
        let late = |time: Duration, due| time.checked_sub(due).expect("never early");
        sends.into_iter().map(move |sent| (late(sent.at, sent.due), late(sent.done, sent.due)))
    };
    all.iter().flat_map(of).collect()
}

fn of_threads(peers: usize, gap: Duration, sends: u32) -> Vec<Late> {
    let (_sink, addr) = sink();
    let one = || {
        let socket = connected(addr);
        let begin = Instant::now();
        let send = |index| {
            let due = begin + gap * index;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let called = due.elapsed();
            socket.send(&[0]).expect("a send");
            (called, due.elapsed())
        };
        (0..sends).map(send).collect::<Vec<Late>>()
    };
    thread::scope(|scope| {
        let small = || thread::Builder::new().stack_size(64 << 10);
        let start = |_| small().spawn_scoped(scope, one).expect("a thread");
        let threads: Vec<_> = (0..peers).map(start).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn of_tasks(peers: usize, gap: Duration, sends: u32) -> Vec<Late> {
    let (_sink, addr) = sink();
    let one = move || async move {
        let socket = connected(addr);
        let begin = Instant::now();
        let mut late = Vec::new();
        for index in 0..sends {
            let due = begin + gap * index;
            tokio::time::sleep_until(due.into()).await;
            let called = due.elapsed();
            socket.send(&[0]).expect("a send");
            late.push((called, due.elapsed()));
        }
        late
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let tasks: Vec<_> = (0..peers).map(|_| tokio::spawn(one())).collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("no panic"));
        }
        all
    })
}

fn connected(addr: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.connect(addr).expect("an association");
    socket
}

/// The bytes of a bulk run, and of each of its calls.
const BULK: u32 = 256 << 20;
const CALL: u32 = 64 << 10;

/// Bytes a second of a bare loop, of a peer that sends, and of one that reads: the median of 15 runs
/// each, taken in turn. Not the best: where the scheduler happens to put both ends on one core, a run
/// of any of them is three times as fast.
fn bulk() {
    let mut rates: [Vec<f64>; 4] = Default::default();
    for _ in 0..15 {
        let keeping = || reading(None);
        let runs: [&dyn Fn() -> Duration; 4] = [&bare, &sending, &keeping, &|| reading(Some(0))];
        for (rates, run) in rates.iter_mut().zip(runs) {
            rates.push(f64::from(BULK) / run().as_secs_f64() / 1e9);
        }
    }
    let [bare, sends, keeps, reads] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!("bulk: bare loop {bare:.2} GB/s");
    println!("bulk: peer sends {sends:.2} GB/s, {:.2} of it", sends / bare);
    println!("bulk: peer reads {reads:.2} GB/s, {:.2} of it", reads / bare);
    println!("bulk: peer reads and keeps 16 MiB {keeps:.2} GB/s, {:.2} of it", keeps / bare);
}

fn write_all(addr: SocketAddr) {
    let mut stream = TcpStream::connect(addr).expect("connect");
    let buffer = vec![1; CALL as usize];
    for _ in 0..BULK / CALL {
        stream.write_all(&buffer).expect("a send");
    }
}

fn read_all(stream: &mut TcpStream) {
    let mut buffer = vec![0; CALL as usize];
    while stream.read(&mut buffer).expect("a receive") > 0 {}
}

fn bare() -> Duration {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let addr = listener.local_addr().expect("its address");
    let since = Instant::now();
    let writer = thread::spawn(move || write_all(addr));
    read_all(&mut listener.accept().expect("the writer").0);
    writer.join().expect("no panic");
    since.elapsed()
}

fn sending() -> Duration {
    let bytes = vec![1; BULK as usize];
    let peer =
        tcp().listen().send(bytes).chunk(CALL as usize).then(Then::Close).start().expect("a peer");
    let since = Instant::now();
    read_all(&mut TcpStream::connect(peer.addr()).expect("connect"));
    since.elapsed()
}

/// Keeps so many of the bytes, as a bare loop keeps none; or what it keeps where nothing is said.
fn reading(kept: Option<usize>) -> Duration {
    let peer = tcp().listen().within(SPAN * 30);
    let peer = kept.into_iter().fold(peer, Builder::keep_received);
    let peer = peer.start().expect("a peer");
    let since = Instant::now();
    write_all(peer.addr());
    let seen = peer.wait_end().expect("the end");
    assert_eq!(seen.connections[0].bytes_received, u64::from(BULK));
    since.elapsed()
}
