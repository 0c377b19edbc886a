//! What all parts of a plan look at, and the few questions that they all have about it.

use std::collections::HashMap;

use super::autoscaled::Scaled;
use super::ownership::{self, Owner};
use super::same::bytes;
use super::wanted::Wanted;
use super::{Claim, Facts, Intent, Live, pods};
use crate::object::{Object, ObjectId, marks};
use crate::release::{Entry, Past};
use crate::yaml::{Node, Text};

/// The inputs of a plan.
pub(super) struct Scene<'a> {
    pub(super) intent: &'a Intent,
    pub(super) past: &'a Past,
    pub(super) facts: &'a Facts,
    pub(super) wanted: &'a Wanted,
    pub(super) scaled: Scaled,
    previous: HashMap<&'a ObjectId, &'a Object>,
    deployed: HashMap<&'a ObjectId, &'a Object>,
    /// The live sets of the release.
    sets: Vec<(&'a ObjectId, &'a Live)>,
    /// Names of claims by namespace and owner, be it through others (`lab/Kind/name`).
    by_owner: HashMap<String, Vec<&'a str>>,
}

/// Owners of owners count: what an operator makes of a custom resource goes with it, and takes its claims along.
fn claims_by_owner(facts: &Facts) -> HashMap<String, Vec<&str>> {
    let mut by_owner: HashMap<String, Vec<&str>> = HashMap::new();
    if facts.claims.values().all(|claim| claim.owners.is_empty()) {
        return by_owner;
    }
    let above = |(id, live): (&ObjectId, &'_ Live)| {
        let owners = live.body.list_at(&["metadata", "ownerReferences"]).iter();
        let owners: Vec<String> = owners
            .filter_map(|owner| Some(format!("{}/{}", owner.str_at(&["kind"])?, owner.str_at(&["name"])?)))
            .collect();
        let place = format!("{}/{}/{}", id.namespace.as_deref().unwrap_or_default(), id.kind, id.name);
        (!owners.is_empty()).then_some((place, owners))
    };
    let above: HashMap<String, Vec<String>> = facts.live.iter().filter_map(above).collect();
    for ((namespace, name), claim) in &facts.claims {
        let mut seen: Vec<String> = Vec::new();
        let mut next: Vec<String> = claim.owners.clone();
        while let Some(owner) = next.pop() {
            if !seen.contains(&owner) {
                next.extend(above.get(&format!("{namespace}/{owner}")).into_iter().flatten().cloned());
                seen.push(owner);
            }
        }
        for owner in seen {
            by_owner.entry(format!("{namespace}/{owner}")).or_default().push(name);
        }
    }
    by_owner
}

impl<'a> Scene<'a> {
    /// Looks at these inputs.
    pub(super) fn new(intent: &'a Intent, past: &'a Past, facts: &'a Facts, wanted: &'a Wanted) -> Self {
        let objects = past.records.iter().flat_map(|record| &record.objects);
        let previous = objects.map(|object| (&object.id, object)).collect();
        let deployed = past.deployed().into_iter().flat_map(|record| &record.objects);
        let deployed = deployed.map(|object| (&object.id, object)).collect();
        let sets = facts.live.iter().filter(|(id, live)| {
            pods::is_set(id) && ownership::of(live, id.namespace.as_deref(), &intent.release) == Owner::Ours
        });
        let sets = sets.collect();
        let by_owner = claims_by_owner(facts);
        let scaled = Scaled::new(&wanted.objects, past);
        Self { intent, past, facts, wanted, scaled, previous, deployed, sets, by_owner }
    }

    /// The claims that an object (`Kind/name`) owns, be it through others.
    pub(super) fn owned_claims(&self, namespace: &str, owner: &str) -> &[&'a str] {
        self.by_owner.get(&format!("{namespace}/{owner}")).map_or(&[], Vec::as_slice)
    }

    /// What the revision in force has of that id.
    pub(super) fn deployed(&self, id: &ObjectId) -> Option<&'a Object> {
        self.deployed.get(id).copied()
    }

    /// What the newest revision that has an object wanted of it.
    pub(super) fn previous(&self, id: &ObjectId) -> Option<&'a Object> {
        self.previous.get(id).copied()
    }

    /// Whose a live object is.
    pub(super) fn owner(&self, id: &ObjectId, live: &Live) -> Owner {
        ownership::of(live, id.namespace.as_deref(), &self.intent.release)
    }

    /// A claim that exists.
    pub(super) fn claim(&self, namespace: &str, name: &str) -> Option<&'a Claim> {
        self.facts.claims.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// Whose a claim is: by its mark; else by the ledger, which knows uids; else by a live set of ours that makes it.
    pub(super) fn claim_owner(&self, namespace: &str, name: &str, claim: &Claim) -> Owner {
        let marked = ownership::of_claim(claim, namespace, &self.intent.release);
        if marked == Owner::Nobody && (self.entry(claim).is_some() || self.is_made_by_us(namespace, name)) {
            return Owner::Ours;
        }
        marked
    }

    fn is_made_by_us(&self, namespace: &str, name: &str) -> bool {
        let mut beside = self.sets.iter().filter(|(id, _)| id.namespace.as_deref() == Some(namespace));
        beside.any(|(id, live)| pods::makes_claim(id, &live.body, name))
    }

    /// Whether a claim is the release's beyond doubt, so that a purge may destroy it without being told its name: by its
    /// mark, by its uid in the ledger, or as a live set of the release wants to run a Pod on it now.
    pub(super) fn is_proven(&self, namespace: &str, name: &str, claim: &Claim) -> bool {
        match ownership::of_claim(claim, namespace, &self.intent.release) {
            Owner::Ours => true,
            Owner::Nobody => {
                let mut beside = self.sets.iter().filter(|(id, _)| id.namespace.as_deref() == Some(namespace));
                self.entry(claim).is_some() || beside.any(|(id, live)| pods::wants_claim(id, &live.body, name))
            }
            Owner::Release(_) | Owner::Helm(_) => false,
        }
    }

    /// What the ledger knows of a claim.
    pub(super) fn entry(&self, claim: &Claim) -> Option<&'a Entry> {
        self.past.ledger.as_ref()?.by_uid(&claim.uid)
    }

    /// The value that a key of a live Secret has.
    pub(super) fn live_value(&self, namespace: &str, secret: &str, key: &str) -> Option<Vec<u8>> {
        let live = self.facts.live.get(&ObjectId::secret(namespace, secret))?;
        live.body.at(&["data", key]).and_then(bytes)
    }

    /// What a key of a Secret is wanted to be; none if the release does not make it.
    pub(super) fn wanted_value(&self, namespace: &str, secret: &str, key: &str) -> Option<&'a Node> {
        self.wanted.get(&ObjectId::secret(namespace, secret))?.body.at(&["data", key])
    }

    /// The value that a key of a Secret has after the run; none that is yet to be made.
    pub(super) fn value_after(&self, namespace: &str, secret: &str, key: &str) -> Option<Vec<u8>> {
        match self.wanted_value(namespace, secret, key) {
            Some(node) if generated(node).is_none() => bytes(node),
            _ => self.live_value(namespace, secret, key),
        }
    }

    /// The command that takes the release away with its volumes.
    pub(super) fn purge_command(&self) -> String {
        let release = &self.intent.release;
        format!("kchart uninstall {} -n {} --purge-volumes", release.name, release.namespace)
    }

    /// `1Gi, since 2026-05-02, of release lab`: what a person recognises a claim by.
    pub(super) fn describe(&self, claim: &Claim) -> String {
        let mut parts: Vec<String> = claim.size.iter().cloned().collect();
        parts.push(format!("since {}", claim.created.strftime("%Y-%m-%d")));
        parts.push(match claim.labels.get(marks::RELEASE) {
            Some(release) => format!("of release `{release}`"),
            None if self.entry(claim).is_some() => format!("of release `{}`", self.intent.release.name),
            None => "of no release that is known".to_owned(),
        });
        parts.join(", ")
    }
}

/// The generated text of a node, if it is one.
pub(super) fn generated(node: &Node) -> Option<&Text> {
    node.as_text().filter(|text| text.is_generated())
}

/// Names in backticks, with commas between.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
