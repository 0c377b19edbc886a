//! Cases of server-side apply that need no store.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::sandbox::served::{Custom, Served};
use crate::sandbox::state::Kind;

fn deployment() -> Served {
    crate::sandbox::builtin::find(|kind| kind.kind == "Deployment").unwrap()
}

fn writer(manager: &'static str) -> Writer<'static> {
    Writer { manager, subresource: "", version: "apps/v1", time: "2026-01-01T00:00:00Z" }
}

fn applied(live: &Value, manager: &'static str, config: &Value) -> Value {
    apply(live, config, Shape::of(&deployment()), &writer(manager), false).unwrap()
}

fn containers(object: &Value) -> &Value {
    &object["spec"]["template"]["spec"]["containers"]
}

fn with_containers(containers: &Value) -> Value {
    json!({"spec": {"template": {"spec": {"containers": containers}}}})
}

#[test]
fn items_of_keyed_lists_have_their_own_owners_and_keep_their_place() {
    let one = applied(&Value::Null, "one", &with_containers(&json!([{"name": "a", "image": "a:1"}])));
    let two = applied(&one, "two", &with_containers(&json!([{"name": "b", "image": "b:1"}])));
    assert_eq!(containers(&two), &json!([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]));
    let gone = applied(&two, "one", &with_containers(&json!([{"name": "c", "image": "c:1"}])));
    let names: Vec<_> = containers(&gone).as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
    assert_eq!(names, ["b", "c"]);
}

#[test]
fn keys_with_defaults_are_told_apart_by_them() {
    let ports = |ports: Value| with_containers(&json!([{"name": "a", "ports": ports}]));
    let one = applied(&Value::Null, "one", &ports(json!([{"containerPort": 80}])));
    let fields = one["metadata"]["managedFields"][0]["fieldsV1"].to_string();
    assert!(fields.contains(r#"k:{\"containerPort\":80,\"protocol\":\"TCP\"}"#), "{fields}");
    let twice = ports(json!([{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]));
    let refused = apply(&one, &twice, Shape::of(&deployment()), &writer("one"), false).unwrap_err();
    let words = ".spec.template.spec.containers[name=\"a\"].ports: duplicate entries for key [containerPort=80,protocol=\"TCP\"]";
    assert_eq!(refused, Refused::Unreadable(words.to_owned()));
}

#[test]
fn a_field_that_nobody_mentions_any_more_takes_along_what_was_filled_in_below_it() {
    let probe = json!([{"name": "a", "livenessProbe": {"exec": {"command": ["true"]}}}]);
    let mut live = applied(&Value::Null, "one", &with_containers(&probe));
    live["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["periodSeconds"] = 10.into();
    let without = applied(&live, "one", &with_containers(&json!([{"name": "a"}])));
    assert_eq!(containers(&without), &json!([{"name": "a"}]));
}

#[test]
fn a_shared_field_stays_until_its_last_owner_lets_go() {
    let config = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"paused": true}});
    let one = applied(&Value::Null, "one", &config);
    let two = applied(&one, "two", &config);
    let three = applied(&two, "one", &json!({"metadata": {"labels": {"other": "x"}}}));
    assert_eq!(three["spec"], json!({"paused": true}));
    let four = applied(&three, "two", &json!({"metadata": {"labels": {"app": "web"}}}));
    assert_eq!(four["spec"], Value::Null);
    assert_eq!(four["metadata"]["labels"], json!({"app": "web", "other": "x"}));
}

#[test]
fn what_others_own_is_a_conflict_and_force_takes_it() {
    let config = |image: &str| with_containers(&json!([{"name": "c", "image": image}]));
    let live = applied(&Value::Null, "one", &config("x:1"));
    let shape = deployment();
    let refused = apply(&live, &config("x:2"), Shape::of(&shape), &writer("two"), false).unwrap_err();
    let path = ".spec.template.spec.containers[name=\"c\"].image";
    assert_eq!(refused, Refused::Conflicts(vec![(path.to_owned(), "\"one\"".to_owned())]));
    let forced = apply(&live, &config("x:2"), Shape::of(&shape), &writer("two"), true).unwrap();
    let back = apply(&forced, &config("x:1"), Shape::of(&shape), &writer("one"), false).unwrap_err();
    assert_eq!(back, Refused::Conflicts(vec![(path.to_owned(), "\"two\"".to_owned())]));
    // The same value is no conflict, and makes both owners.
    let shared = apply(&forced, &config("x:2"), Shape::of(&shape), &writer("one"), false).unwrap();
    assert_eq!(shared["metadata"]["managedFields"].as_array().unwrap().len(), 2);
}

#[test]
fn atomic_maps_and_lists_belong_to_one_owner_as_a_whole() {
    let one = json!({"spec": {"selector": {"matchLabels": {"app": "web"}}}});
    let live = applied(&Value::Null, "one", &one);
    let two = json!({"spec": {"selector": {"matchLabels": {"tier": "front"}}}});
    let refused = apply(&live, &two, Shape::of(&deployment()), &writer("two"), false).unwrap_err();
    assert_eq!(refused, Refused::Conflicts(vec![(".spec.selector".to_owned(), "\"one\"".to_owned())]));
}

#[test]
fn an_update_takes_what_it_changes_and_can_hand_over_ownership() {
    let shape = deployment();
    let live = applied(&Value::Null, "one", &json!({"spec": {"replicas": 1, "paused": true}}));
    let mut scaled = live.clone();
    scaled["spec"]["replicas"] = 3.into();
    let scale = Writer { subresource: "scale", ..writer("kubectl") };
    update(&live, &mut scaled, Shape::of(&shape), &scale);
    let refused =
        apply(&scaled, &json!({"spec": {"replicas": 1}}), Shape::of(&shape), &writer("one"), false).unwrap_err();
    let words = "\"kubectl\" with subresource \"scale\" using apps/v1";
    assert_eq!(refused, Refused::Conflicts(vec![(".spec.replicas".to_owned(), words.to_owned())]));
    let left = applied(&scaled, "one", &json!({"spec": {"paused": true}}));
    assert_eq!(left["spec"], json!({"replicas": 3, "paused": true}));

    let mut moved = left.clone();
    moved["metadata"]["managedFields"] = json!([{}]);
    update(&left, &mut moved, Shape::of(&shape), &writer("kubectl"));
    assert_eq!(moved["metadata"].get("managedFields"), None);
}

#[test]
fn custom_resources_are_merged_as_their_schema_says() {
    let served = Served {
        kind: Kind::new("example.com", "Widget"),
        version: Cow::Borrowed("v1"),
        plural: Cow::Borrowed("widgets"),
        singular: Cow::Borrowed("widget"),
        short: Vec::new(),
        namespaced: true,
        status: false,
        scale: false,
        custom: Some(Custom::new(
            Arc::new(
                json!({"spec": {"versions": [{"schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "keyed": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
                "items": {"type": "object", "properties": {"id": {"type": "string"}, "x": {"type": "integer"}}}},
            "whole": {"type": "array", "items": {"type": "string"}}}}}}}}]}}),
            ),
            0,
        )),
    };
    let apply =
        |live: &Value, manager, config: &Value| super::apply(live, config, Shape::of(&served), &writer(manager), false);
    let one = apply(&Value::Null, "one", &json!({"spec": {"keyed": [{"id": "a", "x": 1}], "whole": ["a"]}})).unwrap();
    let two = apply(&one, "two", &json!({"spec": {"keyed": [{"id": "b", "x": 2}]}})).unwrap();
    assert_eq!(two["spec"]["keyed"], json!([{"id": "a", "x": 1}, {"id": "b", "x": 2}]));
    let refused = apply(&two, "two", &json!({"spec": {"whole": ["a", "b"]}})).unwrap_err();
    assert_eq!(refused, Refused::Conflicts(vec![(".spec.whole".to_owned(), "\"one\"".to_owned())]));
}
