//! The mistakes of a scenario file as people read them: the place, the line, a caret under the
//! word, and what would be right.
//!
//! Pure: text in, text out. Who prints it, and whether in colour, is `cli`.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::scenario::{Problem, Span};

/// Every problem of the file at `path`, whose text is `text`, in the order given.
///
/// A problem without a place (its span is empty and at the very beginning) names the file alone.
/// With `colour`, the text has ANSI escapes.
pub fn render(path: &str, text: &str, problems: &[Problem], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let shown: Vec<String> =
        problems.iter().map(|problem| render_one(&renderer, path, text, problem)).collect();
    let mut all = shown.join("\n\n");
    if !all.is_empty() {
        all.push('\n');
    }
    all
}

fn render_one(renderer: &Renderer, path: &str, text: &str, problem: &Problem) -> String {
    let title = Level::ERROR.primary_title(problem.message.as_str());
    let group = if problem.span.is_place() {
        let word = AnnotationKind::Primary.span(on_one_line(text, problem.span));
        let used = problem.used.map(|used| on_one_line(text, used));
        let used = used.map(|used| AnnotationKind::Context.span(used).label("used here"));
        let annotations = std::iter::once(word).chain(used);
        let snippet = Snippet::source(text).path(path).annotations(annotations);
        Group::with_title(title).element(snippet)
    } else {
        Group::with_title(title).element(Origin::path(path))
    };
    let help = problem.help.as_deref().map(|help| Level::HELP.message(help));
    renderer.render(&[group.elements(help)])
}

/// The part of a span that is on its first line: a caret under a word, not a bracket around a
/// page. What is missing at the end of the file is missing after its last word.
fn on_one_line(text: &str, span: Span) -> Range<usize> {
    let last = text.trim_end().len();
    let start = floor_char_boundary(text, span.start.min(last));
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    // Never between the two characters that end a line on Windows.
    let line_end = line_start + line.len();
    let start = start.min(line_end);
    let end = floor_char_boundary(text, span.end.min(line_end)).max(start);
    start..start + text[start..end].trim_end().len()
}

/// `str::floor_char_boundary`, which is newer than our oldest compiler.
fn floor_char_boundary(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
