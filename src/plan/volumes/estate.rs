//! What is known of the volumes of some namespaces, and of the releases that may have made them.

use std::collections::BTreeSet;

use crate::object::{Object, ObjectId};
use crate::plan::{Facts, Question, UnreadLedger, pods};
use crate::release::{Entry, Past, Record, Release};

/// Claims, volumes, workloads and Secrets as they live, and what is stored of releases.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// The namespaces that were asked about.
    pub namespaces: BTreeSet<String>,
    /// The answers to [`questions`].
    pub facts: Facts,
    /// The releases of the namespaces, and those of others that have something in them, by namespace and name.
    pub tenants: Vec<Tenant>,
}

/// A release that may have volumes.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Which release.
    pub release: Release,
    /// What is stored of it; for a mere list its newest header and its ledger.
    pub past: Past,
}

impl Tenant {
    /// Whether it runs, or was to: it was not taken away.
    pub fn is_live(&self) -> bool {
        !self.past.is_new()
    }

    /// Whether its newest stored revision wants an object.
    pub(super) fn wants(&self, id: &ObjectId) -> bool {
        let makes = |set: &Object| {
            id.is_claim()
                && set.id.namespace == id.namespace
                && pods::is_set(&set.id)
                && pods::makes_claim(&set.id, &set.body, &id.name)
        };
        let wants =
            |record: &Record| record.inventory.iter().any(|item| item.id == *id) || record.objects.iter().any(makes);
        self.is_live() && self.past.records.iter().any(wants)
    }
}

impl Estate {
    /// A release.
    pub fn tenant(&self, release: &Release) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.release == *release)
    }

    /// The ledger of a release that is there and can't be read.
    pub fn unread(&self, release: &Release) -> Option<&UnreadLedger> {
        self.facts.unread_ledgers.iter().find(|it| it.release == *release)
    }

    /// What ledgers know of the claims of a namespace, and whose they are.
    pub(super) fn entries_of<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = (&'a Tenant, &'a Entry)> {
        let ledgers = self.tenants.iter().filter_map(|tenant| Some((tenant, tenant.past.ledger.as_ref()?)));
        ledgers.flat_map(move |(tenant, ledger)| {
            let here = ledger.entries.iter().filter(move |entry| ledger.namespace_of(entry) == namespace);
            here.map(move |entry| (tenant, entry))
        })
    }
}

/// Kinds that run Pods, and so name claims and Secrets.
const WORKLOADS: [(&str, &str, &str); 6] = [
    ("apps", "Deployment", "v1"),
    ("apps", "StatefulSet", "v1"),
    ("apps", "DaemonSet", "v1"),
    ("batch", "CronJob", "v1"),
    ("batch", "Job", "v1"),
    ("", "Pod", "v1"),
];

/// What must be known of some namespaces.
pub fn questions(namespaces: &BTreeSet<String>, volumes: bool) -> Vec<Question> {
    let objects = |namespace: &String, (group, kind, version): (&str, &str, &str)| Question::Objects {
        group: group.into(),
        kind: kind.into(),
        version: version.into(),
        namespace: Some(namespace.clone()),
    };
    let mut questions = Vec::new();
    for namespace in namespaces {
        questions.push(Question::Claims(namespace.clone()));
        questions.push(Question::Pods(namespace.clone()));
        questions.push(objects(namespace, ("", "Secret", "v1")));
        questions.extend(WORKLOADS.map(|kind| objects(namespace, kind)));
    }
    if volumes {
        questions.extend([Question::Volumes, Question::Classes]);
    }
    questions
}
