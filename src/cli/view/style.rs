//! Colours. They decorate: everything must be readable without them.

use anstyle::{AnsiColor, Effects, Style};

/// Names: releases, objects.
pub(in crate::cli) const NAME: Style = Style::new().effects(Effects::BOLD);
/// What went well, what is added.
pub(in crate::cli) const GOOD: Style = AnsiColor::Green.on_default();
/// What changes, what waits.
pub(in crate::cli) const CHANGED: Style = AnsiColor::Yellow.on_default();
/// What failed, what goes.
pub(in crate::cli) const BAD: Style = AnsiColor::Red.on_default();
/// What matters less.
pub(in crate::cli) const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// Text in a style.
pub(in crate::cli) fn painted(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
