//! The table is whole, and says what the API says.

use super::*;

fn pod_spec() -> Type {
    kind("apps", "v1", "Deployment").and_then(|kind| kind.at(&["spec", "template", "spec"])).expect("known")
}

#[test]
fn every_line_of_the_table_can_be_read() {
    fn walk(spec: &'static Spec, depth: u32) {
        assert!(depth < 4, "inline types are shallow: {spec:?}");
        if let Some(target) = spec.target {
            assert!(table().spec(target).is_some(), "{target} is not in the table");
        } else {
            let bare = ["api", "runtime", "JSON"];
            assert!(spec.shape != Shape::Any || bare.iter().any(|word| spec.name.contains(word)), "{spec:?}");
        }
        if let Some(inner) = &spec.inner {
            walk(inner, depth + 1);
        }
        for field in &spec.fields {
            walk(&field.spec, depth + 1);
        }
        assert!(spec.fields.is_sorted_by_key(|field| field.name), "{}", spec.name);
    }
    let names: Vec<_> = table().type_names().collect();
    assert!(names.len() > 400 && names.is_sorted());
    for name in names {
        walk(table().spec(name).expect("listed"), 0);
    }
    for each in kinds() {
        let root = kind(each.group, each.version, each.kind).expect("listed");
        assert!(root.field("metadata").is_some_and(|inner| inner.shape() == Shape::Object), "{each:?}");
    }
}

#[test]
fn enums_required_fields_and_formats_are_there() {
    let container = pod_spec().field("containers").and_then(Type::items).expect("known");
    let policy = container.field("imagePullPolicy").expect("known");
    assert_eq!(policy.enums(), ["Always", "IfNotPresent", "Never"]);
    assert_eq!(pod_spec().required().collect::<Vec<_>>(), ["containers"]);
    let port = container.field("ports").and_then(Type::items).expect("known");
    assert_eq!(port.field("containerPort").and_then(Type::format), Some("int32"));
    assert_eq!(port.field("protocol").and_then(Type::default), Some("\"TCP\""));
    let usages = kind("certificates.k8s.io", "v1", "CertificateSigningRequest").and_then(|t| t.at(&["spec", "usages"]));
    assert!(usages.and_then(Type::items).expect("known").enums().contains(&"client auth".to_owned()));
}

#[test]
fn lists_say_how_server_side_apply_merges_them() {
    let container = pod_spec().field("containers").and_then(Type::items).expect("known");
    let kind_of = |owner: Type, field| owner.field(field).and_then(Type::list_kind).cloned();
    assert_eq!(kind_of(container, "env"), Some(ListKind::Map(vec!["name"])));
    assert_eq!(kind_of(container, "ports"), Some(ListKind::Map(vec!["containerPort", "protocol"])));
    assert_eq!(kind_of(container, "command"), Some(ListKind::Atomic));
    let meta = kind("", "v1", "Pod").and_then(|pod| pod.field("metadata")).expect("known");
    assert_eq!(kind_of(meta, "finalizers"), Some(ListKind::Set));
    assert!(
        kind("", "v1", "Service").and_then(|service| service.at(&["spec", "selector"])).expect("known").is_atomic()
    );
    assert!(!meta.field("labels").expect("known").is_atomic());
}

#[test]
fn strings_are_wanted_where_the_api_wants_strings() {
    let wants = |group, owner, path: &[&str]| {
        let found = kind(group, "v1", owner).and_then(|root| root.at(path)).expect("known");
        found.values().or(found.items()).unwrap_or(found).wants_string()
    };
    assert!(wants("", "ConfigMap", &["data"]));
    assert!(wants("", "Secret", &["stringData"]));
    assert!(wants("", "Secret", &["metadata", "annotations"]));
    assert!(wants("", "ResourceQuota", &["spec", "hard"]));
    assert!(!wants("apps", "Deployment", &["spec", "replicas"]));
    assert!(!wants("policy", "PodDisruptionBudget", &["spec", "minAvailable"]));
}

#[test]
fn kinds_know_their_scope_and_plural() {
    assert_eq!(scope("", "v1", "PersistentVolume"), Some(Scope::Cluster));
    assert_eq!(scope("apps", "v1", "StatefulSet"), Some(Scope::Namespaced));
    assert_eq!(resource("networking.k8s.io", "v1", "NetworkPolicy"), Some("networkpolicies"));
    assert_eq!(resource("example.com", "v1", "Widget"), None);
    assert!(version().starts_with("1."));
}

#[test]
fn immutable_fields_have_exceptions() {
    let [set] = immutable("apps", "StatefulSet") else { panic!("one rule") };
    assert!(set.covers(&["spec", "volumeClaimTemplates", "spec"]));
    assert!(!set.covers(&["spec", "template", "spec"]));
    assert!(!set.covers(&["metadata", "labels"]));
    assert!(immutable("example.com", "Widget").is_empty());
}

#[test]
fn immutable_fields_are_fields() {
    for each in kinds() {
        for rule in immutable(each.group, each.kind) {
            let root = kind(each.group, each.version, each.kind).expect("listed");
            for path in std::iter::once(&rule.path).chain(rule.except) {
                assert!(root.at(path).is_some(), "{} has no {path:?}", each.kind);
            }
        }
    }
}

#[test]
fn capabilities_without_a_cluster_are_those_of_the_table() {
    let (version, served) = offline_capabilities();
    assert!(version.starts_with("v1."));
    assert!(["v1", "apps/v1", "apps/v1/Deployment", "v1/Secret"].iter().all(|api| served.contains(&(*api).to_owned())));
}
