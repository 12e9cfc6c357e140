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
    let place = Place::of(text, problem.span);
    let group = match &place {
        None => Group::with_title(title).element(Origin::path(path)),
        Some(place) => Group::with_title(title).element(
            Snippet::source(place.line)
                .path(path)
                .line_start(place.number)
                .annotation(AnnotationKind::Primary.span(place.word.clone())),
        ),
    };
    let help = problem.help.as_deref().map(|help| Level::HELP.message(help));
    renderer.render(&[group.elements(help)])
}

/// The line a span begins on, and the part of it that the span covers.
struct Place<'t> {
    /// Counted from 1.
    number: usize,
    line: &'t str,
    word: Range<usize>,
}

impl<'t> Place<'t> {
    fn of(text: &'t str, span: Span) -> Option<Place<'t>> {
        if span == Span::default() {
            return None;
        }
        // What is missing at the end of the file is missing after its last word.
        let last = text.trim_end().len();
        let start = floor_char_boundary(text, span.start.min(last));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let end = floor_char_boundary(text, span.end.min(line_start + line.len()));
        let word = start - line_start..end.max(start) - line_start;
        let number = before.matches('\n').count() + 1;
        Some(Place { number, line, word })
    }
}

/// `str::floor_char_boundary`, which is newer than our oldest compiler.
fn floor_char_boundary(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
