//! Single values: amounts, durations, payloads, addresses, option values, ids.

use std::net::IpAddr;
use std::time::Duration;

use super::node::{Node, Reader};
use super::problem::{Span, short};
use crate::address::{Address, Host, Port};
use crate::option::Value;
use crate::payload::Payload;

/// No single payload, buffer or amount exceeds this many bytes: a typing error must not take the
/// machine's memory.
pub const MAX_BYTES: usize = 16 << 20;

/// No list in a file is longer.
pub const MAX_ITEMS: usize = 1_000;

/// No duration in a file is longer: a run that hangs must end while somebody still looks.
pub const MAX_DURATION: Duration = Duration::from_mins(10);

const DURATION_HELP: &str =
    "a whole number with a unit: \"200us\", \"50ms\", \"2s\", at most \"600s\"";

/// A whole number from 0 to `most`, or text with a binary unit: `"64 KiB"`.
pub fn read_amount(node: Node<'_>, reader: &mut Reader<'_>, most: usize) -> Option<usize> {
    let number = match node.as_str() {
        Some(text) => parse_amount(text),
        None => node.as_integer(),
    };
    let Some(number) = number else {
        let help = "a whole number such as 1024, or text with a unit such as \"64 KiB\"";
        reader.problems.add_with_help(node.span, "expected an amount", help);
        return None;
    };
    let amount = usize::try_from(number).ok().filter(|amount| *amount <= most);
    if amount.is_none() {
        reader.problems.add(node.span, format!("{number} is not between 0 and {most}"), None);
    }
    amount
}

fn parse_amount(text: &str) -> Option<i64> {
    let (digits, unit) = split_unit(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// A duration such as `"200ms"`.
pub fn read_duration(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Duration> {
    let Some(text) = node.as_str() else {
        reader.problems.add_with_help(
            node.span,
            format!("expected a duration, found {}", node.type_name()),
            DURATION_HELP,
        );
        return None;
    };
    let duration = parse_duration(text).filter(|duration| *duration <= MAX_DURATION);
    if duration.is_none() {
        let message = format!("`{}` is not a duration", short(text));
        reader.problems.add_with_help(node.span, message, DURATION_HELP);
    }
    duration
}

fn parse_duration(text: &str) -> Option<Duration> {
    let (digits, unit) = split_unit(text);
    let number: u64 = digits.parse().ok()?;
    match unit {
        "us" | "µs" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

/// A payload: text, `{ fill = N }`, `{ hex = "…" }`, or a list of these.
pub fn read_payload(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Payload> {
    if let Some(text) = node.as_str() {
        return Some(Payload::Bytes(text.as_bytes().to_vec()));
    }
    if let Some(items) = node.as_array() {
        let parts: Option<Vec<Payload>> = items.map(|item| read_payload(item, reader)).collect();
        return parts.map(Payload::Joined).filter(|joined| within_limit(joined, node.span, reader));
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "text, { fill = N }, { hex = \"…\" } or a list of these");
        return None;
    };
    let known = ["fill", "hex", "offset"];
    for (key, span, _) in table.entries().filter(|(key, ..)| !known.contains(key)) {
        reader.problems.add_unknown(span, "key", key, &known);
    }
    payload_from(
        [None, table.get("fill"), table.get("hex"), table.get("offset")],
        node.span,
        reader,
    )
}

fn within_limit(payload: &Payload, span: Span, reader: &mut Reader<'_>) -> bool {
    let fits = payload.len() <= MAX_BYTES;
    if !fits {
        reader.problems.add(span, format!("the payload is longer than {MAX_BYTES} bytes"), None);
    }
    fits
}

/// A payload from the values of `data`, `fill`, `hex` and `offset`, of which just one of the first
/// three has to be there.
pub fn payload_from(
    parts: [Option<Node<'_>>; 4],
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<Payload> {
    let [data, fill, hex, offset] = parts;
    if [data, fill, hex].into_iter().flatten().count() != 1 {
        let help = "give one: `data = \"text\"`, `fill = N` or `hex = \"00ff\"`";
        reader.problems.add_with_help(span, "expected just one payload", help);
        return None;
    }
    if let (Some(offset), None) = (offset, fill) {
        reader.problems.add(offset.span, "`offset` goes with `fill`", None);
    }
    match (data, fill, hex) {
        (Some(data), ..) => read_payload(data, reader),
        (_, Some(fill), _) => {
            let length = read_amount(fill, reader, MAX_BYTES);
            let from = offset.map_or(Some(0), |offset| read_amount(offset, reader, MAX_BYTES));
            length.zip(from).map(|(length, from)| Payload::Fill { length, from })
        }
        (_, _, hex) => hex.and_then(|hex| read_hex(hex, reader)).map(Payload::Bytes),
    }
}

fn read_hex(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let text = node.as_str().unwrap_or("?");
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    if bytes.is_none() {
        let help = "pairs of hexadecimal digits, such as \"0d 0a\"";
        reader.problems.add_with_help(node.span, "expected hexadecimal digits", help);
    }
    bytes
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// An option's value: truth, number, text, `{ hex = "…" }` for bytes, or a record.
pub fn read_value(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Value> {
    if let Some(value) = node.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Some(number) = node.as_integer() {
        return Some(Value::Int(number));
    }
    if let Some(text) = node.as_str() {
        return Some(Value::Text(text.to_owned()));
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "an option's value: true, a number, text or a table");
        return None;
    };
    if let (Some(hex), 1) = (table.get("hex"), table.len()) {
        return read_hex(hex, reader).map(Value::Bytes);
    }
    let field =
        |(key, _, node): (&str, Span, Node<'_>)| Some((key.to_owned(), read_value(node, reader)?));
    let fields: Option<Vec<(String, Value)>> = table.entries().map(field).collect();
    fields.map(Value::Record)
}

/// No name of a socket is longer: transcripts put names in columns.
pub const MAX_NAME_BYTES: usize = 40;

/// Whether `text` may name a socket.
pub fn valid_name(text: &str) -> Result<(), String> {
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if starts && text.len() <= MAX_NAME_BYTES && text.chars().all(plain) {
        if super::STEP_KEYS.contains(&text) || RESERVED.contains(&text) {
            return Err(format!("`{text}` is a word of the format and cannot name a socket"));
        }
        return Ok(());
    }
    Err(format!("`{}` cannot name a socket", short(text)))
}

/// Words that stand for addresses.
pub const RESERVED: [&str; 6] = ["loopback", "any", "path", "abstract", "autobind", "unspec"];

const ADDRESS_HELP: &str = "a socket's name, \"loopback:0\", \"any:0\", \"any:NAME\" for the port of NAME, \
    \"127.0.0.2:0\", \"path:NAME\", \"abstract:NAME\", \"autobind\" or \"unspec\"";

/// An address.
pub fn read_address(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Address> {
    if let Some(text) = node.as_str() {
        return address_from_text(text, node.span, reader);
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, ADDRESS_HELP);
        return None;
    };
    let name = |key: &str| table.get(key).and_then(Node::as_str).map(str::to_owned);
    let length = match table.get("length") {
        None => None,
        Some(node) => Some(read_amount(node, reader, 4_096)?),
    };
    let address = match (name("path"), name("abstract")) {
        (Some(name), None) => Some(Address::Path { name, length }),
        (None, Some(name)) => Some(Address::Abstract { name, length }),
        _ => None,
    };
    match address {
        Some(address) => check_path(address, node.span, reader),
        None => {
            reader.problems.add_with_help(node.span, "not an address", ADDRESS_HELP);
            None
        }
    }
}

fn address_from_text(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<Address> {
    let owned = |name: &str| name.to_owned();
    match text.split_once(':') {
        _ if text == "autobind" => Some(Address::Autobind),
        _ if text == "unspec" => Some(Address::Unspecified),
        Some(("path", name)) => {
            check_path(Address::Path { name: owned(name), length: None }, span, reader)
        }
        Some(("abstract", name)) => Some(Address::Abstract { name: owned(name), length: None }),
        Some(_) => inet_address(text, span, reader),
        None if valid_name(text).is_ok() => Some(Address::Of(reader.names.intern(text))),
        None => {
            reader.problems.add_with_help(
                span,
                format!("`{}` is no address", short(text)),
                ADDRESS_HELP,
            );
            None
        }
    }
}

/// A path is one plain file name: it must not lead out of the run's own folder.
fn check_path(address: Address, span: Span, reader: &mut Reader<'_>) -> Option<Address> {
    let Address::Path { name, .. } = &address else { return Some(address) };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(plain) {
        return Some(address);
    }
    let help = "a plain file name of letters, digits, `_`, `-` and `.`; it is made in the run's own folder";
    reader.problems.add_with_help(
        span,
        format!("`{}` is not a plain file name", short(name)),
        help,
    );
    None
}

fn inet_address(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<Address> {
    let (host, port) = text.rsplit_once(':')?;
    let host = match host {
        "loopback" => Host::Loopback,
        "any" => Host::Any,
        literal => {
            let Ok(ip) = literal.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>()
            else {
                reader.problems.add_with_help(
                    span,
                    format!("`{}` is no host", short(literal)),
                    ADDRESS_HELP,
                );
                return None;
            };
            Host::Ip(ip)
        }
    };
    if let Host::Ip(ip) = host
        && !(ip.is_loopback() || ip.is_unspecified() || is_mapped_loopback(ip))
    {
        let help = "scenarios talk to loopback only: 127.0.0.0/8 or [::1]";
        reader.problems.add_with_help(span, format!("{ip} is not on this machine"), help);
        return None;
    }
    if port == "0" {
        return Some(Address::Inet(host, Port::Zero));
    }
    if valid_name(port).is_ok() {
        return Some(Address::Inet(host, Port::Of(reader.names.intern(port))));
    }
    let help = "bind port 0, and name the socket whose port is meant: \"loopback:server\"";
    reader.problems.add_with_help(
        span,
        format!("port {} may be somebody else's", short(port)),
        help,
    );
    None
}

fn is_mapped_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V6(ip) => ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        IpAddr::V4(_) => false,
    }
}

/// Whether `id` may name a scenario: a relative path of plain components that stays under
/// `scenarios/`.
pub fn check_id(id: &str) -> Result<(), String> {
    const LONGEST: usize = 120;
    const DEEPEST: usize = 6;
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    let component = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(plain)
    };
    if id.len() <= LONGEST && id.split('/').count() <= DEEPEST && id.split('/').all(component) {
        return Ok(());
    }
    Err(format!(
        "`{}` is no id: up to {DEEPEST} parts joined by `/`, each of lower-case letters, digits, `_`, `-` and `.`",
        short(id)
    ))
}
