//! The JSON schema of a scenario file, for an editor that completes and checks while one types.
//!
//! Made of the same tables as the parser: an operation added to `op` is completed from then on.
//! What only the whole file tells (a socket used before it is open, a claim that this operation
//! never tells) the schema does not say; `scenario::parse` does.
//!
//! Pure. What may stand as a value is `op::form`; the page for people is `reference`.

mod claims;
mod matrix;
mod peers;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json, json};

use crate::kind::Kind;
use crate::op::{ArgumentEntry, Entry, TABLE, form};
use crate::platform::NAMES;
use crate::scenario::{Level, MAX_REPEAT, MAX_STEPS, NEEDS, PROGRAM_KEYS, RESERVED, STEP_KEYS};

/// The schema as text: what `sockdrill schema` prints and `schema/scenario.json` holds.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema of a scenario file, draft 7: the newest that every editor's TOML plugin reads.
pub fn schema() -> Json {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "sockdrill scenario",
        "description": "A claim about socket behaviour: the sockets, the steps, and what is expected of each.",
        // Without it tombi takes TOML 1.1, whose inline tables other readers refuse.
        "x-tombi-toml-version": "v1.0.0",
        "type": "object",
        "additionalProperties": false,
        "required": ["title", "step"],
        "properties": {
            "title": described("The claim, as a sentence.", json!({ "type": "string", "pattern": "\\S" })),
            "see": described(
                "Where the claim comes from: man pages, RFC sections, issues.",
                json!({ "type": "array", "items": form::text(), "examples": [["tcp(7)"]] }),
            ),
            "level": described("How binding the claims of the file are, in the words of RFC 2119.", level()),
            "needs": needs(),
            "serial": described("Whether it must have the machine to itself.", form::refer("truth")),
            "limit": described("The limit on the whole run.", form::refer("duration")),
            "repeat": described(
                "How often it is run for one verdict; the report says which outcomes came how often.",
                json!({ "type": "integer", "minimum": 1, "maximum": MAX_REPEAT }),
            ),
            "matrix": matrix::table(),
            "programs": named("Programs under test, started in the order of the file before any socket; only where the user allows it.", "program"),
            "sockets": named("The sockets, opened in the order of the file before the first step.", "socket"),
            "peers": named("Peers: sockets with a script of their own, which run beside the steps.", "peer"),
            "step": {
                "description": "The steps, one after the other.",
                "type": "array", "minItems": 1, "maxItems": MAX_STEPS,
                // A row of the matrix may hold a whole step: `"$call.step"`.
                "items": { "anyOf": [form::refer("step"), form::refer("reference")] },
            },
        },
        "definitions": definitions(),
    });
    matrix::admit(&mut schema);
    schema
}

fn definitions() -> Json {
    let mut all = json!({
        "reference": matrix::reference(),
        "step": step(),
        "operation": operation(),
        "program": program(),
        "socket": socket(),
        "peer": peers::peer(),
        "part": peers::part(),
        "reading": peers::reading(),
        "faults": peers::faults(),
        "options": options(),
    });
    if let Some(all) = all.as_object_mut() {
        all.extend(claims::definitions());
        all.extend(form::definitions().into_iter().map(|(name, form)| (name.to_owned(), form)));
    }
    all
}

fn described(what: &str, schema: Json) -> Json {
    form::described(what, schema)
}

fn options() -> Json {
    let mut options = table(&Entry::find("set").map(argument_properties).unwrap_or_default());
    options["dependencies"] = json!({
        "level": ["number"], "number": ["level"], "value": ["level", "number"],
    });
    options
}

fn table(properties: &Map<String, Json>) -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A table in which each key names a socket.
fn named(what: &str, definition: &str) -> Json {
    json!({
        "description": what,
        "type": "object",
        "propertyNames": form::names_but(&form::taken_words()),
        "additionalProperties": form::refer(definition),
        "x-tombi-additional-key-label": "name",
    })
}

fn level() -> Json {
    let words = Level::ALL.map(|(word, _)| word);
    described(
        "`must`: a broken claim is a failure. `should`: it is reported, and no failure. `info`: nothing is claimed, what happens is recorded.",
        form::words(&words),
    )
}

fn needs() -> Json {
    let setting = json!({
        "type": "string", "pattern": "^sysctl [^=]+=",
        "examples": ["sysctl net.ipv4.tcp_tw_reuse=2"],
    });
    json!({
        "description": "What the machine must have; where it has not, the scenario is skipped and says so.",
        "type": "array",
        "items": { "anyOf": [form::words(&NEEDS), setting] },
    })
}

/// The one key that is none of [`STEP_KEYS`] is a socket, and its value the operation.
fn step() -> Json {
    let own = |key: &str| match key {
        "expect" => form::refer("expect"),
        "level" => {
            described("How binding this claim is; the file's level where not given.", level())
        }
        "known" => json!({ "anyOf": [claims::known(), form::refer("reference")] }),
        _ => described("Why systems act so.", form::text()),
    };
    let properties: Map<String, Json> =
        STEP_KEYS.iter().map(|key| ((*key).to_owned(), own(key))).collect();
    json!({
        "description": "One operation on one socket, `SOCKET.VERB = arguments`, with what is expected of it.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": form::names_but(&RESERVED),
        "properties": properties,
        // An operation as a whole may come from a row of the matrix.
        "additionalProperties": { "anyOf": [form::refer("operation"), form::refer("reference")] },
        "x-tombi-additional-key-label": "socket",
    })
}

fn operation() -> Json {
    let verbs: Map<String, Json> =
        TABLE.iter().map(|entry| (entry.verb.to_owned(), verb(entry))).collect();
    json!({
        "description": "The operation: `SOCKET.VERB = arguments`.",
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": verbs,
    })
}

/// What may stand after `SOCKET.VERB =`: the table of arguments, or one argument alone.
fn verb(entry: &Entry) -> Json {
    let mut schema = described(&about(entry), json!({}));
    if let Some(call) = call(entry) {
        schema["title"] = json!(call);
    }
    let arguments = arguments(entry);
    match shorthand(entry) {
        // The row of a matrix may give all of them.
        None => schema["anyOf"] = json!([form::refer("reference"), arguments]),
        Some(mut alone) => {
            alone.push(arguments);
            schema["anyOf"] = Json::Array(alone);
        }
    }
    schema
}

/// The call in a word or two, which an editor shows beside the verb.
fn call(entry: &Entry) -> Option<&'static str> {
    entry.calls.split([',', ';']).next().filter(|call| call.contains('('))
}

fn about(entry: &Entry) -> String {
    let gives: Vec<String> =
        entry.gives.iter().map(|field| format!("`{}`", field.name())).collect();
    let calls = call(entry).map(|_| format!("Calls {}.", entry.calls));
    let tells = (!gives.is_empty()).then(|| format!("Tells {}.", gives.join(", ")));
    let ends = entry.eof.then(|| "May end in `eof`.".to_owned());
    let example = format!("Example: `{}`", entry.example.join(", "));
    let told = [calls, tells, ends].into_iter().flatten();
    let paragraphs: Vec<String> =
        std::iter::once(paragraph(entry.summary)).chain(told).chain([example]).collect();
    paragraphs.join("\n\n")
}

/// Lines of documentation as one paragraph.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn arguments(entry: &Entry) -> Json {
    let mut properties = argument_properties(entry);
    if entry.verb == "set" {
        return form::refer("options");
    }
    let required: Vec<&str> = entry
        .arguments
        .iter()
        .filter(|argument| argument.required && argument.keys.is_empty())
        .map(|argument| argument.name)
        .collect();
    if entry.waits {
        properties.extend(patience());
    }
    let mut schema = table(&properties);
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn argument_properties(entry: &Entry) -> Map<String, Json> {
    entry.arguments.iter().flat_map(argument).collect()
}

/// The keys of one argument, each with what the argument is for and what may stand there.
fn argument(argument: &ArgumentEntry) -> Vec<(String, Json)> {
    let about = paragraph(argument.about);
    let schemas = (argument.schema)(argument.name);
    let describe = |(key, mut schema): (String, Json)| {
        let own = schema.get("description").and_then(Json::as_str).map(str::to_owned);
        let own = own.unwrap_or_else(|| format!("{}.", form::capital(argument.form)));
        if argument.keys == ["*"] {
            return (key, schema);
        }
        let text = format!("{about}\n\n{own}");
        if schema.get("description").is_none() {
            schema = described(&text, schema);
        }
        schema["description"] = json!(text);
        (key, schema)
    };
    schemas.into_iter().map(describe).collect()
}

fn patience() -> Vec<(String, Json)> {
    let within = "Wait so long at most; where it takes longer, the outcome is `timeout`.";
    let nowait = "Do not wait: the outcome is the call's own answer, such as `EAGAIN`.";
    let start = "Go on to the next step: the outcome is `pending`, and `join` finds the operation under this name.";
    vec![
        ("within".into(), described(within, form::refer("duration"))),
        ("nowait".into(), described(nowait, form::refer("truth"))),
        ("start".into(), described(start, form::text())),
    ]
}

/// What may stand alone. A table never does: it would be taken for the table of arguments.
fn shorthand(entry: &Entry) -> Option<Vec<Json>> {
    let name = entry.shorthand?;
    let mut keys = entry.arguments.iter().flat_map(|argument| (argument.schema)(argument.name));
    let alone = keys.find(|(key, _)| key == name).map(|(_, schema)| schema)?;
    let is_table = |one: &Json| one["type"] == "object";
    let form = form::referred(&alone).unwrap_or_default();
    match form.get("anyOf").and_then(Json::as_array) {
        Some(any_of) if any_of.iter().any(is_table) => {
            Some(any_of.iter().filter(|one| !is_table(one)).cloned().collect())
        }
        _ => Some(vec![alone]),
    }
}

/// The argument of `verb` as a declared socket takes it: under a key of its own, and so as where it
/// stands alone.
fn setting_up(verb_name: &str, what: &str) -> Json {
    let schema = Entry::find(verb_name).map(verb).unwrap_or_default();
    let mut any_of = schema["anyOf"].as_array().cloned().unwrap_or_default();
    any_of.retain(|form| form.get("properties").is_none());
    json!({ "description": what, "anyOf": any_of })
}

/// The arguments of `start`, but for those that leave it pending.
fn program() -> Json {
    let mut program = Entry::find("start").map(arguments).unwrap_or_default();
    if let Some(keys) = program["properties"].as_object_mut() {
        keys.retain(|key, _| PROGRAM_KEYS.contains(&key.as_str()));
    }
    program["description"] =
        json!("A program under test: how it is started, where it is reached, when it is ready.");
    program["minProperties"] = json!(1);
    program
}

fn socket() -> Json {
    let kinds = Kind::ALL.map(Kind::name).join(", ");
    let properties = json!({
        "kind": described(&format!("Address family and type: {kinds}."), form::refer("kind")),
        "via": described("Through which library its calls go.", form::refer("layer")),
        "blocking": described("Whether calls on it block, each on a thread of its own.", form::refer("truth")),
        // A row of the matrix may give all of them.
        "options": described(
            "Options, set before `bind`.",
            json!({ "anyOf": [form::refer("reference"), form::refer("options")] }),
        ),
        "nodelay": described("`TCP_NODELAY`: small segments are sent at once, without Nagle's algorithm.", form::refer("truth")),
        "bind": described("The local address.", form::refer("address")),
        "listen": described("The local address, on which it listens.", form::refer("address")),
        "backlog": setting_up("listen", "With `listen`: how many connections may wait to be accepted."),
        "connect": setting_up("connect", "The address that it connects to."),
        "pair": described("Instead of opening one: two `AF_UNIX` sockets connected to each other, this one and the one of this new name.", form::name()),
    });
    json!({
        "description": "A socket, set up in the order of a program: open, options, bind, listen, connect.",
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": properties,
        "dependencies": { "backlog": ["listen"] },
    })
}

/// The platforms that have versions, joined for a pattern.
fn systems() -> String {
    let systems: Vec<&str> =
        NAMES.into_iter().filter(|name| !matches!(*name, "default" | "unix")).collect();
    systems.join("|")
}
