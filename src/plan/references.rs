//! Which objects an object names. What is named is applied first and deleted last.
//!
//! Only references that matter for the order: a ServiceAccount's list of token Secrets, for one, would close a circle
//! with nothing gained.

use std::collections::BTreeSet;

use super::pods;
use crate::object::{ObjectId, marks};
use crate::yaml::Node;

const RBAC: &str = "rbac.authorization.k8s.io";

/// The objects that an object names, itself left out.
pub(super) fn references(id: &ObjectId, body: &Node) -> BTreeSet<ObjectId> {
    let mut found = Found { namespace: id.namespace.as_deref().unwrap_or_default(), ids: BTreeSet::new() };
    if let Some(spec) = pods::spec(id, body) {
        pod(&mut found, spec);
    }
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "StatefulSet") => {
            found.named("", "Service", body.str_at(&["spec", "serviceName"]));
            for claim in pods::claims(id, body) {
                found.named("", "PersistentVolumeClaim", Some(&claim));
            }
        }
        (RBAC, "RoleBinding" | "ClusterRoleBinding") => binding(&mut found, body),
        ("", "Secret") => {
            let account = body.str_at(&["metadata", "annotations", "kubernetes.io/service-account.name"]);
            found.named("", "ServiceAccount", account);
        }
        ("", "PersistentVolumeClaim" | "PersistentVolume") => {
            found.cluster("storage.k8s.io", "StorageClass", body.str_at(&["spec", "storageClassName"]));
            found.cluster("", "PersistentVolume", body.str_at(&["spec", "volumeName"]));
        }
        ("networking.k8s.io", "Ingress") => ingress(&mut found, body),
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let target = |field: &str| body.str_at(&["spec", "scaleTargetRef", field]);
            let group = target("apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
            found.named(group, target("kind").unwrap_or_default(), target("name"));
        }
        ("apiregistration.k8s.io", "APIService") => service(&mut found, body.at(&["spec", "service"])),
        ("admissionregistration.k8s.io", _) => {
            for webhook in body.list_at(&["webhooks"]) {
                service(&mut found, webhook.at(&["clientConfig", "service"]));
            }
        }
        _ => {}
    }
    found.ids.remove(id);
    found.ids
}

/// The Secrets and ConfigMaps whose content the Pods of a workload read: a change of one must restart them.
pub(super) fn reads(id: &ObjectId, body: &Node) -> BTreeSet<ObjectId> {
    let mut found = Found { namespace: id.namespace.as_deref().unwrap_or_default(), ids: BTreeSet::new() };
    if let Some(spec) = pods::spec(id, body) {
        content(&mut found, spec);
    }
    found.ids
}

struct Found<'a> {
    namespace: &'a str,
    ids: BTreeSet<ObjectId>,
}

impl Found<'_> {
    fn named(&mut self, group: &str, kind: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.ids.insert(ObjectId::namespaced(group, kind, self.namespace, name));
        }
    }

    fn cluster(&mut self, group: &str, kind: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.ids.insert(ObjectId::cluster(group, kind, name));
        }
    }
}

fn pod(found: &mut Found<'_>, spec: &Node) {
    content(found, spec);
    let account = spec.str_at(&["serviceAccountName"]).or_else(|| spec.str_at(&["serviceAccount"]));
    found.named("", "ServiceAccount", account);
    found.cluster("scheduling.k8s.io", "PriorityClass", spec.str_at(&["priorityClassName"]));
    found.cluster("node.k8s.io", "RuntimeClass", spec.str_at(&["runtimeClassName"]));
    for secret in spec.list_at(&["imagePullSecrets"]) {
        found.named("", "Secret", secret.str_at(&["name"]));
    }
    for volume in spec.list_at(&["volumes"]) {
        found.named("", "PersistentVolumeClaim", volume.str_at(&["persistentVolumeClaim", "claimName"]));
    }
}

fn content(found: &mut Found<'_>, spec: &Node) {
    for container in pods::containers(spec) {
        for variable in container.list_at(&["env"]) {
            found.named("", "Secret", variable.str_at(&["valueFrom", "secretKeyRef", "name"]));
            found.named("", "ConfigMap", variable.str_at(&["valueFrom", "configMapKeyRef", "name"]));
        }
        for source in container.list_at(&["envFrom"]) {
            found.named("", "Secret", source.str_at(&["secretRef", "name"]));
            found.named("", "ConfigMap", source.str_at(&["configMapRef", "name"]));
        }
    }
    for volume in spec.list_at(&["volumes"]) {
        found.named("", "Secret", volume.str_at(&["secret", "secretName"]));
        found.named("", "ConfigMap", volume.str_at(&["configMap", "name"]));
        for source in volume.list_at(&["projected", "sources"]) {
            found.named("", "Secret", source.str_at(&["secret", "name"]));
            found.named("", "ConfigMap", source.str_at(&["configMap", "name"]));
        }
    }
}

fn binding(found: &mut Found<'_>, body: &Node) {
    let role = body.str_at(&["roleRef", "name"]);
    match body.str_at(&["roleRef", "kind"]) {
        Some("ClusterRole") => found.cluster(RBAC, "ClusterRole", role),
        _ => found.named(RBAC, "Role", role),
    }
    for (namespace, name) in subjects(body) {
        let namespace = namespace.unwrap_or(found.namespace).to_owned();
        found.ids.insert(ObjectId::namespaced("", "ServiceAccount", &namespace, name));
    }
}

/// The accounts that a binding gives rights to: namespace, if it says one, and name.
pub(super) fn subjects(body: &Node) -> impl Iterator<Item = (Option<&str>, &str)> {
    body.list_at(&["subjects"])
        .iter()
        .filter(|subject| subject.str_at(&["kind"]) == Some("ServiceAccount"))
        .filter_map(|subject| Some((subject.str_at(&["namespace"]), subject.str_at(&["name"])?)))
}

fn ingress(found: &mut Found<'_>, body: &Node) {
    found.cluster("networking.k8s.io", "IngressClass", body.str_at(&["spec", "ingressClassName"]));
    found.named("", "Service", body.str_at(&["spec", "defaultBackend", "service", "name"]));
    for rule in body.list_at(&["spec", "rules"]) {
        for path in rule.list_at(&["http", "paths"]) {
            found.named("", "Service", path.str_at(&["backend", "service", "name"]));
        }
    }
    for tls in body.list_at(&["spec", "tls"]) {
        found.named("", "Secret", tls.str_at(&["secretName"]));
    }
}

fn service(found: &mut Found<'_>, reference: Option<&Node>) {
    if let Some(name) = reference.and_then(|node| node.str_at(&["name"])) {
        let namespace = reference.and_then(|node| node.str_at(&["namespace"])).unwrap_or(found.namespace).to_owned();
        found.ids.insert(ObjectId::namespaced("", "Service", &namespace, name));
    }
}

/// What `kchart.dev/depends-on` names: kind (lower case, with its group after a dot if one is given) and name.
/// Entries that are not `kind/name` come as they are written.
pub(super) fn depends_on(body: &Node) -> Vec<Result<(String, String), String>> {
    let text = body.str_at(&["metadata", "annotations", marks::DEPENDS_ON]).unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| match entry.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok((kind.to_lowercase(), name.to_owned())),
            _ => Err(entry.to_owned()),
        })
        .collect()
}

/// Whether `kind` as a user writes it (`deployment`, `Deployments`, `certificate.cert-manager.io`) is the object's.
pub(super) fn is_kind(id: &ObjectId, written: &str) -> bool {
    let written = written.to_lowercase();
    let kind = id.kind.to_lowercase();
    let plural = format!("{kind}s");
    let (name, group) = written.split_once('.').map_or((written.as_str(), None), |(name, group)| (name, Some(group)));
    (name == kind || name == plural) && group.is_none_or(|group| group == id.group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_pod_names_is_found_and_what_it_reads_apart() {
        let body = Node::from(&serde_json::json!({"spec": {"template": {"spec": {
            "serviceAccountName": "sa", "imagePullSecrets": [{"name": "pull"}],
            "containers": [{"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s1", "key": "k"}}}],
                "envFrom": [{"configMapRef": {"name": "c1"}}]}],
            "volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "s2"}}]}},
                {"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
        }}}}));
        let id = ObjectId::namespaced("apps", "Deployment", "lab", "web");
        let names = |ids: BTreeSet<ObjectId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(
            names(references(&id, &body)),
            "ConfigMap/c1 PersistentVolumeClaim/data Secret/pull Secret/s1 Secret/s2 ServiceAccount/sa"
        );
        assert_eq!(names(reads(&id, &body)), "ConfigMap/c1 Secret/s1 Secret/s2");
    }

    #[test]
    fn kinds_are_known_as_people_write_them() {
        let id = ObjectId::namespaced("cert-manager.io", "Certificate", "lab", "web");
        assert!(
            is_kind(&id, "certificate") && is_kind(&id, "Certificates") && is_kind(&id, "certificate.cert-manager.io")
        );
        assert!(!is_kind(&id, "certificate.other.io") && !is_kind(&id, "cert"));
    }
}
