//! Data at rest: volumes that the release's ledger knows and that nothing mounts, because a claim is no longer wanted or
//! was deleted by a person; and mounted ones, as far as nothing reads any more what opens them. What opens them outlives
//! them: no other value takes the place of the only one that is known, and none is made beside data that it does not
//! open (law 3).
//!
//! What is mounted and read is judged in `claims`.

use std::collections::BTreeMap;

use super::claims::Judgement;
use super::credentials::{Opening, of_claim};
use super::deploy::Decided;
use super::proven::{Place, Proven, proven};
use super::rotation::Rotation;
use super::scene::{Scene, generated};
use super::{Hazard, Reclaim, Refusal, SecretKey, Volume, pods};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, ObjectId};
use crate::release::{Credential, Lifetime};

/// What a plan would do to the value that opens data at rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Threat {
    /// Another one is given.
    Another,
    /// Its key goes.
    Removed,
    /// It is gone already, and a new one would be made.
    Made,
    /// It is rotated, and nothing tells these data of it.
    Rotated,
}

/// Judges all data at rest. Uids of those that are abandoned: the ledger is to forget them.
pub(super) fn judge(
    scene: &Scene<'_>,
    decided: &[Decided<'_>],
    openings: &[Opening],
    rotations: &[Rotation<'_>],
    out: &mut Judgement,
) -> Vec<String> {
    let secrets: BTreeMap<&ObjectId, &Decided<'_>> =
        decided.iter().filter(|it| it.object.id.is_secret()).map(|it| (&it.object.id, it)).collect();
    let mut abandoned = Vec::new();
    for data in proven(scene) {
        out.hazards.extend(begins_anew(scene, &data, decided));
        let namespace = data.namespace();
        let opens = data.entry.credentials.iter().filter(|credential| credential.lifetime == Lifetime::Sticky);
        let mut is_closed = false;
        for credential in opens {
            let (secret, name) = (credential.secret.clone(), credential.key.clone());
            let key = SecretKey { namespace: namespace.to_owned(), secret, key: name };
            let rotation = rotations.iter().find(|rotation| rotation.key == key);
            let threat = match (rotation, secrets.get(&ObjectId::secret(namespace, &key.secret))) {
                // Both values stay.
                (Some(rotation), _) if rotation.is_given_up() => None,
                (Some(rotation), _) => (!is_told(scene, &data, rotation)).then_some(Threat::Rotated),
                (None, Some(secret)) if !is_judged(&data, credential, openings, out) => {
                    threat(scene, secret, (&data, credential), &key, out)
                }
                (None, _) => None,
            };
            let Some(threat) = threat else { continue };
            let is_left_alone = |secret: &str| !secrets.contains_key(&ObjectId::secret(namespace, secret));
            if has_spare(scene, &data, credential, is_left_alone)
                || is_read_elsewhere(scene, &data, credential, openings)
            {
                continue;
            }
            if scene.intent.options.abandon_volumes && may_be_abandoned(scene, &data) {
                is_closed = true;
            } else {
                out.refusals.push(refusal(scene, &data, &key, threat));
            }
        }
        if is_closed {
            let message =
                format!("nothing in the cluster opens {} any more, and the ledger forgets it", named(scene, &data));
            out.hazards.push(Hazard { id: None, message });
            abandoned.push(data.entry.uid.clone());
        }
    }
    abandoned
}

/// A new, empty claim takes the place of one whose volume is still there with its data.
fn begins_anew(scene: &Scene<'_>, data: &Proven<'_>, decided: &[Decided<'_>]) -> Option<Hazard> {
    let Place::Left(volume, Volume { reclaim: Reclaim::Retain, .. }) = data.place else { return None };
    let (name, namespace) = (&data.ledger.release.name, data.namespace());
    let id = ObjectId::claim(namespace, &data.entry.claim);
    let is_new = decided.iter().any(|it| it.object.id == id && it.verdict.live.is_none());
    let is_given_up = scene.intent.options.abandon_volumes;
    (data.is_own(scene) && is_new && !is_given_up).then(|| Hazard {
        message: format!(
            "{} still has its data, and a new, empty claim takes its place; to have it back, run first: \
             `kchart volumes adopt pv/{volume} --release {name} -n {namespace}`",
            named(scene, data)
        ),
        id: Some(id),
    })
}

/// Whether a workload that is wanted reads it beside its claim, with however many replicas, or another value is tried in
/// its place.
fn is_judged(data: &Proven<'_>, credential: &Credential, openings: &[Opening], judgement: &Judgement) -> bool {
    let Credential { secret, key, .. } = credential;
    let is_it = |opening: &Opening| (&opening.secret, &opening.key) == (secret, key);
    let tried = (data.namespace().to_owned(), data.entry.claim.clone(), secret.clone(), key.clone());
    let is_read = of_claim(openings, data.namespace(), &data.entry.claim).iter().any(is_it);
    matches!(data.place, Place::Claimed(_)) && (is_read || judgement.disproven.contains(&tried))
}

/// Whether what mounts the claim reads the very value under another name from now on.
fn is_read_elsewhere(scene: &Scene<'_>, data: &Proven<'_>, credential: &Credential, openings: &[Opening]) -> bool {
    let namespace = data.namespace();
    let live = scene.live_value(namespace, &credential.secret, &credential.key);
    let is_same = |value: Vec<u8>| match &credential.hash {
        Some(hash) => data.ledger.hash(&value) == *hash,
        None => live.as_ref() == Some(&value),
    };
    let read = of_claim(openings, namespace, &data.entry.claim).iter();
    let mut others = read.filter(|it| (&it.secret, &it.key) != (&credential.secret, &credential.key));
    matches!(data.place, Place::Claimed(_))
        && others.any(|it| scene.value_after(namespace, &it.secret, &it.key).is_some_and(is_same))
}

/// Whether a Pod of the service whose credential is rotated runs on it, so that its Job changes it there too.
fn is_told(scene: &Scene<'_>, data: &Proven<'_>, rotation: &Rotation<'_>) -> bool {
    let namespace = Some(data.namespace());
    let workloads = rotation.workloads().map(|at| &scene.wanted.objects[at]);
    let mut beside = workloads.filter(|workload| workload.id.namespace.as_deref() == namespace);
    matches!(data.place, Place::Claimed(_))
        && beside.any(|workload| pods::mounts(&workload.id, &workload.body, &data.entry.claim))
}

fn threat(
    scene: &Scene<'_>,
    secret: &Decided<'_>,
    (data, credential): (&Proven<'_>, &Credential),
    key: &SecretKey,
    out: &mut Judgement,
) -> Option<Threat> {
    let wanted = scene.wanted_value(&key.namespace, &key.secret, &key.key);
    let is_right = |value: &[u8]| credential.hash.as_ref().map(|hash| data.ledger.hash(value) == *hash);
    let Some(live) = scene.live_value(&key.namespace, &key.secret, &key.key) else {
        let given = wanted.filter(|node| generated(node).is_none()).and_then(super::same::bytes);
        if let Some(given) = given {
            if is_right(&given).is_none() {
                out.hazards.push(Hazard {
                    id: None,
                    message: format!("nothing tells whether `{key}`, as it is given now, opens {}", named(scene, data)),
                });
            }
            return None;
        }
        let is_new = secret.generation.as_ref().is_some_and(|generation| generation.new.contains(&key.key));
        return is_new.then_some(Threat::Made);
    };
    if is_right(&live) == Some(false) {
        return None; // it is closed already
    }
    match wanted {
        Some(node) if generated(node).is_some() => None,
        Some(node) => (super::same::bytes(node).as_ref() != Some(&live)).then_some(Threat::Another),
        None => {
            let path = FieldPath::keys(&["data", &key.key]);
            let goes = |field: &super::FieldDiff| field.path == path && field.wanted.is_none();
            secret.verdict.fields.iter().any(goes).then_some(Threat::Removed)
        }
    }
}

/// Whether another Secret that this plan leaves alone has the very value too: then it is not the only one.
fn has_spare(
    scene: &Scene<'_>,
    data: &Proven<'_>,
    credential: &Credential,
    is_left_alone: impl Fn(&str) -> bool,
) -> bool {
    let Some(hash) = &credential.hash else { return false };
    let namespace = data.namespace();
    let has_value = |other: &Credential| {
        let live = scene.live_value(namespace, &other.secret, &other.key);
        live.is_some_and(|value| data.ledger.hash(&value) == *hash)
    };
    let others = data.entry.credentials.iter().filter(|other| other.secret != credential.secret);
    others.filter(|other| is_left_alone(&other.secret)).any(has_value)
}

/// What is claimed is destroyed by its name; what is another release's is not this one's to give up.
fn may_be_abandoned(scene: &Scene<'_>, data: &Proven<'_>) -> bool {
    data.is_own(scene) && !matches!(data.place, Place::Claimed(_))
}

/// As it stands in a sentence: `volume "pvc-1" (1Gi, of claim "data-mq-0", which is gone)`.
fn named(scene: &Scene<'_>, data: &Proven<'_>) -> String {
    let (claim, ledger) = (&data.entry.claim, &data.ledger.release);
    let of = if data.is_own(scene) { String::new() } else { format!(" of release `{}`", ledger.name) };
    let size = data.entry.size.as_ref().map(|size| format!("{size}, ")).unwrap_or_default();
    match (data.place, &data.entry.volume) {
        (Place::Claimed(claimed), _) => format!("volume claim `{claim}` ({})", scene.describe(claimed)),
        (Place::Left(volume, _), _) => format!("volume `{volume}` ({size}of claim `{claim}`{of}, which is gone)"),
        (Place::Unseen(_), Some(volume)) => {
            format!("volume `{volume}` ({size}of claim `{claim}`{of}, which is gone)")
        }
        (Place::Unseen(_), None) => format!("the volume ({size}of claim `{claim}`{of}, which is gone)"),
    }
}

fn refusal(scene: &Scene<'_>, data: &Proven<'_>, key: &SecretKey, threat: Threat) -> Refusal {
    let SecretKey { namespace, secret, key: name } = key;
    let place = scene.wanted_value(namespace, secret, name).map(|node| node.origin.at);
    let volume = named(scene, data);
    let only = "the Secret has the only value that is known to open it";
    let (message, note, hint) = match threat {
        Threat::Another => (
            format!(
                "{volume} was initialised with another `{name}` of Secret `{secret}` than the one that is given now"
            ),
            only,
            format!("give the old value for `{name}` of `{secret}`"),
        ),
        Threat::Removed => (
            format!("{volume} was initialised with `{name}` of Secret `{secret}`, which would be taken away"),
            only,
            format!("keep `{name}` in `{secret}`"),
        ),
        Threat::Made => (
            format!("{volume} was initialised with `{name}` of Secret `{secret}`, which the cluster no longer has"),
            "a new value would not open it",
            format!("give the old value: `--set …=<the old value>`, or in a values file, for `{name}` of `{secret}`"),
        ),
        Threat::Rotated => (
            format!(
                "{volume} is opened by `{key}` too, and {}",
                if data.is_own(scene) {
                    "nothing runs on it that could change it there"
                } else {
                    "this rotation does not change it there"
                }
            ),
            "the new value would not open it",
            match data.place {
                _ if !data.is_own(scene) => {
                    format!("let release `{}` read its value from a Secret of its own first", data.ledger.release.name)
                }
                Place::Claimed(_) => "have Pods run on it again, and rotate then".to_owned(),
                Place::Left(..) | Place::Unseen(_) => format!("leave `{key}` as it is"),
            },
        ),
    };
    let told = Diagnostic::error(message).at(place.unwrap_or_default()).note(note).hint(hint);
    Refusal::refused(ways_out(scene, data, key, threat, told))
}

/// What else may be done about the data, each with its command.
fn ways_out(scene: &Scene<'_>, data: &Proven<'_>, key: &SecretKey, threat: Threat, told: Diagnostic) -> Diagnostic {
    let (release, namespace) = (&scene.intent.release.name, &key.namespace);
    if !data.is_own(scene) {
        let other = "or give the Secret of this release another name, and keep that one";
        return if threat == Threat::Rotated { told } else { told.hint(other) };
    }
    let told = match data.place {
        Place::Claimed(_) => {
            let claim = &data.entry.claim;
            return told.hint(format!("or destroy the data: `kchart volumes purge claim/{claim} -n {namespace}`"));
        }
        Place::Left(volume, _) => {
            let with = if threat == Threat::Made { "-from-file" } else { "" };
            let file = if threat == Threat::Made { "=FILE" } else { "" };
            // Another claim of its name takes its place.
            let told = match scene.claim(namespace, &data.entry.claim) {
                Some(_) => told,
                None => told.hint(format!(
                    "or bring the volume back first: `kchart volumes adopt pv/{volume} --release {release} \
                     -n {namespace} --credential{with} {key}{file}`"
                )),
            };
            told.hint(format!("or destroy it: `kchart volumes purge pv/{volume} -n {namespace}`"))
        }
        Place::Unseen(why) => {
            let seen = data.entry.volume.as_ref().map(|volume| format!(" {volume}")).unwrap_or_default();
            told.note(format!(
                "whether the volume is still there can't be told: PersistentVolumes may not be read ({why})"
            ))
            .hint(format!("somebody with that right can see: `kubectl get pv{seen}`"))
        }
    };
    told.hint("or give the volume up, with nothing that opens it: add `--abandon-volumes`")
}
