//! The functions that templates can call: a catalogue of small files by theme.
//!
//! Each entry says how it is called and what it does; error messages, near misses and the documentation are made from
//! it. Functions are pure: they see their arguments, the release's name and the chart's files, nothing else.

mod arguments;
mod choose;
mod collect;
mod compare;
mod convert;
mod encode;
mod files;
mod generate;
mod names;
mod reshape;
mod text;

pub(super) use arguments::Arguments;

use super::held::Held;
use crate::diagnostic::Diagnostic;

/// What a function gives.
type Outcome<'v> = Result<Held<'v>, Diagnostic>;

/// A function of the template language.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called: `default fallback value`.
    pub signature: &'static str,
    /// What it gives, in one line.
    pub doc: &'static str,
    /// The least and the most arguments.
    pub(super) arity: (usize, usize),
    /// Names of its options; `*` for any.
    pub(super) options: &'static [&'static str],
    pub(super) run: for<'v> fn(&Arguments<'_, 'v>) -> Outcome<'v>,
}

const THEMES: [&[Function]; 10] = [
    choose::FUNCTIONS,
    compare::FUNCTIONS,
    text::FUNCTIONS,
    convert::FUNCTIONS,
    collect::FUNCTIONS,
    reshape::FUNCTIONS,
    encode::FUNCTIONS,
    files::FUNCTIONS,
    generate::FUNCTIONS,
    names::FUNCTIONS,
];

/// All functions, by theme.
pub fn all() -> impl Iterator<Item = &'static Function> {
    THEMES.into_iter().flatten()
}

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_complete_and_without_doubles() {
        let mut names: Vec<_> = all().map(|function| function.name).collect();
        for function in all() {
            assert_eq!(function.signature.split(' ').next(), Some(function.name));
            assert!(!function.doc.is_empty() && !function.doc.ends_with('.'), "{}", function.name);
            assert!(function.arity.0 <= function.arity.1, "{}", function.name);
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
