//! Spelling a plan as a scenario file.

use std::fmt::Write as _;
use std::time::Duration;

use super::client::Client;
use super::{Answer, Entry, Exchange, Manner, Profile, Transport, level_name};
use crate::plan::DEFAULT_WITHIN;
use crate::scenario::Level;

/// One plan while its steps are written.
pub struct Draft {
    variant: Option<String>,
    title: String,
    repeat: usize,
    level: Level,
    sockets: Vec<String>,
    steps: Vec<String>,
    /// Why what is sent has to be taken; empty where that goes without saying.
    sends: &'static str,
}

/// Why an answer has to be the same.
const SAME: &str = "the answer is that to the whole message";

/// Why others have to be served.
const SERVED: &str = "others are served as before";

impl Draft {
    /// A plan without steps; `variant` tells it from others of the same row.
    pub fn new(variant: Option<String>, title: impl Into<String>) -> Draft {
        let (sockets, steps) = (Vec::new(), Vec::new());
        Draft {
            variant,
            title: title.into(),
            repeat: 1,
            level: Level::Must,
            sockets,
            steps,
            sends: "",
        }
    }

    /// To be run so often for one verdict.
    pub fn repeated(mut self, times: usize) -> Draft {
        self.repeat = times;
        self
    }

    /// The id of the scenario, where `base` is the plan's.
    pub fn id(&self, base: &str) -> String {
        self.variant.as_ref().map_or(base.to_owned(), |variant| format!("{base}/{variant}"))
    }

    /// The file.
    pub fn text(&self, entry: &Entry, profile: &Profile) -> String {
        let mut text = format!("title = {}\n", quoted(&self.title));
        let _ = writeln!(text, "see = [{}]", quoted(entry.see));
        if self.level != Level::Must {
            let _ = writeln!(text, "level = \"{}\"", level_name(self.level));
        }
        if self.repeat > 1 {
            let _ = writeln!(text, "repeat = {}", self.repeat);
        }
        let wait = profile.client.as_ref().map_or(Duration::ZERO, |client| client.wait);
        let limit = (profile.within * 4 + wait).max(Duration::from_secs(60));
        let _ = writeln!(text, "limit = \"{}s\"", limit.as_secs().min(600));
        match &profile.client {
            Some(client) => text.push_str(&profile.place(client)),
            None => {
                let _ = writeln!(text, "programs.server = {{ at = \"{}\" }}", profile.at);
            }
        }
        for socket in &self.sockets {
            let _ = writeln!(text, "sockets.{socket}");
        }
        let _ = writeln!(text, "step = [");
        for step in &self.steps {
            let _ = writeln!(text, "  {{ {step} }},");
        }
        text.push_str("]\n");
        text
    }

    /// Makes what `must` or `should` be as binding as `level`; what is `info` claims nothing.
    pub fn as_binding_as(&mut self, level: Level) {
        self.level = level;
        for step in &mut self.steps {
            // In quotes it would be escaped: this is the key of a step.
            *step = step.replace(", level = \"should\"", "");
        }
    }

    /// One step: `socket.verb = arguments`.
    pub fn step(&mut self, step: impl Into<String>) -> &mut Draft {
        self.steps.push(step.into());
        self
    }

    /// A declared socket: `name = { … }`.
    pub fn socket(&mut self, line: &str) -> &mut Draft {
        self.sockets.push(line.to_owned());
        self
    }

    /// A socket of the profile's kind, connected by a step.
    pub fn connect(&mut self, name: &str, profile: &Profile) -> &mut Draft {
        self.connect_with(name, "", profile)
    }

    /// The same with more keys.
    pub fn connect_with(&mut self, name: &str, keys: &str, profile: &Profile) -> &mut Draft {
        let family = if profile.at.is_ipv4() { '4' } else { '6' };
        let kind = match profile.transport {
            Transport::Tcp => format!("kind = \"tcp{family}\", nodelay = true"),
            Transport::Udp => format!("kind = \"udp{family}\""),
        };
        self.sockets.push(format!("{name} = {{ {kind}{keys} }}"));
        let patience = patience(profile);
        if patience.is_empty() {
            return self.step(format!("{name}.connect = \"server\""));
        }
        self.step(format!("{name}.connect = {{ to = \"server\"{patience} }}"))
    }

    /// Sends bytes in one call.
    pub fn send(&mut self, name: &str, bytes: &[u8]) -> &mut Draft {
        let why = self.sends;
        self.step(format!("{name}.send_all = {}{}", payload(bytes), claimed(Level::Must, why)))
    }

    /// Why all that is sent from now on has to be taken.
    pub fn sends_because(&mut self, why: &'static str) -> &mut Draft {
        self.sends = why;
        self
    }

    /// Sends bytes in pieces, with time between them.
    pub fn send_slowly(
        &mut self,
        name: &str,
        bytes: &[u8],
        chunk: usize,
        gap: Duration,
    ) -> &mut Draft {
        let (data, gap) = (payload(bytes), show(gap));
        let step =
            format!("{name}.send_all = {{ data = {data}, chunk = {chunk}, gap = \"{gap}\" }}");
        let why = claimed(Level::Must, self.sends);
        self.step(step + &why)
    }

    /// Lets the server read what was sent so far.
    pub fn pause(&mut self, name: &str, profile: &Profile) -> &mut Draft {
        self.step(format!("{name}.pause = \"{}\"", show(profile.gap)))
    }

    /// Takes the answer to `exchange`, which has to be the one that it is.
    pub fn answer(&mut self, name: &str, exchange: &Exchange, profile: &Profile) -> &mut Draft {
        self.answer_at(Level::Must, SAME, name, exchange, profile)
    }

    /// The same, as binding as `level`.
    pub fn answer_at(
        &mut self,
        level: Level,
        why: &str,
        name: &str,
        exchange: &Exchange,
        profile: &Profile,
    ) -> &mut Draft {
        let Answer { bytes, rest } = &exchange.answer;
        let (data, patience) = (payload(bytes), patience(profile));
        let tail = claimed(level, why);
        let len = bytes.len();
        match (profile.transport, rest) {
            (Transport::Udp, Some(0)) => self.step(format!(
                "{name}.recv = {{ max = 65536{patience} }}, expect = {{ data = {data} }}{tail}"
            )),
            // A receive that cuts says so on Windows, and keeps the same bytes.
            (Transport::Udp, _) => self.step(format!(
                "{name}.recv = {{ max = {len}{patience} }}, expect = {{ any_of = [{{ data = {data} }}, {{ error = \"EMSGSIZE\", data = {data} }}] }}{tail}"
            )),
            (Transport::Tcp, Some(0)) if profile.manner == Manner::Closes => self.step(format!(
                "{name}.recv_to_eof = {{ {} }}, expect = {{ end = \"eof\", data = {data} }}{tail}",
                patience.trim_start_matches(", ")
            )),
            (Transport::Tcp, rest) => {
                self.step(format!(
                    "{name}.recv_exactly = {{ len = {len}{patience} }}, expect = {{ data = {data} }}{tail}"
                ));
                match rest {
                    Some(more @ 1..) if profile.manner != Manner::Closes => self.step(format!(
                        "{name}.recv_exactly = {{ len = {more}{patience} }}{tail}"
                    )),
                    Some(_) | None => self,
                }
            }
        }
    }

    /// A message after the others on the same connection, where the server takes one: it tells of
    /// bytes too many or too few.
    pub fn and_again(&mut self, name: &str, profile: &Profile) -> &mut Draft {
        let Some(exchange) = profile.exchanges.first().filter(|_| goes_on(profile)) else {
            return self;
        };
        let why = "what follows on the connection is answered as ever";
        self.send(name, &exchange.send).answer_at(Level::Must, why, name, exchange, profile)
    }

    /// Somebody else is served.
    pub fn others(&mut self, profile: &Profile) -> &mut Draft {
        let Some(exchange) = profile.exchanges.first() else { return self };
        self.connect("other", profile).send("other", &exchange.send).answer_at(
            Level::Must,
            SERVED,
            "other",
            exchange,
            profile,
        )
    }

    /// Ends a connection with a reset.
    pub fn reset(&mut self, name: &str) -> &mut Draft {
        self.step(format!("{name}.set = {{ SO_LINGER = {{ l_onoff = 1, l_linger = 0 }} }}"));
        self.step(format!("{name}.close = {{}}"))
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// How long the file is, about.
    pub fn bytes(&self) -> usize {
        self.sockets.iter().chain(&self.steps).map(|line| line.len() + 10).sum()
    }
}

impl Profile {
    /// The line that names the place where a client of somebody else's comes; nothing where the client
    /// is ours, and is told any free port.
    pub fn place(&self, client: &Client) -> String {
        match client.run {
            Some(_) => String::new(),
            None => format!("programs.place = {{ at = \"{}\" }}\n", self.at),
        }
    }

    /// The socket that listens for the client.
    pub fn listener(&self, client: &Client) -> String {
        let family = if self.at.is_ipv4() { '4' } else { '6' };
        match client.run {
            Some(_) => format!("server = {{ kind = \"tcp{family}\", listen = \"loopback:0\" }}"),
            // Connections of the plan before may still be in TIME_WAIT.
            None => format!(
                "server = {{ kind = \"tcp{family}\", listen = \"place\", options = {{ SO_REUSEADDR = true }} }}"
            ),
        }
    }
}

/// A command as a file has it.
pub fn command(run: &[String]) -> String {
    let words: Vec<String> = run.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// Whether one connection takes message after message, and it is known where each answer ends.
pub fn goes_on(profile: &Profile) -> bool {
    let known = profile.exchanges.iter().all(|exchange| exchange.answer.rest.is_some());
    profile.manner == Manner::Keeps && known
}

/// How long a step waits, where that is not what it waits anyway.
pub fn patience(profile: &Profile) -> String {
    if profile.within == DEFAULT_WITHIN {
        String::new()
    } else {
        format!(", within = \"{}\"", show(profile.within))
    }
}

/// What stands behind a claim: its level, where it is not `must`, and why.
pub fn claimed(level: Level, why: &str) -> String {
    let level = match level {
        Level::Must => String::new(),
        Level::Should | Level::Info => format!(", level = \"{}\"", level_name(level)),
    };
    if why.is_empty() { level } else { format!("{level}, why = {}", quoted(why)) }
}

/// Bytes as a file has them: text where they are, else hexadecimal digits.
pub fn payload(bytes: &[u8]) -> String {
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) || b"\r\n\t".contains(byte);
    // At the beginning of a text, `$` refers to the matrix.
    if bytes.iter().all(plain) && bytes.first() != Some(&b'$') {
        return quoted(&String::from_utf8_lossy(bytes));
    }
    let mut hex = String::with_capacity(2 * bytes.len() + 12);
    hex.push_str("{ hex = \"");
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.push_str("\" }");
    hex
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// A duration as a file has it.
pub fn show(time: Duration) -> String {
    let micros = time.as_micros();
    if micros.is_multiple_of(1000) { format!("{}ms", micros / 1000) } else { format!("{micros}us") }
}
