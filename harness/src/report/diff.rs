//! What changed between a record and what happened, line by line. Pure.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::style::{BAD, FAINT, GOOD, paint};

/// Unchanged lines shown around each change.
const CONTEXT: usize = 3;

/// The changed lines with a few around them: `-` was recorded, `+` happened.
pub fn lines(recorded: &str, now: &str) -> String {
    let diff = TextDiff::from_lines(recorded, now);
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            let _ = writeln!(text, "{}", paint(FAINT, "  …"));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end();
            let shown = match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paint(BAD, &format!("- {line}")),
                ChangeTag::Insert => paint(GOOD, &format!("+ {line}")),
            };
            let _ = writeln!(text, "{}", shown.trim_end());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_stands_above_what_happened() {
        let shown = crate::report::plain(&lines("a\nb\nc", "a\nB\nc"));
        assert_eq!(shown, "  a\n- b\n+ B\n  c\n");
    }
}
