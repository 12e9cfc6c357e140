//! The matrix of a file: what refers to it, its cells, their ids. And how deep a file nests, which
//! is asked before anything walks it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::{MAX_CELLS, MAX_EXPANDED_BYTES};
use super::node::{Cell, Choice, Node, Table, split_reference};
use super::problem::{Problems, Span, nearest, short};
use super::value::plain_name;

/// No scenario nests deeper than this. The TOML parser's own limit counts brackets alone, and lets
/// keys with dots in them (`a.b.c = { d.e.f = …`) go 6,000 deep: enough to end a walk's stack.
pub const MAX_DEPTH: usize = 32;

/// More names than this are no matrix but a mistake; ids hold them all.
pub const MAX_NAMES: usize = 8;

/// No id of a cell is longer: it names files, to which most systems give 255 bytes.
pub const MAX_ID_BYTES: usize = 200;

/// Where the value stands that nests too deep.
pub fn too_deep(root: &DeTable<'_>) -> Option<Span> {
    root.values().find_map(|value| deeper_than(value, MAX_DEPTH))
}

fn deeper_than(value: &Spanned<DeValue<'_>>, left: usize) -> Option<Span> {
    let Some(left) = left.checked_sub(1) else { return Some(value.span().into()) };
    match value.get_ref() {
        DeValue::Array(items) => items.iter().find_map(|item| deeper_than(item, left)),
        DeValue::Table(table) => table.values().find_map(|value| deeper_than(value, left)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// Drops a table level by level: dropped as it is, one that nests too deep would end the stack.
pub fn dismantle(root: Spanned<DeTable<'_>>) {
    let mut left: Vec<DeValue<'_>> = vec![DeValue::Table(root.into_inner())];
    while let Some(value) = left.pop() {
        match value {
            DeValue::Array(items) => left.extend(items.into_iter().map(Spanned::into_inner)),
            DeValue::Table(table) => {
                left.extend(table.into_iter().map(|(_, value)| value.into_inner()));
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// Every place that refers to the matrix, with the name it refers to.
#[derive(Debug, Default)]
pub struct References<'a> {
    all: Vec<(Span, &'a str)>,
}

impl<'a> References<'a> {
    /// Those of a file; `whole` is its root, in no cell. Values of the matrix refer to nothing.
    pub fn of(whole: Table<'a>, problems: &mut Problems) -> References<'a> {
        let mut references = References::default();
        for (key, _, node) in whole.entries() {
            if key == "matrix" {
                let before = references.all.len();
                references.collect(node);
                for (span, _) in &references.all[before..] {
                    let help = "write the value itself; `$$` stands for a dollar sign";
                    problems.add_with_help(*span, "a matrix cannot refer to a matrix", help);
                }
            } else {
                references.collect(node);
            }
        }
        references
    }

    fn collect(&mut self, node: Node<'a>) {
        if let Some(items) = node.as_array() {
            items.for_each(|item| self.collect(item));
        } else if let Some(table) = node.as_table() {
            table.entries().for_each(|(_, _, node)| self.collect(node));
        } else if let Some(name) = node.as_reference() {
            self.all.push((node.span, name));
        }
    }

    /// The place of the value that `cell` gives to what stands at `span`.
    pub fn value_place(&self, span: Span, cell: &Cell<'_>) -> Option<Span> {
        let (_, reference) = self.all.iter().find(|(place, _)| *place == span)?;
        Some(cell.value(reference)?.span().into())
    }

    /// The names referred to, without the keys behind them.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.all.iter().map(|(_, reference)| split_reference(reference).0)
    }

    /// Whether nothing refers to `name`, nor could be meant to.
    fn may_be_unused(&self, name: &str) -> bool {
        !self.names().any(|other| other == name || nearest(other, &[name]).is_some())
    }

    /// Those to `name`, each with its place and the keys behind the name.
    fn into<'r>(&'r self, name: &'r str) -> impl Iterator<Item = (Span, Vec<&'a str>)> {
        self.all.iter().filter_map(move |(span, reference)| {
            let (of, path) = split_reference(reference);
            (of == name).then(|| (*span, path.collect()))
        })
    }
}

/// The names of a matrix, each with its values.
type Values<'a> = Vec<(&'a str, Vec<Choice<'a>>)>;

/// The cells of the matrix of a file of so many bytes: one without values where there is none.
pub fn read_matrix<'a>(
    root: &'a Spanned<DeTable<'a>>,
    bytes: usize,
    references: &References<'_>,
    problems: &mut Problems,
) -> Vec<Cell<'a>> {
    let matrix = root.get_ref().get("matrix");
    let Some(matrix) = matrix else {
        check_references(references, &[], problems);
        return vec![Cell::default()];
    };
    let Some(table) = matrix.get_ref().as_table() else {
        let message = "the matrix is no table";
        problems.add_with_help(matrix.span().into(), message, "matrix.NAME = [value, value]");
        references.all.iter().for_each(|(span, _)| problems.settle(*span));
        return vec![Cell::default()];
    };
    let names: Vec<&str> = table.keys().map(|name| name.get_ref().as_ref()).collect();
    check_references(references, &names, problems);
    let mut values: Values<'a> = Vec::new();
    for (key, of_key) in table {
        let name = key.get_ref().as_ref();
        if let Some(list) = read_values(name, of_key, problems) {
            check_name(name, key.span().into(), references, problems);
            check_keys(name, &list, references, problems);
            values.push((name, list));
        } else {
            // Nothing stands there now: what is said of it would only puzzle.
            references.into(name).for_each(|(span, _)| problems.settle(span));
        }
    }
    let place = Span::from(matrix.span());
    if names.len() > MAX_NAMES {
        let message = format!("{} names; a matrix has at most {MAX_NAMES}", names.len());
        problems.add(place, message, None);
        return vec![first_cell(&values)];
    }
    let cells = values.iter().fold(1, |cells: usize, (_, list)| cells.saturating_mul(list.len()));
    if fits(cells, place, bytes, problems) { product(&values) } else { vec![first_cell(&values)] }
}

/// Whether so many cells may be made of the file.
fn fits(cells: usize, place: Span, bytes: usize, problems: &mut Problems) -> bool {
    if cells > MAX_CELLS {
        let message = format!("{cells} cells; a matrix has at most {MAX_CELLS}");
        problems.add_with_help(place, message, "its cells are the product of its lists");
        return false;
    }
    if cells.saturating_mul(bytes) > MAX_EXPANDED_BYTES {
        let message = format!("{cells} cells of a file of {bytes} bytes");
        let help = format!("cells times bytes are at most {MAX_EXPANDED_BYTES}: fewer, or shorter");
        problems.add_with_help(place, message, help);
        return false;
    }
    true
}

/// Every `"$name"` has to be a name of the matrix.
fn check_references(references: &References<'_>, names: &[&str], problems: &mut Problems) {
    let referred =
        references.all.iter().map(|(span, reference)| (span, split_reference(reference).0));
    for (span, name) in referred.filter(|(_, name)| !names.contains(name)) {
        let help = match names {
            [] => "there is no matrix; `$$` stands for a dollar sign".to_owned(),
            _ => format!("{}; `$$` stands for a dollar sign", super::suggest(name, names)),
        };
        problems.add_with_help(*span, format!("no matrix is named `{}`", short(name)), help);
    }
}

fn check_name(name: &str, span: Span, references: &References<'_>, problems: &mut Problems) {
    if !plain_name(name) {
        let message = format!("`{}` cannot name a matrix", short(name));
        problems.add_with_help(span, message, super::value::NAME_HELP);
    } else if references.may_be_unused(name) {
        let help = format!("every cell would be the same: write \"${name}\" where its value goes");
        problems.add_with_help(span, format!("nothing refers to the matrix `{name}`"), help);
    }
}

/// `"$case.answer"` needs an `answer` in every value of `case`; and where only keys of its values
/// are referred to, a key that is not is a mistake too.
fn check_keys(
    name: &str,
    choices: &[Choice<'_>],
    references: &References<'_>,
    problems: &mut Problems,
) {
    let paths: Vec<(Span, Vec<&str>)> = references.into(name).collect();
    for (span, path) in &paths {
        let lacking = choices.iter().find_map(|choice| Some((choice, missing(choice, path)?)));
        if let Some((choice, (key, keys))) = lacking {
            let shown = choice.shown();
            let message =
                format!("`{}` of the matrix `{name}` has no `{}`", short(&shown), short(key));
            problems.add(*span, message, Some(super::suggest(key, &keys)));
            problems.settle(*span);
        }
    }
    if paths.is_empty() || paths.iter().any(|(_, path)| path.is_empty()) {
        return;
    }
    let mut known: Vec<&str> = paths.iter().map(|(_, path)| path[0]).collect();
    for (key, _) in choices.iter().filter_map(|choice| choice.value.get_ref().as_table()).flatten()
    {
        let word = key.get_ref().as_ref();
        if !known.contains(&word) {
            known.push(word);
            let help = format!("write \"${name}.{}\" where its value goes", short(word));
            let message = format!("nothing refers to `{}` of the matrix `{name}`", short(word));
            problems.add_with_help(key.span().into(), message, help);
        }
    }
}

/// The first key of `path` that leads nowhere, and those that stand there.
fn missing<'p>(choice: &Choice<'p>, path: &[&'p str]) -> Option<(&'p str, Vec<&'p str>)> {
    let mut value = choice.value;
    for key in path {
        let table = value.get_ref().as_table();
        let Some(inner) = table.and_then(|table| table.get(*key)) else {
            let keys = table.into_iter().flat_map(DeTable::keys);
            return Some((key, keys.map(|key| key.get_ref().as_ref()).collect()));
        };
        value = inner;
    }
    None
}

const WANTED: &str = "a list of values, or a table of them, each with a name";

fn read_values<'a>(
    name: &str,
    values: &'a Spanned<DeValue<'a>>,
    problems: &mut Problems,
) -> Option<Vec<Choice<'a>>> {
    let span = Span::from(values.span());
    let choices: Vec<Choice<'a>> = match values.get_ref() {
        DeValue::Array(list) => list.iter().map(|value| Choice { label: None, value }).collect(),
        DeValue::Table(rows) => {
            for key in rows.keys().filter(|key| !plain_name(key.get_ref())) {
                let message = format!("`{}` cannot name a row", short(key.get_ref()));
                problems.add_with_help(key.span().into(), message, super::value::NAME_HELP);
            }
            rows.iter().map(|(key, value)| Choice { label: Some(key.get_ref()), value }).collect()
        }
        _ => {
            let help = format!("matrix.{} = [value, value]", short(name));
            problems.add_with_help(span, format!("expected {WANTED}"), help);
            return None;
        }
    };
    if choices.is_empty() {
        problems.add_with_help(span, "an empty list makes no cell", "list at least one value");
        return None;
    }
    // Before values are compared with each other, which costs the square.
    if choices.len() > MAX_CELLS {
        let message = format!("{} values; a matrix has at most {MAX_CELLS} cells", choices.len());
        problems.add(span, message, None);
        return None;
    }
    let shown: Vec<String> =
        choices.iter().map(|choice| show_value(choice.value.get_ref())).collect();
    for (index, choice) in choices.iter().enumerate() {
        if shown[..index].contains(&shown[index]) {
            let message = format!("`{}` is listed twice", short(&shown[index]));
            let help = "two cells would be the same";
            problems.add_with_help(choice.value.span().into(), message, help);
        }
    }
    Some(choices)
}

impl Choice<'_> {
    /// As ids show it: by its name, or by the value itself.
    fn shown(&self) -> String {
        self.label.map_or_else(|| show_value(self.value.get_ref()), str::to_owned)
    }
}

/// The cell of all first values.
fn first_cell<'a>(values: &Values<'a>) -> Cell<'a> {
    let first = values.iter().filter_map(|(name, list)| Some((*name, *list.first()?)));
    Cell { values: first.collect() }
}

/// Every combination, the last name changing first.
fn product<'a>(values: &Values<'a>) -> Vec<Cell<'a>> {
    values.iter().fold(vec![Cell::default()], |cells, (name, list)| {
        let with = |cell: &Cell<'a>, choice: &Choice<'a>| {
            let mut cell = cell.clone();
            cell.values.push((name, *choice));
            cell
        };
        cells.iter().flat_map(|cell| list.iter().map(move |choice| with(cell, choice))).collect()
    })
}

/// The cells' names, in their order: `framing=u16be,chunk=1`; empty for the one cell of no matrix.
///
/// They stand in the names of tests and of files, so they hold nothing that a file system or a
/// shell takes amiss. Where two values would then look the same, the later one says which it is.
pub fn cell_names(cells: &[Cell<'_>], problems: &mut Problems) -> Vec<String> {
    let mut taken: Vec<(&str, Span, String)> = Vec::new();
    cells.iter().map(|cell| cell_name(cell, &mut taken, problems)).collect()
}

fn cell_name<'a>(
    cell: &Cell<'a>,
    taken: &mut Vec<(&'a str, Span, String)>,
    problems: &mut Problems,
) -> String {
    let mut parts = Vec::new();
    for (name, choice) in &cell.values {
        let place = Span::from(choice.value.span());
        let known = taken.iter().find(|(of, at, _)| of == name && *at == place);
        let word = if let Some((.., word)) = known {
            word.clone()
        } else {
            let word = unlike(&plain(&choice.shown()), name, taken);
            taken.push((name, place, word.clone()));
            word
        };
        parts.push(format!("{name}={word}"));
    }
    let shown = parts.join(",");
    if shown.len() > MAX_ID_BYTES {
        let message = format!("the id of this value's cell has more than {MAX_ID_BYTES} bytes");
        let place =
            cell.values.last().map(|(_, choice)| choice.value.span().into()).unwrap_or_default();
        problems.add_with_help(place, message, "shorter names, or shorter values");
    }
    shown
}

/// `word`, or `word~2` where an earlier value of the same name is `word` already.
fn unlike(word: &str, name: &str, taken: &[(&str, Span, String)]) -> String {
    let is_taken =
        |word: &str| taken.iter().any(|(of, _, other)| *of == name && other.as_str() == word);
    let numbered = (2..).map(|number| format!("{word}~{number}"));
    std::iter::once(word.to_owned())
        .chain(numbered)
        .find(|word| !is_taken(word))
        .unwrap_or_default()
}

/// What may stand in a file's name on every system; all else is one dash.
fn plain(text: &str) -> String {
    const MOST_CHARS: usize = 32;
    let mut word = String::new();
    for letter in text.chars().take(MOST_CHARS) {
        if letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '+' | '-') {
            word.push(letter);
        } else if !word.ends_with('-') {
            word.push('-');
        }
    }
    word
}

/// A matrix value as ids show it.
fn show_value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |value| value.to_string()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(items) => {
            let shown: Vec<String> = items.iter().map(|item| show_value(item.get_ref())).collect();
            shown.join("+")
        }
        DeValue::Table(table) => {
            let shown: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{}-{}", key.get_ref(), show_value(value.get_ref())))
                .collect();
            shown.join("+")
        }
    }
}
