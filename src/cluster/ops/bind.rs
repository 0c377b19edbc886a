//! Binding a volume again whose claim is gone: the volume is kept for a name, then a claim of that name is made.

use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::reclaim::{volumes, word};
use super::text;
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::diagnostic::Failure;
use crate::object::marks::{MANAGER, MANAGER_STAMP};
use crate::object::{Object, ObjectId};
use crate::plan::{Expect, Reclaim};

impl Cluster {
    /// Keeps a volume for the claim of a name, whoever will make it: without a uid of a claim Kubernetes offers the
    /// volume again, and to that name alone (Kubernetes docs, "Reserving a PersistentVolume").
    pub(crate) async fn reserve(
        &self,
        volume: &str,
        claim: &ObjectId,
        retain: bool,
        expect: &Expect,
    ) -> Result<(), Failure> {
        let id = ObjectId::volume(volume);
        let metadata = match expect {
            Expect::Uid(uid, None) => json!({"uid": uid}),
            Expect::Uid(uid, Some(version)) => json!({"uid": uid, "resourceVersion": version}),
            Expect::Nothing | Expect::Absent => json!({}),
        };
        let reference = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": claim.namespace,
            "name": claim.name,
            "uid": null,
            "resourceVersion": null,
        });
        let mut spec = json!({"claimRef": reference});
        if retain {
            spec["persistentVolumeReclaimPolicy"] = word(Reclaim::Retain).into();
        }
        let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
        let patch = Patch::Merge(json!({"metadata": metadata, "spec": spec}));
        let draft = volumes().requests_for(&id).patch(volume, &params, &patch);
        let doing = Doing::to("reserve", &id);
        match self.call_repeatable(draft, Some(&id)).await {
            Ok(_) => Ok(()),
            // Its answer was lost, and it was sent again: then the volume is as it is to be.
            Err(fault) if fault.is_conflict() && self.is_reserved(&id, claim).await => Ok(()),
            Err(fault) => Err(self.failure(&fault, &doing)),
        }
    }

    /// Whether a volume waits for this claim.
    async fn is_reserved(&self, volume: &ObjectId, claim: &ObjectId) -> bool {
        let live = self.get(&volumes(), volume).await.ok().flatten();
        live.is_some_and(|live| {
            let of = |field: &str| text(&live, &format!("/spec/claimRef/{field}"));
            of("name") == Some(claim.name.as_str())
                && of("namespace") == claim.namespace.as_deref()
                && of("uid").is_none()
        })
    }

    /// Makes a claim that names its volume, as `kchart-stamp`: what a chart wants of the claim is another matter, and
    /// no chart names a volume.
    pub(crate) async fn bind(&self, claim: &Object) -> Result<(), Failure> {
        let kind = Kind::core("PersistentVolumeClaim", "persistentvolumeclaims", true);
        let params = PostParams { field_manager: Some(MANAGER_STAMP.into()), dry_run: false };
        let draft = kind.requests_for(&claim.id).create(&params, claim.body.to_json().to_string().into_bytes());
        let doing = Doing::to("create", &claim.id);
        let Err(fault) = self.call_repeatable(draft, Some(&claim.id)).await else { return Ok(()) };
        let live = if fault.is_conflict() { self.get(&kind, &claim.id).await.ok().flatten() } else { None };
        // Its answer was lost, and it was sent again.
        let wanted = claim.body.str_at(&["spec", "volumeName"]);
        let is_done = live.is_some_and(|live| wanted.is_some() && text(&live, "/spec/volumeName") == wanted);
        if is_done { Ok(()) } else { Err(self.failure(&fault, &doing)) }
    }
}
