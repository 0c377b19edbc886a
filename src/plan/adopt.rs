//! Existing objects that are not this release's: named, never taken silently.

use super::managed::Managed;
use super::ownership::Owner;
use super::references::is_kind;
use super::{Hazard, Intent, Live, Refusal};
use crate::diagnostic::{Class, Diagnostic, nearest};
use crate::object::{Object, ObjectId};

/// Whether the user asked to take this very object over.
pub(super) fn names(intent: &Intent, id: &ObjectId) -> bool {
    intent
        .options
        .adopt
        .iter()
        .any(|entry| entry.split_once('/').is_some_and(|(kind, name)| is_kind(id, kind) && name == id.name))
}

/// Whether an object may be taken over. `all` does not reach into other releases of kchart: they would fight.
fn is_adopted(intent: &Intent, id: &ObjectId, owner: &Owner) -> bool {
    names(intent, id) || (takes_all(intent) && !matches!(owner, Owner::Release(_)))
}

fn takes_all(intent: &Intent) -> bool {
    intent.options.adopt.iter().any(|entry| entry == "all")
}

/// What is named and is nothing that is wanted: a slip would take nothing over, without a word. An object that only some
/// values make may be named all the same.
pub(super) fn unmatched(intent: &Intent, wanted: &[Object]) -> (Vec<Hazard>, Vec<Refusal>) {
    let (mut hazards, mut refusals) = (Vec::new(), Vec::new());
    for entry in intent.options.adopt.iter().filter(|entry| *entry != "all") {
        let Some((kind, name)) = entry.split_once('/') else {
            let told = Diagnostic::error(format!("`--adopt {entry}` is neither KIND/NAME nor `all`"));
            refusals.push(Refusal { class: Class::Usage, diagnostic: told.hint("as `service/web`") });
            continue;
        };
        if wanted.iter().any(|object| is_kind(&object.id, kind) && object.id.name == name) {
            continue;
        }
        let names: Vec<String> = wanted.iter().map(|object| written(&object.id)).collect();
        let near = nearest(entry, names.iter().map(String::as_str));
        let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        let message = format!("`--adopt {entry}` names nothing that the chart makes{near}");
        hazards.push(Hazard { id: None, message });
    }
    (hazards, refusals)
}

/// As it is typed: `service/web`.
fn written(id: &ObjectId) -> String {
    format!("{}/{}", id.kind.to_lowercase(), id.name)
}

/// The managers whose fields are to be moved; none for an object of ours.
///
/// # Errors
/// It is somebody else's, and nobody asked to take it over.
pub(super) fn adopt_from(
    intent: &Intent,
    object: &Object,
    live: &Live,
    owner: &Owner,
) -> Result<Vec<String>, Box<Refusal>> {
    if *owner == Owner::Ours {
        return Ok(Vec::new());
    }
    if is_adopted(intent, &object.id, owner) {
        return Ok(Managed::of(&live.body).adoptable());
    }
    let place = object.body.at(&["metadata", "name"]).map(|node| node.origin.at).unwrap_or_default();
    let mut diagnostic = Diagnostic::error(format!("`{}` exists already, and {owner}", object.id)).at(place);
    let managers = Managed::of(&live.body).adoptable();
    if !managers.is_empty() {
        diagnostic = diagnostic
            .note(format!("its fields are set by {}", super::scene::list(managers.iter().map(String::as_str))));
    }
    if takes_all(intent) {
        diagnostic = diagnostic.note("`--adopt all` takes nothing from another release");
    }
    let written = written(&object.id);
    Err(Box::new(Refusal::failed(
        diagnostic.hint(format!("take it over: `--adopt {written}`, or choose another name")),
    )))
}
