//! The schema speaks of every word that the parser knows, and of no other.

use super::*;
use crate::outcome::Field;
use crate::scenario::{
    CLAIM_KEYS, FAULT_KEYS, PEER_KEYS, PROGRAM_KEYS, READ_KEYS, SEND_KEYS, SOCKET_KEYS, TOP_KEYS,
};

/// The keys that the schema has at `pointer`, sorted.
fn keys_at(schema: &Json, pointer: &str) -> Vec<String> {
    let object = schema.pointer(pointer).and_then(Json::as_object);
    let mut keys: Vec<String> = object.expect(pointer).keys().cloned().collect();
    keys.sort_unstable();
    keys
}

fn sorted<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words.sort_unstable();
    words
}

#[test]
fn every_key_of_the_parser_is_in_the_schema() {
    let schema = schema();
    let claims = Field::ALL.map(Field::name).into_iter().chain(CLAIM_KEYS);
    let verbs = TABLE.iter().map(|entry| entry.verb);
    for (pointer, words) in [
        ("/properties", sorted(TOP_KEYS)),
        ("/definitions/program/properties", sorted(PROGRAM_KEYS)),
        ("/definitions/socket/properties", sorted(SOCKET_KEYS)),
        ("/definitions/peer/properties", sorted(PEER_KEYS)),
        ("/definitions/faults/properties", sorted(FAULT_KEYS)),
        ("/definitions/part/properties", sorted(SEND_KEYS)),
        ("/definitions/reading/properties", sorted(READ_KEYS)),
        ("/definitions/step/properties", sorted(STEP_KEYS)),
        ("/definitions/claims/properties", sorted(claims)),
        ("/definitions/platforms/properties", sorted(NAMES)),
        ("/definitions/operation/properties", sorted(verbs)),
    ] {
        assert_eq!(keys_at(&schema, pointer), words, "{pointer}");
    }
}

#[test]
fn every_argument_of_the_parser_is_in_the_schema() {
    for entry in TABLE.iter().filter(|entry| entry.verb != "set") {
        let schema = verb(entry);
        let forms = schema.get("anyOf").and_then(Json::as_array);
        let table = forms.and_then(|forms| forms.last()).unwrap_or(&schema);
        assert_eq!(keys_at(table, "/properties"), sorted(entry.keys()), "{}", entry.verb);
    }
}

/// Every schema of a value in `schema`, with the keywords that lead to it.
fn values<'s>(path: &str, schema: &'s Json, found: &mut Vec<(String, &'s Json)>) {
    let Some(keywords) = schema.as_object() else { return };
    for (keyword, inner) in keywords {
        let path = format!("{path}/{keyword}");
        match keyword.as_str() {
            "properties" | "patternProperties" | "definitions" => {
                for (key, value) in inner.as_object().into_iter().flatten() {
                    found.push((format!("{path}/{key}"), value));
                    values(&format!("{path}/{key}"), value, found);
                }
            }
            "items" | "additionalProperties" => {
                found.push((path.clone(), inner));
                values(&path, inner, found);
            }
            "anyOf" | "allOf" => {
                inner.as_array().into_iter().flatten().for_each(|one| values(&path, one, found));
            }
            _ => {}
        }
    }
}

#[test]
fn a_matrix_may_give_every_value() {
    let schema = schema();
    let mut found = Vec::new();
    values("", &schema, &mut found);
    assert!(found.len() > 100);
    let narrow = |value: &Json| {
        let scalar = ["integer", "boolean", "array"].iter().any(|of| value["type"] == *of);
        let words =
            value["type"] == "string" && (value.get("enum").or(value.get("pattern")).is_some());
        scalar || words
    };
    let exempt = ["/definitions/reference", "/properties/step"];
    for (path, value) in found {
        let exempt = exempt.contains(&&*path) || path.starts_with("/properties/matrix");
        assert!(exempt || !narrow(value), "{path} takes no reference: {value}");
    }
}

#[test]
fn what_is_referred_to_is_there() {
    let schema = schema();
    let text = text();
    for name in text.split("#/definitions/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(schema.pointer(&format!("/definitions/{name}")).is_some(), "no definition {name}");
    }
}
