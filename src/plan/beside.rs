//! Generated Secrets that open nothing as far as is known, and that Pods with a claim read: an image that kchart does not
//! know may have initialised its volume with one. They stay as long as the claim does (law 3), unless the workload
//! declares that it reads them at every start.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::{Scene, generated};
use super::{credentials, pods, references};
use crate::object::{Object, ObjectId};
use crate::release::Lifetime;
use crate::yaml::Node;

/// Those Secrets of the stored revisions, with the names of the claims.
pub(super) fn beside(scene: &Scene<'_>) -> BTreeMap<ObjectId, BTreeSet<String>> {
    let mut found: BTreeMap<ObjectId, BTreeSet<String>> = BTreeMap::new();
    for record in &scene.past.records {
        let secrets: BTreeSet<&ObjectId> =
            record.objects.iter().filter(|object| is_generated(object)).map(|object| &object.id).collect();
        if secrets.is_empty() {
            continue;
        }
        let (openings, _) = credentials::openings(&record.objects, scene.facts);
        let is_read_always = |workload: &ObjectId, secret: &ObjectId| {
            openings
                .iter()
                .any(|it| it.lifetime == Lifetime::EveryBoot && it.workload == *workload && it.secret == secret.name)
        };
        for workload in record.objects.iter().filter(|object| pods::runs_pods(&object.id)) {
            let claims = claims(scene, workload);
            let reads = references::reads(&workload.id, &workload.body);
            for secret in reads.iter().filter(|id| !claims.is_empty() && secrets.contains(id)) {
                if !is_read_always(&workload.id, secret) {
                    found.entry(secret.clone()).or_default().extend(claims.iter().cloned());
                }
            }
        }
    }
    found
}

fn is_generated(object: &Object) -> bool {
    let data = object.body.at(&["data"]).and_then(Node::as_map);
    object.id.is_secret() && data.is_some_and(|data| data.values().any(|value| generated(value).is_some()))
}

/// The claims of a workload that are there.
fn claims(scene: &Scene<'_>, workload: &Object) -> BTreeSet<String> {
    let namespace = workload.id.namespace.as_deref().unwrap_or_default();
    let named: BTreeSet<String> = pods::claims(&workload.id, &workload.body).into_iter().collect();
    let is_its =
        |name: &String| named.contains(name) || pods::template_of_claim(&workload.id, &workload.body, name).is_some();
    let there = scene.facts.claims.keys().filter(|(in_namespace, _)| in_namespace == namespace);
    there.map(|(_, name)| name).filter(|name| is_its(name)).cloned().collect()
}
