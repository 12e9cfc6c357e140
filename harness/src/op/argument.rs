//! How an argument of an operation is read, described and shown.
//!
//! A [`Word`] is one value under one key. An [`Argument`] is what an operation's table entry names:
//! a word, a word that may be missing, or a payload, which spreads over several keys
//! (`fill = 4096` stands directly among the other arguments). The types are in `word`.

use serde_json::Value as Json;

use super::form;
use crate::payload::Payload;
use crate::scenario::{Node, Problems, Reader, Span, Table, Use, payload_from};

/// One value under one key.
pub trait Word: Sized {
    /// What it is, in the words of the reference: `a duration such as "200ms"`.
    const FORM: &'static str;
    /// Its JSON schema.
    fn schema() -> Json;
    /// Reads it; notes what is wrong where it cannot.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;
    /// As a transcript shows it.
    fn show(&self) -> String;
    /// Tells of the sockets it names.
    fn visit(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

/// One argument of an operation.
pub trait Argument: Sized {
    /// Whether the operation cannot do without.
    const REQUIRED: bool;
    /// What it is.
    const WANTED: &'static str;
    /// The keys it stands under, where not under its own name; `*` for all that are left.
    const KEYS: &'static [&'static str] = &[];
    /// The JSON schema of each key.
    fn schemas(name: &str) -> Vec<(String, Json)>;
    /// Reads it from the operation's arguments.
    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<Self>;
    /// As a transcript shows it; `None` where there is nothing to show.
    fn shown(&self, name: &str, shorthand: bool) -> Option<String>;
    /// Tells of the sockets it names.
    fn visit_all(&self, visitor: &mut dyn FnMut(Use<'_>));
}

/// The arguments of one operation while they are read.
pub struct Fields<'f, 'n, 'r> {
    /// Where mistakes go and names are kept.
    pub reader: &'f mut Reader<'r>,
    table: Option<Table<'n>>,
    lone: Option<(&'static str, Node<'n>)>,
    /// Where the verb stands, for what is missing.
    verb: Span,
    used: Vec<&'n str>,
}

impl<'f, 'n, 'r> Fields<'f, 'n, 'r> {
    /// Arguments from a table, or one value where the operation has a shorthand.
    pub fn new(
        node: Node<'n>,
        verb: Span,
        shorthand: Option<&'static str>,
        reader: &'f mut Reader<'r>,
    ) -> Option<Fields<'f, 'n, 'r>> {
        if let Some(table) = node.as_table() {
            return Some(Fields { reader, table: Some(table), lone: None, verb, used: Vec::new() });
        }
        let Some(name) = shorthand else {
            reader.wrong_type(node, "a table of arguments (`{}` for none)");
            return None;
        };
        Some(Fields { reader, table: None, lone: Some((name, node)), verb, used: Vec::new() })
    }

    /// The value under `name`, which counts as known from now on.
    pub fn take(&mut self, name: &str) -> Option<Node<'n>> {
        if let Some((lone, node)) = self.lone {
            return (lone == name).then_some(node);
        }
        let (key, _, node) = self.table?.entries().find(|(key, ..)| *key == name)?;
        self.used.push(key);
        Some(node)
    }

    /// All entries that nothing took yet, which count as known from now on.
    pub fn take_rest(&mut self) -> Vec<(&'n str, Span, Node<'n>)> {
        let Some(table) = self.table else { return Vec::new() };
        let rest: Vec<_> = table.entries().filter(|(key, ..)| !self.used.contains(key)).collect();
        self.used.extend(rest.iter().map(|(key, ..)| *key));
        rest
    }

    /// The value that stands alone, without a table around it.
    pub fn lone(&self, name: &str) -> Option<Node<'n>> {
        self.lone.filter(|(lone, _)| *lone == name).map(|(_, node)| node)
    }

    /// Notes that an argument is missing.
    pub fn missing(&mut self, name: &str, form: &str) {
        let help = format!("`{name}` is {form}");
        self.reader.problems.add_with_help(self.verb, format!("missing argument `{name}`"), help);
    }

    /// Where the operation stands.
    pub fn span(&self) -> Span {
        self.table.map_or(self.verb, |table| table.span)
    }

    /// Notes every argument that the operation does not know.
    pub fn finish(self, known: &[&str]) {
        let Some(table) = self.table else { return };
        for (key, span, _) in table.entries().filter(|(key, ..)| !self.used.contains(key)) {
            self.reader.problems.add_unknown(span, "argument", key, known);
        }
    }

    /// Where mistakes go.
    pub fn problems(&mut self) -> &mut Problems {
        self.reader.problems
    }
}

impl<W: Word> Argument for W {
    const REQUIRED: bool = true;
    const WANTED: &'static str = W::FORM;

    fn schemas(name: &str) -> Vec<(String, Json)> {
        vec![(name.to_owned(), W::schema())]
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<W> {
        let Some(node) = fields.take(name) else {
            fields.missing(name, W::FORM);
            return None;
        };
        <W as Word>::read(node, fields.reader)
    }

    fn shown(&self, name: &str, shorthand: bool) -> Option<String> {
        let word = Word::show(self);
        Some(if shorthand { word } else { format!("{name}={word}") })
    }

    fn visit_all(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        Word::visit(self, visitor);
    }
}

impl<W: Word> Argument for Option<W> {
    const REQUIRED: bool = false;
    const WANTED: &'static str = W::FORM;

    fn schemas(name: &str) -> Vec<(String, Json)> {
        <W as Argument>::schemas(name)
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<Option<W>> {
        match fields.take(name) {
            None => Some(None),
            Some(node) => <W as Word>::read(node, fields.reader).map(Some),
        }
    }

    fn shown(&self, name: &str, shorthand: bool) -> Option<String> {
        self.as_ref().and_then(|word| Argument::shown(word, name, shorthand))
    }

    fn visit_all(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        if let Some(word) = self {
            Word::visit(word, visitor);
        }
    }
}

impl Argument for Payload {
    const REQUIRED: bool = true;
    const WANTED: &'static str = "bytes: `data = \"text\"`, `hex = \"0d0a\"`, or `fill = N` bytes of a pattern, from `offset` on";
    const KEYS: &'static [&'static str] = &["data", "fill", "hex", "offset"];

    fn schemas(_name: &str) -> Vec<(String, Json)> {
        form::payload_keys().into_iter().map(|(key, form)| (key.to_owned(), form)).collect()
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<Payload> {
        if let Some(node) = fields.lone(name) {
            return crate::scenario::read_payload(node, fields.reader);
        }
        let parts = Self::KEYS.map_nodes(fields);
        if parts[0].is_none() && parts[1].is_none() && parts[2].is_none() {
            fields.missing("data", Self::WANTED);
            return None;
        }
        let span = fields.span();
        payload_from(parts, span, fields.reader)
    }

    fn shown(&self, _name: &str, _shorthand: bool) -> Option<String> {
        Some(crate::payload::show(&self.bytes()))
    }

    fn visit_all(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

trait MapNodes {
    fn map_nodes<'n>(&self, fields: &mut Fields<'_, 'n, '_>) -> [Option<Node<'n>>; 4];
}

impl MapNodes for [&'static str] {
    fn map_nodes<'n>(&self, fields: &mut Fields<'_, 'n, '_>) -> [Option<Node<'n>>; 4] {
        std::array::from_fn(|i| self.get(i).and_then(|key| fields.take(key)))
    }
}
