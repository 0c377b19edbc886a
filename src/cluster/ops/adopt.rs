//! Adopting an object: the fields of its former managers become ours, so that what the chart leaves out is removed
//! later. (Without this, a field that Helm set and the chart drops would stay for ever.)
//!
//! As client-go's `csaupgrade` does it, for managers of any name and both operations.

use kube::core::params::{Patch, PatchParams};
use serde_json::{Map, Value as Json, json};

use super::{TRIES, text};
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::request::Draft;
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::marks::MANAGER;
use crate::object::{Object, ObjectId};
use crate::plan::Expect;

impl Cluster {
    pub(super) async fn adopt(
        &self,
        kind: &Kind,
        object: &Object,
        from: &[String],
        expect: &Expect,
    ) -> Result<(), Failure> {
        let id = &object.id;
        let doing = Doing::to("adopt", id);
        for _ in 0..TRIES {
            let Some(live) = self.get(kind, id).await.map_err(|fault| self.failure(&fault, &doing))? else {
                return Ok(());
            };
            if let Expect::Uid(uid, _) = expect
                && text(&live, "/metadata/uid") != Some(uid)
            {
                // The apply that follows says so.
                return Ok(());
            }
            let entries =
                live.pointer("/metadata/managedFields").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let Some(moved) = moved(entries, from) else { return Ok(()) };
            let version = text(&live, "/metadata/resourceVersion").unwrap_or_default();
            let patch = json!([
                {"op": "replace", "path": "/metadata/managedFields", "value": moved},
                {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
            ]);
            match self.call_repeatable(json_patch(kind, id, &patch), Some(id)).await {
                Ok(_) => return Ok(()),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(self.failure(&fault, &doing)),
            }
        }
        Err(Failure::failed(Diagnostic::error(format!(
            "cannot adopt `{id}`: it changes faster than it can be written"
        ))))
    }
}

/// A JSON patch; kube has them only behind a feature that brings a crate.
fn json_patch(kind: &Kind, id: &ObjectId, patch: &Json) -> Draft {
    let mut request = kind.requests_for(id).patch(&id.name, &PatchParams::default(), &Patch::Merge(patch))?;
    let media = http::HeaderValue::from_static("application/json-patch+json");
    request.headers_mut().insert(http::header::CONTENT_TYPE, media);
    Ok(request)
}

/// The entries after the fields of `from` moved into our Apply entry; none when they own nothing. Entries of
/// subresources (a status, a scale) stay with who wrote them.
fn moved(entries: &[Json], from: &[String]) -> Option<Vec<Json>> {
    let is_whole = |entry: &Json| text(entry, "/subresource").unwrap_or_default().is_empty();
    let is_old = |entry: &&Json| {
        is_whole(entry)
            && text(entry, "/manager")
                .is_some_and(|manager| manager != MANAGER && from.iter().any(|old| old == manager))
    };
    let is_ours = |entry: &&Json| {
        is_whole(entry) && text(entry, "/manager") == Some(MANAGER) && text(entry, "/operation") == Some("Apply")
    };
    let first = entries.iter().find(is_old)?;
    let mut ours = entries.iter().find(is_ours).unwrap_or(first).clone();
    ours["manager"] = json!(MANAGER);
    ours["operation"] = json!("Apply");
    let mut fields = ours.get("fieldsV1").and_then(Json::as_object).cloned().unwrap_or_default();
    for entry in entries.iter().filter(is_old) {
        if let Some(more) = entry.get("fieldsV1").and_then(Json::as_object) {
            unite(&mut fields, more);
        }
    }
    ours["fieldsV1"] = Json::Object(fields);
    let others = entries.iter().filter(|entry| !is_old(entry) && !is_ours(entry)).cloned();
    Some(std::iter::once(ours).chain(others).collect())
}

/// Adds a set of fields (`f:spec`, `k:{…}`, `v:…`, `.`) to another.
fn unite(fields: &mut Map<String, Json>, more: &Map<String, Json>) {
    for (key, below) in more {
        let entry = fields.entry(key.clone()).or_insert_with(|| json!({}));
        if let (Json::Object(entry), Json::Object(below)) = (entry, below) {
            unite(entry, below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_former_managers_become_ours_and_the_status_stays() {
        let entry = |manager: &str, operation: &str, fields: Json| json!({"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": fields});
        let mut status = entry("helm", "Update", json!({"f:status": {}}));
        status["subresource"] = json!("status");
        let entries = [
            entry("helm", "Update", json!({"f:spec": {"f:replicas": {}}})),
            entry("kubectl", "Apply", json!({"f:spec": {"f:paused": {}}, "f:metadata": {}})),
            entry("hpa", "Update", json!({"f:spec": {"f:x": {}}})),
            status.clone(),
        ];
        let from = ["helm".to_owned(), "kubectl".to_owned()];
        let expected = [
            entry("kchart", "Apply", json!({"f:spec": {"f:replicas": {}, "f:paused": {}}, "f:metadata": {}})),
            entries[2].clone(),
            status,
        ];
        assert_eq!(moved(&entries, &from).as_deref(), Some(expected.as_slice()));
        assert_eq!(moved(&expected, &from), None, "a second time there is nothing to move");
    }
}
