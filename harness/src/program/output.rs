//! What a program prints: read to its end, the last of it kept.
//!
//! Each stream is read by a thread of its own, or a program that prints much would stand still.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// More lines than a report shows.
const LINES: usize = 30;

/// A line is cut behind so many bytes.
const LINE_BYTES: u64 = 500;

/// What a program printed before it ended is read within this, unless somebody else still holds
/// the other end of the pipe.
const END_WITHIN: Duration = Duration::from_millis(500);

/// Of standard output so much is kept from its beginning, for who asks what was printed.
const PRINTED_BYTES: usize = 64 << 10;

/// What was printed on both streams, in the order in which it was read.
#[derive(Debug)]
pub struct Output {
    kept: Arc<Mutex<Kept>>,
    /// Hangs up when both streams have ended.
    ended: Mutex<Receiver<()>>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<String>,
    /// How many lines came before those.
    dropped: usize,
    wanted: Option<String>,
    matched: Option<String>,
    /// What standard output began with.
    printed: Vec<u8>,
    /// Whether it has ended.
    closed: bool,
}

impl Output {
    /// Keeps what comes; `wanted` is looked for in every line.
    pub fn keep(
        out: Option<impl Read + Send + 'static>,
        err: Option<impl Read + Send + 'static>,
        wanted: Option<&str>,
    ) -> Output {
        let kept = Kept { wanted: wanted.map(str::to_owned), ..Kept::default() };
        let kept = Arc::new(Mutex::new(kept));
        let (end, ended) = channel();
        if let Some(out) = out {
            read_all(out, true, Arc::clone(&kept), end.clone());
        }
        if let Some(err) = err {
            read_all(err, false, Arc::clone(&kept), end);
        }
        Output { kept, ended: Mutex::new(ended) }
    }

    /// The first line that holds what was wanted.
    pub fn matched(&self) -> Option<String> {
        self.kept().matched.clone()
    }

    /// What was printed on standard output, once that is closed; or so many lines of it, once they
    /// are there.
    pub fn printed(&self, lines: Option<usize>) -> Option<Vec<u8>> {
        let kept = self.kept();
        let ends = |(at, _)| at + 1;
        let mut feeds =
            kept.printed.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(ends);
        match lines {
            Some(0) => Some(Vec::new()),
            Some(lines) => match feeds.nth(lines - 1) {
                Some(end) => Some(kept.printed[..end].to_vec()),
                None => kept.closed.then(|| kept.printed.clone()),
            },
            None => kept.closed.then(|| kept.printed.clone()),
        }
    }

    /// How many lines have come.
    pub fn lines(&self) -> usize {
        let kept = self.kept();
        kept.dropped + kept.lines.len()
    }

    /// The last lines behind the first `seen`, each after a line feed.
    pub fn text(&self, seen: usize) -> String {
        let kept = self.kept();
        let mut text = if kept.dropped > seen { "\n…".to_owned() } else { String::new() };
        for line in kept.lines.iter().skip(seen.saturating_sub(kept.dropped)) {
            let _ = write!(text, "\n{line}");
        }
        text
    }

    /// The same of a program that has ended: all of its last lines.
    pub fn end(&self) -> String {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: the answer is that the streams have ended, or that it took too long.
        let _ = ended.recv_timeout(END_WITHIN);
        self.text(0)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_all(
    stream: impl Read + Send + 'static,
    is_out: bool,
    kept: Arc<Mutex<Kept>>,
    end: Sender<()>,
) {
    let read = move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = (&mut stream).take(LINE_BYTES).read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if is_out {
                let room = PRINTED_BYTES - kept.printed.len();
                kept.printed.extend_from_slice(&line[..line.len().min(room)]);
            }
            kept.push(text);
            line.clear();
        }
        if is_out {
            kept.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        }
        drop(end);
    };
    // Without a thread nothing is kept, and the program's pipe is closed.
    drop(thread::Builder::new().name("output".to_owned()).spawn(read));
}

impl Kept {
    fn push(&mut self, line: String) {
        let wanted = self.wanted.as_ref();
        if self.matched.is_none() && wanted.is_some_and(|wanted| line.contains(wanted)) {
            self.matched = Some(line.clone());
        }
        if self.lines.len() == LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }
}

/// The first live address in a line. A program that says it listens everywhere is reached on
/// loopback.
pub fn address_in(line: &str) -> Option<SocketAddr> {
    let mut words = line.split(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c)));
    let mut address: SocketAddr = words.find_map(|word| word.trim_end_matches('.').parse().ok())?;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    Some(address)
}
