//! Deletions that would have claims garbage collected: of a set whose retention policy says so, of what owns them. They are
//! refused, each with the command that keeps the claims (law 2: purge is never a by-product).

use super::scene::{Scene, list};
use super::{Live, Refusal, pods, retention};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;

/// A set whose claims go with it.
pub(super) fn deletes_claims(scene: &Scene<'_>, id: &ObjectId, live: &Live) -> Option<Refusal> {
    let claims = retention::deleted_with(scene, id, live);
    let why = "`whenDeleted: Delete`";
    (!claims.is_empty()).then(|| would_destroy(scene, ("deleting", id), &claims, why, &retention::keep(id)))
}

/// A deletion, be it one before the object is made again, that would have claims garbage collected.
pub(super) fn takes_owned_claims(scene: &Scene<'_>, doing: &str, id: &ObjectId, live: &Live) -> Option<Refusal> {
    let namespace = id.namespace.as_deref()?;
    let owned = scene.owned_claims(namespace, &format!("{}/{}", id.kind, id.name)).iter().copied();
    let owned: Vec<&str> = owned.filter(|name| !pods::is_ephemeral(id, &live.body, name)).collect();
    if owned.is_empty() {
        return None;
    }
    Some(would_destroy(scene, (doing, id), &owned, "it owns them", &disown(namespace, &owned)))
}

/// The command after which claims go with nobody.
pub(super) fn disown(namespace: &str, claims: &[&str]) -> String {
    let patch = "'{\"metadata\":{\"ownerReferences\":null}}'";
    format!("kubectl patch pvc {} -n {namespace} --type merge -p {patch}", claims.join(" "))
}

fn would_destroy(scene: &Scene<'_>, (doing, id): (&str, &ObjectId), claims: &[&str], why: &str, keep: &str) -> Refusal {
    let claims = list(claims.iter().copied());
    Refusal::refused(
        Diagnostic::error(format!("{doing} `{id}` would destroy claims: {claims} ({why})"))
            .hint(format!("keep them: `{keep}`"))
            .hint(format!("or destroy them on purpose: `{}`", scene.purge_command())),
    )
}
