//! The words of `sockdrill peer`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use sockdrill::frame::{Framing, unescape};
use sockdrill::option::duration;
use sockdrill::peer::Then;

#[derive(Debug, Args)]
pub struct Peer {
    #[command(subcommand)]
    pub protocol: Protocol,
}

#[derive(Debug, Subcommand)]
pub enum Protocol {
    /// Listen or connect over TCP
    Tcp(Tcp),
    /// Exchange datagrams over UDP
    Udp(Udp),
    /// Listen or connect over `AF_UNIX`
    Unix(Unix),
    /// Exchange datagrams over `AF_UNIX`
    UnixDgram(UnixDgram),
}

#[derive(Debug, Args)]
#[group(id = "tcp_role", required = true)]
pub struct Tcp {
    /// Listen here; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", group = "tcp_role")]
    pub listen: Option<SocketAddr>,

    /// Connect there
    #[arg(long, value_name = "ADDR", group = "tcp_role")]
    pub connect: Option<SocketAddr>,

    /// Leave Nagle's algorithm on, so that small sends share segments
    #[arg(long)]
    pub nagle: bool,

    #[command(flatten)]
    pub stream: Stream,
}

#[derive(Debug, Args)]
#[group(id = "udp_role", required = true)]
pub struct Udp {
    /// Be bound here; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", group = "udp_role")]
    pub bind: Option<SocketAddr>,

    /// Be connected to this address, and hear nobody else
    #[arg(long, value_name = "ADDR", group = "udp_role")]
    pub connect: Option<SocketAddr>,

    /// With `--bind`: where datagrams go that answer nobody
    #[arg(long, value_name = "ADDR", requires = "bind")]
    pub to: Option<SocketAddr>,

    #[command(flatten)]
    pub datagrams: Datagrams,
}

#[derive(Debug, Args)]
#[group(id = "unix_role", required = true)]
pub struct Unix {
    /// Listen at this path, where nothing may stand; it is removed at the end
    #[arg(long, value_name = "PATH", group = "unix_role")]
    pub listen: Option<PathBuf>,

    /// Connect to this path
    #[arg(long, value_name = "PATH", group = "unix_role")]
    pub connect: Option<PathBuf>,

    /// Of type `SOCK_SEQPACKET`: connections whose sends keep their boundaries
    #[arg(long)]
    pub seqpacket: bool,

    #[command(flatten)]
    pub stream: Stream,
}

#[derive(Debug, Args)]
#[group(id = "unix_dgram_role", required = true)]
pub struct UnixDgram {
    /// Be bound to this path, where nothing may stand; it is removed at the end
    #[arg(long, value_name = "PATH", group = "unix_dgram_role")]
    pub bind: Option<PathBuf>,

    /// Be connected to this path, and bound to one in the temporary folder
    #[arg(long, value_name = "PATH", group = "unix_dgram_role")]
    pub connect: Option<PathBuf>,

    /// With `--bind`: where datagrams go that answer nobody
    #[arg(long, value_name = "PATH", requires = "bind")]
    pub to: Option<PathBuf>,

    #[command(flatten)]
    pub datagrams: Datagrams,
}

const SENDING: &str = "What it sends";
const READING: &str = "How it reads";
const FAULTS: &str = "What goes wrong";

/// What peers with connections have.
#[derive(Debug, Args)]
pub struct Stream {
    /// Make a frame of each `--send`, marked so: `line`, `u16be`, `netstring`, …
    #[arg(long, value_name = "FRAMING", value_parser = Framing::parse)]
    pub framing: Option<Framing>,

    /// What comes when all is sent
    #[arg(long, value_name = "END", value_enum, default_value_t = End::Keep)]
    pub then: End,

    /// Reset the connection after so many bytes sent
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub reset_after: Option<u64>,

    /// Reset the connection once so many bytes have arrived
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub reset_after_received: Option<u64>,

    /// Close after so many bytes sent
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub limit_data: Option<u64>,

    /// Shut down the sending side after so many bytes sent
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub half_close_after: Option<u64>,

    /// Go silent after so many bytes sent, and stay connected
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub stall_after: Option<u64>,

    #[command(flatten)]
    pub common: Common,
}

/// What peers without connections have.
#[derive(Debug, Args)]
pub struct Datagrams {
    /// Do not send these datagrams, counted from 1: `2,5`
    #[arg(long, value_name = "N,…", value_delimiter = ',', help_heading = FAULTS)]
    pub drop: Vec<u64>,

    /// Lose so many datagrams in a hundred, drawn from the seed
    #[arg(long, value_name = "PERCENT", conflicts_with = "drop", help_heading = FAULTS,
        value_parser = clap::value_parser!(u8).range(0..=100))]
    pub lose: Option<u8>,

    /// Send these datagrams twice
    #[arg(long, value_name = "N,…", value_delimiter = ',', help_heading = FAULTS)]
    pub duplicate: Vec<u64>,

    /// Let these datagrams change places with those after them
    #[arg(long, value_name = "N,…", value_delimiter = ',', help_heading = FAULTS)]
    pub reorder: Vec<u64>,

    #[command(flatten)]
    pub common: Common,
}

/// What all peers have.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub struct Common {
    /// Send this; \n \r \t \0 \\ and \xNN are escapes. May be repeated; a datagram each where those are
    #[arg(long, value_name = "TEXT", value_parser = read_text, help_heading = SENDING)]
    pub send: Vec<Bytes>,

    /// Then send so many bytes of a pattern in which every place looks different
    #[arg(long, value_name = "BYTES", help_heading = SENDING)]
    pub fill: Option<usize>,

    /// Then send this so long after the connection was made: `20ms=TEXT`; may be repeated
    #[arg(long, value_name = "TIME=TEXT", value_parser = read_at, help_heading = SENDING)]
    pub at: Vec<(Duration, Bytes)>,

    /// Then send this once so many bytes have arrived: `6=TEXT`; may be repeated
    #[arg(long, value_name = "BYTES=TEXT", value_parser = read_after, help_heading = SENDING)]
    pub after: Vec<(u64, Bytes)>,

    /// Send back whatever arrives, after all else
    #[arg(long, help_heading = SENDING)]
    pub echo: bool,

    /// At most so many bytes a send, or `A..B` bytes drawn from the seed
    #[arg(long, value_name = "BYTES", value_parser = read_chunk, help_heading = SENDING)]
    pub chunk: Option<(usize, usize)>,

    /// The time between two sends, `5ms`, or `A..B` drawn from the seed
    #[arg(long, value_name = "TIME", value_parser = read_gap, help_heading = SENDING)]
    pub gap: Option<(Duration, Duration)>,

    /// What everything drawn is drawn from
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = SENDING)]
    pub seed: u64,

    /// Never read
    #[arg(long, help_heading = READING)]
    pub no_read: bool,

    /// The buffer of each receive
    #[arg(long, value_name = "BYTES", help_heading = READING)]
    pub read_max: Option<usize>,

    /// The time before the first receive
    #[arg(long, value_name = "TIME", value_parser = read_time, help_heading = READING)]
    pub read_delay: Option<Duration>,

    /// The time between two receives
    #[arg(long, value_name = "TIME", value_parser = read_time, help_heading = READING)]
    pub read_gap: Option<Duration>,

    /// A rest after each so many bytes: `4096,10ms`
    #[arg(long, value_name = "BYTES,TIME", value_parser = read_pause, help_heading = READING)]
    pub read_pause: Option<(u64, Duration)>,

    /// At most so many bytes a second
    #[arg(long, value_name = "BYTES", help_heading = READING)]
    pub read_rate: Option<u64>,

    /// The receive buffer, `SO_RCVBUF`
    #[arg(long, value_name = "BYTES")]
    pub rcvbuf: Option<usize>,

    /// The send buffer, `SO_SNDBUF`
    #[arg(long, value_name = "BYTES")]
    pub sndbuf: Option<usize>,

    /// Every send is so much later, give or take a jitter: `5ms` or `5ms,2ms`
    #[arg(long, value_name = "TIME[,JITTER]", value_parser = read_latency, help_heading = FAULTS)]
    pub latency: Option<(Duration, Duration)>,

    /// Send at most so many bytes a second
    #[arg(long, value_name = "BYTES", help_heading = FAULTS)]
    pub bandwidth: Option<u64>,

    /// The time between the last send and the end
    #[arg(long, value_name = "TIME", value_parser = read_time, help_heading = FAULTS)]
    pub slow_close: Option<Duration>,

    /// Show when each thing happened, in seconds since the connection was made
    #[arg(long)]
    pub times: bool,

    /// Show bytes as hexadecimal digits beside their text
    #[arg(long)]
    pub hex: bool,

    /// Sleep only, never spin: sends are later by what it takes to wake up, and cost nothing
    #[arg(long)]
    pub economy: bool,

    /// End with the first connection, or when all datagrams are sent
    #[arg(long)]
    pub once: bool,

    /// Allow addresses that are not loopback
    #[arg(long)]
    pub allow_remote: bool,
}

/// Bytes of the command line.
#[derive(Clone, Debug)]
pub struct Bytes(pub Vec<u8>);

/// What a peer does when all is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum End {
    /// Stays connected, silent
    Keep,
    /// Shuts down its sending side
    Shutdown,
    /// Closes
    Close,
    /// Resets the connection
    Reset,
}

impl End {
    /// The same in the words of the library.
    pub fn then(self) -> Then {
        match self {
            End::Keep => Then::Keep,
            End::Shutdown => Then::Shutdown,
            End::Close => Then::Close,
            End::Reset => Then::Reset,
        }
    }
}

fn read_text(text: &str) -> Result<Bytes, String> {
    unescape(text).map(Bytes)
}

fn read_time(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "a time with a unit: 200us, 5ms, 2s".to_owned())
}

fn read_at(text: &str) -> Result<(Duration, Bytes), String> {
    let (time, text) = text.split_once('=').ok_or("20ms=TEXT")?;
    Ok((read_time(time)?, read_text(text)?))
}

fn read_after(text: &str) -> Result<(u64, Bytes), String> {
    let (bytes, text) = text.split_once('=').ok_or("6=TEXT")?;
    let bytes = bytes.parse().map_err(|_| "a number of bytes, then =TEXT".to_owned())?;
    Ok((bytes, read_text(text)?))
}

fn read_pause(text: &str) -> Result<(u64, Duration), String> {
    let (bytes, time) = text.split_once(',').ok_or("4096,10ms")?;
    let bytes = bytes.parse().map_err(|_| "a number of bytes, then ,TIME".to_owned())?;
    Ok((bytes, read_time(time)?))
}

/// One value, or the two ends of a range.
fn read_range<T: Copy>(
    text: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<(T, T), String> {
    match text.split_once("..") {
        Some((least, most)) => Ok((read(least)?, read(most)?)),
        None => read(text).map(|value| (value, value)),
    }
}

fn read_chunk(text: &str) -> Result<(usize, usize), String> {
    read_range(text, |text| text.parse().map_err(|_| "a number of bytes: 7, or 1..16".to_owned()))
}

fn read_gap(text: &str) -> Result<(Duration, Duration), String> {
    read_range(text, read_time)
}

fn read_latency(text: &str) -> Result<(Duration, Duration), String> {
    match text.split_once(',') {
        Some((time, jitter)) => Ok((read_time(time)?, read_time(jitter)?)),
        None => Ok((read_time(text)?, Duration::ZERO)),
    }
}
