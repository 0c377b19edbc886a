//! What happens to one wanted object: made, changed, replaced, or left as it is.

use super::contested::{Contested, contested};
use super::diff::diff;
use super::keys::Keys;
use super::managed::Managed;
use super::ownership::Owner;
use super::scene::{Scene, generated};
use super::{Change, Deletion, FieldDiff, Live, Refusal, adopt, autoscaled, definitions, fixed, jobs};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, Segment, marks};
use crate::yaml::Node;

/// What happens to an object, and why.
pub(super) struct Verdict<'a> {
    pub(super) change: Change,
    pub(super) fields: Vec<FieldDiff>,
    pub(super) why: Option<String>,
    pub(super) adopt_from: Vec<String>,
    /// Fields that it would have to take from others.
    pub(super) contested: Vec<Contested>,
    /// Whether it takes a field from a manager that goes with the release's own autoscaler.
    pub(super) force: bool,
    /// How it is deleted before it is made again.
    pub(super) replace: Option<Deletion>,
    pub(super) live: Option<&'a Live>,
}

/// Compares an object with what is there; of Jobs it counts, too, whether they ran.
///
/// # Errors
/// It is somebody else's, it is on its way out, or a field can't be changed.
pub(super) fn verdict<'a>(scene: &Scene<'a>, object: &Object, keys: &Keys) -> Result<Verdict<'a>, Vec<Refusal>> {
    jobs::verdict(scene, object, || usual(scene, object, keys))
}

fn usual<'a>(scene: &Scene<'a>, object: &Object, keys: &Keys) -> Result<Verdict<'a>, Vec<Refusal>> {
    let Some(live) = scene.facts.live.get(&object.id) else {
        return Ok(Verdict {
            change: Change::Create,
            fields: Vec::new(),
            why: None,
            adopt_from: Vec::new(),
            contested: Vec::new(),
            force: false,
            replace: None,
            live: None,
        });
    };
    let owner = scene.owner(&object.id, live);
    let mut adopt_from = match adopt::adopt_from(scene.intent, object, live, &owner) {
        Ok(managers) => managers,
        Err(refusal) => return Err(vec![*refusal]),
    };
    if live.body.at(&["metadata", "deletionTimestamp"]).is_some_and(|node| !node.is_null()) {
        return Err(vec![Refusal::failed(
            Diagnostic::error(format!("`{}` is being deleted", object.id)).hint("try again when it is gone"),
        )]);
    }
    if let Some(refusal) = definitions::forgets(object, live) {
        return Err(vec![refusal]);
    }
    let difference = diff(object, &live.body, scene.previous(&object.id));
    if let Some((recipe, why)) =
        fixed::judge(scene, object, live, &difference.fields, keys).map_err(|refusal| vec![*refusal])?
    {
        return Ok(Verdict {
            change: Change::Replace,
            fields: difference.fields,
            why: Some(why),
            adopt_from: Vec::new(),
            contested: Vec::new(),
            force: false,
            replace: Some(recipe.deletion),
            live: Some(live),
        });
    }
    if given_at_last(object, live) {
        adopt_from.push(marks::MANAGER_GENERATED.into());
    }
    let managed = Managed::of(&live.body);
    let mut contested = contested(&managed, &difference.changed, &adopt_from);
    let force = autoscaled::is_freed(scene, object, &managed);
    contested.retain(|field| !(force && autoscaled::is_replicas(field.path.as_ref())));
    let why = match (&owner, difference.left.first()) {
        (Owner::Ours, _) if let (true, Some(field)) = (scene.intent.options.force_conflicts, contested.first()) => {
            Some(format!("takes `{}` over from {}", field.field, field.owners.join(" and ")))
        }
        (Owner::Ours, Some((path, manager))) if difference.fields.is_empty() => {
            Some(format!("leaves `{path}` to `{manager}`"))
        }
        (Owner::Ours, _) => None,
        _ => Some("taken over".to_owned()),
    };
    let change = if difference.is_empty() && owner == Owner::Ours { Change::Keep } else { Change::Update };
    Ok(Verdict {
        change,
        fields: difference.fields,
        why,
        adopt_from,
        contested,
        force,
        replace: None,
        live: Some(live),
    })
}

/// Whether a key that was generated is given from now on: then its old owner would be a conflict.
fn given_at_last(object: &Object, live: &Live) -> bool {
    let managed = Managed::of(&live.body);
    let data = object.body.at(&["data"]).and_then(Node::as_map).filter(|_| object.id.is_secret());
    data.into_iter().flatten().any(|(key, node)| {
        let path = [Segment::Key("data".into()), Segment::Key(key.clone())];
        generated(node).is_none() && managed.owns(marks::MANAGER_GENERATED, &path)
    })
}
