//! CustomResourceDefinitions: upgraded with the chart as long as what is stored stays readable, and deleted only when
//! somebody names them, because all objects of their kind go with them.

use super::fixed;
use super::scene::{Scene, list};
use super::{Live, Refusal};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId};
use crate::release::Item;
use crate::yaml::Node;

/// Whether an object is a definition.
pub(super) fn is_definition(id: &ObjectId) -> bool {
    id.is("apiextensions.k8s.io", "CustomResourceDefinition")
}

/// A definition that no longer serves a version in which objects may be stored (`status.storedVersions`).
pub(super) fn forgets(object: &Object, live: &Live) -> Option<Refusal> {
    if !is_definition(&object.id) {
        return None;
    }
    let versions = object.body.list_at(&["spec", "versions"]);
    let serves = |name: &str| {
        let version = versions.iter().find(|version| version.str_at(&["name"]) == Some(name));
        version.and_then(|version| version.get("served")).and_then(Node::as_bool) == Some(true)
    };
    let stored = live.body.list_at(&["status", "storedVersions"]).iter().filter_map(Node::as_str);
    let lost: Vec<&str> = stored.filter(|version| !serves(version)).collect();
    let version = *lost.first()?;
    let place = object.body.at(&["spec", "versions"]).map(|node| node.origin.at).unwrap_or_default();
    Some(Refusal::refused(
        Diagnostic::error(format!(
            "`{}` would no longer serve {}, in which objects may be stored",
            object.id,
            list(lost)
        ))
        .at(place)
        .note("nobody could read or delete them any more")
        .hint(format!("keep `{version}` in the chart, with `served: true` and `storage: false`"))
        .hint(format!(
            "once all objects are stored in another version: `kubectl patch crd {} --subresource=status --type=merge \
                 -p '{{\"status\":{{\"storedVersions\":[\"…\"]}}}}'`, then take `{version}` away",
            object.id.name
        )),
    ))
}

/// Whether somebody wants this definition to go.
pub(super) fn is_asked_for(scene: &Scene<'_>, id: &ObjectId) -> bool {
    scene.intent.options.prune_crds.contains(&id.name)
}

/// Names that somebody wants to go and that are no definition which the release leaves behind.
pub(super) fn strangers(scene: &Scene<'_>, inventory: &[Item]) -> Vec<Refusal> {
    let names = inventory.iter().filter(|item| is_definition(&item.id)).map(|item| item.id.name.as_str());
    let names: Vec<&str> = names.collect();
    let asked = scene.intent.options.prune_crds.iter();
    asked
        .filter_map(|name| {
            if scene.wanted.get(&ObjectId::cluster("apiextensions.k8s.io", "CustomResourceDefinition", name)).is_some()
            {
                let message = format!("`--prune-crd {name}`: the chart wants this definition");
                return Some(Refusal::failed(Diagnostic::error(message).hint("take it out of the chart first")));
            }
            let is_known = names.contains(&name.as_str());
            (!is_known).then(|| {
                let message = format!("`--prune-crd {name}`: the release has no such definition");
                let diagnostic = Diagnostic::error(message);
                Refusal::failed(match nearest(name, names.iter().copied()) {
                    Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                    None => diagnostic.hint("write its full name, such as `certificates.cert-manager.io`"),
                })
            })
        })
        .collect()
}

/// Claims that go with the objects of a kind.
pub(super) fn takes_claims(scene: &Scene<'_>, id: &ObjectId, live: &Live) -> Option<Refusal> {
    let kind = format!("{}/", live.body.str_at(&["spec", "names", "kind"])?);
    let owned =
        scene.facts.claims.iter().filter(|(_, claim)| claim.owners.iter().any(|owner| owner.starts_with(&kind)));
    let owned: Vec<&str> = owned.map(|((_, name), _)| name.as_str()).collect();
    (!owned.is_empty()).then(|| {
        let message = format!("deleting `{id}` would destroy claims: {} (objects of its kind own them)", list(owned));
        Refusal::refused(
            Diagnostic::error(message)
                .hint("leave the definition: its objects stay, and with them their claims")
                .hint(format!("or destroy them on purpose: `{}`", fixed::delete(id))),
        )
    })
}
