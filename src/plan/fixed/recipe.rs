//! How an object is replaced without a loss, if there is a way. Each is a deletion of that very uid, then a creation:
//! a run that is killed in between leaves an object that is missing, and the next run makes it.

use super::way_out::{delete, way_out};
use super::{Recipe, Unsafe, touches};
use crate::object::{Object, ObjectId};
use crate::plan::keys::Keys;
use crate::plan::scene::{Scene, list};
use crate::plan::{Deletion, FieldDiff, Live, generated, jobs, retention};
use crate::yaml::Node;

/// Whether objects of the kind are replaced at times in a way that takes what they own along: all but sets, which leave
/// theirs.
pub(in crate::plan) fn may_be_replaced(id: &ObjectId) -> bool {
    matches!(
        (id.group.as_str(), id.kind.as_str()),
        ("batch", "Job")
            | ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding")
            | ("", "ConfigMap" | "Secret")
    )
}

/// The recipe for an object with these bound fields.
pub(super) fn recipe(
    scene: &Scene<'_>,
    object: &Object,
    live: &Live,
    bound: &[&FieldDiff],
    keys: &Keys,
) -> Result<Recipe, Unsafe> {
    match (object.id.group.as_str(), object.id.kind.as_str()) {
        ("apps", "StatefulSet") => set(scene, object, live, bound),
        ("batch", "Job") => job(scene, object, live),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            Ok(Recipe { deletion: Deletion::Background, effect: "it is made again at once" })
        }
        ("", "ConfigMap") => Ok(Recipe { deletion: Deletion::Background, effect: "what reads it is started again" }),
        ("", "Secret") => secret(object, live, keys),
        _ => Err(Unsafe::no_way(way_out(object, bound))),
    }
}

/// A set that is deleted without its Pods leaves them and their claims; one of the same name and selector takes them
/// over (`ClaimPods` in `pkg/controller/controller_ref_manager.go`), and none of them restarts.
fn set(scene: &Scene<'_>, object: &Object, live: &Live, bound: &[&FieldDiff]) -> Result<Recipe, Unsafe> {
    if touches(bound, &["spec", "selector"]) && !selects(&object.body, &live.body) {
        let why = "its Pods do not carry the labels of the new selector: nothing would look after them";
        return Err(Unsafe::felt(why, way_out(object, bound)));
    }
    let claims = retention::deleted_with(scene, &object.id, live);
    if !claims.is_empty() {
        let why = format!(
            "it would have to be replaced, and its claims go with it: {} (`whenDeleted: Delete`)",
            list(claims)
        );
        let first = "set `persistentVolumeClaimRetentionPolicy.whenDeleted` to `Retain` in an upgrade of its own, then change the rest";
        return Err(Unsafe::loss(why, vec![first.to_owned()]));
    }
    Ok(Recipe { deletion: Deletion::Orphan, effect: "its Pods and claims stay" })
}

/// Whether the Pods of a live set carry what the new selector asks for. Expressions are not judged: they count as
/// matched only where they are the same as before.
fn selects(wanted: &Node, live: &Node) -> bool {
    let expressions = |set: &Node| set.at(&["spec", "selector", "matchExpressions"]).map(Node::to_json);
    let wants = wanted.at(&["spec", "selector", "matchLabels"]).and_then(Node::as_map);
    expressions(wanted) == expressions(live)
        && wants
            .into_iter()
            .flatten()
            .all(|(label, value)| live.str_at(&["spec", "template", "metadata", "labels", label]) == value.as_str())
}

/// A Job is a run; one that ended, or of which nothing runs, makes room for the next.
fn job(scene: &Scene<'_>, object: &Object, live: &Live) -> Result<Recipe, Unsafe> {
    let is_over = live.body.list_at(&["status", "conditions"]).iter().any(|condition| {
        matches!(condition.str_at(&["type"]), Some("Complete" | "Failed"))
            && condition.str_at(&["status"]) == Some("True")
    });
    if is_over {
        return Ok(Recipe { deletion: Deletion::Background, effect: "its last run is over, and it runs again" });
    }
    let at_work = jobs::at_work(scene, &object.id, live);
    if at_work == 0 {
        let effect = "none of its Pods runs, and it begins anew";
        return Ok(Recipe { deletion: Deletion::Foreground, effect });
    }
    let name = &object.id.name;
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let why = if at_work == 1 {
        "a Pod of it is at work: to replace it would break it off".to_owned()
    } else {
        format!("{at_work} Pods of it are at work: to replace it would break them off")
    };
    let wait = format!("wait until it ends: `kubectl wait --for=condition=complete job/{name} -n {namespace}`");
    Err(Unsafe::felt(
        why,
        vec![wait, format!("or break it off: `{}`, then run the same command again", delete(&object.id))],
    ))
}

/// A Secret that opens a claim is never away, not even for a moment: were the run killed then, its value would be lost.
fn secret(object: &Object, live: &Live, keys: &Keys) -> Result<Recipe, Unsafe> {
    let place = (object.id.namespace.clone().unwrap_or_default(), object.id.name.clone());
    if let Some(claims) = keys.get(&place).filter(|claims| !claims.is_empty()) {
        let why = format!("to replace it would put at risk what opens {}", list(claims.iter().map(String::as_str)));
        let hint = "leave the field as it is, or give the Secret another name and keep this one";
        return Err(Unsafe::loss(why, vec![hint.to_owned()]));
    }
    let made: Vec<String> =
        generated::keys(object).into_keys().filter(|key| live.body.at(&["data", key]).is_some()).collect();
    if !made.is_empty() {
        let keys = list(made.iter().map(String::as_str));
        let why = format!("it holds generated keys ({keys}): to replace it would lose their values");
        return Err(Unsafe::loss(why, vec!["leave the field as it is, or give the Secret another name".to_owned()]));
    }
    Ok(Recipe { deletion: Deletion::Background, effect: "what reads it is started again" })
}
