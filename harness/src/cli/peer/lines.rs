//! What happened to a peer, as lines for a person.

use std::fmt::Write as _;
use std::time::Duration;

use sockdrill::payload;
use sockdrill::peer::live::{Call, Event};
use sockdrill::peer::{Ended, Then};
use sockdrill::sys::Address;

/// How many bytes stand in a line of digits.
const PER_LINE: usize = 16;

/// How events are shown.
pub struct Lines {
    /// Whether with their times.
    pub times: bool,
    /// Whether bytes as digits too.
    pub hex: bool,
}

impl Lines {
    /// One event, with its line feed. Connections are counted from 1.
    pub fn event(&self, connection: usize, at: Duration, event: &Event<'_>) -> String {
        let mut text = String::new();
        if self.times {
            let _ = write!(text, "{:>12.6} ", at.as_secs_f64());
        }
        let _ = writeln!(text, "#{} {}", connection + 1, what(event));
        if let (true, Event::Sent { bytes, .. } | Event::Received(bytes, _)) = (self.hex, event) {
            text.push_str(&dump(bytes));
        }
        text
    }
}

fn what(event: &Event<'_>) -> String {
    match event {
        Event::Connected(None) => "connected".to_owned(),
        Event::Connected(Some(from)) => match from.as_socket() {
            Some(from) => format!("connected from {from}"),
            None => "connected".to_owned(),
        },
        Event::Sent { bytes, to, .. } => {
            let to = to.and_then(Address::as_socket).map(|to| format!(" to {to}"));
            format!("sent {}{}", shown(bytes), to.unwrap_or_default())
        }
        Event::Dropped(len) => format!("dropped a datagram of {len} bytes"),
        Event::Received(bytes, from) => {
            let from = from.and_then(Address::as_socket).map(|from| format!(" from {from}"));
            format!("received {}{}", shown(bytes), from.unwrap_or_default())
        }
        Event::Eof => "the other side ended".to_owned(),
        Event::Ended(then) => match then {
            Then::Keep => "silent".to_owned(),
            Then::Shutdown => "shut down the sending side".to_owned(),
            Then::Close => "closed".to_owned(),
            Then::Reset => "reset the connection".to_owned(),
        },
        Event::Failed(call @ (Call::Connect | Call::Accept), errno) => {
            format!("{}: {}", call.name(), errno.name())
        }
        Event::Failed(call, errno) => Ended::Failed(*call, *errno).to_string(),
    }
}

fn shown(bytes: &[u8]) -> String {
    format!("{} bytes {}", bytes.len(), payload::show(bytes))
}

/// Place, digits and text, sixteen bytes a line.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, line) in bytes.chunks(PER_LINE).enumerate() {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let plain = |byte: &u8| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' };
        let plain: String = line.iter().map(plain).collect();
        let (place, digits) = (index * PER_LINE, digits.join(" "));
        let _ = writeln!(text, "    {place:06x}  {digits:<47}  {plain}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_text_and_as_digits() {
        let lines = Lines { times: true, hex: true };
        let event = Event::Received(b"GET / HTTP/1.1\r\n\r\n", None);
        assert_eq!(
            lines.event(0, Duration::from_micros(1_500), &event),
            "    0.001500 #1 received 18 bytes \"GET / HTTP/1.1\\r\\n\\r\\n\"\n    \
             000000  47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..\n    \
             000010  0d 0a                                            ..\n"
        );
    }
}
