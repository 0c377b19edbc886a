//! Deleting an object: the very one that the plan saw, or none.

use kube::core::params::{DeleteParams, Preconditions, PropagationPolicy};

use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::{Deletion, Expect};

impl Cluster {
    /// Asks for the deletion of an object; its finalizers may keep it for a while. What is gone already is done.
    pub(crate) async fn delete(
        &self,
        id: &ObjectId,
        version: &str,
        deletion: Deletion,
        expect: &Expect,
    ) -> Result<(), Failure> {
        let kind = self.kind_of(id, version).await?;
        let preconditions = match expect {
            Expect::Uid(uid, version) => {
                Some(Preconditions { uid: Some(uid.clone()), resource_version: version.clone() })
            }
            Expect::Nothing | Expect::Absent => None,
        };
        let policy = match deletion {
            Deletion::Background => PropagationPolicy::Background,
            Deletion::Foreground => PropagationPolicy::Foreground,
            Deletion::Orphan => PropagationPolicy::Orphan,
        };
        let guarded = preconditions.is_some();
        let params = DeleteParams { propagation_policy: Some(policy), preconditions, ..DeleteParams::default() };
        let draft = kind.requests_for(id).delete(&id.name, &params);
        // Without a uid a second try could hit a successor of the same name.
        let outcome =
            if guarded { self.call_repeatable(draft, Some(id)).await } else { self.call(draft, Some(id)).await };
        match outcome {
            Err(fault) if fault.is_not_found() => Ok(()),
            Err(fault) => Err(self.failure(&fault, &Doing::to("delete", id))),
            Ok(_) => Ok(()),
        }
    }
}
