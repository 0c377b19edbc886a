//! What counts as a difference.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::diff;
use crate::object::{FieldPath, Object, ObjectId};
use crate::yaml::Node;

fn object(group: &str, kind: &str, body: &Json) -> Object {
    let id = ObjectId::namespaced(group, kind, "lab", "web");
    Object { id, version: "v1".into(), body: Node::from(body), secret: BTreeSet::new() }
}

/// The differences as lines `path: live → wanted`.
fn lines(object: &Object, live: &Json, previous: Option<&Json>) -> Vec<String> {
    let text = |node: Option<&Node>| node.map_or("∅".into(), |node| node.to_json().to_string());
    let previous = previous.map(|body| Object { body: Node::from(body), ..object.clone() });
    let difference = diff(object, &Node::from(live), previous.as_ref());
    let fields = difference.fields.iter();
    let fields =
        fields.map(|field| format!("{}: {} → {}", field.path, text(field.live.as_ref()), text(field.wanted.as_ref())));
    fields.chain(difference.left.iter().map(|(path, manager)| format!("{path} left to {manager}"))).collect()
}

fn deployment(container: &Json) -> Json {
    json!({"spec": {"template": {"spec": {"containers": [container]}}}})
}

fn owned(json: Json, manager: &str, fields: &Json) -> Json {
    let mut json = json;
    let entry = json!({"manager": manager, "operation": "Apply", "fieldsV1": fields});
    json["metadata"]["managedFields"] = match json["metadata"]["managedFields"].as_array() {
        Some(entries) => entries.iter().cloned().chain([entry]).collect(),
        None => json!([entry]),
    };
    json
}

#[test]
fn defaults_and_other_spellings_are_no_difference() {
    let wanted = object(
        "apps",
        "Deployment",
        &deployment(&json!({
            "name": "c", "ports": [{"containerPort": 80}], "env": [],
            "resources": {"limits": {"cpu": 1, "memory": "1024Mi"}},
        })),
    );
    let live = deployment(&json!({
        "name": "c", "imagePullPolicy": "Always", "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "resources": {"limits": {"cpu": "1000m", "memory": "1Gi"}},
    }));
    assert_eq!(lines(&wanted, &live, None), [""; 0]);
}

#[test]
fn items_of_keyed_lists_are_told_apart_by_their_keys() {
    let env = |names: &[&str]| {
        let items: Vec<Json> = names.iter().map(|name| json!({"name": name, "value": "1"})).collect();
        deployment(&json!({"name": "c", "env": items}))
    };
    let wanted = object("apps", "Deployment", &env(&["A", "B"]));
    assert_eq!(lines(&wanted, &env(&["injected", "A", "B"]), None), [""; 0]);
    assert_eq!(
        lines(&wanted, &env(&["A"]), None),
        [r#"spec.template.spec.containers[name="c"].env[name="B"]: ∅ → {"name":"B","value":"1"}"#]
    );
    // A variable may use those before it, so their order counts.
    assert_eq!(lines(&wanted, &env(&["B", "A"]), None).len(), 1);
}

#[test]
fn what_we_own_and_want_no_longer_goes_unless_somebody_else_owns_it_too() {
    let wanted = object("", "ConfigMap", &json!({"data": {"a": "1"}}));
    let fields = json!({"f:data": {"f:a": {}, "f:b": {}}});
    let live = owned(json!({"data": {"a": "1", "b": "2", "c": "3"}}), "kchart", &fields);
    assert_eq!(lines(&wanted, &live, None), [r#"data.b: "2" → ∅"#]);
    let live = owned(live, "kubectl", &json!({"f:data": {"f:b": {}}}));
    assert_eq!(lines(&wanted, &live, None), ["data.b left to kubectl"]);
}

#[test]
fn inside_atomic_lists_the_last_revision_tells_what_was_ours() {
    let tolerations = |extra: Json| {
        let mut toleration = json!({"key": "k", "operator": "Exists"});
        if !extra.is_null() {
            toleration["tolerationSeconds"] = extra;
        }
        json!({"spec": {"template": {"spec": {"containers": [], "tolerations": [toleration]}}}})
    };
    let wanted = object("apps", "Deployment", &tolerations(Json::Null));
    let live = tolerations(json!(30));
    assert_eq!(lines(&wanted, &live, None), [""; 0]);
    assert_eq!(
        lines(&wanted, &live, Some(&tolerations(json!(30)))),
        ["spec.template.spec.tolerations[0].tolerationSeconds: 30 → ∅"]
    );
}

#[test]
fn an_empty_object_that_means_something_is_a_difference_and_an_empty_map_is_none() {
    let policy = |peer: Json| json!({"spec": {"podSelector": {}, "ingress": [{"from": [peer]}]}});
    let wanted =
        object("networking.k8s.io", "NetworkPolicy", &policy(json!({"podSelector": {}, "namespaceSelector": {}})));
    assert_eq!(
        lines(&wanted, &policy(json!({"podSelector": {}})), None),
        ["spec.ingress[0].from[0].namespaceSelector: ∅ → {}"]
    );
    let wanted = object("", "ConfigMap", &json!({"metadata": {"annotations": {}}, "data": {}}));
    assert_eq!(lines(&wanted, &json!({"metadata": {}}), None), [""; 0]);
}

#[test]
fn what_the_server_dropped_when_it_was_applied_is_no_difference() {
    let wanted = object("", "Service", &json!({"spec": {"behindGate": "x"}}));
    let live = owned(json!({"spec": {}}), "kchart", &json!({"f:spec": {"f:behindGate": {}}}));
    assert_eq!(lines(&wanted, &live, None), [""; 0]);
    assert_eq!(lines(&wanted, &json!({"spec": {}}), None).len(), 1);
}

#[test]
fn secrets_are_compared_by_what_they_say_and_marked() {
    let wanted = object("", "Secret", &json!({"data": {"a": "YQ==", "b": "Yg=="}}));
    let difference = diff(&wanted, &Node::from(&json!({"data": {"a": "YQ==\n", "b": "eA=="}})), None);
    assert_eq!(difference.fields.len(), 1);
    assert!(difference.fields[0].secret);
    assert!(!format!("{:?}", difference.fields).contains("Yg=="));
}

#[test]
fn a_secret_in_a_keyed_list_is_one_however_its_item_is_named() {
    let container =
        |value: &str| json!({"name": "c", "env": [{"name": "A", "value": "a"}, {"name": "PIN", "value": value}]});
    let hidden = |value: &str| {
        let mut object = object("apps", "Deployment", &deployment(&container(value)));
        let path = "spec.template.spec.containers[0].env[1].value";
        object.secret.insert(FieldPath::parse(path).unwrap());
        object
    };
    let live = deployment(&container("k9x2"));
    let difference = diff(&hidden("q7z3"), &Node::from(&live), None);
    assert_eq!(difference.fields.len(), 1);
    assert!(difference.fields[0].secret, "{}", difference.fields[0].path);
    // No longer wanted, or no longer a secret: what lives there still is one.
    let plain = object("apps", "Deployment", &deployment(&container("open")));
    let none = object("apps", "Deployment", &deployment(&json!({"name": "c", "env": [{"name": "A", "value": "a"}]})));
    for wanted in [plain, none] {
        let difference = diff(&wanted, &Node::from(&live), Some(&hidden("k9x2")));
        assert!(difference.fields.len() == 1 && difference.fields[0].secret, "{:?}", difference.fields);
    }
}
