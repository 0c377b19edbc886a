//! The objects that an adoption makes: Secrets and the claim, as an uninstall would have left them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Scene;
use crate::object::{Object, ObjectId, marks};
use crate::plan::Volume;
use crate::release::Release;
use crate::yaml::Node;

impl Scene<'_> {
    /// The Secrets to be made, as an uninstall leaves them.
    pub(super) fn secrets(&self) -> Vec<Object> {
        let mut data: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for given in &self.wanted.credentials {
            if let Some(value) = given.value.as_deref().filter(|_| self.live(&given.secret).is_none()) {
                data.entry(&given.secret).or_default().insert(&given.key, value);
            }
        }
        let secret = |(name, keys): (&str, BTreeMap<&str, &str>)| {
            let mut labels = self.labels();
            labels.insert(marks::RETAINED_FOR, self.wanted.release.name.clone());
            let keys: BTreeMap<&str, String> =
                keys.into_iter().map(|(key, value)| (key, STANDARD.encode(value))).collect();
            let id = ObjectId::secret(self.holding.namespace, name);
            let body = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": name, "namespace": self.holding.namespace, "labels": labels}, "data": keys});
            Object { id, version: "v1".into(), body: Node::from(&body), secret: BTreeSet::new() }
        };
        data.into_iter().map(secret).collect()
    }

    /// The claim, asking for just what the volume is.
    pub(super) fn new_claim(&self) -> Object {
        let Volume { mounting, class, capacity, .. } = self.volume;
        let body = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": self.claim.name, "namespace": self.claim.namespace, "labels": self.labels()},
        "spec": {
            "accessModes": mounting.modes,
            "volumeMode": mounting.mode.as_deref().unwrap_or("Filesystem"),
            // Without a class of its own the claim would get the cluster's default.
            "storageClassName": class.as_deref().unwrap_or_default(),
            "resources": {"requests": {"storage": capacity.as_deref().unwrap_or("1")}},
            "volumeName": self.volume_name,
        }});
        Object { id: self.claim.clone(), version: "v1".into(), body: Node::from(&body), secret: BTreeSet::new() }
    }

    pub(super) fn labels(&self) -> BTreeMap<&'static str, String> {
        let Release { namespace, name } = &self.wanted.release;
        let mut labels = BTreeMap::from([
            (marks::MANAGED_BY, marks::MANAGED_BY_VALUE.to_owned()),
            (marks::INSTANCE, name.clone()),
            (marks::RELEASE, name.clone()),
        ]);
        if *namespace != self.holding.namespace {
            labels.insert(marks::RELEASE_NAMESPACE, namespace.clone());
        }
        labels
    }
}
