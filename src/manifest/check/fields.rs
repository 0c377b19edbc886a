//! Fields that an object does not have, and fields that it must have.

use super::super::spot::{Findings, Spot, Step, key_span};
use super::Misplaced;
use crate::diagnostic::{Diagnostic, nearest};
use crate::schema::Shape;
use crate::yaml::{Map, Node};

/// Fields that the type does not have: written wrongly, or in the wrong place.
pub(super) fn unknown(spot: &Spot<'_>, map: &Map, misplaced: &mut Misplaced, found: &mut Findings) {
    let typed = spot.typed;
    if typed.is_open() {
        return;
    }
    for (key, child) in map {
        if typed.field(key).is_some() {
            continue;
        }
        let here = spot.key(key, child, super::Typed::Anything);
        let home = deeper(spot, key, child).or_else(|| higher(spot, key, child));
        found.errors.push(match home {
            Some(home) => {
                misplaced.push(format!("{}.{key}", home.path));
                let diagnostic = here.error_at_key(format!("`{key}` belongs into {}", home.words));
                home.here.iter().fold(diagnostic, |diagnostic, span| diagnostic.note_at("that is here", *span))
            }
            None => with_near_miss(here.error_at_key(format!("unknown field `{key}`")), key, spot, map),
        });
    }
}

fn with_near_miss(diagnostic: Diagnostic, key: &str, spot: &Spot<'_>, map: &Map) -> Diagnostic {
    let fields = spot.typed.fields();
    // A name that stands here already is no candidate: `command` beside `comand` is another mistake.
    let free = fields.iter().copied().filter(|field| !map.contains_key(*field));
    match nearest(key, free).or_else(|| nearest(key, fields.iter().copied())) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// Where a misplaced field belongs.
struct Home {
    /// For the message: "`spec`", "the items of `containers`".
    words: String,
    /// Path of that object, to know that the field is not missing there.
    path: String,
    /// Where it stands in the text, if it does.
    here: Option<crate::diagnostic::Span>,
}

/// One level deeper: in an object that stands here, or in one that may.
fn deeper(spot: &Spot<'_>, key: &str, child: &Node) -> Option<Home> {
    let map = spot.node.as_map();
    let required = spot.typed.required();
    let mut homes: Vec<_> = spot
        .typed
        .fields()
        .into_iter()
        .filter(|field| *field != "status")
        .filter_map(|field| {
            let typed = spot.typed.field(field)?;
            let (inner, in_items) = if typed.shape() == Shape::List { (typed.items()?, true) } else { (typed, false) };
            let fits = inner.shape() == Shape::Object && inner.field(key)?.fits(child);
            let there = map.and_then(|map| map.get(field));
            fits.then_some((there.is_none(), in_items, !required.contains(&field), field, there))
        })
        .collect();
    homes.sort_unstable_by_key(|(missing, in_items, optional, field, _)| (*missing, *in_items, *optional, *field));
    let (_, in_items, _, field, there) = homes.into_iter().next()?;
    let words = if in_items { format!("the items of `{field}`") } else { format!("`{field}`") };
    Some(Home { words, path: spot.path().key(field).to_string(), here: there.map(|node| key_span(field, node)) })
}

/// Higher: in the nearest object around that has such a field.
fn higher(spot: &Spot<'_>, key: &str, child: &Node) -> Option<Home> {
    let fits = |above: &&Spot<'_>| {
        let open = above.typed.is_open() || above.typed.shape() != Shape::Object;
        !open && above.typed.field(key).is_some_and(|typed| typed.fits(child))
    };
    let home = spot.upwards().skip(1).find(fits)?;
    let path = home.path();
    let words = match home.step {
        Step::Root => "the object itself, beside `kind`".to_owned(),
        _ => format!("`{path}`"),
    };
    let here = (!path.0.is_empty()).then(|| key_span(home.name(), home.node));
    Some(Home { words, path: path.to_string(), here })
}

/// Fields that must be there and are not. A `spec` that nothing but defaults could fill may be left out.
pub(super) fn missing(spot: &Spot<'_>, map: &Map, misplaced: &Misplaced, found: &mut Findings) {
    let mut required = spot.typed.required();
    if spot.up.is_none()
        && !required.contains(&"spec")
        && spot.typed.field("spec").is_some_and(|spec| !spec.required().is_empty())
    {
        required.push("spec");
    }
    for field in required.into_iter().filter(|field| !map.contains_key(*field)) {
        if misplaced.contains(&format!("{}.{field}", spot.path())) {
            continue;
        }
        let owner = match spot.step {
            Step::Root => "the object".to_owned(),
            Step::Key(name) => format!("`{name}`"),
            Step::Index(_) => format!("an item of `{}`", spot.name()),
        };
        found.errors.push(spot.error_at_key(format!("{owner} has no `{field}`")));
    }
}
