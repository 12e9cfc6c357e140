//! JSON schemas of values, for an editor that completes and checks a scenario.
//!
//! Each accepts what the reader of that value accepts. That a matrix may give the value
//! (`"$name"`) is added by `schema`, to every value at once. Larger ones are given once, under
//! `definitions`, and referred to by name.

use serde_json::{Value as Json, json};

use crate::flags;
use crate::frame;
use crate::kind::Kind;
use crate::option::{self, Field, Shape, SocketOption};
use crate::scenario::{MAX_BYTES, MAX_DURATION, MAX_ITEMS, MAX_NAME_BYTES};

/// One of these words.
pub fn words(words: &[&str]) -> Json {
    json!({ "type": "string", "enum": words })
}

/// A list of such items.
pub fn list(item: &Json) -> Json {
    json!({ "type": "array", "items": item, "maxItems": MAX_ITEMS })
}

/// A whole number up to `most`, or text with a binary unit.
pub fn amount(most: usize) -> Json {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": most },
        { "type": "string", "pattern": "^[0-9]+ *(B|KiB|MiB)?$", "examples": ["64 KiB"] },
    ] })
}

/// A number of bytes or of things.
pub fn size() -> Json {
    amount(MAX_BYTES)
}

/// A whole number that may be negative.
pub fn number() -> Json {
    json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
}

/// Any text.
pub fn text() -> Json {
    json!({ "type": "string" })
}

/// True or false.
pub fn truth() -> Json {
    json!({ "type": "boolean" })
}

/// A duration.
pub fn duration() -> Json {
    json!({ "type": "string", "pattern": "^[0-9]+ *(us|µs|ms|s)$", "examples": ["200ms"] })
}

/// A kind of socket.
pub fn kind() -> Json {
    words(&Kind::ALL.map(Kind::name))
}

/// A name of a socket.
pub fn name() -> Json {
    json!({ "type": "string", "pattern": name_pattern() })
}

/// What [`crate::scenario::valid_name`] accepts, but for the words of the format.
pub fn name_pattern() -> String {
    format!("^[a-z][a-z0-9_]{{0,{}}}$", MAX_NAME_BYTES - 1)
}

/// An address, as [`crate::scenario::read_address`] reads it.
pub fn address() -> Json {
    const NAME: &str = "[a-z][a-z0-9_]*";
    let text = format!(
        "^({NAME}|(loopback|any|[0-9.]+|\\[[0-9a-f:.]+\\]):(0|{NAME})|path:[\\w-][\\w.-]*|abstract:.*)$"
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
    ] })
}

/// Message flags by name.
pub fn message_flags() -> Json {
    list(&words(&flags::MESSAGE))
}

/// Poll events by name.
pub fn events() -> Json {
    list(&words(&flags::EVENTS))
}

/// The name of a framing.
pub fn framing() -> Json {
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

/// Pairs of hexadecimal digits.
pub fn hex() -> Json {
    json!({ "type": "string", "pattern": "^\\s*([0-9a-fA-F]\\s*[0-9a-fA-F]\\s*)*$", "examples": ["0d0a"] })
}

/// The length of a stretch of the fill pattern.
pub fn fill() -> Json {
    described("So many bytes of a pattern in which every place looks different.", size())
}

/// Where in the fill pattern a stretch begins.
pub fn offset() -> Json {
    described("Where in the pattern `fill` begins; 0 where not given.", size())
}

/// `schema`, described.
pub fn described(what: &str, schema: Json) -> Json {
    let mut described = json!({ "description": what });
    if let (Some(all), Json::Object(keywords)) = (described.as_object_mut(), schema) {
        all.extend(keywords);
    }
    described
}

/// A payload that stands as a value: by its name, since a payload may be a list of payloads.
pub fn payload() -> Json {
    json!({ "$ref": "#/definitions/payload" })
}

/// What [`payload`] refers to.
pub fn payload_definition() -> Json {
    let bytes = json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
        "fill": fill(),
        "offset": offset(),
        "hex": described("The bytes as hexadecimal digits.", hex()),
    } });
    json!({
        "description": "Bytes: text, `{ fill = 4096 }`, `{ hex = \"0d0a\" }`, or a list of these, one after the other.",
        "anyOf": [{ "type": "string" }, bytes, { "type": "array", "items": payload() }],
    })
}

/// What an option is set to.
pub fn option_value(option: &SocketOption) -> Json {
    let takes = format!("{}. Takes {}.", capital(option.doc), option::wanted(option.shape));
    json!({ "description": takes, "$ref": format!("#/definitions/{}", shape_name(option.shape)) })
}

/// What [`option_value`] refers to: name and schema of each.
pub fn option_definitions() -> Vec<(&'static str, Json)> {
    let mut definitions: Vec<(&'static str, Json)> = Vec::new();
    for option in option::all() {
        let name = shape_name(option.shape);
        if definitions.iter().all(|(known, _)| *known != name) {
            definitions.push((name, shape(option.shape)));
        }
    }
    definitions
}

/// A value that an option was read as, or a field of one.
pub fn any_value() -> Json {
    json!({ "type": ["boolean", "integer", "string", "object"], "additionalProperties": true })
}

/// `text`, its first letter a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Bool => "option-bool",
        Shape::Int => "option-int",
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
        Shape::Bytes => "option-bytes",
    }
}

/// What [`option::accepts`] accepts.
fn shape(shape: Shape) -> Json {
    let integer = || json!({ "type": "integer", "minimum": i32::MIN, "maximum": u32::MAX });
    let off = || json!({ "type": "boolean", "const": false });
    let mut any_of = match shape {
        Shape::Bool | Shape::Int => vec![truth(), integer()],
        Shape::Error => vec![integer()],
        Shape::Long => vec![json!({ "type": "integer" })],
        Shape::Linger => vec![integer(), off()],
        Shape::Timeout => vec![duration(), off(), json!({ "type": "integer", "const": 0 })],
        Shape::Text => vec![json!({ "type": "string" })],
        Shape::Address4 => vec![field(Field::Address4)],
        Shape::Ucred
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Bytes => Vec::new(),
    };
    if !option::fields(shape).is_empty() {
        any_of.push(record(option::fields(shape)));
    }
    any_of.push(json!({
        "type": "object", "additionalProperties": false, "required": ["hex"], "properties": {
            "hex": described("The bytes as the system takes them; a wrong length is a thing to try.", hex()),
        },
    }));
    json!({ "anyOf": any_of })
}

fn record(fields: &[(&str, Field)]) -> Json {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Json> =
        fields.iter().map(|(name, what)| ((*name).to_owned(), field(*what))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": names, "properties": properties })
}

fn field(field: Field) -> Json {
    match field {
        Field::Int => json!({ "anyOf": [{ "type": "integer" }, truth()] }),
        Field::Address4 => json!({ "type": "string", "pattern": "^[0-9.]+$" }),
        Field::Address6 => json!({ "type": "string", "pattern": "^[0-9a-fA-F:.]+$" }),
    }
}

/// The longest duration, as a page says it.
pub fn longest_duration() -> String {
    option::duration_text(MAX_DURATION)
}
