//! Any object.

use crate::object::ObjectId;
use crate::plan::Live;
use crate::yaml::Node;

/// The identity and content of an object as it was listed; none without a name.
pub(crate) fn live(object: Node) -> Option<(ObjectId, Live)> {
    let text = |path: &[&str]| object.str_at(path).map(str::to_owned);
    let api = text(&["apiVersion"])?;
    let (group, version) = api.split_once('/').unwrap_or(("", &api));
    let id = ObjectId {
        group: group.to_owned(),
        kind: text(&["kind"])?,
        namespace: text(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()),
        name: text(&["metadata", "name"])?,
    };
    let live = Live {
        version: version.to_owned(),
        uid: text(&["metadata", "uid"]).unwrap_or_default(),
        resource_version: text(&["metadata", "resourceVersion"]).unwrap_or_default(),
        body: object,
    };
    Some((id, live))
}
