//! The path before the `=`: `a.b[0].c`.

use super::cursor::Cursor;
use crate::diagnostic::{Diagnostic, Place};

/// The highest position in a list, as in Helm (`strvals.MaxIndex`).
const HIGHEST_INDEX: usize = 65_536;
/// The highest number of dots, as in Helm (`strvals.MaxNestedNameLevel`).
const DOTS: usize = 30;
/// Positions in one path: each may make a list of 65,537 items.
const POSITIONS: usize = 8;

/// A path with the place of each step.
pub(super) type Path = Vec<(Step, Place)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Reads a path and its `=`.
pub(super) fn read(cursor: &mut Cursor<'_>, literal: bool) -> Result<Path, Diagnostic> {
    let mut path = Path::new();
    loop {
        let place = cursor.place();
        let (key, stop) = if literal {
            let (key, stop) = cursor.until_verbatim(&['=', '[', '.']);
            (key.to_owned(), stop)
        } else {
            cursor.until(&['=', '[', ',', '.'])?
        };
        if key.is_empty() && (stop.is_some() || path.is_empty()) {
            return Err(Diagnostic::error("expected a key").at(place));
        }
        path.push((Step::Key(key), place));
        let mut stop = stop;
        while stop == Some('[') {
            path.push(index(cursor)?);
            if path.iter().filter(|(step, _)| matches!(step, Step::Index(_))).count() > POSITIONS {
                return Err(Diagnostic::error(format!("more than {POSITIONS} positions in one path")).at(place));
            }
            stop = after_index(cursor)?;
        }
        match stop {
            Some('=') => return Ok(path),
            Some('.') if path.iter().filter(|(step, _)| matches!(step, Step::Key(_))).count() > DOTS => {
                return Err(Diagnostic::error(format!("more than {DOTS} dots in one path")).at(place));
            }
            Some('.') => {}
            _ => {
                return Err(Diagnostic::error("expected `=` and a value after the path")
                    .at(place)
                    .hint("write `\\,` for a comma and `\\.` for a dot that belong to a key or a value"));
            }
        }
    }
}

fn index(cursor: &mut Cursor<'_>) -> Result<(Step, Place), Diagnostic> {
    let place = cursor.place();
    let (text, stop) = cursor.until_verbatim(&[']']);
    if stop.is_none() {
        return Err(Diagnostic::error("expected `]` after the position").at(place));
    }
    match text.parse() {
        Ok(index) if index <= HIGHEST_INDEX => Ok((Step::Index(index), place)),
        Ok(_) => Err(Diagnostic::error(format!("the highest position is {HIGHEST_INDEX}")).at(place)),
        Err(_) => Err(Diagnostic::error("expected a position in a list, a number from 0 on").at(place)),
    }
}

fn after_index(cursor: &mut Cursor<'_>) -> Result<Option<char>, Diagnostic> {
    let stop = cursor.left().chars().next();
    match stop {
        Some('[' | '.' | '=') => {
            cursor.advance(1);
            Ok(stop)
        }
        _ => Err(cursor.error("expected `=`, `.` or `[` after the position")),
    }
}
