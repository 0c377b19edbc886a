//! Labels on objects that something else made.

use std::collections::BTreeMap;

use kube::core::params::{Patch, PatchParams};
use serde_json::json;

use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::object::marks::MANAGER_STAMP;
use crate::plan::Expect;

impl Cluster {
    /// Puts labels on an object, as `kchart-stamp`. One that is gone needs none.
    pub(crate) async fn stamp(
        &self,
        id: &ObjectId,
        version: &str,
        labels: &BTreeMap<String, String>,
        expect: &Expect,
    ) -> Result<(), Failure> {
        let kind = self.kind_of(id, version).await?;
        let doing = Doing::to("label", id);
        // An apply would make an object that is not there, unless a uid forbids it.
        let uid = match expect {
            Expect::Uid(uid, _) => uid.clone(),
            Expect::Nothing | Expect::Absent => {
                match self.get(&kind, id).await.map_err(|fault| self.failure(&fault, &doing))? {
                    Some(live) => super::text(&live, "/metadata/uid").unwrap_or_default().to_owned(),
                    None => return Ok(()),
                }
            }
        };
        let body = json!({
            "apiVersion": kind.resource.api_version,
            "kind": id.kind,
            "metadata": {"name": id.name, "namespace": id.namespace, "uid": uid, "labels": labels},
        });
        let params = PatchParams::apply(MANAGER_STAMP).validation_strict();
        let draft = kind.requests_for(id).patch(&id.name, &params, &Patch::Apply(body));
        self.call(draft, Some(id)).await.map_err(|fault| self.failure(&fault, &doing))?;
        Ok(())
    }
}
