//! What happens to one wanted object: made, changed, or left as it is.

use super::diff::diff;
use super::managed::Managed;
use super::ownership::Owner;
use super::scene::{Scene, generated};
use super::{Change, FieldDiff, Live, Refusal, adopt};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, Object, Segment, marks};
use crate::schema::{self, Since};
use crate::yaml::Node;

/// What happens to an object, and why.
pub(super) struct Verdict<'a> {
    pub(super) change: Change,
    pub(super) fields: Vec<FieldDiff>,
    pub(super) why: Option<String>,
    pub(super) adopt_from: Vec<String>,
    pub(super) live: Option<&'a Live>,
}

/// Compares an object with what is there.
///
/// # Errors
/// It is somebody else's, it is on its way out, or a field can't be changed.
pub(super) fn verdict<'a>(scene: &Scene<'a>, object: &Object) -> Result<Verdict<'a>, Vec<Refusal>> {
    let Some(live) = scene.facts.live.get(&object.id) else {
        return Ok(Verdict {
            change: Change::Create,
            fields: Vec::new(),
            why: None,
            adopt_from: Vec::new(),
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
    let difference = diff(object, &live.body, scene.previous(&object.id));
    let fixed = immutable(object, live, &difference.fields);
    if !fixed.is_empty() {
        return Err(fixed);
    }
    if given_at_last(object, live) {
        adopt_from.push(marks::MANAGER_GENERATED.into());
    }
    let why = match (&owner, difference.left.first()) {
        (Owner::Ours, Some((path, manager))) if difference.fields.is_empty() => {
            Some(format!("leaves `{path}` to `{manager}`"))
        }
        (Owner::Ours, _) => None,
        _ => Some("taken over".to_owned()),
    };
    let change = if difference.is_empty() && owner == Owner::Ours { Change::Keep } else { Change::Update };
    Ok(Verdict { change, fields: difference.fields, why, adopt_from, live: Some(live) })
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

/// Changes that the server would refuse.
fn immutable(object: &Object, live: &Live, fields: &[FieldDiff]) -> Vec<Refusal> {
    let rules = schema::immutable(&object.id.group, &object.id.kind);
    let mut refusals: Vec<Refusal> = Vec::new();
    let is_service_of_other_type =
        object.id.is("", "Service") && fields.iter().any(|field| field.path == FieldPath::keys(&["spec", "type"]));
    if is_service_of_other_type {
        return refusals; // another type lifts what binds the addresses
    }
    for field in fields {
        let names: Vec<&str> = field
            .path
            .0
            .iter()
            .map_while(|segment| match segment {
                Segment::Key(key) => Some(key.as_str()),
                _ => None,
            })
            .collect();
        let bound = rules.iter().find(|rule| {
            rule.covers(&names)
                && match rule.since {
                    Since::Creation => true,
                    Since::Set => live.body.at(rule.path).is_some_and(|node| !node.is_null()),
                    Since::Marked => live.body.at(&["immutable"]).and_then(Node::as_bool) == Some(true),
                }
        });
        if bound.is_some() {
            refusals.push(unchangeable(object, field));
        }
    }
    refusals
}

fn unchangeable(object: &Object, field: &FieldDiff) -> Refusal {
    let FieldPath(segments) = &field.path;
    let place = field.path.find_nearest(&object.body).origin.at;
    let mut diagnostic =
        Diagnostic::error(format!("`{}` of `{}` can't be changed once it is made", field.path, object.id)).at(place);
    if let (false, Some(live), Some(wanted)) = (field.secret, shown(field.live.as_ref()), shown(field.wanted.as_ref()))
    {
        diagnostic = diagnostic.note(format!("it is {live}, and {wanted} is wanted"));
    }
    let hint = if segments.iter().any(|segment| *segment == Segment::Key("volumeClaimTemplates".into())) {
        format!(
            "`kubectl delete statefulset {} --cascade=orphan` leaves its Pods and claims; then upgrade again",
            object.id.name
        )
    } else {
        "give the object another name, or delete it before the upgrade".to_owned()
    };
    Refusal::failed(diagnostic.hint(hint))
}

/// Scalars and small trees in one line.
fn shown(node: Option<&Node>) -> Option<String> {
    let text = node?.to_json().to_string();
    (text.chars().count() <= 60).then(|| format!("`{text}`"))
}
