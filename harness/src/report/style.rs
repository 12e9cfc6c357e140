//! The colours, each for what it says.

use anstyle::{AnsiColor, Style};

use crate::verdict::Verdict;

/// What a reader looks for first.
pub const STRONG: Style = Style::new().bold();
/// What a reader may pass over.
pub const FAINT: Style = Style::new().dimmed();
/// As claimed.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Not as claimed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// To be looked at.
pub const ODD: Style = AnsiColor::Yellow.on_default().bold();
/// To be known.
pub const NOTE: Style = AnsiColor::Cyan.on_default();

/// `text` in that style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// What a text is about.
pub fn heading(text: &str) -> String {
    paint(STRONG, text)
}

/// What stands before a text, in a column of its own.
pub fn label(text: &str) -> String {
    paint(FAINT, &format!("{text:<8}"))
}

/// The colour of a verdict.
pub fn of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => GOOD,
        Verdict::Known | Verdict::Info | Verdict::Skip => NOTE,
        Verdict::Drift | Verdict::Inconclusive | Verdict::Fixed => ODD,
        Verdict::Broken | Verdict::Fail => BAD,
    }
}
