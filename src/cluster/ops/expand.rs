//! The size of a claim.

use kube::core::params::{Patch, PatchParams};
use serde_json::json;

use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::object::marks::MANAGER;
use crate::plan::Expect;

impl Cluster {
    /// Asks for more room in a claim; its provisioner gives it in its own time. A patch of the one field: an apply
    /// would have to send, and so own, all others too.
    pub(crate) async fn expand(&self, claim: &ObjectId, size: &str, expect: &Expect) -> Result<(), Failure> {
        let metadata = match expect {
            // A uid that is not the object's makes this a conflict.
            Expect::Uid(uid, _) => json!({"uid": uid}),
            Expect::Nothing | Expect::Absent => json!({}),
        };
        let patch = Patch::Merge(json!({"metadata": metadata, "spec": {"resources": {"requests": {"storage": size}}}}));
        let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
        let kind = Kind::core("PersistentVolumeClaim", "persistentvolumeclaims", true);
        let draft = kind.requests_for(claim).patch(&claim.name, &params, &patch);
        self.call_repeatable(draft, Some(claim))
            .await
            .map_err(|fault| self.failure(&fault, &Doing::to("expand", claim)))?;
        Ok(())
    }
}
