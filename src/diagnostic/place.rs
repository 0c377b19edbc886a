//! Places in texts. All of them are `Copy`, so that every node of every tree can carry its own.

use super::SourceId;

/// A line and column (both from 1, columns in characters) in one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The text; [`SourceId::NONE`] when the thing was not written by anybody.
    pub source: SourceId,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// The place of things that nobody wrote.
    pub const NOWHERE: Self = Self { source: SourceId::NONE, line: 0, column: 0 };

    /// A place in `source`.
    pub const fn new(source: SourceId, line: u32, column: u32) -> Self {
        Self { source, line, column }
    }

    /// Whether somebody wrote it.
    pub fn is_known(self) -> bool {
        self.source != SourceId::NONE
    }

    /// The `width` characters that begin here.
    pub const fn span(self, width: u32) -> Span {
        Span { place: self, width, hidden: false }
    }
}

/// A place with the number of characters to underline (at least one is painted).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it begins.
    pub place: Place,
    /// How many characters of that line.
    pub width: u32,
    /// Whether what stands there must not be shown: the line is painted up to it.
    pub hidden: bool,
}

impl From<Place> for Span {
    fn from(place: Place) -> Self {
        place.span(1)
    }
}

/// Where a value stands, and where it came from.
///
/// In a values file both are the same place. In a manifest `at` is the line of the template and `from` the line
/// of the values layer (or the flag) that filled the hole there; `from` is [`Place::NOWHERE`] for text that the
/// template itself wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Where it stands.
    pub at: Place,
    /// Which values layer set it.
    pub from: Place,
}

impl Origin {
    /// Written by nobody: live objects, labels that kchart adds.
    pub const NONE: Self = Self { at: Place::NOWHERE, from: Place::NOWHERE };

    /// Written by hand at `at`, in a values file or a flag: it stands where it came from.
    pub const fn value(at: Place) -> Self {
        Self { at, from: at }
    }

    /// Written at `at` in a template.
    pub const fn template(at: Place) -> Self {
        Self { at, from: Place::NOWHERE }
    }

    /// The same value put into a hole at `at`.
    #[must_use]
    pub const fn through(self, at: Place) -> Self {
        Self { at, from: self.from }
    }
}
