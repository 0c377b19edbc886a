//! `persistentVolumeClaimRetentionPolicy`: which claims of a set go with it, or with the replicas that it loses. The
//! policy that counts is the one in force, whoever wrote it: the chart, or a person on the live set.

use super::managed::Managed;
use super::scene::{Scene, list};
use super::{Hazard, Live, Refusal, pods};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, Object, ObjectId, marks};
use crate::yaml::Node;

/// When claims of a set may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Deleted,
    Scaled,
}

impl When {
    fn field(self) -> &'static str {
        match self {
            Self::Deleted => "whenDeleted",
            Self::Scaled => "whenScaled",
        }
    }

    fn path(self) -> [&'static str; 3] {
        ["spec", "persistentVolumeClaimRetentionPolicy", self.field()]
    }
}

fn is_delete(policy: Option<&Node>) -> bool {
    policy.and_then(Node::as_str) == Some("Delete")
}

/// The claims that go with a live set when it is deleted.
pub(super) fn deleted_with<'a>(scene: &Scene<'a>, set: &ObjectId, live: &Live) -> Vec<&'a str> {
    let goes = pods::is_set(set) && is_delete(live.body.at(&When::Deleted.path()));
    if goes { claims_of(scene, set, &live.body).collect() } else { Vec::new() }
}

/// How claims are kept that [`deleted_with`] names.
pub(super) fn keep(set: &ObjectId) -> String {
    patch(set, When::Deleted)
}

/// What a wanted set would do to its claims: those that go with it are worth a word, those that go with its replicas
/// are a reason not to do it, as only a purge destroys claims.
pub(super) fn judge(scene: &Scene<'_>, set: &Object) -> (Option<Hazard>, Option<Refusal>) {
    let live = scene.facts.live.get(&set.id).map(|live| &live.body);
    let goes = |when: When| is_delete(in_force(&set.body, live, &when.path()));
    let hazard = goes(When::Deleted).then(|| Hazard {
        id: Some(set.id.clone()),
        message: "its claims go when it is deleted (`whenDeleted: Delete`)".into(),
    });
    (hazard, if goes(When::Scaled) { scaled_down(scene, set, live) } else { None })
}

/// Fewer replicas destroy the claims of the Pods that go.
fn scaled_down(scene: &Scene<'_>, set: &Object, live: Option<&Node>) -> Option<Refusal> {
    let wanted = in_force(&set.body, live, &["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1).max(0);
    let start = in_force(&set.body, live, &["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or(0).max(0);
    let stays = start..start.saturating_add(wanted);
    // What has no Pod any more does not go; a set that is made anew takes over the Pods that its predecessor left.
    let runs = live.map(|live| {
        let ordinals = pods::ordinals(live);
        let left = live.at(&["status", "replicas"]).and_then(Node::as_i64).unwrap_or(0);
        ordinals.start..ordinals.end.max(ordinals.start.saturating_add(left))
    });
    let goes = |at: i64| !stays.contains(&at) && runs.as_ref().is_none_or(|runs| runs.contains(&at));
    let lost: Vec<&str> = claims_of(scene, &set.id, &set.body)
        .filter(|name| pods::ordinals_of_claim(&set.id, &set.body, name).any(goes))
        .collect();
    if lost.is_empty() {
        return None;
    }
    let told = Diagnostic::error(format!(
        "fewer replicas of `{}` would destroy claims: {} (`whenScaled: Delete`)",
        set.id,
        list(lost)
    ));
    Some(Refusal::refused(if set.body.at(&When::Scaled.path()).is_some() {
        told.hint("set `persistentVolumeClaimRetentionPolicy.whenScaled` to `Retain`")
    } else {
        told.note("the chart does not say so: somebody set it on the live set")
            .hint(format!("keep them: `{}`", patch(&set.id, When::Scaled)))
            .hint("or leave the replicas as they are")
    }))
}

/// What a field is when the wanted object has been applied: what lives stays, unless nobody but us has written it.
fn in_force<'a>(wanted: &'a Node, live: Option<&'a Node>, path: &[&str]) -> Option<&'a Node> {
    wanted.at(path).or_else(|| {
        let managed = Managed::of(live?);
        let FieldPath(segments) = FieldPath::keys(path);
        let goes = managed.owns(marks::MANAGER, &segments) && managed.also(marks::MANAGER, &segments).is_none();
        live?.at(path).filter(|_| !goes)
    })
}

/// The claims that a set has made, whatever their ordinal.
fn claims_of<'a>(scene: &Scene<'a>, set: &ObjectId, body: &Node) -> impl Iterator<Item = &'a str> {
    let namespace = set.namespace.as_deref().unwrap_or_default();
    let claims = scene.facts.claims.keys().filter(move |(at, _)| at == namespace).map(|(_, name)| name.as_str());
    claims.filter(move |name| pods::makes_claim(set, body, name))
}

fn patch(set: &ObjectId, when: When) -> String {
    let namespace = set.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    let policy =
        format!("'{{\"spec\":{{\"persistentVolumeClaimRetentionPolicy\":{{\"{}\":\"Retain\"}}}}}}'", when.field());
    format!("kubectl patch statefulset/{}{namespace} --type merge -p {policy}", set.name)
}
