//! Socket options as arguments: which option, and values to set.

use serde_json::Value as Json;

use super::argument::{Argument, Fields, Word};
use super::form;
use super::word::Number;
use crate::option::{self, SocketOption, Value};
use crate::scenario::{Node, Reader, Span, Use, read_value};

/// A socket option, by its own name or by numbers.
#[derive(Clone, Copy, Debug)]
pub enum OptionId {
    /// One of the table in `option`.
    Named(&'static SocketOption),
    /// Level and number as the platform has them.
    Numbered {
        /// For example 1, `SOL_SOCKET` on Linux.
        level: i32,
        /// For example 2, `SO_REUSEADDR` on Linux.
        number: i32,
    },
}

/// Options and the values to set them to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(pub Vec<(OptionId, Value)>);

/// A mistake, which is noted already.
struct Noted;

impl PartialEq for OptionId {
    fn eq(&self, other: &OptionId) -> bool {
        self.name() == other.name()
    }
}

impl OptionId {
    /// As transcripts show it.
    pub fn name(self) -> String {
        match self {
            OptionId::Named(option) => option.name.to_owned(),
            OptionId::Numbered { level, number } => format!("option {number} at level {level}"),
        }
    }

    /// The option under `level` and `number`, where they are given.
    fn numbered(fields: &mut Fields<'_, '_, '_>) -> Result<Option<OptionId>, Noted> {
        let (level, number) = (fields.take("level"), fields.take("number"));
        match (level, number) {
            (None, None) => Ok(None),
            (Some(_), None) => {
                fields.missing("number", "the option's number on this platform");
                Err(Noted)
            }
            (None, Some(_)) => {
                fields.missing("level", "the option's level on this platform");
                Err(Noted)
            }
            (Some(level), Some(number)) => {
                let level = <Number as Word>::read(level, fields.reader);
                let number = <Number as Word>::read(number, fields.reader);
                let numbered = |(level, number): (Number, Number)| OptionId::Numbered {
                    level: level.0,
                    number: number.0,
                };
                level.zip(number).map(|both| Some(numbered(both))).ok_or(Noted)
            }
        }
    }
}

fn numbered_schemas() -> [(String, Json); 2] {
    [
        ("level", "The level as the platform has it."),
        ("number", "The number as the platform has it."),
    ]
    .map(|(key, about)| (key.to_owned(), form::described(about, form::refer("number"))))
}

impl Argument for OptionId {
    const REQUIRED: bool = true;
    const WANTED: &'static str =
        "an option by its own name, or `level` and `number` as the platform has them";
    const KEYS: &'static [&'static str] = &["option", "level", "number"];

    fn schemas(_name: &str) -> Vec<(String, Json)> {
        let [level, number] = numbered_schemas();
        vec![("option".into(), form::refer("option")), level, number]
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<OptionId> {
        if let Some(numbered) = OptionId::numbered(fields).ok()? {
            return Some(numbered);
        }
        let Some(node) = fields.take(name) else {
            fields.missing(name, Self::WANTED);
            return None;
        };
        let Some(text) = node.as_str() else {
            fields.reader.wrong_type(node, "the name of an option");
            return None;
        };
        let found = option::find(text);
        if found.is_none() {
            // Collected only now: there are hundreds, and most files name them right.
            let names: Vec<&str> = option::names().collect();
            fields.reader.problems.add_unknown(node.span, "option", text, &names);
        }
        found.map(OptionId::Named)
    }

    fn shown(&self, _name: &str, _shorthand: bool) -> Option<String> {
        Some(self.name())
    }

    fn visit_all(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

impl Argument for Settings {
    const REQUIRED: bool = true;
    const WANTED: &'static str =
        "`OPTION = value`, any number of them, or `level`, `number` and `value`";
    const KEYS: &'static [&'static str] = &["*"];

    fn schemas(_name: &str) -> Vec<(String, Json)> {
        let named =
            option::all().map(|option| (option.name.to_owned(), form::option_value(option)));
        let value = form::described("The value of the numbered option.", form::any_value());
        named.chain(numbered_schemas()).chain([("value".into(), value)]).collect()
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, _name: &'static str) -> Option<Settings> {
        let Ok(numbered) = OptionId::numbered(fields) else {
            // What else is there goes with the number that is missing.
            fields.take_rest();
            return None;
        };
        if let Some(numbered) = numbered {
            let Some(node) = fields.take("value") else {
                fields.missing("value", "a whole number, or bytes as { hex = \"…\" }");
                return None;
            };
            if let Some((key, span, _)) = fields.take_rest().first() {
                let message = format!("`{key}` beside a numbered option");
                let help = "a numbered option is set alone: give the other a step of its own";
                fields.problems().add_with_help(*span, message, help);
                return None;
            }
            return read_value(node, fields.reader).map(|value| Settings(vec![(numbered, value)]));
        }
        let rest = fields.take_rest();
        if rest.is_empty() {
            let span = fields.span();
            fields.problems().add_with_help(span, "no option is set", Self::WANTED);
            return None;
        }
        read_settings(rest.into_iter(), fields.reader).map(Settings)
    }

    fn shown(&self, _name: &str, _shorthand: bool) -> Option<String> {
        let shown: Vec<String> =
            self.0.iter().map(|(id, value)| format!("{}={value}", id.name())).collect();
        Some(shown.join(", "))
    }

    fn visit_all(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

/// Options by name with their values, each value of the option's own shape.
pub fn read_settings<'n>(
    entries: impl Iterator<Item = (&'n str, Span, Node<'n>)>,
    reader: &mut Reader<'_>,
) -> Option<Vec<(OptionId, Value)>> {
    let mut settings = Some(Vec::new());
    for (key, span, node) in entries {
        let setting = read_setting(key, span, node, reader);
        settings = settings.zip(setting).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    settings
}

fn read_setting(
    key: &str,
    span: Span,
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<(OptionId, Value)> {
    let Some(option) = option::find(key) else {
        let names: Vec<&str> = option::names().collect();
        reader.problems.add_unknown(span, "option", key, &names);
        return None;
    };
    let value = read_value(node, reader)?;
    if let Err(why) = option::accepts(option.shape, &value) {
        reader.problems.add(node.span, format!("{key} cannot be {value}"), Some(why));
        return None;
    }
    Some((OptionId::Named(option), value))
}
