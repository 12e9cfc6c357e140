//! JSON schemas of values, for an editor that completes and checks a scenario.
//!
//! Each accepts what the reader of that value accepts, and is referred to by name: the schema holds
//! it once. That a matrix may give the value (`"$name"`) is added by `schema`, to every value at
//! once.

use serde_json::{Map, Value as Json, json};

use super::word::StateName;
use crate::flags;
use crate::frame;
use crate::kind::Kind;
use crate::option::{self, Field, Shape, SocketOption};
use crate::scenario::{MAX_BYTES, MAX_ITEMS, MAX_NAME_BYTES, RESERVED, STEP_KEYS};
use crate::tcp_state::TcpState;
use crate::via::Via;

/// Refers to the form of that name.
pub fn refer(name: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// Every form by its name, in the order of the schema.
pub fn definitions() -> Vec<(&'static str, Json)> {
    let whole =
        |least: i64, most: i64| json!({ "type": "integer", "minimum": least, "maximum": most });
    let option_names: Vec<&str> = option::names().collect();
    let mut all = vec![
        ("truth", json!({ "type": "boolean" })),
        ("number", whole(i32::MIN.into(), i32::MAX.into())),
        ("size", size_definition()),
        ("duration", duration_definition()),
        ("name", name_definition()),
        ("names", list(&name())),
        ("kind", words(&Kind::ALL.map(Kind::name))),
        ("address", address_definition()),
        ("payload", payload_definition()),
        ("payloads", payloads_definition()),
        ("hex", hex_definition()),
        ("framing", framing_definition()),
        ("message-flags", list(&words(&flags::MESSAGE))),
        ("flags", list(&words(&flags::all_told()))),
        ("events", list(&words(&flags::EVENTS))),
        ("sets", list(&words(&flags::SETS))),
        ("layer", words(&Via::ALL.map(Via::name))),
        ("state", words(&state_words())),
        ("option", words(&option_names)),
    ];
    for option in option::all().chain(option::control()) {
        let name = shape_name(option.shape);
        if all.iter().all(|(known, _)| *known != name) {
            all.push((name, shape(option.shape)));
        }
    }
    all
}

/// The form that `schema` refers to.
pub fn referred(schema: &Json) -> Option<Json> {
    let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
    definitions().into_iter().find(|(known, _)| *known == name).map(|(_, form)| form)
}

/// One of these words.
pub fn words(words: &[&str]) -> Json {
    json!({ "type": "string", "enum": words })
}

/// A list of such items.
pub fn list(item: &Json) -> Json {
    json!({ "type": "array", "items": item, "maxItems": MAX_ITEMS })
}

/// Any text.
pub fn text() -> Json {
    json!({ "type": "string" })
}

/// A name of a socket.
pub fn name() -> Json {
    refer("name")
}

/// A payload that stands as a value.
pub fn payload() -> Json {
    refer("payload")
}

/// `schema`, described. A reference is wrapped, since draft 7 ignores what stands beside one.
pub fn described(what: &str, schema: Json) -> Json {
    let mut described = json!({ "description": what });
    if schema.get("$ref").is_some() {
        described["allOf"] = json!([schema]);
    } else if let (Some(all), Json::Object(keywords)) = (described.as_object_mut(), schema) {
        all.extend(keywords);
    }
    described
}

/// The keys under which a payload spreads among arguments.
pub fn payload_keys() -> Vec<(&'static str, Json)> {
    vec![
        (
            "data",
            described(
                "Text, `{ fill = N }`, `{ hex = \"…\" }`, or a list of these, one after the other.",
                payload(),
            ),
        ),
        (
            "fill",
            described(
                "So many bytes of a pattern in which every place looks different.",
                refer("size"),
            ),
        ),
        ("hex", described("The bytes as hexadecimal digits.", refer("hex"))),
        (
            "offset",
            described("Where in the pattern `fill` begins; 0 where not given.", refer("size")),
        ),
    ]
}

/// What an option is set to.
pub fn option_value(option: &SocketOption) -> Json {
    let takes = format!("{}. Takes {}.", capital(option.doc), option::wanted(option.shape));
    described(&takes, refer(shape_name(option.shape)))
}

/// A value that an option was read as, or a field of one.
pub fn any_value() -> Json {
    json!({ "type": ["boolean", "integer", "string", "object"], "additionalProperties": true })
}

/// Names as keys: as [`crate::scenario::valid_name`] has them, but for these words.
pub fn names_but(words: &[&str]) -> Json {
    let pattern = format!("^[a-z][a-z0-9_]{{0,{}}}$", MAX_NAME_BYTES - 1);
    json!({ "pattern": pattern, "not": { "enum": words } })
}

/// The words of the format, which name no socket.
pub fn taken_words() -> Vec<&'static str> {
    STEP_KEYS.into_iter().chain(RESERVED).collect()
}

/// `text`, its first letter a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn name_definition() -> Json {
    let mut name = names_but(&taken_words());
    name["type"] = json!("string");
    name
}

fn size_definition() -> Json {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": MAX_BYTES },
        { "type": "string", "pattern": "^[0-9]+ *(B|KiB|MiB)?$", "examples": ["64 KiB"] },
    ] })
}

fn duration_definition() -> Json {
    json!({ "type": "string", "pattern": "^[0-9]+ *(us|µs|ms|s)$", "examples": ["200ms"] })
}

fn hex_definition() -> Json {
    const PAIR: &str = "[0-9a-fA-F]\\s*[0-9a-fA-F]\\s*";
    json!({ "type": "string", "pattern": format!("^\\s*({PAIR})*$"), "examples": ["0d0a"] })
}

/// The states as RFC 9293 spells them, then their other spellings.
fn state_words() -> Vec<&'static str> {
    let aliases = TcpState::ALIASES.iter().map(|(alias, _)| *alias);
    StateName::words().into_iter().chain(aliases).collect()
}

/// As [`crate::scenario::read_address`] reads it.
fn address_definition() -> Json {
    const NAME: &str = "[a-z][a-z0-9_]*";
    let text = format!(
        "^({NAME}|(loopback|any|[0-9.]+|\\[[0-9a-fA-F:.]+\\]):(0|{NAME})|path:[A-Za-z0-9_-][A-Za-z0-9_.-]*|abstract:.*)$"
    );
    let longer = |key: &str, what: &str| {
        json!({ "type": "object", "additionalProperties": false, "required": [key], "properties": {
            key: { "type": "string", "description": what },
            "length": {
                "description": "The length that it is padded to, in bytes.",
                "type": "integer", "minimum": 0, "maximum": 4096,
            },
        } })
    };
    json!({ "anyOf": [
        { "type": "string", "pattern": text, "examples": ["loopback:0", "any:0"] },
        longer("path", "A file in the run's own folder."),
        longer("abstract", "A name in the abstract namespace of `AF_UNIX` (Linux)."),
        altered_definition(),
    ] })
}

/// An address with something wrong about it.
fn altered_definition() -> Json {
    let number = |what: &str, most: u16| json!({ "description": what, "type": "integer", "minimum": 0, "maximum": most });
    json!({ "type": "object", "additionalProperties": false, "required": ["address"], "properties": {
        "address": described("The address that it would be.", refer("address")),
        "length": number("The length passed beside it, in bytes.", 256),
        "family": number("The number in its `sa_family`.", u16::MAX),
    } })
}

fn framing_definition() -> Json {
    let plain: Vec<&str> =
        frame::words().filter(|word| word.argument.is_none()).map(|word| word.name).collect();
    let (names, examples): (Vec<&str>, Vec<&str>) = frame::words()
        .filter(|word| word.argument.is_some())
        .map(|word| (word.name, word.example))
        .unzip();
    let with_argument = format!("^({}):.", names.join("|"));
    json!({ "anyOf": [
        words(&plain),
        { "type": "string", "pattern": with_argument, "examples": examples },
    ] })
}

fn payload_definition() -> Json {
    let bytes = payload_keys().into_iter().filter(|(key, _)| *key != "data");
    let bytes: Map<String, Json> = bytes.map(|(key, form)| (key.to_owned(), form)).collect();
    json!({ "anyOf": [
        text(),
        { "type": "object", "additionalProperties": false, "minProperties": 1, "properties": bytes },
        { "type": "array", "items": payload() },
    ] })
}

fn payloads_definition() -> Json {
    json!({ "anyOf": [
        list(&payload()),
        { "type": "object", "additionalProperties": false, "required": ["count", "data"], "properties": {
            "count": described("How many of the same.", refer("size")),
            "data": payload(),
        } },
    ] })
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Bool => "option-bool",
        Shape::Int => "option-int",
        Shape::Short => "option-short",
        Shape::Long => "option-long",
        Shape::Error => "option-error",
        Shape::Linger => "option-linger",
        Shape::Timeout => "option-timeout",
        Shape::Text => "option-text",
        Shape::Ucred => "option-ucred",
        Shape::TcpInfo => "option-tcp-info",
        Shape::Meminfo => "option-meminfo",
        Shape::Address4 => "option-address4",
        Shape::Membership4 => "option-membership4",
        Shape::Membership6 => "option-membership6",
        Shape::SourceMembership4 => "option-source-membership4",
        Shape::Pktinfo4 => "option-pktinfo4",
        Shape::Pktinfo6 => "option-pktinfo6",
        Shape::Bytes => "option-bytes",
    }
}

/// What [`option::accepts`] accepts.
fn shape(shape: Shape) -> Json {
    let integer = || json!({ "type": "integer", "minimum": i32::MIN, "maximum": u32::MAX });
    let off = || json!({ "type": "boolean", "const": false });
    let mut any_of = match shape {
        Shape::Bool | Shape::Int => vec![json!({ "type": "boolean" }), integer()],
        Shape::Error => vec![integer()],
        Shape::Short => {
            vec![json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX })]
        }
        Shape::Long => vec![json!({ "type": "integer" })],
        Shape::Linger => vec![integer(), off()],
        Shape::Timeout => {
            vec![duration_definition(), off(), json!({ "type": "integer", "const": 0 })]
        }
        Shape::Text => vec![json!({ "type": "string" })],
        Shape::Address4 => vec![field(Field::Address4)],
        Shape::Ucred
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Pktinfo4
        | Shape::Pktinfo6
        | Shape::Bytes => Vec::new(),
    };
    if !option::fields(shape).is_empty() {
        any_of.push(record(option::fields(shape)));
    }
    any_of.push(json!({
        "type": "object", "additionalProperties": false, "required": ["hex"], "properties": {
            "hex": described("The bytes as the system takes them; a wrong length is a thing to try.", refer("hex")),
        },
    }));
    json!({ "anyOf": any_of })
}

fn record(fields: &[(&str, Field)]) -> Json {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Json> =
        fields.iter().map(|(name, what)| ((*name).to_owned(), field(*what))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": names, "properties": properties })
}

fn field(field: Field) -> Json {
    match field {
        Field::Int => json!({ "anyOf": [{ "type": "integer" }, { "type": "boolean" }] }),
        Field::Address4 => json!({ "type": "string", "pattern": "^[0-9.]+$" }),
        Field::Address6 => json!({ "type": "string", "pattern": "^[0-9a-fA-F:.]+$" }),
    }
}
