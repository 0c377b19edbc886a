//! A seam for texts that are not yet complete: a renderer's text holds tokens where values belong.

use super::Node;
use crate::diagnostic::{Diagnostic, Place};

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`, escapes already resolved.
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

/// What a block scalar does with the line breaks at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chomp {
    /// Nothing after the indicator: one line break stays.
    Clip,
    /// `-`: none stays.
    Strip,
    /// `+`: all stay.
    Keep,
}

/// A scalar as it was read, before it means anything.
#[derive(Clone, Copy, Debug)]
pub struct Scalar<'a> {
    /// Its text: quotes, escapes, indentation and folding are resolved, line breaks at the end chomped.
    pub text: &'a str,
    /// How it was written.
    pub style: Style,
    /// Where its content begins: the first character of plain text, the quote of quoted text, the first line of a
    /// block.
    pub place: Place,
    /// For blocks, what was done with the line breaks at the end; none for other styles.
    pub chomp: Option<Chomp>,
}

/// Watches a text being read and fills what is still open in it.
pub trait Hook {
    /// The place of a line and column (both from 1) of the text that is read.
    fn place(&mut self, line: u32, column: u32) -> Place;

    /// A scalar that is a value: `Some` replaces what the loader would have made of it.
    fn scalar(&mut self, scalar: &Scalar<'_>) -> Result<Option<Node>, Diagnostic>;

    /// A scalar that is a key: `Some` replaces its text. Duplicates are looked for afterwards.
    fn key(&mut self, scalar: &Scalar<'_>) -> Result<Option<String>, Diagnostic>;
}
