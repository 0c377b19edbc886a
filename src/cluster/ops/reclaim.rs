//! The reclaim policy of a volume.

use kube::core::params::{Patch, PatchParams};
use serde_json::json;

use super::text;
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::object::marks::{MANAGER, RECLAIM_BEFORE};
use crate::plan::{Expect, Reclaim};

impl Cluster {
    /// Changes the reclaim policy of a volume, and writes on it which one it had `before`, or that none is to be restored
    /// any more: in one request, so that a run that is killed leaves a volume that says what it was.
    pub(crate) async fn set_reclaim(
        &self,
        volume: &str,
        policy: Reclaim,
        before: Option<Reclaim>,
        expect: &Expect,
    ) -> Result<(), Failure> {
        let id = ObjectId::volume(volume);
        let mut metadata = json!({"annotations": {RECLAIM_BEFORE: before.map(word)}});
        // A uid or version that is not the object's makes this a conflict.
        if let Expect::Uid(uid, version) = expect {
            metadata["uid"] = json!(uid);
            if let Some(version) = version {
                metadata["resourceVersion"] = json!(version);
            }
        }
        let patch =
            Patch::Merge(json!({"metadata": metadata, "spec": {"persistentVolumeReclaimPolicy": word(policy)}}));
        let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
        let draft = volumes().requests_for(&id).patch(volume, &params, &patch);
        let doing = Doing::to("change the reclaim policy of", &id);
        self.call_repeatable(draft, Some(&id)).await.map_err(|fault| self.failure(&fault, &doing))?;
        Ok(())
    }

    /// Gives a volume its policy back, if its claim still stands. Where the claim is gone the purge has begun, and a
    /// volume that kept its data now would be an orphan that nobody asked for.
    pub(crate) async fn restore_reclaim(&self, volume: &str, policy: Reclaim) -> Result<(), Failure> {
        let id = ObjectId::volume(volume);
        let doing = Doing::to("read", &id);
        match self.get(&volumes(), &id).await.map_err(|fault| self.failure(&fault, &doing))? {
            Some(live) if text(&live, "/status/phase") == Some("Bound") => {
                let uid = text(&live, "/metadata/uid").unwrap_or_default().to_owned();
                self.set_reclaim(volume, policy, None, &Expect::Uid(uid, None)).await
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn volumes() -> Kind {
    Kind::core("PersistentVolume", "persistentvolumes", false)
}

pub(super) fn word(policy: Reclaim) -> &'static str {
    match policy {
        Reclaim::Retain => "Retain",
        Reclaim::Delete => "Delete",
        Reclaim::Recycle => "Recycle",
    }
}
