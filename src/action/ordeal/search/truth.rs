//! What is true of the volumes and Secrets of a sandbox.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::operation::Key;
use crate::object::marks;
use crate::sandbox::Sandbox;

/// What everybody knows: passwords that servers take where none is given.
const KNOWN_TO_ALL: [&str; 2] = ["guest", ""];

/// A picture of the cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct Truth {
    /// Data by where they are.
    pub(super) data: BTreeMap<String, Place>,
    /// Passwords by their Secret (`namespace/name`) and their key.
    pub(super) passwords: BTreeMap<(String, &'static str), String>,
    /// Passwords that a rotation holds beside them.
    pub(super) held: BTreeSet<String>,
    /// Claims (`namespace/name`).
    pub(super) claims: Vec<String>,
    /// Names of volumes.
    pub(super) volumes: Vec<String>,
    /// Pods of sets that are not ready: the sets (`namespace/name`).
    pub(super) unready: BTreeSet<String>,
    /// Names of locks.
    pub(super) locks: Vec<String>,
}

/// Data of a volume.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Whether a Secret of the cluster opens them.
    pub(super) opened: bool,
    /// The volume that shows them.
    pub(super) volume: Option<String>,
    /// The claim that the volume has, or had (`namespace/name`).
    pub(super) of: String,
    /// Their claim, as long as that is there.
    pub(super) claim: Option<String>,
    /// The release whose mark the claim has; where it has none, as its controller made it anew after a person deleted
    /// it, the one whose mark its set has.
    pub(super) release: Option<String>,
    /// Whether the claim waits for its end.
    pub(super) going: bool,
}

impl Truth {
    /// Whether a claim says whose it is.
    pub(super) fn is_marked(sandbox: &Sandbox, claim: &str) -> bool {
        let objects = sandbox.objects();
        let mut claims = objects.iter().filter(|object| object["kind"] == "PersistentVolumeClaim");
        claims.any(|object| place(object) == claim && release_of(object).is_some())
    }

    /// Where a password opens the data.
    pub(super) fn opened(sandbox: &Sandbox, password: &str) -> BTreeSet<String> {
        let all = sandbox.data_opened_by(&[password]).into_iter();
        all.filter(|data| data.opened).map(|data| data.place).collect()
    }

    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let objects = sandbox.objects();
        let of_kind = |kind: &'static str| objects.iter().filter(move |object| object["kind"] == kind);
        let mut truth = Self::default();
        for secret in of_kind("Secret") {
            let value = |key: &str| {
                let encoded = secret["data"][key].as_str().and_then(|text| STANDARD.decode(text).ok());
                encoded.and_then(|bytes| String::from_utf8(bytes).ok())
            };
            for key in Key::ALL.map(Key::name) {
                truth.passwords.extend(value(key).map(|password| ((place(secret), key), password)));
            }
            truth.held.extend(["old", "new"].into_iter().filter_map(value));
        }
        let passwords = truth.passwords.values().chain(&truth.held).map(String::as_str);
        let passwords: Vec<&str> = passwords.chain(KNOWN_TO_ALL).collect();
        // What is on no volume goes with its Pod.
        for data in sandbox.data_opened_by(&passwords).into_iter().filter(|data| !data.place.starts_with("pod:")) {
            let (namespace, of, uid) = data.claim.unwrap_or_default();
            let claim = of_kind("PersistentVolumeClaim").find(|claim| claim["metadata"]["uid"] == uid.as_str());
            let known = Place {
                opened: data.opened,
                volume: data.volume,
                of: format!("{namespace}/{of}"),
                claim: claim.map(place),
                release: claim.and_then(|claim| {
                    let set = || of_kind("StatefulSet").find(|set| makes(set, claim));
                    release_of(claim).or_else(|| release_of(set()?))
                }),
                going: claim.is_some_and(|claim| claim["metadata"]["deletionTimestamp"].is_string()),
            };
            truth.data.insert(data.place, known);
        }
        truth.claims = of_kind("PersistentVolumeClaim").map(place).collect();
        truth.volumes = of_kind("PersistentVolume").map(name).collect();
        truth.locks = of_kind("Lease").map(name).collect();
        let unready = of_kind("Pod").filter(|pod| !is_ready(pod));
        let set = |pod: &Json| {
            let (namespace, metadata) = (namespace(pod), &pod["metadata"]);
            metadata["labels"]["app"].as_str().map(|app| format!("{namespace}/{app}"))
        };
        truth.unready = unready.filter_map(set).collect();
        truth
    }

    /// The password in a key of a Secret.
    pub(super) fn password(&self, (namespace, secret, key): (&str, &str, &'static str)) -> Option<&String> {
        self.passwords.get(&(format!("{namespace}/{secret}"), key))
    }

    /// Whether a password stood anywhere.
    pub(super) fn has(&self, password: &str) -> bool {
        self.held.contains(password) || self.passwords.values().any(|known| known == password)
    }
}

fn is_ready(pod: &Json) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

fn release_of(object: &Json) -> Option<String> {
    object["metadata"]["labels"][marks::RELEASE].as_str().map(str::to_owned)
}

/// Whether a claim has the name of one that a set makes from its only template.
fn makes(set: &Json, claim: &Json) -> bool {
    let claim = place(claim);
    let ordinal = claim.strip_prefix(&format!("{}/data-{}-", namespace(set), name(set)));
    ordinal.is_some_and(|ordinal| ordinal.parse::<u32>().is_ok())
}

/// `namespace/name`.
fn place(object: &Json) -> String {
    format!("{}/{}", namespace(object), name(object))
}

fn namespace(object: &Json) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or_default()
}

fn name(object: &Json) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}
