//! Single values: amounts, durations, payloads, option values, names, ids.

use std::time::Duration;

use super::node::{Node, Reader, read_all};
use super::problem::{Span, short};
use crate::option::Value;
use crate::payload::Payload;

/// No single payload, buffer or amount exceeds this many bytes: a typing error must not take the
/// machine's memory.
pub const MAX_BYTES: usize = 16 << 20;

/// No list in a file is longer.
pub const MAX_ITEMS: usize = 1_000;

/// No duration in a file is longer: a run that hangs must end while somebody still looks.
pub const MAX_DURATION: Duration = Duration::from_secs(600);

const DURATION_HELP: &str = "a whole number with a unit: \"200us\", \"50ms\" or \"2s\"";

const AMOUNT_HELP: &str =
    "a whole number such as 1024, or text with a unit: \"512 B\", \"64 KiB\", \"1 MiB\"";

/// A whole number from 0 to `most`, or text with a binary unit: `"64 KiB"`.
pub fn read_amount(node: Node<'_>, reader: &mut Reader<'_>, most: usize) -> Option<usize> {
    let number = match node.as_str() {
        Some(text) => parse_amount(text),
        None => node.as_integer(),
    };
    let Some(number) = number else {
        let message = match node.as_str() {
            // A number that no integer type holds.
            None if node.is_integer() => format!("the number is not between 0 and {most}"),
            None => format!("expected an amount, found {}", node.type_name()),
            Some(text) => format!("`{}` is no amount", short(text)),
        };
        reader.problems.add_with_help(node.span, message, AMOUNT_HELP);
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
        let message = format!("expected a duration, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, DURATION_HELP);
        return None;
    };
    let duration = parse_duration(text);
    match duration {
        Some(duration) if duration > MAX_DURATION => {
            let message = format!("`{}` is longer than {MAX_DURATION:?}", short(text));
            reader.problems.add(node.span, message, None);
            None
        }
        Some(duration) => Some(duration),
        None => {
            let message = format!("`{}` is no duration", short(text));
            reader.problems.add_with_help(node.span, message, DURATION_HELP);
            None
        }
    }
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
        let parts = read_all(items, |item| read_payload(item, reader))?;
        return within_limit(&parts, node.span, reader).then_some(Payload::Joined(parts));
    }
    let Some(table) = node.as_table() else {
        reader
            .wrong_type(node, "a payload: text, { fill = N }, { hex = \"…\" } or a list of these");
        return None;
    };
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &["fill", "hex", "offset"]);
    let parts = [None, table.get("fill"), table.get("hex"), table.get("offset")];
    // Where the only key is misspelt, that none is there is said already.
    if parts.iter().all(Option::is_none) && reader.problems.noted() > noted {
        return None;
    }
    payload_from(parts, node.span, reader)
}

/// Whether payloads that stand together are not too long together.
pub fn within_limit(payloads: &[Payload], span: Span, reader: &mut Reader<'_>) -> bool {
    let bytes: usize = payloads.iter().map(Payload::len).sum();
    if bytes > MAX_BYTES {
        let message = format!("{bytes} bytes; a payload has at most {MAX_BYTES}");
        reader.problems.add(span, message, None);
    }
    bytes <= MAX_BYTES
}

/// A payload from the values of `data`, `fill`, `hex` and `offset`, of which just one of the first
/// three has to be there.
pub fn payload_from(
    parts: [Option<Node<'_>>; 4],
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<Payload> {
    const HELP: &str = "give one: `data = \"text\"`, `fill = N` or `hex = \"00ff\"`";
    let [data, fill, hex, offset] = parts;
    let mut given = [data, fill, hex].into_iter().flatten();
    match (given.next(), given.next()) {
        (None, _) => {
            reader.problems.add_with_help(span, "expected a payload", HELP);
            return None;
        }
        (Some(_), Some(second)) => {
            reader.problems.add_with_help(second.span, "a second payload", HELP);
            return None;
        }
        (Some(_), None) => {}
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
    const HELP: &str = "pairs of hexadecimal digits, such as \"0d 0a\"";
    let Some(text) = node.as_str() else {
        let message = format!("expected hexadecimal digits, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, HELP);
        return None;
    };
    let digits: Vec<char> = text.chars().filter(|digit| !digit.is_ascii_whitespace()).collect();
    if let Some(other) = digits.iter().find(|digit| !digit.is_ascii_hexdigit()) {
        let message = format!("`{}` is no hexadecimal digit", other.escape_debug());
        reader.problems.add_with_help(node.span, message, HELP);
        return None;
    }
    if digits.len() % 2 == 1 {
        let message = format!("{} digits: the last byte is half", digits.len());
        reader.problems.add_with_help(node.span, message, HELP);
        return None;
    }
    let digit = |digit: &char| digit.to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |pair: &[char]| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?);
    digits.chunks(2).map(byte).collect()
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
        reader.wrong_type(node, "a value: true, a number of 64 bits, text or a table");
        return None;
    };
    if let (Some(hex), 1) = (table.get("hex"), table.len()) {
        return read_hex(hex, reader).map(Value::Bytes);
    }
    let fields = read_all(table.entries(), |(key, _, node)| {
        Some((key.to_owned(), read_value(node, reader)?))
    });
    fields.map(Value::Record)
}

/// No name of a socket is longer: transcripts put names in columns.
pub const MAX_NAME_BYTES: usize = 40;

/// What a name may be.
pub const NAME_HELP: &str =
    "a name is lower-case letters, digits and _, at most 40, beginning with a letter";

/// Whether `text` is lower-case letters, digits and `_`, as names of sockets and matrices are.
pub fn plain_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    starts && text.len() <= MAX_NAME_BYTES && text.chars().all(plain)
}

/// Whether `text` may name a socket. The error says what is wrong, and after a `; ` what is right.
pub fn valid_name(text: &str) -> Result<(), String> {
    if !plain_name(text) {
        return Err(format!("`{}` cannot name a socket; {NAME_HELP}", short(text)));
    }
    if super::STEP_KEYS.contains(&text) || RESERVED.contains(&text) {
        return Err(format!("`{text}` is a word of the format; another name will do"));
    }
    Ok(())
}

/// Words that stand for addresses; `unnamed` in transcripts.
pub const RESERVED: [&str; 7] =
    ["loopback", "any", "path", "abstract", "autobind", "unspec", "unnamed"];

/// Whether `id` may name a scenario: a relative path of plain components that stays under
/// `scenarios/`. The error says what is wrong, and after a `; ` what is right.
pub fn check_id(id: &str) -> Result<(), String> {
    const LONGEST: usize = 120;
    const DEEPEST: usize = 6;
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    let component = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && !part.ends_with('.')
            && part.chars().all(plain)
    };
    if id.len() > LONGEST || id.split('/').count() > DEEPEST || !id.split('/').all(component) {
        return Err(format!(
            "`{}` is no id; up to {DEEPEST} parts joined by `/`, each of lower-case letters, digits, `_`, `-` and `.`",
            short(id)
        ));
    }
    match id.split('/').find(|part| is_device(part)) {
        Some(part) => Err(format!("`{part}` is a device on Windows; another name will do")),
        None => Ok(()),
    }
}

/// Windows takes these for devices in every folder, whatever follows the first dot ("Naming Files,
/// Paths, and Namespaces").
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part);
    let numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}
