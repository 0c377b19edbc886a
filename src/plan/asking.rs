//! Which questions a plan needs answered: few, by kind, none twice.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::generated;
use super::{
    Facts, Goal, Intent, Question, Rotate, claim_size, credentials, fixed, jobs, orphans, pods, rotation, unblock,
};
use crate::manifest::Manifest;
use crate::object::{Object, ObjectId};
use crate::release::{Ledger, Lifetime, Past, Record};
use crate::schema;
use crate::yaml::Node;

/// What must be known.
pub(super) fn questions(intent: &Intent, want: &Manifest, past: &Past) -> Vec<Question> {
    let release = &intent.release;
    let deploys = intent.goal == Goal::Deployed;
    let wanted: &[Object] = if deploys { &want.objects } else { &[] };
    let inventory = past.inventory();
    // The version of the manifest wins: it is what will be compared.
    let mut kinds: BTreeMap<(String, String, Option<String>), String> = BTreeMap::new();
    let mut add = |id: &ObjectId, version: &str| {
        kinds.entry((id.group.clone(), id.kind.clone(), id.namespace.clone())).or_insert_with(|| version.to_owned());
    };
    for object in wanted {
        add(&object.id, &object.version);
    }
    for item in &inventory {
        add(&item.id, &item.version);
    }
    let mut claims: BTreeSet<String> = BTreeSet::new();
    for object in wanted {
        let mounts = pods::runs_pods(&object.id) && !pods::claims_by_volume(&object.id, &object.body).is_empty();
        let makes = pods::is_set(&object.id) && !templates(object).is_empty();
        if object.id.is_claim() || mounts || makes {
            claims.extend(object.id.namespace.clone());
        }
        if makes {
            // What can't be changed of them; the list is the one that is asked for anyway.
            add(&ObjectId::claim(object.id.namespace.as_deref().unwrap_or_default(), ""), "v1");
        }
    }
    claims.extend(inventory.iter().filter(|item| item.id.is_claim()).filter_map(|item| item.id.namespace.clone()));
    // A workload may mount claims that it no longer names.
    let named: BTreeSet<&ObjectId> = wanted.iter().map(|object| &object.id).collect();
    let before = past.deployed().into_iter().flat_map(|record| &record.objects);
    let mounted = before.filter(|it| named.contains(&it.id) && !pods::claims_by_volume(&it.id, &it.body).is_empty());
    claims.extend(mounted.filter_map(|object| object.id.namespace.clone()));
    // What leaves may own claims, or open some that the release did not make.
    let leaving = || inventory.iter().filter(|item| !named.contains(&item.id));
    claims.extend(leaving().filter_map(|item| item.id.namespace.clone()));
    for namespace in orphans::namespaces(leaving()) {
        add(&ObjectId::namespaced("", "Pod", namespace, ""), "v1");
    }
    // An operator's sets stand between its custom resources and their claims.
    for item in leaving().filter(|item| schema::kind(&item.id.group, &item.version, &item.id.kind).is_none()) {
        if let Some(namespace) = &item.id.namespace {
            add(&ObjectId::namespaced("apps", "StatefulSet", namespace, ""), "v1");
        }
    }
    // So may what is replaced.
    let known: BTreeSet<&ObjectId> = inventory.iter().map(|item| &item.id).collect();
    let adopts = !intent.options.adopt.is_empty();
    let replaced = wanted.iter().map(|object| &object.id).filter(|id| fixed::may_be_replaced(id));
    claims.extend(replaced.filter(|id| adopts || known.contains(id)).filter_map(|id| id.namespace.clone()));
    // A Secret that leaves may open a claim of another release; so may one that an earlier uninstall kept.
    let secrets = leaving().filter(|item| item.id.is_secret());
    let mut ledgers: BTreeSet<String> = secrets.filter_map(|item| item.id.namespace.clone()).collect();
    // What is taken over may open one, too.
    let adopted = wanted.iter().filter(|object| adopts && object.id.is_secret());
    ledgers.extend(adopted.filter_map(|object| object.id.namespace.clone()));
    // And one whose values change.
    let rotates = !matches!(intent.options.rotate, Rotate::Nothing);
    let changed = wanted.iter().filter(|object| known.contains(&object.id) && (rotates || has_given(object)));
    ledgers.extend(changed.filter(|object| object.id.is_secret()).filter_map(|object| object.id.namespace.clone()));
    let held: BTreeSet<String> = past.ledger.iter().flat_map(Ledger::namespaces).map(str::to_owned).collect();
    if past.ledger.is_some() && intent.goal == Goal::Purged {
        ledgers.insert(release.namespace.clone());
        ledgers.extend(held.iter().cloned());
    }
    if past.ledger.is_some() || intent.goal == Goal::Purged {
        claims.insert(release.namespace.clone());
        claims.extend(held.iter().cloned());
    }
    // Who has claims beside a Secret is seen by them.
    claims.extend(ledgers.iter().cloned());
    // Values of Secrets that the release does not make, but that open its claims.
    let (openings, _) = credentials::openings(wanted, &Facts::default());
    let sticky = openings.iter().filter(|opening| opening.lifetime == Lifetime::Sticky);
    for opening in sticky {
        add(&ObjectId::secret(&opening.namespace, &opening.secret), "v1");
    }
    let reads = |object: &&Object| credentials::reads_whole_secrets(object) || rotation::is_rotation_job(object);
    for object in wanted.iter().filter(reads) {
        add(&ObjectId::secret(object.id.namespace.as_deref().unwrap_or_default(), ""), "v1");
    }
    if past.ledger.is_some() {
        add(&ObjectId::secret(&release.namespace, ""), "v1");
        for namespace in &held {
            add(&ObjectId::secret(namespace, ""), "v1");
        }
    }

    let mut questions: BTreeSet<Question> = BTreeSet::from([Question::Namespace(release.namespace.clone())]);
    for object in wanted {
        questions.extend(object.id.namespace.clone().map(Question::Namespace));
    }
    questions.extend(kinds.into_iter().map(|((group, kind, namespace), version)| Question::Objects {
        group,
        kind,
        version,
        namespace,
    }));
    let entries = past.ledger.iter().flat_map(|ledger| &ledger.entries);
    let uids: BTreeSet<String> = entries.map(|entry| entry.uid.clone()).collect();
    let asks_ledgers = !ledgers.is_empty();
    questions.extend(ledgers.into_iter().map(Question::Ledgers));
    questions.extend(unblock::questions(wanted, past));
    questions.extend(jobs::questions(wanted, past));
    if matches!(intent.options.rotate, Rotate::Abort { skip_job: true, .. }) {
        let jobs = wanted.iter().filter(|object| rotation::is_rotation_job(object));
        questions.extend(jobs.map(|job| pods::question(job.id.namespace.clone())));
    }
    if intent.goal == Goal::Purged {
        questions.extend(claims.iter().cloned().map(Question::Pods));
    }
    // A purge that was cut off may have switched a reclaim policy: not of a claim that the revision in force uses, which no
    // purge takes.
    let has_unused = |ledger| !deploys || past.deployed().is_none_or(|record| has_unused(ledger, record));
    let may_be_switched = past.ledger.as_ref().is_some_and(has_unused) || takes_claims_over(intent, wanted);
    if intent.goal == Goal::Purged || may_be_switched {
        questions.insert(Question::Volumes);
    } else if !uids.is_empty() || asks_ledgers {
        questions.insert(Question::VolumesOfGone(uids));
    }
    if deploys && ((!intent.options.no_wait && has_unmounted_claim(wanted)) || claim_size::may_grow(wanted, past)) {
        questions.insert(Question::Classes);
    }
    questions.extend(claims.into_iter().map(Question::Claims));
    questions.into_iter().collect()
}

/// Whether the ledger knows a claim that a revision neither has nor mounts.
fn has_unused(ledger: &Ledger, record: &Record) -> bool {
    let uses = |namespace: &str, claim: &str| {
        let id = ObjectId::claim(namespace, claim);
        let mut beside = record.objects.iter().filter(|object| object.id.namespace.as_deref() == Some(namespace));
        record.inventory.iter().any(|item| item.id == id)
            || beside.any(|object| pods::may_mount(&object.id, &object.body, claim))
    };
    ledger.entries.iter().any(|entry| !uses(ledger.namespace_of(entry), &entry.claim))
}

/// Whether claims of somebody else may be taken over.
fn takes_claims_over(intent: &Intent, wanted: &[Object]) -> bool {
    let options = &intent.options;
    (options.adopt_volumes || !options.adopt.is_empty()) && wanted.iter().any(may_have_claim)
}

fn may_have_claim(object: &Object) -> bool {
    object.id.is_claim() || (pods::is_set(&object.id) && !templates(object).is_empty())
}

/// Whether it has a value that the chart or a person gives: one that is generated stays as it is.
fn has_given(secret: &Object) -> bool {
    secret.body.at(&["data"]).and_then(Node::as_map).is_some_and(|data| data.values().any(|it| generated(it).is_none()))
}

fn templates(set: &Object) -> Vec<&str> {
    pods::claim_templates(&set.body).map(|(name, _)| name).collect()
}

/// A claim that nobody mounts is waited for only if its class binds it without a consumer.
fn has_unmounted_claim(wanted: &[Object]) -> bool {
    let mounted: BTreeSet<ObjectId> = wanted
        .iter()
        .filter(|object| pods::replicas(&object.body) > 0)
        .flat_map(|object| {
            let namespace = object.id.namespace.clone().unwrap_or_default();
            let claims = pods::claims(&object.id, &object.body);
            claims.into_iter().map(move |claim| ObjectId::claim(&namespace, &claim)).collect::<Vec<_>>()
        })
        .collect();
    let sets_at_rest =
        wanted.iter().any(|set| pods::is_set(&set.id) && pods::replicas(&set.body) == 0 && !templates(set).is_empty());
    sets_at_rest || wanted.iter().any(|object| object.id.is_claim() && !mounted.contains(&object.id))
}
