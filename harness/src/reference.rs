//! The scenario reference: the page that says every word of the format, for people.
//!
//! Its prose and examples are `reference/page.md`; its tables come from where the parser has the
//! words, and from the schema's descriptions, so that page and editor say the same. Pure.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::errno::Errno;
use crate::kind::{Family, Kind, Type};
use crate::op::{ArgumentEntry, Entry, TABLE, form};
use crate::outcome::Field;
use crate::plan::{DEFAULT_LIMIT, DEFAULT_WITHIN};
use crate::platform::System;
use crate::scenario::{
    FAULT_KEYS, MAX_BYTES, MAX_CELLS, MAX_DEPTH, MAX_DURATION, MAX_EXPANDED_BYTES, MAX_FILE_BYTES,
    MAX_FRAMED_BYTES, MAX_ID_BYTES, MAX_ITEMS, MAX_NAME_BYTES, MAX_NAMES, MAX_REPEAT, MAX_SOCKETS,
    MAX_STEPS, NEEDS, PEER_KEYS, PROGRAM_KEYS, READ_KEYS, SEND_KEYS, SOCKET_KEYS, STEP_KEYS,
    TOP_KEYS,
};
use crate::tcp_state::TcpState;
use crate::{flags, frame, option, schema};

const PAGE: &str = include_str!("reference/page.md");

/// The page: what `sockdrill schema --reference` prints and `docs/reference.md` holds.
pub fn text() -> String {
    let mut page = PAGE.replace("\r\n", "\n");
    for (name, text) in fills() {
        page = page.replace(&format!("{{{{{name}}}}}"), text.trim_end());
    }
    page
}

/// What stands in the place of each `{{name}}` of the page.
fn fills() -> Vec<(&'static str, String)> {
    let schema = schema::schema();
    let keys_of = |pointer: &str, keys: &[&str]| key_table(schema.pointer(pointer), keys);
    vec![
        ("MAX_NAME_BYTES", MAX_NAME_BYTES.to_string()),
        ("DEFAULT_WITHIN", option::duration_text(DEFAULT_WITHIN)),
        ("DEFAULT_LIMIT", option::duration_text(DEFAULT_LIMIT)),
        ("file_keys", keys_of("/properties", &TOP_KEYS)),
        ("needs", codes(NEEDS)),
        ("program_keys", keys_of("/definitions/program/properties", &PROGRAM_KEYS)),
        ("socket_keys", keys_of("/definitions/socket/properties", &SOCKET_KEYS)),
        ("peer_keys", keys_of("/definitions/peer/properties", &PEER_KEYS)),
        ("part_keys", keys_of("/definitions/part/properties", &SEND_KEYS)),
        ("reading_keys", keys_of("/definitions/reading/properties", &READ_KEYS)),
        ("fault_keys", keys_of("/definitions/faults/properties", &FAULT_KEYS)),
        ("step_keys", keys_of("/definitions/step/properties", &STEP_KEYS)),
        ("kinds", kinds()),
        ("framings", framings()),
        ("claims", claims(schema.pointer("/definitions/claims/properties"))),
        ("operations_index", operations_index()),
        ("operations", TABLE.iter().map(|entry| operation(entry)).collect()),
        ("limits", limits()),
        ("errors", errors()),
        ("options", options()),
        ("message_flags", codes(flags::MESSAGE)),
        ("events", codes(flags::EVENTS)),
        ("states", codes(TcpState::ALL.map(TcpState::name))),
    ]
}

fn codes<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let codes: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    codes.join(", ")
}

/// A table in Markdown; cells hold no line breaks, and no bar but an escaped one.
fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = format!("| {} |\n|{}\n", heads.join(" | "), "---|".repeat(N));
    for row in rows {
        let cells = row.map(|cell| paragraph(&cell).replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Keys and the descriptions that the schema gives them: a sentence, here without its full stop.
fn key_table(properties: Option<&Json>, keys: &[&str]) -> String {
    let about = |key: &str| {
        let schema = properties.and_then(|all| all.get(key));
        let about = schema.and_then(describe).unwrap_or_default();
        about.trim_end_matches('.').to_owned()
    };
    table(["key", "what it is"], keys.iter().map(|key| [format!("`{key}`"), about(key)]))
}

/// The description of a schema, or of what it refers to.
fn describe(schema: &Json) -> Option<String> {
    let own = schema.get("description").and_then(Json::as_str);
    if let Some(own) = own {
        return Some(own.to_owned());
    }
    let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
    schema::schema().pointer(&format!("/definitions/{name}")).and_then(describe)
}

fn kinds() -> String {
    let row = |kind: Kind| {
        let family = match kind.family() {
            Family::Inet4 => "`AF_INET`",
            Family::Inet6 => "`AF_INET6`",
            Family::Unix => "`AF_UNIX`",
        };
        let (name, what) = match kind.socket_type() {
            Type::Stream => ("`SOCK_STREAM`", "bytes in order, without boundaries"),
            Type::Dgram => ("`SOCK_DGRAM`", "messages, each alone"),
            Type::Seqpacket => ("`SOCK_SEQPACKET`", "messages in order over a connection"),
        };
        [format!("`{kind}`"), family.into(), name.into(), what.into()]
    };
    table(["kind", "family", "type", "carries"], Kind::ALL.map(row))
}

fn framings() -> String {
    let row = |word: &frame::Word| {
        let example =
            if word.argument.is_some() { format!("`{}`", word.example) } else { String::new() };
        [format!("`{}`", word.usage()), word.doc.to_owned(), example]
    };
    table(["framing", "how a frame is marked", "example"], frame::words().map(row))
}

fn claims(properties: Option<&Json>) -> String {
    let about = |key: &str| {
        let schema = properties.and_then(|all| all.get(key));
        schema.and_then(describe).unwrap_or_default().trim_end_matches('.').to_owned()
    };
    let fields = Field::ALL.map(|field| {
        let told = TABLE.iter().filter(|entry| entry.gives.contains(&field));
        [format!("`{}`", field.name()), about(field.name()), codes(told.map(|entry| entry.verb))]
    });
    let elapsed = ["`elapsed`".to_owned(), about("elapsed"), "every operation".to_owned()];
    table(["claim", "about", "told by"], fields.into_iter().chain([elapsed]))
}

fn operations_index() -> String {
    let row = |entry: &&Entry| {
        let verb = format!("[`{0}`](#{0})", entry.verb);
        [verb, call(entry), first_sentence(entry.summary)]
    };
    table(["operation", "call", "what it does"], TABLE.iter().map(row))
}

/// The call in a word or two, before what is said about it.
fn call(entry: &Entry) -> String {
    entry.calls.split([',', ';', ':']).next().unwrap_or_default().to_owned()
}

/// Lines of documentation as one paragraph.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_sentence(text: &str) -> String {
    paragraph(text).split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

fn operation(entry: &Entry) -> String {
    let mut text = format!("### `{}`\n\n{}\n\n", entry.verb, paragraph(entry.summary));
    let mut facts = vec![format!("Calls {}.", entry.calls)];
    if !entry.gives.is_empty() {
        facts.push(format!("Tells {}.", codes(entry.gives.iter().map(|field| field.name()))));
    }
    if entry.eof {
        facts.push("May end in `eof`.".into());
    }
    if entry.waits {
        facts.push("[Waits](#waiting).".into());
    }
    let _ = write!(text, "{}\n\n", facts.join(" "));
    if !entry.arguments.is_empty() {
        let rows = entry.arguments.iter().map(|argument| argument_row(entry, argument));
        let _ = writeln!(text, "{}", table(["argument", "what it is", "form"], rows));
    }
    let _ = write!(text, "```toml\n{},\n```\n\n", entry.example.join(",\n"));
    text
}

/// What forms begin with that the page explains at length, and the link to it.
const LINKS: [(&str, &str); 7] = [
    ("an address", "an [address](#addresses)"),
    ("a kind of socket", "a [kind](#sockets) of socket"),
    ("bytes:", "a [payload](#values)"),
    ("a list of payloads", "a list of [payloads](#values)"),
    ("a framing", "a [framing](#framings)"),
    ("a duration", "a [duration](#values)"),
    ("a whole number, or text", "an [amount](#values)"),
];

fn argument_row(entry: &Entry, argument: &ArgumentEntry) -> [String; 3] {
    let name = match argument.keys {
        [] => format!("`{}`", argument.name),
        ["*"] => "`OPTION`".to_owned(),
        keys => codes(keys.iter().copied()),
    };
    let notes = [
        (argument.required, "required"),
        (entry.shorthand == Some(argument.name), "may stand alone"),
    ];
    let notes: Vec<&str> =
        notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
    let name = if notes.is_empty() { name } else { format!("{name} ({})", notes.join(", ")) };
    let linked = LINKS.iter().find(|(words, _)| argument.form.starts_with(words));
    let form = linked.map_or(argument.form, |(_, link)| *link);
    [name, argument.about.trim_end().trim_end_matches('.').to_owned(), form.to_owned()]
}

fn limits() -> String {
    let bytes = |bytes: usize| match bytes {
        bytes if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        bytes if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    };
    let row = |what: &str, most: String| [what.to_owned(), most];
    table(
        ["what", "at most"],
        [
            row("a file", bytes(MAX_FILE_BYTES)),
            row("steps", MAX_STEPS.to_string()),
            row("names of sockets", MAX_SOCKETS.to_string()),
            row("tables and lists within each other", MAX_DEPTH.to_string()),
            row("names of a matrix", MAX_NAMES.to_string()),
            row("cells of a matrix", MAX_CELLS.to_string()),
            row("cells of a matrix, times the length of the file", bytes(MAX_EXPANDED_BYTES)),
            row("what peers send and steps frame, in all cells together", bytes(MAX_FRAMED_BYTES)),
            row("the id of a cell", format!("{MAX_ID_BYTES} bytes")),
            row("`repeat`", MAX_REPEAT.to_string()),
            row("a payload, a buffer, an amount", bytes(MAX_BYTES)),
            row("items of a list", MAX_ITEMS.to_string()),
            row("a duration", option::duration_text(MAX_DURATION)),
            row("a socket's name", format!("{MAX_NAME_BYTES} characters")),
        ],
    )
}

fn errors() -> String {
    let row = |name: &'static str| {
        let errno = Errno::from_name(name)?;
        let number =
            |system| errno.number(system).map(|number| number.to_string()).unwrap_or_default();
        Some([
            format!("`{name}`"),
            number(System::Linux),
            number(System::Macos),
            number(System::Windows),
            errno.meaning().to_owned(),
        ])
    };
    table(["error", "Linux", "macOS", "Windows", "meaning"], Errno::names().filter_map(row))
}

fn options() -> String {
    let row = |option: &'static option::SocketOption| {
        [
            format!("`{}`", option.name),
            option::wanted(option.shape).to_owned(),
            form::capital(option.doc),
        ]
    };
    table(["option", "takes", "what it does"], option::all().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::file_around;
    use crate::platform::NAMES;
    use crate::verdict::Verdict;

    #[test]
    fn every_gap_of_the_page_is_filled() {
        for (name, text) in fills() {
            assert!(PAGE.contains(&format!("{{{{{name}}}}}")), "the page has no place for {name}");
            assert!(!text.is_empty(), "{name} is empty");
        }
        assert!(!text().contains("{{"), "{:?}", text().lines().find(|line| line.contains("{{")));
    }

    #[test]
    fn every_example_is_a_scenario() {
        let page = text();
        let blocks: Vec<&str> =
            page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(blocks.len() > TABLE.len());
        for block in blocks {
            let steps: Vec<&str> = block.lines().map(|line| line.trim_end_matches(',')).collect();
            let file = if block.starts_with('{') { file_around(&steps) } else { block.to_owned() };
            let read = crate::scenario::parse("example", &file);
            assert!(read.is_ok(), "{:?}\n{file}", read.err());
        }
    }

    #[test]
    fn tables_written_by_hand_leave_nothing_out() {
        let has_row = |word: &str| PAGE.contains(&format!("| `{word}` |"));
        for verdict in Verdict::ALL {
            assert!(has_row(verdict.name()), "no row for {}", verdict.name());
        }
        for name in NAMES {
            assert!(has_row(name), "no row for {name}");
        }
        for (word, _) in crate::scenario::END_WORDS {
            assert!(PAGE.contains(&format!("| `\"{word}\"` |")), "no row for {word}");
        }
        for key in crate::scenario::CLAIM_KEYS {
            assert!(PAGE.contains(&format!("{key} = ")), "nothing shows {key}");
        }
        for key in crate::op::PATIENCE_KEYS {
            assert!(PAGE.contains(&format!("| `{key} = ")), "no row for {key}");
        }
    }
}
