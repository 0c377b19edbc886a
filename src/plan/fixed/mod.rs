//! Fields that can't be changed once an object is made (`schema::immutable`): seen before anything is sent, and then
//! either replaced by a recipe that loses nothing, or refused with both values and the way out.

mod bound;
mod recipe;
mod way_out;

pub(super) use bound::bound;
pub(super) use recipe::may_be_replaced;
pub(super) use way_out::delete;

use super::keys::Keys;
use super::scene::Scene;
use super::{Deletion, FieldDiff, Live, Refusal};
use crate::diagnostic::{Class, Diagnostic};
use crate::object::{FieldPath, MASKED, Object};
use crate::yaml::Node;

/// How an object is deleted and made again without a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    /// What becomes of what belongs to it.
    pub(super) deletion: Deletion,
    /// What of it stays, or goes: "its Pods and claims stay".
    pub(super) effect: &'static str,
}

/// Why an object can't be replaced.
pub(super) struct Unsafe {
    class: Class,
    /// What would be lost; none where there is just no way.
    why: Option<String>,
    hints: Vec<String>,
}

/// What to do about the fields that differ; none where all of them may be changed in place.
///
/// # Errors
/// A field can't be changed, and to replace the object would lose something.
pub(super) fn judge(
    scene: &Scene<'_>,
    object: &Object,
    live: &Live,
    fields: &[FieldDiff],
    keys: &Keys,
) -> Result<Option<(Recipe, String)>, Box<Refusal>> {
    let bound = bound(object, &live.body, fields);
    if bound.is_empty() {
        return Ok(None);
    }
    match recipe::recipe(scene, object, live, &bound, keys) {
        Ok(recipe) => {
            let why = format!("{} can't be changed in place; {}", names(&bound), recipe.effect);
            Ok(Some((recipe, why)))
        }
        Err(unsafe_) => Err(Box::new(refusal(object, &bound, unsafe_))),
    }
}

/// A refusal that names the fields, both values of each, and what to do.
pub(super) fn refusal(object: &Object, bound: &[&FieldDiff], because: Unsafe) -> Refusal {
    let place = bound.first().map(|field| field.path.find_nearest(&object.body).origin);
    let verb = "can't be changed once it is made";
    let mut diagnostic = Diagnostic::error(format!("{} of `{}` {verb}", names(bound), object.id));
    if let Some(origin) = place {
        diagnostic = diagnostic.at(origin.at).note_at("set here", origin.from);
    }
    for field in bound {
        diagnostic = diagnostic.note(values(field, bound.len() > 1));
    }
    if let Some(why) = because.why {
        diagnostic = diagnostic.note(why);
    }
    let diagnostic = because.hints.into_iter().fold(diagnostic, Diagnostic::hint);
    Refusal { class: because.class, diagnostic }
}

impl Unsafe {
    /// There is no way to change it in place, and none to replace it that would not be felt.
    pub(super) fn no_way(hints: Vec<String>) -> Self {
        Self { class: Class::Failed, why: None, hints }
    }

    fn felt(why: impl Into<String>, hints: Vec<String>) -> Self {
        Self { class: Class::Failed, why: Some(why.into()), hints }
    }

    /// Data would be lost.
    fn loss(why: impl Into<String>, hints: Vec<String>) -> Self {
        Self { class: Class::Refused, why: Some(why.into()), hints }
    }
}

/// `spec.a` and `spec.b`, each once.
fn names(fields: &[&FieldDiff]) -> String {
    let mut names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.path)).collect();
    names.dedup();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

fn values(field: &FieldDiff, several: bool) -> String {
    let it = if several { format!("`{}`", field.path) } else { "it".to_owned() };
    if field.secret {
        return format!("{it} is `{MASKED}`, and another value is wanted (it is secret)");
    }
    match (shown(field.live.as_ref()), shown(field.wanted.as_ref())) {
        (Some(live), Some(wanted)) => format!("{it} is {live}, and {wanted} is wanted"),
        (Some(live), None) => format!("{it} is {live}, and it is no longer wanted"),
        (None, wanted) => format!("{it} is not set, and {} is wanted", wanted.unwrap_or_default()),
    }
}

/// A value in one line, cut where it is long.
fn shown(node: Option<&Node>) -> Option<String> {
    const MOST: usize = 100;
    let text = node?.to_json().to_string();
    Some(match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    })
}

/// Whether a field or something below it is among these.
fn touches(fields: &[&FieldDiff], path: &[&str]) -> bool {
    fields.iter().any(|field| field.path.0.starts_with(&FieldPath::keys(path).0))
}
