//! Pods: mounts must name volumes.
//!
//! Source: Kubernetes 1.37, `pkg/apis/core/validation`: `ValidateVolumeMounts` ("not found").

use super::super::spot::{Findings, Spot, at_value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::Node;

/// Checks a Pod's spec; objects of other types pass.
pub(super) fn check(spot: &Spot<'_>, found: &mut Findings) {
    if spot.typed.name() != "core.v1.PodSpec" {
        return;
    }
    let mut volumes: Vec<&str> = names(spot.node.list_at(&["volumes"]), &["name"]);
    if let Some(set) = spot.upwards().find(|above| above.typed.name() == "apps.v1.StatefulSetSpec") {
        volumes.extend(names(set.node.list_at(&["volumeClaimTemplates"]), &["metadata", "name"]));
    }
    for containers in ["initContainers", "containers"] {
        for container in spot.node.list_at(&[containers]) {
            for mount in container.list_at(&["volumeMounts"]) {
                let Some(node) = mount.get("name") else { continue };
                let Some(name) = node.as_str().filter(|name| !volumes.contains(name)) else { continue };
                let diagnostic = at_value(Diagnostic::error(format!("the Pod has no volume `{name}` to mount")), node);
                let diagnostic = match nearest(name, volumes.iter().copied()) {
                    Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                    None if volumes.is_empty() => diagnostic,
                    None => diagnostic.hint(format!("its volumes are `{}`", volumes.join("`, `"))),
                };
                found.errors.push(spot.place(diagnostic));
            }
        }
    }
}

fn names<'a>(nodes: &'a [Node], path: &[&str]) -> Vec<&'a str> {
    nodes.iter().filter_map(|node| node.str_at(path)).collect()
}
