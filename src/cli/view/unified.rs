//! Two texts as a unified diff: what `git diff` prints, without colours of its own.

use std::fmt::Write;

use anstyle::Style;
use similar::{ChangeTag, TextDiff};

use super::style::{BAD, FAINT, GOOD, painted};

/// Unchanged lines around each change.
const CONTEXT: usize = 3;
/// From so many lines on, both texts together, they are only counted.
const LONGEST: usize = 20_000;

/// The lines that differ, each behind `indent`.
pub(super) fn unified(old: &str, new: &str, indent: &str) -> String {
    let (before, after) = (old.lines().count(), new.lines().count());
    if before + after > LONGEST {
        return format!("{indent}{before} lines → {after} lines (too long to be compared)\n");
    }
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let _ = writeln!(text, "{indent}{}", painted(FAINT, hunk.header()));
        for change in hunk.iter_changes() {
            let line = visible(change.value().strip_suffix('\n').unwrap_or(change.value()));
            let _ = match change.tag() {
                ChangeTag::Equal => writeln!(text, "{indent}  {line}"),
                ChangeTag::Delete => writeln!(text, "{indent}{}", painted(BAD, format!("- {line}"))),
                ChangeTag::Insert => writeln!(text, "{indent}{}", painted(GOOD, format!("+ {line}"))),
            };
            if change.missing_newline() {
                let _ = writeln!(text, "{indent}{}", painted(FAINT, "\\ no line end here"));
            }
        }
    }
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// All lines behind a sign: what is wholly new, or wholly goes.
pub(super) fn every_line(text: &str, sign: char, style: Style) -> String {
    let count = text.lines().count();
    if count > LONGEST {
        return format!("{sign} {count} lines (too long to be shown)\n");
    }
    text.lines().flat_map(|line| [painted(style, format!("{sign} {}", visible(line))), "\n".to_owned()]).collect()
}

/// Characters that would steer the terminal are written as escapes.
fn visible(line: &str) -> String {
    let is_harmless = |char: char| char == '\t' || !char.is_control();
    line.chars()
        .map(|char| if is_harmless(char) { char.to_string() } else { char.escape_default().to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(old: &str, new: &str) -> String {
        anstream::adapter::strip_str(&unified(old, new, "")).to_string()
    }

    #[test]
    fn only_what_is_near_a_change_is_shown() {
        let old = (1..=9).fold(String::new(), |text, line| format!("{text}line {line}\n"));
        let new = old.replace("line 5", "line five");
        let shown = plain(&old, &new);
        assert_eq!(
            shown,
            "@@ -2,7 +2,7 @@\n  line 2\n  line 3\n  line 4\n- line 5\n+ line five\n  line 6\n  line 7\n  line 8\n"
        );
    }

    #[test]
    fn a_missing_line_end_and_control_characters_are_seen() {
        assert_eq!(plain("a\n", "a"), "@@ -1 +1 @@\n- a\n+ a\n\\ no line end here\n");
        assert_eq!(plain("", "\u{1b}[2J\n"), "@@ -0,0 +1 @@\n+ \\u{1b}[2J\n");
    }

    #[test]
    fn texts_that_are_too_long_are_counted() {
        let long = "x\n".repeat(LONGEST);
        assert_eq!(plain(&long, "y\n"), "20000 lines → 1 lines (too long to be compared)\n");
    }
}
