//! The inputs of a plan, read from the files of a case:
//!
//! - `case.yaml`: goal, options, and what is stored of the release (`records`, `ledger`);
//! - `want.yaml`: the wanted objects; a generated value is written `{$text: [{$generated: {…}}]}`;
//! - for what is done to volumes by name (`by_name`), what is done to which;
//! - `cluster.yaml`: what the cluster has, as `kubectl get -o yaml` shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kchart::manifest::Manifest;
use kchart::object::{Object, ObjectId};
use kchart::plan::{
    Claim, Class, Facts, Goal, Intent, Known, Live, Mounter, Mounting, Options, Phase, Reclaim, Rotate, Volume,
};
use kchart::release::stored::from_stored;
use kchart::release::{Entry, Header, Item, Ledger, LedgerKey, Past, Record, Release, Status};
use kchart::yaml::Node;
use serde::Deserialize;
use serde_json::Value as Json;

/// All that `questions` and `plan` take.
pub(crate) struct Scene {
    pub(crate) intent: Intent,
    pub(crate) want: Manifest,
    pub(crate) past: Past,
    pub(crate) facts: Facts,
    pub(crate) by_name: Option<ByName>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Case {
    goal: String,
    revision: Option<u32>,
    options: CaseOptions,
    records: Vec<CaseRecord>,
    ledger: Vec<Json>,
    /// That of a release `other`.
    other_ledger: Vec<Json>,
    /// Why volumes can't be read.
    volumes_unreadable: Option<String>,
    unserved: Vec<(String, String)>,
    no_namespace: bool,
    by_name: Option<ByName>,
}

/// What is done to volumes that are named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum ByName {
    /// `kchart volumes purge`.
    Purge(Vec<String>),
    /// `kchart volumes adopt`.
    Adopt(CaseAdoption),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseAdoption {
    pub(crate) name: String,
    /// `secret/key`, or `secret/key=value`.
    #[serde(default)]
    pub(crate) credentials: Vec<String>,
    /// Name of the claim to come.
    pub(crate) claim: Option<String>,
    #[serde(default)]
    pub(crate) without_credential: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "as `Options`")]
struct CaseOptions {
    create_namespace: bool,
    force_conflicts: bool,
    adopt: Vec<String>,
    adopt_volumes: bool,
    accept_new_volume: bool,
    abandon_volumes: bool,
    keep_sizes: bool,
    /// `given`, `generated`, `generated secret/key`, `abort` or `abort-without-job`.
    rotate: String,
    no_wait: bool,
    skip_jobs: bool,
    prune_crds: Vec<String>,
    keep_history: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseRecord {
    revision: u32,
    status: String,
    /// What it listed, beside its objects: `PersistentVolumeClaim/data-mq-0`.
    #[serde(default)]
    inventory: Vec<String>,
    #[serde(default)]
    objects: Vec<Json>,
    /// Names of Jobs that ran.
    #[serde(default)]
    ran: Vec<String>,
}

const CLUSTER_SCOPED: [&str; 8] = [
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "ValidatingWebhookConfiguration",
];

pub(crate) const KEY: LedgerKey = LedgerKey([1; 32]);

pub(crate) fn release() -> Release {
    Release { namespace: "lab".into(), name: "mq".into() }
}

/// Reads a case.
pub(crate) fn read(folder: &Path) -> Scene {
    let case: Case = documents(&folder.join("case.yaml")).into_iter().next().map_or_else(Case::default, |json| {
        serde_json::from_value(json).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    });
    let goal = match case.goal.as_str() {
        "removed" => Goal::Removed,
        "purged" => Goal::Purged,
        _ => Goal::Deployed,
    };
    let CaseOptions {
        create_namespace,
        force_conflicts,
        adopt,
        adopt_volumes,
        accept_new_volume,
        abandon_volumes,
        keep_sizes,
        rotate,
        no_wait,
        skip_jobs,
        prune_crds,
        keep_history,
    } = case.options;
    let rotate = match rotate.split_once(' ') {
        None if rotate == "given" => Rotate::Given,
        None if rotate == "generated" => Rotate::Generated(None),
        None if rotate == "abort" => Rotate::Abort { key: None, skip_job: false },
        None if rotate == "abort-without-job" => Rotate::Abort { key: None, skip_job: true },
        None => Rotate::Nothing,
        Some((_, key)) => Rotate::Generated(Some(key.to_owned())),
    };
    let records: Vec<Record> = case.records.iter().map(record).collect();
    let ledger = (!case.ledger.is_empty()).then(|| ledger_of(release(), &case.ledger));
    let headers = records.iter().map(header).collect();
    let past = Past { headers, records, ledger, ..Past::default() };
    let newest = past.newest().map_or(0, |record| record.revision);
    let intent = Intent {
        release: release(),
        revision: case.revision.unwrap_or(newest + 1),
        goal,
        now: "2026-06-01T12:00:00Z".parse().unwrap(),
        ledger_key: KEY,
        options: Options {
            create_namespace,
            force_conflicts,
            adopt,
            adopt_volumes,
            accept_new_volume,
            abandon_volumes,
            keep_sizes,
            rotate,
            no_wait,
            skip_jobs,
            prune_crds,
            keep_history,
        },
    };
    let want =
        Manifest { objects: wanted(documents(&folder.join("want.yaml"))), warnings: Vec::new(), ..Manifest::default() };
    let mut facts = facts(&documents(&folder.join("cluster.yaml")));
    if !case.other_ledger.is_empty() {
        let other = Release { namespace: "lab".into(), name: "other".into() };
        facts.ledgers.push(ledger_of(other, &case.other_ledger));
    }
    facts.unserved = case.unserved.into_iter().collect();
    if case.no_namespace {
        facts.namespaces.clear();
    }
    if let Some(why) = case.volumes_unreadable {
        facts.volumes = Known::No(why);
    }
    Scene { intent, want, past, facts, by_name: case.by_name }
}

fn documents(path: &Path) -> Vec<Json> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let documents = serde_yaml::Deserializer::from_str(&text);
    let read = |document| Json::deserialize(document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    documents.map(read).filter(|json| !json.is_null()).collect()
}

/// Objects as the stage before hands them on: with the release's label, in its namespace.
pub(crate) fn wanted(documents: Vec<Json>) -> Vec<Object> {
    documents
        .into_iter()
        .map(|json| {
            let mut body = from_stored(&json).unwrap();
            let (id, version) =
                identity(&json, (!CLUSTER_SCOPED.contains(&json["kind"].as_str().unwrap())).then_some("lab"));
            body.set(&["metadata", "labels"], "kchart.dev/release", "mq");
            Object { id, version, body, secret: BTreeSet::new() }
        })
        .collect()
}

fn identity(json: &Json, namespace: Option<&str>) -> (ObjectId, String) {
    let api = json["apiVersion"].as_str().unwrap();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let namespace = json["metadata"]["namespace"].as_str().or(namespace);
    let id = ObjectId {
        group: group.into(),
        kind: json["kind"].as_str().unwrap().into(),
        namespace: namespace.map(str::to_owned),
        name: json["metadata"]["name"].as_str().unwrap().into(),
    };
    (id, version.to_owned())
}

fn record(case: &CaseRecord) -> Record {
    let objects = wanted(case.objects.clone());
    let mut inventory: Vec<Item> =
        objects.iter().map(|object| Item { id: object.id.clone(), version: object.version.clone() }).collect();
    for entry in &case.inventory {
        let (kind, name) = entry.split_once('/').unwrap();
        let group = match kind {
            "Deployment" | "StatefulSet" => "apps",
            "Ingress" => "networking.k8s.io",
            _ => "",
        };
        inventory.push(Item { id: ObjectId::namespaced(group, kind, "lab", name), version: "v1".into() });
    }
    let time = "2026-05-02T10:00:00Z".parse().unwrap();
    Record {
        release: release(),
        revision: case.revision,
        status: Status::parse(&case.status).unwrap(),
        started: time,
        updated: time,
        description: String::new(),
        chart: None,
        inventory,
        steps: Vec::new(),
        values: Node::map(),
        objects,
        notes: None,
        computed: None,
        ran: case.ran.iter().map(|name| ObjectId::namespaced("batch", "Job", "lab", name)).collect(),
    }
}

fn header(record: &Record) -> Header {
    Header {
        revision: record.revision,
        status: record.status,
        started: None,
        updated: record.updated,
        chart: None,
        description: String::new(),
    }
}

/// `value` in a credential is what its hash is made of.
fn ledger_of(release: Release, entries: &[Json]) -> Ledger {
    let mut ledger = Ledger { release, key: KEY, entries: Vec::new() };
    for entry in entries {
        let mut entry = entry.clone();
        for credential in entry["credentials"].as_array_mut().into_iter().flatten() {
            if let Some(value) = credential.as_object_mut().unwrap().remove("value") {
                credential["hash"] = Json::String(ledger.hash(value.as_str().unwrap().as_bytes()));
            }
        }
        let entry: Entry = serde_json::from_value(entry).unwrap();
        ledger.entries.push(entry);
    }
    ledger
}

/// What the cluster would answer to all questions.
pub(crate) fn facts(objects: &[Json]) -> Facts {
    let mut facts = Facts { namespaces: BTreeSet::from(["lab".to_owned()]), ..Facts::default() };
    let mut volumes = BTreeMap::new();
    let mut classes = BTreeMap::new();
    for json in objects {
        let kind = json["kind"].as_str().unwrap();
        let (id, version) = identity(json, (!CLUSTER_SCOPED.contains(&kind)).then_some("lab"));
        let uid = json["metadata"]["uid"].as_str().map_or_else(|| format!("uid-{}", id.name), str::to_owned);
        let namespace = id.namespace.clone().unwrap_or_default();
        match kind {
            "Namespace" => {
                facts.namespaces.insert(id.name.clone());
            }
            "PersistentVolumeClaim" => {
                facts.claims.insert((namespace, id.name.clone()), claim(json, &uid));
            }
            "PersistentVolume" => {
                volumes.insert(id.name.clone(), volume(json, &uid));
            }
            "StorageClass" => {
                classes.insert(id.name.clone(), class(json));
            }
            "Pod" => {
                let owner = &json["metadata"]["ownerReferences"][0];
                let controller =
                    owner["kind"].as_str().map(|kind| format!("{kind}/{}", owner["name"].as_str().unwrap()));
                for volume in json["spec"]["volumes"].as_array().into_iter().flatten() {
                    let ephemeral = || format!("{}-{}", id.name, volume["name"].as_str().unwrap());
                    let named = volume["persistentVolumeClaim"]["claimName"].as_str().map(str::to_owned);
                    let claim = named.unwrap_or_else(ephemeral);
                    let mounter = Mounter { pod: id.name.clone(), controller: controller.clone() };
                    facts.mounted_by.entry((namespace.clone(), claim)).or_default().push(mounter);
                }
            }
            _ => {}
        }
        let live = Live { version, uid, resource_version: "1".into(), body: Node::from(json) };
        facts.live.insert(id, live);
    }
    facts.volumes = Known::Yes(volumes);
    facts.classes = Known::Yes(classes);
    facts
}

fn text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn map(json: &Json) -> BTreeMap<String, String> {
    json.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value).unwrap())).collect()
}

fn claim(json: &Json, uid: &str) -> Claim {
    Claim {
        uid: uid.to_owned(),
        resource_version: "1".into(),
        created: json["metadata"]["creationTimestamp"].as_str().unwrap_or("2026-05-02T10:00:00Z").parse().unwrap(),
        terminating: json["metadata"]["deletionTimestamp"].is_string(),
        labels: map(&json["metadata"]["labels"]),
        annotations: map(&json["metadata"]["annotations"]),
        volume: text(&json["spec"]["volumeName"]),
        class: text(&json["spec"]["storageClassName"]),
        size: text(&json["spec"]["resources"]["requests"]["storage"]),
        bound: json["status"]["phase"] == "Bound",
        owners: json["metadata"]["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|owner| format!("{}/{}", owner["kind"].as_str().unwrap(), owner["name"].as_str().unwrap()))
            .collect(),
    }
}

fn volume(json: &Json, uid: &str) -> Volume {
    let spec = &json["spec"];
    let claim = &spec["claimRef"];
    Volume {
        uid: uid.to_owned(),
        resource_version: "1".into(),
        phase: match json["status"]["phase"].as_str().unwrap() {
            "Released" => Phase::Released,
            "Failed" => Phase::Failed,
            "Bound" => Phase::Bound,
            _ => Phase::Available,
        },
        reclaim: match spec["persistentVolumeReclaimPolicy"].as_str().unwrap() {
            "Retain" => Reclaim::Retain,
            "Recycle" => Reclaim::Recycle,
            _ => Reclaim::Delete,
        },
        reclaim_before: json["metadata"]["annotations"]["kchart.dev/reclaim-policy-before-purge"]
            .as_str()
            .map(|_| Reclaim::Retain),
        class: text(&spec["storageClassName"]),
        capacity: text(&spec["capacity"]["storage"]),
        claim: claim["name"]
            .as_str()
            .map(|name| (claim["namespace"].as_str().unwrap_or("lab").into(), name.into(), text(&claim["uid"]))),
        provisioner: text(&json["metadata"]["annotations"]["pv.kubernetes.io/provisioned-by"]),
        location: text(&spec["hostPath"]["path"]).map_or("unknown".into(), |path| format!("hostPath {path}")),
        mounting: Mounting::default(),
        created: None,
        in_phase_since: None,
        terminating: false,
    }
}

fn class(json: &Json) -> Class {
    Class {
        provisioner: text(&json["provisioner"]).unwrap_or_default(),
        reclaim: Reclaim::Delete,
        expands: json["allowVolumeExpansion"] == true,
        waits_for_consumer: json["volumeBindingMode"] == "WaitForFirstConsumer",
        default: true,
    }
}
