//! The matrix in the schema: its table, and that any value may come from it.

use serde_json::{Map, Value as Json, json};

use super::described;
use crate::op::form;
use crate::scenario::MAX_NAMES;

/// `matrix.NAME = [value, value]`, or `matrix.NAME = { row = value, row = value }`.
pub fn table() -> Json {
    let value = json!({
        "type": ["boolean", "integer", "number", "string", "array", "object"],
        "additionalProperties": true,
    });
    let list = json!({
        "description": "The values, of any kind.",
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": value,
    });
    let rows = json!({
        "description": "The values, of any kind, each with the name that it has in ids.",
        "type": "object",
        "propertyNames": form::names_but(&[]),
        "minProperties": 1,
        "additionalProperties": value,
        "x-tombi-additional-key-label": "row",
    });
    json!({
        "description": "Lists of values, or tables of values with names; the scenario is run with each, and with every combination of several. `\"$NAME\"` stands for the value of `matrix.NAME`, `\"$NAME.KEY\"` for what it has under that key.",
        "type": "object",
        "propertyNames": form::names_but(&[]),
        "maxProperties": MAX_NAMES,
        "additionalProperties": { "anyOf": [list, rows] },
        "x-tombi-additional-key-label": "name",
    })
}

/// The keys of a file whose values no matrix gives.
const UNRESOLVED: [&str; 2] = ["matrix", "step"];

/// `"$NAME"`. Two dollar signs stand for one, and refer to nothing.
pub fn reference() -> Json {
    described(
        "`\"$NAME\"`: the value that the matrix gives to NAME; `\"$NAME.KEY\"`: what stands under KEY in it.",
        json!({ "type": "string", "pattern": "^\\$[a-z]" }),
    )
}

/// Lets a reference stand for every value in `schema` that is not a table by nature or any text
/// anyway: parsers of values never see a reference, so no schema of a value has to speak of it.
pub fn admit(schema: &mut Json) {
    let Some(keywords) = schema.as_object_mut() else { return };
    for (keyword, inner) in keywords.iter_mut() {
        match keyword.as_str() {
            "properties" | "patternProperties" => {
                entries(inner)
                    .filter(|(key, _)| !UNRESOLVED.contains(&key.as_str()))
                    .for_each(|(_, value)| admit_at(value));
            }
            "definitions" => {
                entries(inner)
                    .filter(|(key, _)| *key != "reference")
                    .for_each(|(_, value)| admit_at(value));
            }
            "additionalProperties" | "items" => admit_at(inner),
            "anyOf" => inner.as_array_mut().into_iter().flatten().for_each(admit),
            _ => {}
        }
    }
}

fn entries(object: &mut Json) -> impl Iterator<Item = (&String, &mut Json)> {
    object.as_object_mut().into_iter().flatten()
}

/// `schema` stands where a value stands.
fn admit_at(schema: &mut Json) {
    admit(schema);
    let reference = form::refer("reference");
    let Some(keywords) = schema.as_object_mut() else { return };
    if let Some(any_of) = keywords.get_mut("anyOf").and_then(Json::as_array_mut) {
        if !any_of.iter().any(takes_it_already) {
            any_of.push(reference);
        }
        return;
    }
    let is_table = keywords.get("type").is_none_or(|of| *of == "object" || of.is_array());
    if is_table || is_any_text(keywords) {
        return;
    }
    let says = ["title", "description"];
    let (outer, inner): (Map<String, Json>, Map<String, Json>) = std::mem::take(keywords)
        .into_iter()
        .partition(|(keyword, _)| says.contains(&keyword.as_str()));
    keywords.extend(outer);
    keywords.insert("anyOf".into(), json!([inner, reference]));
}

fn is_any_text(keywords: &Map<String, Json>) -> bool {
    keywords.get("type").is_some_and(|of| of == "string")
        && keywords.get("pattern").or(keywords.get("enum")).is_none()
}

/// Any text, or a form that is given elsewhere and takes a reference there.
fn takes_it_already(schema: &Json) -> bool {
    schema.get("$ref").is_some() || schema.as_object().is_some_and(is_any_text)
}
