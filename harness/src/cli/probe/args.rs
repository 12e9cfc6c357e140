//! The words of `sockdrill probe`.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sockdrill::frame::Framing;
use sockdrill::op::Ready;

use crate::cli::args::{ReportTo, parse_report};

#[derive(Debug, Args)]
#[command(after_help = "\
Bytes are text in which \\r, \\n, \\t, \\0, \\\\ and \\xNN stand for what they do in C, or `hex:0d0a`.

A server fails a plan where the answer is not that to the whole message, the program ends, or others
are no longer served; a client where it does not do what it does after the whole answer, or, without
one, does not come to an end by itself. What is recommended and not kept is `info`.")]
pub struct Probe {
    /// Probe the server at this address
    #[arg(long, value_name = "ADDR", value_parser = parse_address, required_unless_present_any = ["exec", "listen", "profile"])]
    pub connect: Option<SocketAddr>,

    /// Probe a client: listen at this address, and give answers to what connects. Without an address,
    /// at any free port of loopback. With --exec the client is started for each plan; without, it has
    /// to connect again and again
    #[arg(long, value_name = "ADDR", value_parser = parse_address, num_args = 0..=1, default_missing_value = "127.0.0.1:0", conflicts_with_all = ["connect", "udp", "ready", "connections"])]
    pub listen: Option<SocketAddr>,

    /// Start this program and probe it; `{port}` stands for a free port of loopback, or, with --listen,
    /// for the port where we listen, and `{addr}` for the address. No shell reads it, though it may
    /// have quotes. It is killed, with all that it started, at the end
    #[arg(long, value_name = "COMMAND", value_parser = parse_command)]
    pub exec: Option<Words>,

    /// With --exec, when the program is ready: `accepts` a connection, has just `started`,
    /// `prints:TEXT`, or `answers:BYTES` to a datagram [default: accepts; with --udp, answers the
    /// first message]
    #[arg(long, value_name = "WHEN", value_parser = parse_ready)]
    pub ready: Option<Ready>,

    /// Over UDP, not TCP
    #[arg(long)]
    pub udp: bool,

    /// A message that the server answers, or, with --listen, the answer that the client is given; may be
    /// repeated
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes, required_unless_present = "profile")]
    pub send: Vec<Bytes>,

    /// The answer to the message, or, with --listen, the request before the answer, '' where there is
    /// none; as many as messages [default: what the server answers, or the client asks]
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes, conflicts_with = "expect_prefix")]
    pub expect: Vec<Bytes>,

    /// What the answer, or the request, begins with, where the rest differs from time to time
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub expect_prefix: Vec<Bytes>,

    /// How messages are marked: `line`, `u32be` and the others of scenario files. The messages and
    /// answers are then frames, without their marks
    #[arg(long, value_name = "FRAMING", value_parser = Framing::parse)]
    pub framing: Option<Framing>,

    /// The time between two pieces of a message [default: 2ms]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub gap: Option<Duration>,

    /// How long an answer, or the start of the program, may take [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub timeout: Option<Duration>,

    /// With --listen, how long the client's connection may take [default: 60s; with --exec, --timeout]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub wait: Option<Duration>,

    /// What is drawn is drawn from this [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// How many connections at once are many, at most 998 [default: 998]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=998))]
    pub connections: Option<u16>,

    /// Read what is not said here from this profile: a file that says whom, what is exchanged, and what of
    /// the plans is otherwise for this protocol
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,

    /// Only plans whose id begins with this; may be repeated
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,

    /// Write each plan as a scenario file into DIR/scenarios; with --connect, `sockdrill --root DIR
    /// run --allow-programs` does what probe does
    #[arg(long, value_name = "DIR")]
    pub emit: Option<PathBuf>,

    /// Write a report to a file besides: `json=FILE` or `junit=FILE`; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub reports: Vec<ReportTo>,

    /// Let the server be on another machine
    #[arg(long)]
    pub allow_remote: bool,
}

/// A list that clap takes for one value.
#[derive(Clone, Debug)]
pub struct Words(pub Vec<String>);

/// Bytes that clap takes for one value.
#[derive(Clone, Debug)]
pub struct Bytes(pub Vec<u8>);

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|error| error.to_string())?;
    found.next().ok_or_else(|| "it has no address".to_owned())
}

/// Words between spaces; quotes of either kind hold a word together.
fn parse_command(text: &str) -> Result<Words, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match (quote, words.first()) {
        (Some(quote), _) => Err(format!("the quote {quote} has no end")),
        (None, None) => Err("no program is named".to_owned()),
        (None, Some(_)) => Ok(Words(words)),
    }
}

fn parse_ready(text: &str) -> Result<Ready, String> {
    match text.split_once(':') {
        None if text == "accepts" => Ok(Ready::Accepts),
        None if text == "started" => Ok(Ready::Started),
        Some(("prints", text)) => Ok(Ready::Prints(text.to_owned())),
        Some(("answers", bytes)) => parse_bytes(bytes)
            .map(|bytes| Ready::Answers(sockdrill::payload::Payload::Bytes(bytes.0))),
        Some(_) | None => Err("accepted: accepts, started, prints:TEXT, answers:BYTES".to_owned()),
    }
}

fn parse_bytes(text: &str) -> Result<Bytes, String> {
    if let Some(hex) = text.strip_prefix("hex:") {
        let digits: Vec<u32> = hex
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_digit(16).ok_or_else(|| format!("`{c}` is no hexadecimal digit")))
            .collect::<Result<_, _>>()?;
        if !digits.len().is_multiple_of(2) {
            return Err("hexadecimal digits come in pairs".to_owned());
        }
        let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap_or(0);
        return Ok(Bytes(digits.chunks(2).map(byte).collect()));
    }
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (byte, taken) = escape(&rest[at + 1..])?;
        bytes.push(byte);
        rest = &rest[at + 1 + taken..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(Bytes(bytes))
}

/// What an escape stands for, and how many bytes it has behind its backslash.
fn escape(text: &str) -> Result<(u8, usize), String> {
    match text.as_bytes() {
        [b'r', ..] => Ok((b'\r', 1)),
        [b'n', ..] => Ok((b'\n', 1)),
        [b't', ..] => Ok((b'\t', 1)),
        [b'0', ..] => Ok((0, 1)),
        [b'\\', ..] => Ok((b'\\', 1)),
        [b'x', ..] => text
            .get(1..3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .map(|byte| (byte, 3))
            .ok_or_else(|| "two hexadecimal digits follow \\x".to_owned()),
        _ => Err("accepted escapes: \\r, \\n, \\t, \\0, \\\\, \\xNN".to_owned()),
    }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = match &text[digits..] {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        _ => return Err("a duration such as 200us, 5ms or 2s".to_owned()),
    };
    let number: u64 = text[..digits].parse().map_err(|_| "a duration such as 5ms".to_owned())?;
    match number.checked_mul(unit).map(Duration::from_micros) {
        Some(time) if !time.is_zero() && time <= Duration::from_secs(60) => Ok(time),
        Some(_) | None => Err("a duration of at most 60s, and not 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_with_escapes_or_hexadecimal_digits() {
        let bytes = |text: &str| parse_bytes(text).map(|bytes| bytes.0);
        assert_eq!(bytes(r"PING\r\n\x00\\").as_deref(), Ok(&b"PING\r\n\0\\"[..]));
        assert_eq!(bytes("hex: 0d 0a").as_deref(), Ok(&b"\r\n"[..]));
        assert!(bytes(r"\q").is_err() && bytes("hex:0").is_err() && bytes(r"\x1").is_err());
    }

    #[test]
    fn a_command_is_words_and_quotes() {
        let words = |text: &str| parse_command(text).map(|words| words.0);
        assert_eq!(
            words("a  'b c' \"\" d\\e").as_deref(),
            Ok(&["a", "b c", "", "d\\e"].map(str::to_owned)[..])
        );
        assert!(words("a 'b").is_err() && words("  ").is_err());
    }
}
