//! A value of the file with its place, in one cell of the matrix.
//!
//! `"$framing"` in a file stands for the cell's value of `matrix.framing`, `"$case.answer"` for what
//! stands under `answer` in it; [`Node::new`] is where one becomes the other, so that no reader of
//! values knows of matrices. The place stays where the `$` was written.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problems, Span};

/// The values that one cell of the matrix gives to its names.
#[derive(Clone, Debug, Default)]
pub struct Cell<'a> {
    /// Name and value, in the order of the file.
    pub values: Vec<(&'a str, Choice<'a>)>,
}

/// One value of a name of the matrix.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What the file calls it, where it does: a row's name.
    pub label: Option<&'a str>,
    /// The value.
    pub value: &'a Spanned<DeValue<'a>>,
}

/// Nothing is replaced.
static NO_CELL: Cell<'static> = Cell { values: Vec::new() };

impl<'a> Cell<'a> {
    /// What `reference` (`name`, or `name.key`) stands for.
    pub fn value(&self, reference: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let (name, mut path) = split_reference(reference);
        let (_, choice) = self.values.iter().find(|(known, _)| *known == name)?;
        path.try_fold(choice.value, |value, key| value.get_ref().as_table()?.get(key))
    }
}

/// `case.answer.linux`: the name of the matrix, and the keys that lead into its value.
pub fn split_reference(reference: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = reference.split('.');
    (parts.next().unwrap_or_default(), parts)
}

/// A value and its place.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    value: &'a DeValue<'a>,
    cell: &'a Cell<'a>,
    /// Where it stands.
    pub span: Span,
}

impl<'a> Node<'a> {
    /// The value, or what the cell puts in its place. Within that nothing is replaced again: a
    /// matrix that refers to itself would never end.
    pub fn new(value: &'a Spanned<DeValue<'a>>, cell: &'a Cell<'a>) -> Node<'a> {
        let written = value.get_ref();
        let span = Span::from(value.span());
        let name = written.as_str().and_then(|text| text.strip_prefix('$'));
        match name.and_then(|name| cell.value(name)) {
            Some(value) => Node { value: value.get_ref(), cell: &NO_CELL, span },
            None => Node { value: written, cell, span },
        }
    }

    /// The text, where it is text; `$$` at its beginning stands for one `$`.
    pub fn as_str(self) -> Option<&'a str> {
        self.value.as_str().map(|text| if text.starts_with("$$") { &text[1..] } else { text })
    }

    /// The name after the `$`, where the file refers to its matrix here and no cell gave a value.
    pub fn as_reference(self) -> Option<&'a str> {
        self.value
            .as_str()
            .and_then(|text| text.strip_prefix('$'))
            .filter(|name| !name.starts_with('$'))
    }

    /// The whole number, where it is one that fits.
    pub fn as_integer(self) -> Option<i64> {
        let integer = self.value.as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// Whether it is a whole number, of any size.
    pub fn is_integer(self) -> bool {
        self.value.is_integer()
    }

    /// The truth value, where it is one.
    pub fn as_bool(self) -> Option<bool> {
        self.value.as_bool()
    }

    /// The items, where it is an array.
    pub fn as_array(self) -> Option<impl ExactSizeIterator<Item = Node<'a>>> {
        let cell = self.cell;
        self.value.as_array().map(|items| items.iter().map(move |item| Node::new(item, cell)))
    }

    /// The entries, where it is a table.
    pub fn as_table(self) -> Option<Table<'a>> {
        self.value.as_table().map(|entries| Table { entries, cell: self.cell, span: self.span })
    }

    /// What kind of value it is, for messages.
    pub fn type_name(self) -> &'static str {
        match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a floating-point number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }
}

/// A table and its place.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    entries: &'a DeTable<'a>,
    cell: &'a Cell<'a>,
    /// Where it stands.
    pub span: Span,
}

impl<'a> Table<'a> {
    /// The whole file, in one cell of its matrix.
    pub fn root(table: &'a Spanned<DeTable<'a>>, cell: &'a Cell<'a>) -> Table<'a> {
        Table { entries: table.get_ref(), cell, span: table.span().into() }
    }

    /// The value under `key`.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.entries.get(key).map(|value| Node::new(value, self.cell))
    }

    /// Keys, their places and their values, in the order of the file.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Span, Node<'a>)> {
        let cell = self.cell;
        self.entries.iter().map(move |(key, value)| {
            (key.get_ref().as_ref(), Span::from(key.span()), Node::new(value, cell))
        })
    }

    /// How many entries there are.
    pub fn len(self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.entries.is_empty()
    }
}

/// A socket's number within its scenario: what names are resolved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u16);

/// A socket's name, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Its number.
    pub id: SocketId,
    /// As the file has it.
    pub text: Arc<str>,
}

/// No scenario names more sockets, peers and descriptors than this.
pub const MAX_SOCKETS: usize = 1_000;

/// The names of a scenario's sockets, each with its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<Arc<str>>);

impl Names {
    /// The name's number: the one it has, or the next. Beyond [`MAX_SOCKETS`], which is a mistake
    /// of the file, no name is remembered.
    pub fn intern(&mut self, text: &str) -> Name {
        let known = self.0.iter().position(|name| **name == *text);
        let index = match known {
            Some(index) => index,
            None if self.is_full() => {
                return Name { id: SocketId(u16::MAX), text: Arc::from(text) };
            }
            None => {
                self.0.push(Arc::from(text));
                self.0.len() - 1
            }
        };
        let id = SocketId(u16::try_from(index).unwrap_or(u16::MAX));
        Name { id, text: Arc::clone(&self.0[index]) }
    }

    /// The number of a name that is known.
    pub fn find(&self, text: &str) -> Option<SocketId> {
        let index = self.0.iter().position(|name| **name == *text)?;
        u16::try_from(index).ok().map(SocketId)
    }

    /// Whether no other name is taken.
    pub fn is_full(&self) -> bool {
        self.0.len() > MAX_SOCKETS
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }

    /// The name of that number.
    pub fn text(&self, id: SocketId) -> &str {
        self.0.get(usize::from(id.0)).map_or("?", |name| name)
    }
}

/// What reading one cell of a file needs besides the values.
#[derive(Debug)]
pub struct Reader<'r> {
    /// Where mistakes go.
    pub problems: &'r mut Problems,
    /// The names met so far.
    pub names: Names,
    /// How many bytes may still be made of what peers send and steps frame.
    pub bytes_left: usize,
    /// Whether the scenario is run more than once for its verdict.
    pub repeats: bool,
}

impl Reader<'_> {
    /// Notes that `node` is not `wanted`: what it is, and after a colon how it is written.
    pub fn wrong_type(&mut self, node: Node<'_>, wanted: &str) {
        let (what, written) = match wanted.split_once(": ") {
            Some((what, written)) => (what, Some(written.to_owned())),
            None => (wanted, None),
        };
        let message = format!("expected {what}, found {}", node.type_name());
        self.problems.add(node.span, message, written);
    }

    /// Reads every entry that is not among `known` as a mistake.
    pub fn refuse_others(&mut self, table: Table<'_>, what: &str, known: &[&str]) {
        for (key, span, _) in table.entries().filter(|(key, ..)| !known.contains(key)) {
            self.problems.add_unknown(span, what, key, known);
        }
    }
}

/// All items read, or none where one could not be. Reads on after a mistake, to find the others,
/// which collecting into an `Option` would not.
pub fn read_all<I, T>(
    items: impl Iterator<Item = I>,
    mut read: impl FnMut(I) -> Option<T>,
) -> Option<Vec<T>> {
    let mut all = Some(Vec::with_capacity(items.size_hint().0));
    for item in items {
        match (read(item), &mut all) {
            (Some(one), Some(list)) => list.push(one),
            (Some(_), None) => {}
            (None, _) => all = None,
        }
    }
    all
}
