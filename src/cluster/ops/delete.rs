//! Deleting an object: the very one that the plan saw, or none.

use kube::core::params::{DeleteParams, Preconditions, PropagationPolicy};

use super::text;
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
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
            // Its controller has made another one in its place.
            Err(fault) if fault.is_conflict() && id.is("", "Pod") && self.is_another(&kind, id, expect).await => Ok(()),
            Err(fault) => Err(self.failure(&fault, &Doing::to("delete", id))),
            Ok(_) => Ok(()),
        }
    }

    /// Whether another object has the name of the one that is expected.
    async fn is_another(&self, kind: &Kind, id: &ObjectId, expect: &Expect) -> bool {
        let Expect::Uid(uid, _) = expect else { return false };
        let live = self.get(kind, id).await;
        live.is_ok_and(|live| live.is_none_or(|live| text(&live, "/metadata/uid") != Some(uid)))
    }
}
