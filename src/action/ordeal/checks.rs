//! What is to be true after a run, and what must never be lost.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Verb, World};
use crate::cluster::Cluster;
use crate::object::marks;
use crate::release::{Header, Release, Status};

/// What must be kept: volumes, and what opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Uids of claims by name.
    pub(super) claims: BTreeMap<String, String>,
    /// Content of the chart's Secrets by name.
    pub(super) secrets: BTreeMap<String, Json>,
    /// Where volumes have data.
    pub(super) disks: Vec<String>,
}

/// Fields that differ from run to run.
const VARYING: [&str; 5] = [
    "/spec/volumeName",
    "/spec/clusterIP",
    "/spec/clusterIPs",
    "/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid",
    "/spec/template/metadata/labels",
];

/// The Secrets that open a volume.
const SECRETS: [&str; 2] = ["mq", "web"];

impl World {
    fn of_kind(&self, kind: &str) -> Vec<Json> {
        self.sandbox.objects().into_iter().filter(|object| object["kind"] == kind).collect()
    }

    /// What may not be lost.
    pub(super) fn kept(&self) -> Kept {
        let claims = self.of_kind("PersistentVolumeClaim");
        let secrets = self.of_kind("Secret").into_iter().filter(|it| SECRETS.contains(&name(it)));
        Kept {
            claims: claims.iter().map(|it| (name(it).to_owned(), text(&it["metadata"]["uid"]).to_owned())).collect(),
            secrets: secrets.map(|it| (name(&it).to_owned(), it["data"].clone())).collect(),
            disks: self.sandbox.data(),
        }
    }

    /// No volume lost, no Secret lost or made anew while a claim is there that it opens.
    pub(super) fn check_kept(&self, before: &Kept, purged: bool, at: &str) {
        let now = self.kept();
        for (claim, uid) in &before.claims {
            let stays = now.claims.get(claim) == Some(uid);
            assert!(stays || purged, "{at}: claim `{claim}` is lost");
            let secret = if claim == "files" { "web" } else { "mq" };
            if stays && let Some(opens) = before.secrets.get(secret) {
                assert!(has_all(now.secrets.get(secret), opens), "{at}: `{claim}` stayed, what opens it did not");
            }
        }
        if !purged {
            assert!(before.disks.iter().all(|disk| now.disks.contains(disk)), "{at}: data is lost");
            let lost = |(name, data): &(&String, &Json)| !has_all(now.secrets.get(*name), data);
            assert_eq!(before.secrets.iter().find(lost).map(|(name, _)| name), None, "{at}: a Secret is lost");
        }
    }

    /// What the verb was to bring about is there, and nothing else; nothing is locked.
    pub(super) async fn check_reached(&self, verb: Verb, reference: &Self, at: &str) {
        assert_eq!(self.of_kind("Lease"), Vec::<Json>::new(), "{at}: the lock is stuck");
        let (mut here, mut there) = (self.shape(), reference.shape());
        if verb == Verb::Install {
            // What an uninstall kept goes on saying so; how far a killed one came does not matter.
            here.values_mut().chain(there.values_mut()).for_each(forget_retention);
        }
        for (id, object) in &there {
            assert_eq!(here.get(id), Some(object), "{at}: {id}");
        }
        let more: Vec<_> = here.keys().filter(|id| !there.contains_key(*id)).collect();
        assert!(more.is_empty(), "{at}: left over: {more:?}");
        match verb {
            Verb::Install | Verb::Upgrade | Verb::Rollback => self.check_history(at).await,
            Verb::Uninstall => assert_eq!(self.statuses().await, [], "{at}: records are left over"),
            Verb::Purge => {
                assert_eq!(self.kept().disks, Vec::<String>::new(), "{at}: data is left over");
                assert_eq!(self.stored(), Vec::<Json>::new(), "{at}: records or a ledger are left over");
            }
        }
    }

    /// The newest revision is in force, and none is unfinished.
    async fn check_history(&self, at: &str) {
        let statuses = self.statuses().await;
        let (newest, older) = statuses.split_last().expect("there is a record");
        assert_eq!(*newest, Status::Deployed, "{at}: {statuses:?}");
        let ended = |status: &Status| [Status::Superseded, Status::Failed].contains(status);
        assert!(older.iter().all(ended), "{at}: {statuses:?}");
    }

    pub(super) async fn statuses(&self) -> Vec<Status> {
        self.headers().await.iter().map(|header| header.status).collect()
    }

    /// The history of the release.
    pub(super) async fn headers(&self) -> Vec<Header> {
        let cluster = Cluster::over(self.sandbox.client());
        cluster.headers(&Release { namespace: "default".into(), name: "mq".into() }).await.unwrap()
    }

    /// The broker's set; none if it is not there.
    pub(super) fn broker(&self) -> Option<Json> {
        self.of_kind("StatefulSet").into_iter().find(|set| name(set) == "mq")
    }

    /// All that is specified of the broker.
    pub(super) fn broker_spec(&self) -> Json {
        let mut set = self.broker().expect("the broker is there");
        forget_reads(&mut set);
        set["spec"].take()
    }

    /// The broker's image and memory.
    pub(super) fn container(&self) -> [String; 2] {
        let set = self.broker().expect("the broker is there");
        let container = &set["spec"]["template"]["spec"]["containers"][0];
        [&container["image"], &container["resources"]["limits"]["memory"]].map(|it| text(it).to_owned())
    }

    fn stored(&self) -> Vec<Json> {
        let secrets = self.of_kind("Secret").into_iter();
        secrets.filter(|secret| text(&secret["type"]).starts_with("kchart.dev/")).collect()
    }

    /// All objects without what differs from run to run.
    fn shape(&self) -> BTreeMap<String, Json> {
        let objects = self.sandbox.objects().into_iter().filter(|object| {
            let kind = text(&object["kind"]);
            !["Pod", "Event", "ControllerRevision", "ReplicaSet", "EndpointSlice"].contains(&kind)
                && !text(&object["type"]).starts_with("kchart.dev/")
        });
        objects.map(plain).collect()
    }
}

/// Whether all keys are there, with the same values.
fn has_all(now: Option<&Json>, before: &Json) -> bool {
    let mut before = before.as_object().into_iter().flatten();
    before.all(|(key, value)| now.is_some_and(|now| now.get(key) == Some(value)))
}

/// Forgets the revision in which what the Pods read last changed: after a rollback it is the newest one, whatever they
/// read.
fn forget_reads(object: &mut Json) {
    let Some(template) = object.pointer_mut("/spec/template/metadata").and_then(Json::as_object_mut) else { return };
    if let Some(annotations) = template.get_mut("annotations").and_then(Json::as_object_mut) {
        annotations.shift_remove(marks::READS_CHANGED);
        if annotations.is_empty() {
            template.shift_remove("annotations");
        }
    }
}

fn forget_retention(object: &mut Json) {
    let labels = object.pointer_mut("/metadata/labels").and_then(Json::as_object_mut);
    labels.and_then(|labels| labels.shift_remove(marks::RETAINED_FOR));
}

fn plain(mut object: Json) -> (String, Json) {
    let kind = text(&object["kind"]).to_owned();
    let mut id = format!("{kind}/{}", name(&object));
    if kind == "PersistentVolume" {
        id = format!("{kind} of {}", text(&object["spec"]["claimRef"]["name"]));
        object["spec"] = json!({"reclaimPolicy": object["spec"]["persistentVolumeReclaimPolicy"].clone()});
    }
    if kind == "Secret" && name(&object) == "mq" {
        object["data"]["password"] = json!("generated");
    }
    for pointer in VARYING {
        if let Some(value) = object.pointer_mut(pointer) {
            *value = json!("varies");
        }
    }
    forget_reads(&mut object);
    let labels = object["metadata"]["labels"].clone();
    object["metadata"] = json!({"labels": labels});
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    (id, object)
}

fn name(object: &Json) -> &str {
    text(&object["metadata"]["name"])
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}
