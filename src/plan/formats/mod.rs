//! Whether an image starts on the data that a claim holds.
//!
//! The image of a claim's data is, in this order: the one that a workload, all of whose Pods are ready, runs on it now;
//! the one that the ledger remembers. The ledger takes the image that initialises a new claim at once, and another one
//! only when a run has seen it ready on the claim. A run that fails or does not wait teaches it nothing, and of a
//! stranger's claim it knows no image before one was ready on it. Only an image that was seen ready refuses others:
//! one that was never pulled has written nothing, and its tag must be mendable.

mod rule;
mod version;

use std::collections::BTreeMap;

use super::claims::Judgement;
use super::credentials::{Image, images};
use super::scene::Scene;
use super::{Claim, Hazard, Refusal, pods, sticky};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId, marks};
use crate::yaml::Node;
use version::Version;

/// Images by claim (namespace, name).
pub(super) type Images = BTreeMap<(String, String), Image>;

/// Judges each claim that is mounted by an image.
pub(super) fn judge(scene: &Scene<'_>, wanted: &Images, out: &mut Judgement) {
    let running = running(scene);
    for ((namespace, name), image) in wanted {
        let Some(claim) = scene.claim(namespace, name) else { continue };
        let remembered = scene.entry(claim).and_then(|entry| Some((entry.image.as_deref()?, entry.image_ready)));
        let now = running.get(&(namespace.clone(), name.clone())).map(|image| (image.name.as_str(), true));
        let Some((old, proven)) = now.or(remembered) else { continue };
        // Whoever upgraded the data by other means has to be able to say so.
        let said = claim.annotations.get(marks::DATA_OF).is_some_and(|said| *said == image.name);
        if said || old == image.name {
            continue;
        }
        let id = ObjectId::claim(namespace, name);
        match rule::of(old, &image.name) {
            Some(rule) if rule.refuses(old, &image.name) && !proven => out.hazards.push(Hazard {
                message: format!(
                    "claim `{name}` may hold data of `{old}`, on which `{}` does not start: {}",
                    image.name, rule.because
                ),
                id: Some(id),
            }),
            Some(rule) if rule.refuses(old, &image.name) => {
                out.refusals.push(incompatible(scene, &id, claim, (old, image), rule));
            }
            Some(rule) => out.hazards.extend(hazard(&id, (old, image), |image| rule.version(image))),
            // Whose data has no login is no database: any version of it reads its files.
            None if is_opened(scene, claim) && sticky::repository(old) == sticky::repository(&image.name) => {
                out.hazards.extend(hazard(&id, (old, image), |image| Version::parse(sticky::tag(image)?)));
            }
            None => {}
        }
    }
}

/// The images of the workloads that a run which waits will have seen ready on their claims.
pub(super) fn awaited(objects: &[Object]) -> Images {
    images(objects.iter().filter(|object| stays_ready(&object.id, &object.body)).map(|it| (&it.id, &it.body)))
}

/// The images of live workloads that are ready, of which every Pod is of the newest template.
fn running(scene: &Scene<'_>) -> Images {
    let ready = |id: &ObjectId, body: &Node| {
        let count = |path: &[&str]| body.at(path).and_then(Node::as_i64).unwrap_or(0);
        let replicas = pods::replicas(body);
        count(&["status", "observedGeneration"]) >= count(&["metadata", "generation"])
            && count(&["status", "updatedReplicas"]) >= replicas
            && count(&["status", "readyReplicas"]) >= replicas
            && stays_ready(id, body)
    };
    let live = scene.facts.live.iter().map(|(id, live)| (id, &live.body));
    images(live.filter(|(id, body)| ready(id, body)))
}

/// Whether a workload runs Pods that stay.
pub(super) fn stays_ready(id: &ObjectId, body: &Node) -> bool {
    (pods::is_set(id) || id.is("apps", "Deployment")) && pods::replicas(body) > 0
}

fn is_opened(scene: &Scene<'_>, claim: &Claim) -> bool {
    scene.entry(claim).is_some_and(|entry| !entry.credentials.is_empty())
}

fn hazard(id: &ObjectId, (old, new): (&str, &Image), version: impl Fn(&str) -> Option<Version>) -> Option<Hazard> {
    let other = version(old)?.major != version(&new.name)?.major;
    other.then(|| Hazard {
        id: Some(id.clone()),
        message: format!("claim `{}` holds data of `{old}`, and `{}` may not start on it", id.name, new.name),
    })
}

fn incompatible(
    scene: &Scene<'_>,
    id: &ObjectId,
    claim: &Claim,
    (old, new): (&str, &Image),
    rule: &rule::Rule,
) -> Refusal {
    let namespace = id.namespace.as_deref().unwrap_or_default();
    Refusal::refused(
        Diagnostic::error(format!(
            "volume claim `{}` ({}) holds data of `{old}`, and `{}` does not start on it",
            id.name,
            scene.describe(claim),
            new.name
        ))
        .at(new.origin.at)
        .note_at("set here", new.origin.from)
        .note(format!("{} ({})", rule.because, rule.source))
        .hint(format!("keep the image: `{old}`"))
        .hint(format!(
            "or dump and restore: install under another name beside it, copy the data, and destroy the old ones: `{}`",
            scene.purge_command()
        ))
        .hint(format!(
            "or, if somebody has upgraded the data in the volume: `kubectl annotate pvc {} -n {namespace} {}={}`",
            id.name,
            marks::DATA_OF,
            new.name
        )),
    )
}
